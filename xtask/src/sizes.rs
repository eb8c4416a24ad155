//! How large the release is, what a page of it costs on the wire, and the bars that they must stay under.
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{
    Result,
    build::Profile,
    wasm::{NAME, SPLIT, START},
};

/// What the server may have, in bytes.
const SERVER: u64 = 30_000_000;
/// What the sign-in page may cost on its first load, in bytes.
const FIRST_LOAD: u64 = 250_000;
/// What any lazy part is meant to add, in bytes; they are not there yet.
const PART_GOAL: u64 = 60_000;
/// What any lazy part may add until then, in bytes.
const PART: u64 = 310_000;

#[derive(Deserialize)]
struct Manifest {
    base: String,
    lazy: BTreeMap<String, Vec<String>>,
}

/// Prints the sizes, and fails when one is over its bar.
pub fn check() -> Result {
    server()?;
    let site = Profile::Release.site();
    let manifest: Manifest = serde_json::from_slice(&fs::read(site.join("pkg.json"))?)?;
    let folder = site.join(manifest.base.trim_start_matches('/'));
    first_load(&folder)?;
    let mut is_over = false;
    for (page, files) in &manifest.lazy {
        let mut added = 0;
        for file in files {
            added += sent(&folder.join(format!("{file}.wasm")))?;
        }
        // The name ends in a hash of the place in the source.
        let page = page.rsplit_once('_').map_or(page.as_str(), |(name, _)| name);
        eprintln!("{added:>9} added by {page}, of {PART}; the goal is {PART_GOAL}");
        is_over |= added > PART;
    }
    if is_over { Err(format!("a lazy part adds more than {PART} bytes").into()) } else { Ok(()) }
}

fn server() -> Result {
    let place = Profile::Release.server();
    let size = fs::metadata(&place)?.len();
    eprintln!("{size:>9} {}, of {SERVER}", place.display());
    if size > SERVER { Err(format!("the server is {} bytes too large", size - SERVER).into()) } else { Ok(()) }
}

/// The files that each first page loads. A font comes later, and only where a page uses it, so it
/// is shown and not counted.
fn first_load(folder: &Path) -> Result {
    let css = format!("{NAME}.css");
    let names = [&format!("{NAME}.wasm"), &format!("{NAME}.js"), START, SPLIT, &css];
    let mut total = 0;
    for name in names.into_iter().filter(|name| folder.join(name).is_file()) {
        let size = sent(&folder.join(name))?;
        eprintln!("{size:>9} {name}");
        total += size;
    }
    for file in named(&folder.join(css))? {
        eprintln!("{:>9} {}, not counted", sent(&file)?, file.display());
    }
    eprintln!("{total:>9} first load, of {FIRST_LOAD}");
    if total > FIRST_LOAD {
        return Err(format!("the first load is {} bytes too large", total - FIRST_LOAD).into());
    }
    Ok(())
}

/// The files that a style sheet names by relative addresses.
fn named(css: &Path) -> Result<Vec<PathBuf>> {
    let text = fs::read_to_string(css)?;
    let folder = css.parent().expect("a file is in a folder");
    let addresses = text.split("url(").skip(1).filter_map(|rest| rest.split(')').next());
    Ok(addresses
        .map(|address| address.trim_matches('"'))
        .filter(|address| !address.starts_with(['#', '/']) && !address.contains(':'))
        .map(|address| folder.join(address))
        .collect())
}

/// The bytes of a file on the wire: compressed where that saves something.
fn sent(file: &Path) -> Result<u64> {
    let small = file.with_added_extension("br");
    let file = if small.is_file() { &small } else { file };
    Ok(fs::metadata(file).map_err(|e| format!("{}: {e}", file.display()))?.len())
}
