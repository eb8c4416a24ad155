//! A file that events are appended to, and that others may move away at any time.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::PathBuf,
};

/// The file, opened when it is needed.
pub(super) struct File {
    path: PathBuf,
    open: Option<fs::File>,
}

impl File {
    pub(super) const fn at(path: PathBuf) -> Self {
        Self { path, open: None }
    }

    /// Appends lines; they are on the disk when this returns. What was written in part is taken back.
    pub(super) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if !self.is_in_place() {
            // Made for its owner alone: addresses and names are nobody else's business.
            self.open = Some(fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?);
        }
        let Some(file) = &mut self.open else { return Err(io::Error::other("the file is not open")) };
        let length = file.metadata()?.len();
        let done = file.write_all(lines).and_then(|()| file.sync_data());
        if done.is_err() {
            file.set_len(length)?;
        }
        done
    }

    /// Whether the file that is open is still the one of this name.
    fn is_in_place(&self) -> bool {
        let Some(Ok(open)) = self.open.as_ref().map(fs::File::metadata) else { return false };
        fs::metadata(&self.path).is_ok_and(|there| (there.dev(), there.ino()) == (open.dev(), open.ino()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_that_was_moved_away_is_made_anew_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let mut file = File::at(path.clone());
        file.append(b"1\n").unwrap();
        file.append(b"2\n").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::rename(&path, folder.path().join("audit.jsonl.1")).unwrap();
        file.append(b"3\n").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("audit.jsonl.1")).unwrap(), "1\n2\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "3\n");
        fs::remove_file(&path).unwrap();
        file.append(b"4\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "4\n");
    }

    #[test]
    fn a_folder_that_is_not_there_is_said() {
        assert!(File::at("/nowhere/at/all.jsonl".into()).append(b"1\n").is_err());
    }
}
