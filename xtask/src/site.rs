//! The site: everything the server carries for the browser, in one folder.
//! What one build made lies under an address that names its content, so browsers keep it for ever.
use std::{
    fs,
    hash::{DefaultHasher, Hasher},
    path::Path,
};

use crate::{
    Result,
    build::Profile,
    compress, css, fresh,
    wasm::{self, NAME, SPLIT, START},
};

/// The bundle's addresses, for the server; it is not served itself.
const MANIFEST: &str = "pkg.json";

/// Makes the site of a profile: `public/` as it is, the bundle under `pkg/HASH/`, and the manifest.
pub fn make(profile: Profile) -> Result {
    css::make(profile)?;
    wasm::make(profile)?;
    let parts = profile.parts();
    let (css, wasm) = (parts.join("css"), parts.join("wasm"));
    let mark = fresh::mark(&[&css, &wasm, Path::new("public")])?;
    fresh::folder(profile.site(), &mark, |site| {
        copy(Path::new("public"), site)?;
        if profile == Profile::Release {
            compress::folder(site)?;
        }
        let scripts = wasm.join("files");
        let hash = content(&[&css, &scripts])?;
        let package = site.join("pkg").join(&hash);
        copy(&css, &package)?;
        copy(&scripts, &package)?;
        fs::write(site.join(MANIFEST), manifest(&hash, &package, &wasm.join("lazy.json"))?)?;
        Ok(())
    })
}

fn manifest(hash: &str, package: &Path, lazy: &Path) -> Result<String> {
    let base = format!("/pkg/{hash}");
    let lazy: serde_json::Value = serde_json::from_slice(&fs::read(lazy)?)?;
    let split = package.join(SPLIT).is_file().then_some(SPLIT);
    let manifest = serde_json::json!({
        "start": format!("{base}/{START}"),
        "js": format!("{base}/{NAME}.js"),
        "wasm": format!("{base}/{NAME}.wasm"),
        "css": format!("{base}/{NAME}.css"),
        "inside": format!("{base}/{}", css::INSIDE),
        "split": split,
        "lazy": lazy,
        "base": base,
    });
    Ok(serde_json::to_string_pretty(&manifest)?)
}

/// A name for what these folders hold.
fn content(folders: &[&Path]) -> Result<String> {
    let mut hash = DefaultHasher::new();
    for folder in folders {
        fresh::hash_content(folder, &mut hash)?;
    }
    Ok(format!("{:016x}", hash.finish()))
}

fn copy(from: &Path, to: &Path) -> Result {
    for file in fresh::files(from)? {
        let target = to.join(file.strip_prefix(from)?);
        fs::create_dir_all(target.parent().expect("a file is in a folder"))?;
        fs::copy(&file, target)?;
    }
    Ok(())
}
