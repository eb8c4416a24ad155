//! Writes the table of the site's files for `src/assets.rs`.
//! Without a site the table is empty, so that `cargo check` needs no browser build.
use std::{
    env,
    error::Error,
    fmt::Write,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

/// A file larger than this is embedded in its compressed forms only.
const LARGE: usize = 8 * 1024;
const MANIFEST: &str = "pkg.json";
/// What lies here has an address that names its content.
const IMMUTABLE: &str = "/pkg/";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=DOORWARD_SITE");
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("run by cargo")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("run by cargo")?);
    let site = env::var_os("DOORWARD_SITE").map_or_else(|| here.join("../target/site"), PathBuf::from);
    // The manifest is written anew with each change of the site.
    println!("cargo::rerun-if-changed={}", site.join(MANIFEST).display());

    let is_wanted = env::var_os("CARGO_FEATURE_DASHBOARD").is_some() && site.is_dir();
    let mut files = Vec::new();
    if is_wanted {
        walk(&site.canonicalize()?, "", &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (address, file) in files {
        row(&mut table, &address, &file)?;
    }
    table.push_str("]\n");
    fs::write(out.join("site.rs"), table)?;

    let manifest = if is_wanted { fs::read_to_string(site.join(MANIFEST))? } else { "{}".into() };
    Ok(fs::write(out.join(MANIFEST), manifest)?)
}

/// Collects the address and place of each file; compressed forms belong to their plain one.
fn walk(folder: &Path, address: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).ok_or("a file name is not UTF-8")?;
        let address = format!("{address}/{name}");
        if path.is_dir() {
            walk(&path, &address, files)?;
        } else if !name.ends_with(".br") && name != MANIFEST {
            files.push((address, path));
        }
    }
    Ok(())
}

fn row(table: &mut String, address: &str, file: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(file)?;
    let mut hash = DefaultHasher::new();
    bytes.hash(&mut hash);
    let etag = format!("W/\"{:016x}\"", hash.finish());
    let brotli = file.with_added_extension("br");
    let is_small = bytes.len() <= LARGE || !brotli.is_file();
    writeln!(
        table,
        "Asset {{ path: {address:?}, content_type: {:?}, etag: {etag:?}, immutable: {}, length: {}, \
         plain: {}, brotli: {} }},",
        content_type(file),
        address.starts_with(IMMUTABLE),
        bytes.len(),
        embedded(file, is_small),
        embedded(&brotli, brotli.is_file()),
    )?;
    Ok(())
}

fn embedded(file: &Path, is_wanted: bool) -> String {
    if is_wanted { format!("Some(include_bytes!({file:?}))") } else { "None".into() }
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
