//! Why keys are refused: written down once a minute for each key, cause and address. Anybody can send
//! junk as fast as the line allows; the log must not grow as fast.

use super::live::LiveKey;
use crate::{audit::NewEvent, ctx::Ctx};
use serde_json::json;
use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};
use wire::{KeyId, Timestamp, audit::Action};

/// How long a refusal like one before is only counted, in milliseconds.
const WINDOW: i64 = 60_000;
/// The most that are written down in that time; beyond it all are only counted.
const MOST: usize = 1_000;

/// Why a key was refused; for the log alone, outside all look alike.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The key, where it is known which one was meant.
    pub(crate) key: Option<Arc<LiveKey>>,
    /// The cause, in a few words.
    pub(crate) cause: &'static str,
}

/// What was written down lately.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<Window>);

#[derive(Default)]
struct Window {
    began_at: Timestamp,
    noted: HashSet<(Option<KeyId>, &'static str, IpAddr)>,
    /// Those that were only counted, in this time or the one before.
    skipped: u64,
}

impl Refusals {
    /// Whether a refusal is to be written down; then with how many before it that were not.
    fn take(&self, key: Option<KeyId>, cause: &'static str, from: IpAddr, now: Timestamp) -> Option<u64> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !(0..WINDOW).contains(&(now.0 - window.began_at.0)) {
            window.began_at = now;
            window.noted.clear();
        }
        if window.noted.len() >= MOST || !window.noted.insert((key, cause, from)) {
            window.skipped += 1;
            return None;
        }
        Some(std::mem::take(&mut window.skipped))
    }
}

/// Writes a refusal down, or counts it. `nobody` is the request that is refused.
pub(crate) fn note(nobody: &Ctx, refusal: &Refusal) {
    let Refusal { key, cause } = refusal;
    let id = key.as_ref().map(|key| key.id);
    let Some(others) = nobody.gate().refusals().take(id, cause, nobody.address(), nobody.now()) else { return };
    let mut detail = json!({ "reason": cause });
    if others > 0 {
        detail["andOthers"] = json!(others);
    }
    let event = NewEvent::denied(Action::ApiKeyRefused).with(detail);
    nobody.note(match key {
        Some(key) => event.on("key", &key.id.to_string(), &key.name),
        None => event.on("key", "", "unknown"),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_written_once_a_minute_and_the_rest_is_counted() {
        let (refusals, here, there) = (Refusals::default(), IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let take = |cause, from, at| refusals.take(None, cause, from, Timestamp(at));
        assert_eq!(take("malformed", here, 100_000), Some(0));
        assert_eq!(take("malformed", here, 100_001), None);
        assert_eq!(take("malformed", here, 159_999), None);
        assert_eq!(take("expired", here, 159_999), Some(2));
        assert_eq!(take("malformed", there, 159_999), Some(0));
        assert_eq!(take("malformed", here, 160_000), Some(0));
    }

    #[test]
    fn no_more_than_so_many_are_written_in_a_minute() {
        let refusals = Refusals::default();
        let from = |n: usize| IpAddr::from(u128::try_from(n).unwrap().to_be_bytes());
        let written = (0..MOST * 3).filter(|n| refusals.take(None, "malformed", from(*n), Timestamp(100_000)).is_some()).count();
        assert_eq!(written, MOST);
        assert_eq!(refusals.take(None, "malformed", from(0), Timestamp(200_000)), Some(u64::try_from(MOST * 2).unwrap()));
    }
}
