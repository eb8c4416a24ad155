//! What must be on the machine before a build or a test, each installed only when missing.
use std::{
    env, fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Result,
    command::{cargo, command, on_path, output, run},
};

pub const WASM: &str = "wasm32-unknown-unknown";

/// Installs everything that any of the words needs.
pub fn everything() -> Result {
    for_build()?;
    for_lint()?;
    postgres()?;
    directory()?;
    browser()?;
    python()?;
    proxies()
}

/// Finds or installs the directory that signing in by LDAP is tested with.
fn directory() -> Result {
    if Path::new("/usr/sbin/slapd").is_file() { Ok(()) } else { apt("OpenLDAP", &["slapd"]) }
}

/// Finds or installs the proxies whose configurations are tested with them: nginx and Caddy.
fn proxies() -> Result {
    for (program, what, package) in [("nginx", "nginx", "nginx-light"), ("caddy", "Caddy", "caddy")] {
        if on_path(&[program]).is_none() && !Path::new("/usr/sbin").join(program).is_file() {
            apt(what, &[package])?;
        }
    }
    Ok(())
}

/// Installs what a build needs: Rust's WASM target and the npm tools.
pub fn for_build() -> Result {
    let libraries = output(&mut command(&format!("rustc --print target-libdir --target {WASM}")))?;
    if !Path::new(&libraries).is_dir() {
        run(&mut command(&format!("rustup target add {WASM}")))
            .map_err(|e| format!("Rust's {WASM} target is missing and cannot be installed: {e}"))?;
    }
    npm()
}

/// Installs rustfmt and clippy.
pub fn for_lint() -> Result {
    for (word, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if output(&mut cargo(&format!("{word} --version"))).is_err() {
            run(&mut command(&format!("rustup component add {component}")))?;
        }
    }
    Ok(())
}

/// Finds or installs a Chromium; the variable CHROMIUM names another.
pub fn browser() -> Result<PathBuf> {
    let find = || env::var_os("CHROMIUM").map(PathBuf::from).or_else(|| on_path(&["chromium", "chromium-browser", "google-chrome"]));
    if let Some(found) = find() {
        return Ok(found);
    }
    apt("Chromium", &["chromium", "fonts-liberation"])?;
    find().ok_or_else(|| "Chromium was installed, but PATH does not know it".into())
}

/// Finds or installs PostgreSQL's server programs and names their folder.
pub fn postgres() -> Result<PathBuf> {
    if let Some(found) = postgres_folder() {
        return Ok(found);
    }
    apt("PostgreSQL", &["postgresql"])?;
    postgres_folder().ok_or_else(|| "PostgreSQL was installed, but has no initdb".into())
}

/// Debian's place first, where the newest version wins, then PATH.
fn postgres_folder() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<u32> = versions.filter_map(|v| v.file_name().to_str()?.parse().ok()).collect();
    versions.sort_unstable();
    let debian = versions.iter().rev().map(|v| format!("/usr/lib/postgresql/{v}/bin").into());
    let in_path = on_path(&["initdb"]).and_then(|p| p.parent().map(Path::to_owned));
    let is_whole = |folder: &PathBuf| ["initdb", "postgres", "pg_isready"].iter().all(|program| folder.join(program).is_file());
    debian.chain(in_path).find(is_whole)
}

fn npm() -> Result {
    let wanted = fs::read("package-lock.json")?;
    let installed = Path::new("node_modules/.installed.json");
    if fs::read(installed).is_ok_and(|lock| lock == wanted) {
        return Ok(());
    }
    if on_path(&["npm"]).is_none() {
        return Err("npm is missing: install Node.js 20 or later, with npm".into());
    }
    run(&mut command("npm ci --no-audit --no-fund"))?;
    Ok(fs::write(installed, wanted)?)
}

/// Installs curl, and the tools and upstreams of `end2end/requirements.txt` in an environment of their
/// own; names the folder of their programs.
pub fn python() -> Result<PathBuf> {
    let folder = Path::new("target/tools/python");
    let (wanted, installed) = (fs::read("end2end/requirements.txt")?, folder.join("installed.txt"));
    if on_path(&["curl"]).is_none() {
        apt("curl", &["curl"])?;
    }
    let programs = || Ok(folder.join("bin").canonicalize()?);
    if fs::read(&installed).is_ok_and(|list| list == wanted) {
        return programs();
    }
    let make = || run(command("python3 -m venv --clear").arg(folder));
    // Debian keeps the part that makes environments in a package of its own.
    make().or_else(|_| {
        apt("Python", &["python3", "python3-venv"])?;
        make()
    })?;
    let list = "end2end/requirements.txt";
    run(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check", "-r", list]))
        .map_err(|e| format!("the packages of {list} are missing and cannot be installed: {e}"))?;
    fs::write(installed, wanted)?;
    programs()
}

fn apt(what: &str, packages: &[&str]) -> Result {
    let names = packages.join(" ");
    let is_root = fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    if !is_root || on_path(&["apt-get"]).is_none() {
        return Err(format!("{what} is missing: install it (on Debian: apt-get install {names})").into());
    }
    eprintln!("{what} is missing and gets installed");
    let install = || {
        run(command("apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300")
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"))
    };
    // The list of packages may be missing or old.
    install()
        .or_else(|_| {
            run(&mut command("apt-get update -qq"))?;
            install()
        })
        .map_err(|e| format!("{what} is missing and cannot be installed: {e}").into())
}
