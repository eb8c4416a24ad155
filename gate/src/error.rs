//! What can go wrong inside, and the one place where it becomes what a client may know.

use crate::db::Moved;
use wire::{Code, Failure};

/// The result of everything that a feature does.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong inside.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something a client did, or may know.
    #[error("{0}")]
    Failure(Box<Failure>),
    /// The database did not do what was asked of it.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// Something that can only be a fault of ours.
    #[error("{0}")]
    Fault(String),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Failure(Box::new(failure))
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Failure::from(code).into()
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Fault(format!("JSON of our own: {error}"))
    }
}

impl Error {
    /// What a client may know. What happened inside is logged here, once, with the request's id.
    #[must_use]
    pub fn into_failure(self, request_id: &str) -> Failure {
        let mut failure = match self {
            Self::Failure(failure) => *failure,
            Self::Database(error) if is_away(&error) => {
                tracing::warn!(request_id, %error, "the database does not answer");
                Failure::new(Code::Unavailable, "The database does not answer. Nothing was changed; try again in a moment.").retry_after(2)
            }
            Self::Database(error) if let Some(cause) = unwritable(&error) => {
                tracing::error!(request_id, %error, "the database can not be written: {cause}");
                let text = format!(
                    "The database can not be written: {cause}. Nothing was changed; somebody who looks after the server has to make room, or mend it."
                );
                Failure::new(Code::Unavailable, text).retry_after(30)
            }
            error => {
                tracing::error!(request_id, %error, "a request failed");
                Failure::new(
                    Code::Internal,
                    format!("Nothing was changed. If it happens again, tell your admin this number: {request_id}."),
                )
            }
        };
        request_id.clone_into(&mut failure.request_id);
        failure
    }

    /// The code that a client would get.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Failure(failure) => failure.code,
            Self::Database(error) if is_away(error) || unwritable(error).is_some() => Code::Unavailable,
            _ => Code::Internal,
        }
    }
}

/// Whether the database can not be reached or is locked, so that another try may work.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => !is_moved(error),
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => true,
        // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_CANTOPEN; 57P0x: PostgreSQL is going down.
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| matches!(of_sqlite(&code), Some(5 | 6 | 14)) || code.starts_with("57P0"))
        }
        _ => false,
    }
}

/// Whether the file is not at its path any more.
fn is_moved(error: &std::io::Error) -> bool {
    matches!(error.get_ref(), Some(inside) if inside.is::<Moved>())
}

/// A code of SQLite's, without what its upper bits say more exactly.
fn of_sqlite(code: &str) -> Option<u32> {
    Some(code.parse::<u32>().ok().filter(|_| code.len() < 5)? & 0xff)
}

/// Why what is written does not stay, where reading may go on.
pub(crate) fn unwritable(error: &sqlx::Error) -> Option<&'static str> {
    const FULL: &str = "its disk is full";
    const READ_ONLY: &str = "it is read-only";
    const MOVED: &str =
        "its file was moved, removed or replaced while the server runs; put it back where it was, or start the server again";
    if let sqlx::Error::Io(error) = error {
        return is_moved(error).then_some(MOVED);
    }
    let sqlx::Error::Database(error) = error else { return None };
    let code = error.code()?;
    match &*code {
        "53100" => return Some(FULL),
        "25006" => return Some(READ_ONLY),
        _ => {}
    }
    match of_sqlite(&code)? {
        8 => Some(READ_ONLY),
        10 => Some("its disk does not take it"),
        13 => Some(FULL),
        _ => None,
    }
}
