//! Where the signing secret is kept: in the configuration, in a file, or in the database. A file, and a
//! line of the database, may hold the secret before as well, for as long as what it signed is good.

use super::{Held, Keys};
use crate::{
    config::Auth,
    db::{Db, OpenError, Store},
    hash,
    random::Random,
    seal,
    settings::store as settings,
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use wire::Timestamp;

/// The setting that holds it.
pub(crate) const SETTING: &str = "signing_secret";
/// What the database's text is sealed for, and how it begins then.
const SEALED: &str = "sealed ";
const ADVICE: &str = "Make one with: openssl rand -hex 32";

/// Where the signing secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// In the configuration.
    Configured,
    /// In this file.
    File(PathBuf),
    /// In the database.
    Database,
    /// Nowhere: it goes with the process.
    Nowhere,
}

/// The secrets of a file, or of a line of the database, in hex.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ring {
    pub(crate) current: String,
    /// The one before, and until when what it signed is good.
    pub(crate) previous: Option<(String, Timestamp)>,
}

impl Ring {
    /// Reads `HEX`, and below it `previous HEX MILLISECONDS`; the problem reads on after the place's name.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (first, rest) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
        decode(first.trim())?;
        let previous = match rest.trim() {
            "" => None,
            line => {
                let mut words = line.split_whitespace();
                let parts = (words.next(), words.next(), words.next().and_then(|text| text.parse().ok()), words.next());
                let (Some("previous"), Some(secret), Some(until), None) = parts else {
                    return Err("has a second line that is not of Doorward's. Keep the first line alone.".into());
                };
                decode(secret)?;
                Some((secret.to_owned(), Timestamp(until)))
            }
        };
        Ok(Self { current: first.trim().to_owned(), previous })
    }

    /// The ring as it is kept.
    pub(crate) fn text(&self) -> String {
        match &self.previous {
            Some((secret, until)) => format!("{}\nprevious {secret} {}", self.current, until.0),
            None => self.current.clone(),
        }
    }

    /// The secrets that count at this time.
    pub(crate) fn held(&self, now: Timestamp, master: Option<&[u8]>) -> Result<Held, String> {
        let held = Held::new(&decode(&self.current)?);
        let held = match &self.previous {
            Some((secret, until)) => held.after(&decode(secret)?, *until > now),
            None => held,
        };
        Ok(held.with_master(master))
    }
}

/// A secret as it was found.
pub(crate) struct Found {
    pub(crate) keys: Keys,
    pub(crate) source: Source,
    /// Whether a file of an earlier start held it.
    pub(crate) is_old: bool,
}

/// The master key of the configuration, where there is one.
pub(crate) fn master(auth: &Auth) -> Result<Option<Vec<u8>>, String> {
    configured(auth.master_key.as_ref(), "auth.master_key (DOORWARD_MASTER_KEY)")
}

fn configured(given: Option<&SecretString>, name: &str) -> Result<Option<Vec<u8>>, String> {
    given.map(|text| decode(text.expose_secret().trim())).transpose().map_err(|problem| format!("{name} {problem}"))
}

/// Finds the signing secret, or makes one: the configured one, the file, the database (PostgreSQL).
pub(crate) async fn find(
    auth: &Auth,
    file: Option<&Path>,
    store: &Store,
    db: &Db,
    random: &dyn Random,
    now: Timestamp,
) -> Result<Found, OpenError> {
    let master = master(auth).map_err(OpenError::Secret)?;
    if let Some(current) = configured(auth.jwt_secret.as_ref(), "auth.jwt_secret (DOORWARD_JWT_SECRET)").map_err(OpenError::Secret)? {
        let held = Held::new(&current);
        let held = match configured(auth.previous_jwt_secret.as_ref(), "auth.previous_jwt_secret").map_err(OpenError::Secret)? {
            Some(previous) => held.after(&previous, true),
            None => held,
        };
        let keys = Keys::holding(held.with_master(master.as_deref()));
        return Ok(Found { keys, source: Source::Configured, is_old: false });
    }
    let holding = |ring: &Ring| ring.held(now, master.as_deref()).map(Keys::holding).map_err(OpenError::Secret);
    match (file, store) {
        (Some(file), _) if file.exists() => Ok(Found { keys: holding(&read(file)?)?, source: Source::File(file.to_owned()), is_old: true }),
        (_, Store::Postgres(_)) => {
            let refuse = |problem: String| OpenError::Secret(format!("The signing secret could not be kept in the database: {problem}"));
            let kept = seal_for_database(&fresh(random), master.as_deref(), random);
            settings::insert_if_absent(db.pool(), SETTING, &kept).await.map_err(|error| refuse(error.to_string()))?;
            let ring = from_database(db, master.as_deref()).await.map_err(refuse)?;
            Ok(Found { keys: holding(&ring)?, source: Source::Database, is_old: false })
        }
        (Some(file), _) => {
            write(file, &fresh(random), false)
                .map_err(|e| OpenError::Secret(format!("The signing secret could not be written to {}: {e}", file.display())))?;
            Ok(Found { keys: holding(&read(file)?)?, source: Source::File(file.to_owned()), is_old: false })
        }
        (None, _) => {
            let ring = Ring { current: fresh(random), previous: None };
            Ok(Found { keys: holding(&ring)?, source: Source::Nowhere, is_old: false })
        }
    }
}

/// A new secret in hex.
pub(crate) fn fresh(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    hash::hex(&bytes)
}

/// The text that the database holds: sealed, where there is a master key.
pub(crate) fn seal_for_database(text: &str, master: Option<&[u8]>, random: &dyn Random) -> String {
    match master {
        Some(key) => {
            let nonce = fresh(random);
            format!("{SEALED}{}", seal::seal(&Keys::derive(key), nonce.as_bytes(), SETTING, text.as_bytes()))
        }
        None => text.to_owned(),
    }
}

