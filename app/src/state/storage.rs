//! What the browser keeps: one entry with the access token, and preferences; and, from one page to the
//! next, what an address must not hold. Nothing else. Below a prefix the names have it at their end.

use serde::{Deserialize, Serialize};

/// The name of the token's entry.
pub const SESSION: &str = "doorward.session";
/// The name of the entry that is there while single keys are no shortcuts.
pub const KEYS_OFF: &str = "doorward.keys-off";
/// The name of the entry that says where the dashboard acts, other than in the default environment.
pub const SCOPE: &str = "doorward.scope";

/// An access token, and when it has to be renewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The token, to be sent as `Authorization: Bearer`.
    pub token: String,
    /// When it ends, in milliseconds by the browser's own clock.
    pub expires_at: i64,
    /// From when on it is renewed before it ends.
    pub renew_at: i64,
}

/// How long before its end a token is renewed, at the most.
const LEAD: i64 = 120_000;

impl Entry {
    /// The entry for a token that came at `now` and is good for `seconds`.
    #[must_use]
    pub fn new(token: String, now: i64, seconds: u64) -> Self {
        let life = i64::try_from(seconds).unwrap_or(i64::MAX / 2000).saturating_mul(1000);
        // A token that lives for less than eight minutes is renewed after three quarters.
        Self { token, expires_at: now.saturating_add(life), renew_at: now.saturating_add(life - LEAD.min(life / 4)) }
    }

    /// Whether it is time to renew it.
    #[must_use]
    pub const fn is_due(&self, now: i64) -> bool {
        now >= self.renew_at
    }

    /// Whether it has ended.
    #[must_use]
    pub const fn has_ended(&self, now: i64) -> bool {
        now >= self.expires_at
    }
}

/// The name of what is handed over to the page of signing out: where else one can sign out.
pub const LEAVE: &str = "doorward.leave";

pub use kept::{clear, hand_over, is_remembered, load, preference, save, set_preference, take};

#[cfg(feature = "hydrate")]
mod kept {
    use super::{Entry, SESSION};
    use crate::prefix::named;
    use gloo_storage::{LocalStorage, SessionStorage, Storage};

    /// The entry of this browser, or else of this tab.
    #[must_use]
    pub fn load() -> Option<Entry> {
        let name = named(SESSION);
        LocalStorage::get(&name).or_else(|_| SessionStorage::get(&name)).ok()
    }

    /// Whether the entry outlives the browser.
    #[must_use]
    pub fn is_remembered() -> bool {
        LocalStorage::raw().get_item(&named(SESSION)).is_ok_and(|entry| entry.is_some())
    }

    /// Keeps the entry for this browser, or only for this tab; the other place is emptied.
    pub fn save(entry: &Entry, is_remembered: bool) {
        let name = named(SESSION);
        // A browser that refuses to store still has the cookie: the next load gets another token.
        if is_remembered {
            SessionStorage::delete(&name);
            let _ = LocalStorage::set(&name, entry);
        } else {
            LocalStorage::delete(&name);
            let _ = SessionStorage::set(&name, entry);
        }
    }

    /// Forgets the entry.
    pub fn clear() {
        let name = named(SESSION);
        LocalStorage::delete(&name);
        SessionStorage::delete(&name);
    }

    /// Keeps something for the next page of this tab.
    pub fn hand_over(name: &str, value: &str) {
        let _ = SessionStorage::raw().set_item(&named(name), value);
    }

    /// Takes what the page before has handed over; it is gone then.
    #[must_use]
    pub fn take(name: &str) -> Option<String> {
        let name = named(name);
        let value = SessionStorage::raw().get_item(&name).ok().flatten();
        SessionStorage::delete(&name);
        value
    }

    /// A preference of this browser.
    #[must_use]
    pub fn preference(name: &str) -> Option<String> {
        LocalStorage::raw().get_item(&named(name)).ok().flatten()
    }

    /// Keeps a preference, or forgets it.
    pub fn set_preference(name: &str, value: Option<&str>) {
        let name = named(name);
        let _ = match value {
            Some(value) => LocalStorage::raw().set_item(&name, value),
            None => LocalStorage::raw().remove_item(&name),
        };
    }
}

/// The server keeps nothing.
#[cfg(not(feature = "hydrate"))]
mod kept {
    use super::Entry;

    #[must_use]
    pub fn load() -> Option<Entry> {
        None
    }
    #[must_use]
    pub fn is_remembered() -> bool {
        false
    }
    pub fn save(_: &Entry, _: bool) {}
    pub fn clear() {}
    pub fn hand_over(_: &str, _: &str) {}
    #[must_use]
    pub fn take(_: &str) -> Option<String> {
        None
    }
    #[must_use]
    pub fn preference(_: &str) -> Option<String> {
        None
    }
    pub fn set_preference(_: &str, _: Option<&str>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_renewed_two_minutes_before_its_end() {
        let entry = Entry::new("t".into(), 1_000_000, 3600);
        assert!(!entry.is_due(1_000_000 + 3_479_999));
        assert!(entry.is_due(1_000_000 + 3_480_000));
        assert!(!entry.has_ended(1_000_000 + 3_599_999));
        assert!(entry.has_ended(1_000_000 + 3_600_000));
    }

    #[test]
    fn a_short_life_is_renewed_after_three_quarters_not_at_once() {
        let entry = Entry::new("t".into(), 0, 60);
        assert!(!entry.is_due(44_999));
        assert!(entry.is_due(45_000));
    }

    #[test]
    fn an_absurd_life_does_not_overflow() {
        assert!(!Entry::new("t".into(), i64::MAX / 2, u64::MAX).has_ended(0));
    }
}
