//! When the database was last heard: what other processes revoked is known up to then, and whom one knows
//! from memory may come in for a while longer.

use crate::{Result, gate::Gate};
use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};
use wire::{Code, Failure};

/// The bus is looked at four times a second; so long its silence is none.
const LEAST: Duration = Duration::from_secs(2);

/// When the database was last heard.
pub(crate) struct Heard {
    /// The system's steady clock; tests move the other one by hours.
    begun: Instant,
    /// In milliseconds since then.
    last: AtomicU64,
    /// Whether something was heard of that could not be read.
    is_in_doubt: AtomicBool,
}

impl Default for Heard {
    fn default() -> Self {
        Self { begun: Instant::now(), last: AtomicU64::new(0), is_in_doubt: AtomicBool::new(false) }
    }
}

impl Heard {
    /// It was heard now.
    pub(crate) fn now(&self) {
        self.last.store(self.millis(), Ordering::Relaxed);
    }

    /// Something was heard of, and what it is now could not be read: all is to be read again once the
    /// database answers.
    pub(crate) fn doubt(&self) {
        self.is_in_doubt.store(true, Ordering::SeqCst);
    }

    /// Whether all is to be read again; asked once.
    pub(crate) fn take_doubt(&self) -> bool {
        self.is_in_doubt.swap(false, Ordering::SeqCst)
    }

    /// For how long it was not.
    pub(crate) fn silence(&self) -> Duration {
        Duration::from_millis(self.millis().saturating_sub(self.last.load(Ordering::Relaxed)))
    }

    /// Whether so much may have been missed that nobody may be let in from memory any more.
    pub(crate) fn is_too_long(&self, bearable: Duration) -> bool {
        self.silence() > bearable.max(LEAST)
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Gate {
    /// When the database was last heard.
    pub(crate) fn heard(&self) -> &Heard {
        &self.0.heard
    }

    /// Whether those who are known from memory may still come in.
    ///
    /// # Errors
    /// 503 when the database was silent for so long that too many revocations may be unheard of.
    pub(crate) fn trust_memory(&self) -> Result<()> {
        if self.heard().is_too_long(self.config().auth.stale_revocation) {
            let text =
                "The database does not answer, and has not for so long that nobody can tell who may still come in. Try again in a moment.";
            return Err(Failure::new(Code::Unavailable, text).retry_after(2).into());
        }
        Ok(())
    }
}