/// Opens the text that the database holds.
pub(crate) fn open_from_database(text: &str, master: Option<&[u8]>) -> Result<Ring, String> {
    let Some(sealed) = text.strip_prefix(SEALED) else { return Ring::parse(text) };
    let key = master.ok_or("it is sealed there; give the master key with DOORWARD_MASTER_KEY")?;
    let opened = seal::unseal(&Keys::derive(key), SETTING, sealed).and_then(|bytes| String::from_utf8(bytes).ok());
    Ring::parse(&opened.ok_or("DOORWARD_MASTER_KEY is not the key that it was sealed with")?)
}

/// The secret of the database.
pub(crate) async fn from_database(db: &Db, master: Option<&[u8]>) -> Result<Ring, String> {
    let text = settings::value(db.pool(), SETTING).await.map_err(|error| error.to_string())?;
    open_from_database(&text.ok_or("it is not there")?, master)
}

/// Reads hex of at least 16 bytes; the problem reads on after the setting's name.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|d| d.len() % 2 == 0).ok_or_else(|| format!("is not hex. {ADVICE}"))?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    if bytes.len() < 16 {
        return Err(format!("has {} bytes; 16 is the least, 32 is advised. {ADVICE}", bytes.len()));
    }
    let is_pattern = bytes.windows(2).all(|w| w[0] == w[1])
        || bytes.windows(2).all(|w| w[1] == w[0].wrapping_add(1))
        || bytes.starts_with(&[0xde, 0xad, 0xbe, 0xef]);
    if is_pattern {
        return Err(format!("is an example from a document, which everybody knows. {ADVICE}"));
    }
    if bytes.len() < 32 {
        tracing::warn!(bytes = bytes.len(), "the signing secret is short; 32 bytes are advised");
    }
    Ok(bytes)
}

/// The secret of a file, which nobody else may read.
pub(crate) fn read(file: &Path) -> Result<Ring, OpenError> {
    let place = file.display();
    let refuse = |problem: String| OpenError::Secret(format!("The signing secret in {place} {problem}"));
    let mode = std::fs::metadata(file).map_err(|e| refuse(format!("can not be read: {e}")))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(refuse(format!(
            "can be read by others (mode {mode:04o}). Run: chmod 600 {place}. If others had access to this machine, delete the file instead: everybody then signs in again."
        )));
    }
    let text = std::fs::read_to_string(file).map_err(|e| refuse(format!("can not be read: {e}")))?;
    Ring::parse(&text).map_err(refuse)
}

/// Writes the file whole or not at all. Unless it is to be replaced, another process's file stays.
pub(crate) fn write(file: &Path, text: &str, is_replaced: bool) -> std::io::Result<()> {
    let draft = file.with_extension(format!("{}.draft", std::process::id()));
    let mut out = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    out.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    writeln!(out, "{text}")?;
    out.sync_all()?;
    if is_replaced {
        std::fs::rename(&draft, file)?;
    } else {
        let linked = std::fs::hard_link(&draft, file);
        std::fs::remove_file(&draft)?;
        linked.or_else(|error| if error.kind() == std::io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })?;
    }
    std::fs::File::open(file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Os;

    const SECRET: &str = "8f14e45fceea167a5a36dedd4bea2543";
    const OTHER: &str = "c9f0f895fb98ab9159f51fd0297e236d";

    #[test]
    fn a_bad_secret_says_what_to_do() {
        for (text, word) in [
            ("zz", "not hex"),
            ("abc", "not hex"),
            ("00112233", "16 is the least"),
            (&"00".repeat(32), "example"),
            (&"deadbeef".repeat(8), "example"),
        ] {
            let problem = decode(text).unwrap_err();
            assert!(problem.contains(word), "{problem}");
        }
        assert!(decode(SECRET).is_ok());
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".doorward_jwt_secret");
        write(&file, SECRET, false).unwrap();
        assert!(read(&file).is_ok());
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        write(&file, OTHER, false).unwrap();
        assert_eq!(read(&file).ok().map(|ring| ring.current), Some(SECRET.into()), "the first one stays");
        write(&file, OTHER, true).unwrap();
        assert_eq!(read(&file).ok().map(|ring| ring.current), Some(OTHER.into()));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read(&file).err().unwrap().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_ring_is_read_as_it_was_written() {
        let one = Ring { current: SECRET.into(), previous: None };
        let two = Ring { current: OTHER.into(), previous: Some((SECRET.into(), Timestamp(7))) };
        for ring in [one, two] {
            assert!(Ring::parse(&format!("{}\n", ring.text())).is_ok_and(|read| read == ring));
        }
        for broken in [format!("{SECRET}\nx"), format!("{SECRET}\nprevious {OTHER}"), format!("{SECRET}\nprevious zz 7")] {
            assert!(Ring::parse(&broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn what_the_database_holds_opens_with_the_master_key_alone() {
        let (key, wrong) = (b"a master key of ours".as_slice(), b"another master key".as_slice());
        let kept = seal_for_database(SECRET, Some(key), &Os);
        assert!(!kept.contains(SECRET));
        assert!(open_from_database(&kept, Some(key)).is_ok_and(|ring| ring.current == SECRET));
        assert!(open_from_database(&kept, Some(wrong)).err().unwrap().contains("not the key"));
        assert!(open_from_database(&kept, None).err().unwrap().contains("DOORWARD_MASTER_KEY"));
        assert!(open_from_database(&seal_for_database(SECRET, None, &Os), Some(key)).is_ok(), "what was there before the key is read");
    }
}
