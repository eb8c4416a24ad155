//! Where time comes from. Nothing else in the product reads the system's clock.

use std::sync::atomic::{AtomicI64, Ordering};
use wire::Timestamp;

/// What two looks at the clock may differ by the wrong way round, in milliseconds: more than that, and it
/// was set back.
pub(crate) const SKEW: i64 = 5_000;

/// Whether so many milliseconds have passed since then. Where the clock was set back meanwhile nobody
/// knows, and what waits has waited long enough.
pub(crate) const fn has_passed(since: Timestamp, now: Timestamp, millis: i64) -> bool {
    let age = now.0 - since.0;
    age >= millis || age < -SKEW
}

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Debug, Default)]
pub struct System;

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// A clock that stands still until it is moved; for tests.
#[derive(Debug)]
pub struct Manual(AtomicI64);

impl Manual {
    /// A clock that stands at `at`.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Moves the clock on by `millis`.
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for Manual {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}
