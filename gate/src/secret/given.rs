//! The signing secret as whoever builds a [`Gate`](crate::Gate) gives it.

use super::kept;
use crate::{config::Auth, db::Store, random::Random};
use secrecy::SecretString;
use std::path::{Path, PathBuf};

/// The name of the file that keeps the secret beside a SQLite database.
const FILE: &str = ".doorward_jwt_secret";

/// The signing secret: access tokens, cookies and sealed secrets are good as long as it is the same.
#[derive(Debug, Clone)]
pub struct Secret(Given);

#[derive(Debug, Clone)]
enum Given {
    Hex(SecretString),
    File(PathBuf),
    Ephemeral,
}

impl Secret {
    /// This one: at least 16 bytes in hex, 32 are advised. Make one with `openssl rand -hex 32`.
    #[must_use]
    pub fn hex(text: impl Into<SecretString>) -> Self {
        Self(Given::Hex(text.into()))
    }

    /// The one of this file, which is made when it is not there, for its owner alone.
    #[must_use]
    pub fn file(file: impl AsRef<Path>) -> Self {
        Self(Given::File(file.as_ref().to_owned()))
    }

    /// Another one at each start: sessions end with the process, and what was sealed at rest does not open
    /// any more.
    #[must_use]
    pub const fn ephemeral() -> Self {
        Self(Given::Ephemeral)
    }
}

/// Puts what was given into the settings; gives the file in which the secret is kept, where it is one.
pub(crate) fn place(secret: Option<Secret>, store: &Store, auth: &mut Auth, random: &dyn Random) -> Option<PathBuf> {
    match secret.map(|secret| secret.0) {
        Some(_) if auth.jwt_secret.is_some() => None,
        Some(Given::Hex(text)) => {
            auth.jwt_secret = Some(text);
            None
        }
        Some(Given::File(file)) => Some(file),
        Some(Given::Ephemeral) => {
            tracing::warn!("the signing secret is another one at each start: sessions end with the process");
            if !matches!(store, Store::Memory) {
                tracing::warn!("what is sealed in the database will not open after this process, and its audit chain can not be checked");
            }
            auth.jwt_secret = Some(kept::fresh(random).into());
            None
        }
        None => match store {
            Store::Sqlite(file) if auth.jwt_secret.is_none() => Some(file.with_file_name(FILE)),
            Store::Memory if auth.jwt_secret.is_none() => {
                tracing::info!("the signing secret is in memory, as the data is: sessions end with the process");
                None
            }
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Config, random::Os};

    fn placed(secret: Option<Secret>, store: &Store) -> (Option<PathBuf>, Auth) {
        let mut auth = Config::default().auth;
        (place(secret, store, &mut auth, &Os), auth)
    }

    #[test]
    fn beside_a_file_of_data_lies_the_file_of_the_secret() {
        let (file, auth) = placed(None, &Store::Sqlite("data/doorward.db".into()));
        assert_eq!(file, Some(PathBuf::from("data/.doorward_jwt_secret")));
        assert!(auth.jwt_secret.is_none());
        assert_eq!(placed(None, &Store::Memory).0, None);
    }

    #[test]
    fn an_ephemeral_secret_is_made_and_kept_nowhere() {
        let (file, auth) = placed(Some(Secret::ephemeral()), &Store::Memory);
        assert!(file.is_none() && auth.jwt_secret.is_some());
        let again = placed(Some(Secret::ephemeral()), &Store::Memory).1;
        let text = |auth: &Auth| auth.jwt_secret.as_ref().map(|secret| secrecy::ExposeSecret::expose_secret(secret).to_owned());
        assert_ne!(text(&auth), text(&again));
    }

    #[test]
    fn a_secret_does_not_print_itself() {
        assert!(!format!("{:?}", Secret::hex("8f14e45fceea167a")).contains("8f14"));
    }
}
