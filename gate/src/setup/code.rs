//! The code that the server prints at its start: who can read it there may set Doorward up from
//! another machine.

use crate::{
    Result,
    db::{Db, Engine},
    hash,
    random::{self, Random},
    secret::{Keys, Purpose},
    settings,
};
use std::sync::{Mutex, PoisonError};
use wire::{Code, Failure, Timestamp};

/// Wrong codes in a row until setup is locked.
const TRIES: u32 = 5;
/// For how long it is locked, in milliseconds.
const LOCK: i64 = 60_000;
/// How many letters and digits it has.
const LENGTH: usize = 20;
/// The setting by which the codes of two databases with the same secret differ.
const SALT: &str = "setup_code_salt";

/// The code of this server, and how often it was guessed at.
pub(crate) struct SetupCode {
    code: String,
    wrong: Mutex<Wrong>,
}

#[derive(Default)]
struct Wrong {
    count: u32,
    locked_until: Timestamp,
}

impl SetupCode {
    pub(crate) fn new(code: String) -> Self {
        Self { code, wrong: Mutex::default() }
    }

    /// Another one at each start. Several servers with one database have the same, for whoever reads it in the log
    /// of one may be answered by another.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn of(db: &Db, keys: &Keys, random: &dyn Random) -> std::result::Result<Self, sqlx::Error> {
        if db.engine() == Engine::Sqlite {
            return Ok(Self::new(random::code(random, LENGTH)));
        }
        let mut salt = settings::store::value(db.pool(), SALT).await?;
        if salt.is_none() {
            // Another server may start at the same time: whoever comes first says it for both.
            settings::store::insert_if_absent(db.pool(), SALT, &random::code(random, LENGTH)).await?;
            salt = settings::store::value(db.pool(), SALT).await?;
        }
        let salt = salt.unwrap_or_default();
        Ok(Self::new(random::letters(&keys.mac(Purpose::SetupCode, salt.as_bytes())[..LENGTH])))
    }

    /// The code, in groups of five so that it can be typed.
    pub(crate) fn show(&self) -> String {
        let letters: Vec<char> = self.code.chars().collect();
        letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }

    /// Compares what was typed, without regard to case, spaces and hyphens.
    pub(crate) fn check(&self, given: &str, now: Timestamp) -> Result<()> {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if now < wrong.locked_until {
            let seconds = u64::try_from((wrong.locked_until.0 - now.0) / 1000 + 1).unwrap_or(60);
            return Err(Failure::new(Code::TooManyAttempts, "Five wrong codes: setup is locked for a minute.").retry_after(seconds).into());
        }
        let typed: String = given.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(64).collect();
        if hash::same(typed.as_bytes(), self.code.as_bytes()) {
            wrong.count = 0;
            return Ok(());
        }
        wrong.count += 1;
        if wrong.count >= TRIES {
            *wrong = Wrong { count: 0, locked_until: now.plus(LOCK) };
        }
        Err(Failure::new(Code::SetupCodeRequired, "This is not the setup code. Doorward printed it on the server when it last started.")
            .at("setupCode")
            .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_codes_lock_it_for_a_minute() {
        let code = SetupCode::new("abcdefghijkmnpqrstuv".into());
        let now = Timestamp(1_000_000);
        for _ in 0..TRIES {
            assert_eq!(code.check("wrong", now).map_err(|e| e.code()), Err(Code::SetupCodeRequired));
        }
        assert_eq!(code.check(&code.show(), now).map_err(|e| e.code()), Err(Code::TooManyAttempts));
        assert!(code.check(&code.show().to_uppercase(), now.plus(LOCK)).is_ok());
    }
}
