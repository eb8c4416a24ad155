//! The signing secret: where it is kept, and the keys that are derived from it, one a purpose.

use crate::{
    db::{Db, OpenError, Store},
    hash,
    random::Random,
};
use aws_lc_rs::{hkdf, hmac};
use secrecy::{ExposeSecret, SecretString};
use std::{
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// What a derived key is for. A MAC made for one is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Access tokens.
    Access,
    /// Successors of refresh secrets.
    Refresh,
    /// Cursors of lists.
    Cursor,
    /// Cookies of devices that signed in before.
    Device,
    /// Answers kept for an Idempotency-Key.
    Seal,
    /// The chain of the audit log.
    AuditChain,
    /// Cookies of the hosts of apps.
    AppCookie,
    /// What upstreams are told of the caller.
    Assertion,
}

impl Purpose {
    const ALL: [Self; 8] =
        [Self::Access, Self::Refresh, Self::Cursor, Self::Device, Self::Seal, Self::AuditChain, Self::AppCookie, Self::Assertion];

    const fn label(self) -> &'static [u8] {
        match self {
            Self::Access => b"doorward access token v1",
            Self::Refresh => b"doorward refresh successor v1",
            Self::Cursor => b"doorward cursor v1",
            Self::Device => b"doorward device v1",
            Self::Seal => b"doorward seal v1",
            Self::AuditChain => b"doorward audit-chain v1",
            Self::AppCookie => b"doorward app cookie v1",
            Self::Assertion => b"doorward assertion v1",
        }
    }
}

/// The keys derived from the signing secret (HKDF-SHA-256, RFC 5869).
pub struct Keys {
    raw: [[u8; 32]; Purpose::ALL.len()],
    macs: [hmac::Key; Purpose::ALL.len()],
    kid: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Keys {
    /// Derives the keys from the secret's bytes.
    #[must_use]
    pub fn derive(secret: &[u8]) -> Self {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"doorward").extract(secret);
        let expand = |label: &[u8]| {
            let mut out = [0; 32];
            let info = [label];
            let okm = prk.expand(&info, hkdf::HKDF_SHA256).expect("32 bytes are within HKDF's limit");
            okm.fill(&mut out).expect("the length is the algorithm's own");
            out
        };
        let raw = Purpose::ALL.map(|purpose| expand(purpose.label()));
        let macs = raw.map(|key| hmac::Key::new(hmac::HMAC_SHA256, &key));
        let kid = hash::hex(&expand(b"doorward key id v1")[..6]);
        Self { raw, macs, kid }
    }

    /// Names the secret, without telling anything of it.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The key for a purpose.
    #[must_use]
    pub fn raw(&self, purpose: Purpose) -> &[u8; 32] {
        &self.raw[purpose as usize]
    }

    /// HMAC-SHA-256 of `data` with the key for a purpose.
    #[must_use]
    pub fn mac(&self, purpose: Purpose, data: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&self.macs[purpose as usize], data).as_ref());
        out
    }
}

/// A secret as it was found.
pub(crate) struct Found {
    pub(crate) keys: Keys,
    /// Whether a file of an earlier start held it.
    pub(crate) is_old: bool,
}

/// Finds the signing secret, or makes one: the configured one, the file, the database (PostgreSQL).
pub(crate) async fn find(
    configured: Option<&SecretString>,
    file: Option<&Path>,
    store: &Store,
    db: &Db,
    random: &dyn Random,
) -> Result<Found, OpenError> {
    if let Some(configured) = configured {
        let bytes = decode(configured.expose_secret().trim())
            .map_err(|problem| OpenError::Secret(format!("auth.jwt_secret (DOORWARD_JWT_SECRET) {problem}")))?;
        return Ok(Found { keys: Keys::derive(&bytes), is_old: false });
    }
    let fresh = || {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        hash::hex(&bytes)
    };
    match (file, store) {
        (Some(file), _) if file.exists() => Ok(Found { keys: read(file)?, is_old: true }),
        (_, Store::Postgres(_)) => {
            let text = in_database(db, &fresh())
                .await
                .map_err(|e| OpenError::Secret(format!("The signing secret could not be kept in the database: {e}")))?;
            Ok(Found { keys: Keys::derive(&decode(&text).map_err(OpenError::Secret)?), is_old: false })
        }
        (Some(file), _) => {
            write(file, &fresh())
                .map_err(|e| OpenError::Secret(format!("The signing secret could not be written to {}: {e}", file.display())))?;
            Ok(Found { keys: read(file)?, is_old: false })
        }
        (None, _) => Ok(Found { keys: Keys::derive(fresh().as_bytes()), is_old: false }),
    }
}

/// Reads hex of at least 16 bytes; the problem reads on after the setting's name.
fn decode(text: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let advice = "Make one with: openssl rand -hex 32";
    let digits = digits.filter(|d| d.len() % 2 == 0).ok_or_else(|| format!("is not hex. {advice}"))?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    if bytes.len() < 16 {
        return Err(format!("has {} bytes; 16 is the least, 32 is advised. {advice}", bytes.len()));
    }
    let is_pattern = bytes.windows(2).all(|w| w[0] == w[1])
        || bytes.windows(2).all(|w| w[1] == w[0].wrapping_add(1))
        || bytes.starts_with(&[0xde, 0xad, 0xbe, 0xef]);
    if is_pattern {
        return Err(format!("is an example from a document, which everybody knows. {advice}"));
    }
    if bytes.len() < 32 {
        tracing::warn!(bytes = bytes.len(), "the signing secret is short; 32 bytes are advised");
    }
    Ok(bytes)
}

fn read(file: &Path) -> Result<Keys, OpenError> {
    let place = file.display();
    let refuse = |problem: String| OpenError::Secret(format!("The signing secret in {place} {problem}"));
    let mode = std::fs::metadata(file).map_err(|e| refuse(format!("can not be read: {e}")))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(refuse(format!(
            "can be read by others (mode {mode:04o}). Run: chmod 600 {place}. If others had access to this machine, delete the file instead: everybody then signs in again."
        )));
    }
    let text = std::fs::read_to_string(file).map_err(|e| refuse(format!("can not be read: {e}")))?;
    decode(text.trim()).map(|bytes| Keys::derive(&bytes)).map_err(refuse)
}

/// Writes the file whole or not at all; when another process was first, its file stays.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let draft = file.with_extension(format!("{}.draft", std::process::id()));
    let mut out = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    out.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    writeln!(out, "{text}")?;
    out.sync_all()?;
    let linked = std::fs::hard_link(&draft, file);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => std::fs::File::open(file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all(),
    }
}

/// Keeps the secret in the database; of several nodes that start at once the first one's stays.
async fn in_database(db: &Db, fresh: &str) -> Result<String, sqlx::Error> {
    crate::settings::store::insert_if_absent(db.pool(), "signing_secret", fresh).await?;
    crate::settings::store::value(db.pool(), "signing_secret").await?.ok_or(sqlx::Error::RowNotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(decode("8f14e45fceea167a5a36dedd4bea2543").is_ok());
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        let keys = Keys::derive(b"sixteen bytes ..");
        assert_ne!(keys.raw(Purpose::Access), keys.raw(Purpose::Cursor));
        assert_ne!(keys.mac(Purpose::Refresh, b"x"), keys.mac(Purpose::Device, b"x"));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".doorward_jwt_secret");
        write(&file, "8f14e45fceea167a5a36dedd4bea2543").unwrap();
        assert!(read(&file).is_ok());
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read(&file).unwrap_err().to_string().contains("chmod 600"));
    }
}
