//! The code that the server prints at its start: who can read it there may set Doorward up from
//! another machine.

use crate::{Result, hash};
use std::sync::{Mutex, PoisonError};
use wire::{Code, Failure, Timestamp};

/// Wrong codes in a row until setup is locked.
const TRIES: u32 = 5;
/// For how long it is locked, in milliseconds.
const LOCK: i64 = 60_000;

/// The code of this start, and how often it was guessed at.
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
        Err(Failure::new(
            Code::SetupCodeRequired,
            "This is not the setup code. Doorward printed it when it started, on the server; each start has a new one.",
        )
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
