//! How a release is compiled beyond what its profile says: what makes the program small, and is no matter of a profile.
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Result,
    command::{cargo, output, run as finish},
};

/// The only kind of machine for which it was tried; on others the profile has to do.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// For every crate of it, in the place of those in `.cargo/config.toml`. Where functions keep a frame pointer, what tells
/// how to unwind them is half as long. What is known to be of the program itself is called directly, not by way of a table
/// that a loader could change.
const ALL: [&str; 4] = ["--cfg", "erase_components", "-Cforce-frame-pointers=yes", "-Crelocation-model=pie"];

/// For the whole of it. Functions of the same code become one, for generic ones leave thousands; and so do pieces of
/// functions, where that saves more than it takes to tell how to unwind them.
const WHOLE: [&str; 2] = ["-Clink-arg=-Wl,--icf=all", "-Cllvm-args=-enable-machine-outliner=always -outliner-benefit-threshold=32"];

/// What the loader fills in at the start, packed: 2 MB less.
const PACKED: &str = "-Clink-arg=-Wl,-z,pack-relative-relocs";

/// Builds the program of this package, which is called like it; gives its place.
pub fn build(package: &str) -> Result<PathBuf> {
    let line = format!("rustc --release --package {package} --bin {package}");
    if !is_tried() {
        finish(&mut cargo(&line))?;
        return Ok(Path::new("target/release").join(package));
    }
    let mut command = cargo(&line);
    command.args(["--target", TARGET, "--"]).args(WHOLE).env("CARGO_ENCODED_RUSTFLAGS", ALL.join("\u{1f}"));
    if has_packed_relocations() {
        command.arg(PACKED);
    }
    finish(&mut command)?;
    Ok(Path::new("target").join(TARGET).join("release").join(package))
}

/// Whether this machine is of that kind, and links with Rust's own LLD, as it does by default.
fn is_tried() -> bool {
    cfg!(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu")) && env::var_os("RUSTFLAGS").is_none()
}

/// Whether the C library's loader knows packed relocations (DT_RELR): glibc does since 2.36.
fn has_packed_relocations() -> bool {
    output(Command::new("getconf").arg("GNU_LIBC_VERSION"))
        .ok()
        .and_then(|told| told.strip_prefix("glibc 2.")?.split('.').next()?.parse().ok())
        .is_some_and(|minor: u32| minor >= 36)
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn what_all_other_builds_are_told_is_told_to_a_release_too() {
        let config = include_str!("../../.cargo/config.toml");
        let flags = format!("rustflags = [\"{}\"]\n", ALL[..2].join("\", \""));
        assert!(config.contains(&flags), "{flags}");
    }
}
