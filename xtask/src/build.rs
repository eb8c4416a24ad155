//! The two builds, in their order: the browser's files first, for the server carries them inside.
use std::{
    env,
    fs::{self, File, TryLockError},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use crate::{
    Result,
    command::{cargo, output, run as finish},
    setup, site,
};

/// Which of the two builds: quick to make, or small and quick to run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Debug,
    Release,
}

impl Profile {
    /// The folder of `target` where the server lands.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }

    /// The files that the server carries. The debug build has its own folder, so that `make dev`
    /// and `make run` do not undo each other's work.
    pub fn site(self) -> &'static Path {
        Path::new(match self {
            Self::Debug => "target/site-debug",
            Self::Release => "target/site",
        })
    }

    /// A folder for the parts of the site.
    pub fn parts(self) -> PathBuf {
        Path::new("target/bundle").join(self.folder())
    }

    /// The server's binary.
    pub fn server(self) -> PathBuf {
        Path::new("target").join(self.folder()).join("doorward")
    }
}

/// Builds the browser's files and the server.
pub fn all(profile: Profile) -> Result {
    let start = Instant::now();
    let _alone = alone()?;
    setup::for_build()?;
    site::make(profile)?;
    let mut server = cargo("rustc --package doorward --bin doorward");
    if profile == Profile::Release {
        server.arg("--release");
        // Functions of the same code become one; generic ones leave thousands of them.
        if has_lld() {
            server.args(["--", "-C", "link-arg=-Wl,--icf=all"]);
            // What the loader fills in at the start, packed: 2 MB less.
            if has_packed_relocations() {
                server.args(["-C", "link-arg=-Wl,-z,pack-relative-relocs"]);
            }
        }
    } else {
        server.env("DOORWARD_SITE", profile.site().canonicalize()?);
    }
    finish(&mut server)?;
    eprintln!("{} is built, in {:.1?}", profile.server().display(), start.elapsed());
    Ok(())
}

/// Whether Rust links with its own LLD here, as it does by default; GNU's linker folds nothing.
fn has_lld() -> bool {
    cfg!(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu")) && env::var_os("RUSTFLAGS").is_none()
}

/// Whether the C library's loader knows packed relocations (DT_RELR): glibc does since 2.36.
fn has_packed_relocations() -> bool {
    output(Command::new("getconf").arg("GNU_LIBC_VERSION"))
        .ok()
        .and_then(|told| told.strip_prefix("glibc 2.")?.split('.').next()?.parse().ok())
        .is_some_and(|minor: u32| minor >= 36)
}

/// Waits until no other build works in this tree; the lock ends with the file.
fn alone() -> Result<File> {
    fs::create_dir_all("target")?;
    let lock = File::create("target/xtask.lock")?;
    if let Err(TryLockError::WouldBlock) = lock.try_lock() {
        eprintln!("another build is at work here: waiting for it");
        lock.lock()?;
    }
    Ok(lock)
}

/// Builds the release and becomes the server.
pub fn run(arguments: &[String]) -> Result {
    all(Profile::Release)?;
    let server = Profile::Release.server();
    let error = Command::new(&server).arg("serve").args(arguments).exec();
    Err(format!("{}: {error}", server.display()).into())
}
