//! The two builds, in their order: the browser's files first, for the server carries them inside.
use std::{
    fs::{self, File, TryLockError},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use crate::{
    Result,
    command::{cargo, run as finish},
    release, setup, site,
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
    let place = profile.server();
    match profile {
        Profile::Release => put(&release::build("doorward")?, &place)?,
        Profile::Debug => {
            let mut server = cargo("rustc --package doorward --bin doorward");
            finish(server.env("DOORWARD_SITE", profile.site().canonicalize()?))?;
        }
    }
    eprintln!("{} is built, in {:.1?}", place.display(), start.elapsed());
    Ok(())
}

/// Puts a program where it is looked for, while the one that was there may run on.
fn put(built: &Path, place: &Path) -> Result {
    if built == place {
        return Ok(());
    }
    let fresh = place.with_extension("fresh");
    fs::copy(built, &fresh)?;
    Ok(fs::rename(fresh, place)?)
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
