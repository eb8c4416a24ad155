//! Whether the database takes what is written: known from the writes there are, and tried where there were none
//! lately, or one failed. And whether a SQLite file is still the one at its path: what is written into a file that
//! somebody removed, or put another in the place of, is gone with the process.

use super::{Db, bus};
use crate::error::unwritable;
use std::{
    fmt, io,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// For so long a write that went well is good news.
const FRESH: Duration = Duration::from_secs(60);
/// A database that takes nothing is not tried more often than this.
const AGAIN: Duration = Duration::from_secs(1);
/// Who has waited for so long waits for other writers.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of writing.
#[derive(Default)]
pub(super) struct Writing {
    is_in_doubt: AtomicBool,
    last: Mutex<Option<(Instant, Option<&'static str>)>>,
    /// One tries, the others wait for what comes of it.
    trying: tokio::sync::Mutex<()>,
}

impl Writing {
    /// Something was written.
    pub(super) fn went_well(&self) {
        self.is_in_doubt.store(false, Ordering::Relaxed);
        self.learn(None);
    }

    /// Something was not, for whatever cause.
    pub(super) fn doubt(&self) {
        self.is_in_doubt.store(true, Ordering::Relaxed);
    }

    fn learn(&self, problem: Option<&'static str>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), problem));
    }

    /// What is known, where it is news.
    fn known(&self) -> Option<Option<&'static str>> {
        let (at, problem) = (*self.last.lock().unwrap_or_else(PoisonError::into_inner))?;
        let is_fresh = match problem {
            Some(_) => at.elapsed() < AGAIN,
            None => at.elapsed() < FRESH && !self.is_in_doubt.load(Ordering::Relaxed),
        };
        is_fresh.then_some(problem)
    }
}

/// The file of a SQLite database, as it was when it was opened.
pub(super) struct OpenFile {
    path: PathBuf,
    device: u64,
    number: u64,
}

impl OpenFile {
    /// The file at this path.
    pub(super) fn at(path: PathBuf) -> io::Result<Self> {
        let found = std::fs::metadata(&path)?;
        Ok(Self { path, device: found.dev(), number: found.ino() })
    }

    /// Looks whether it is there still.
    pub(super) fn check(&self) -> Result<(), sqlx::Error> {
        let is_same = std::fs::metadata(&self.path).is_ok_and(|found| (found.dev(), found.ino()) == (self.device, self.number));
        if is_same { Ok(()) } else { Err(sqlx::Error::Io(io::Error::other(Moved))) }
    }
}

/// The file at the path is none any more, or another.
#[derive(Debug)]
pub(crate) struct Moved;

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the database’s file was moved, removed or replaced while the server runs")
    }
}

impl std::error::Error for Moved {}

impl Db {
    /// Why nothing that is written stays; nothing where it does.
    pub(crate) async fn unwritable(&self) -> Option<&'static str> {
        if let Err(moved) = self.check_file() {
            return unwritable(&moved);
        }
        if let Some(known) = self.writing.known() {
            return known;
        }
        let _turn = self.writing.trying.lock().await;
        if let Some(known) = self.writing.known() {
            return known;
        }
        match timeout(PATIENCE, self.try_to_write()).await {
            Ok(Err(error)) => {
                let problem = unwritable(&error);
                self.writing.learn(problem);
                problem
            }
            Ok(Ok(())) | Err(_) => None,
        }
    }

    /// Writes what changes nothing that anybody reads.
    async fn try_to_write(&self) -> Result<(), sqlx::Error> {
        let mut write = self.write().await?;
        bus::take_turn(write.db(), "setup").await?;
        write.commit().await
    }

    /// Looks whether the file is the one that was opened.
    pub(super) fn check_file(&self) -> Result<(), sqlx::Error> {
        self.file.as_ref().map_or(Ok(()), |file| file.check())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_counts_until_there_is_doubt() {
        let writing = Writing::default();
        assert_eq!(writing.known(), None, "nothing was written yet");
        writing.went_well();
        assert_eq!(writing.known(), Some(None));
        writing.doubt();
        assert_eq!(writing.known(), None, "it is to be tried");
        writing.learn(Some("it is read-only"));
        assert_eq!(writing.known(), Some(Some("it is read-only")));
        writing.went_well();
        assert_eq!(writing.known(), Some(None));
    }

    #[test]
    fn a_file_is_the_same_until_it_is_gone_or_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("door.db");
        std::fs::write(&path, "one").unwrap();
        let file = OpenFile::at(path.clone()).unwrap();
        assert!(file.check().is_ok());
        let aside = folder.path().join("aside.db");
        std::fs::rename(&path, &aside).unwrap();
        assert!(unwritable(&file.check().unwrap_err()).is_some_and(|cause| cause.contains("moved")));
        std::fs::rename(&aside, &path).unwrap();
        assert!(file.check().is_ok());
        std::fs::copy(&path, &aside).unwrap();
        std::fs::rename(&aside, &path).unwrap();
        assert!(file.check().is_err(), "the same text, and another file");
    }
}
