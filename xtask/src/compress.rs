//! Brotli beside each file, at its best: done once here, never by the server.
use std::{fs, path::Path};

use crate::{Result, fresh};

/// The kinds that get smaller; pictures and fonts are compressed already.
const KINDS: [&str; 9] = ["css", "html", "ico", "js", "json", "svg", "txt", "wasm", "webmanifest"];

/// Writes `name.br` for the files in a folder, where that saves anything.
pub fn folder(folder: &Path) -> Result {
    for file in fresh::files(folder)? {
        let kind = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        if !KINDS.contains(&kind) {
            continue;
        }
        let plain = fs::read(&file)?;
        let small = brotli(&plain)?;
        if small.len() < plain.len() {
            fs::write(file.with_added_extension("br"), small)?;
        }
    }
    Ok(())
}

fn brotli(plain: &[u8]) -> Result<Vec<u8>> {
    let mut small = Vec::new();
    let options = brotli::enc::BrotliEncoderParams { quality: 11, size_hint: plain.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &plain[..], &mut small, &options)?;
    Ok(small)
}
