//! The keys by which others sign: fetched from where an issuer publishes them, kept, fetched again
//! beside requests, and what is verified by them (RFC 7515, RFC 7517, RFC 7519, RFC 8725).
//!
//! Nobody waits for an issuer that is away while its keys are at hand: they serve for an hour after
//! they should have been fetched again.

mod algorithm;
mod key;
mod source;
#[cfg(test)]
mod tests;
mod verify;

pub use algorithm::Algorithm;
pub(crate) use source::{Place, Source};
pub(crate) use verify::{Claims, Expect, Refusal, SKEW, check_time, verify};

use crate::gate::Gate;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The most sources that are kept.
const MOST: usize = 256;
/// A source that nobody asked for so long is let go of, in milliseconds.
const FORGOTTEN: i64 = 24 * 60 * 60 * 1000;
/// How often it is looked which sources are due.
const PAUSE: Duration = Duration::from_secs(5);

/// The keys of all issuers.
#[derive(Default)]
pub(crate) struct Jwks(Mutex<HashMap<Place, Arc<Source>>>);

impl Jwks {
    /// The keys that are published there; they are fetched when somebody needs them first.
    pub(crate) fn source(&self, gate: &Gate, place: &Place) -> Arc<Source> {
        let now = gate.now();
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(source) = sources.get(place) {
            source.touch(now);
            return source.clone();
        }
        if sources.len() >= MOST {
            let oldest = sources.iter().min_by_key(|(_, source)| source.used_at()).map(|(place, _)| place.clone());
            oldest.and_then(|place| sources.remove(&place));
        }
        let source = Arc::new(Source::new(place.clone(), now));
        sources.insert(place.clone(), source.clone());
        source
    }

    /// Lets go of what nobody asks for, and names what is to be fetched now.
    fn due(&self, gate: &Gate) -> Vec<Arc<Source>> {
        let now = gate.now();
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sources.retain(|_, source| now.0 - source.used_at().0 < FORGOTTEN);
        sources.values().filter(|source| source.is_due(now)).cloned().collect()
    }
}

/// Fetches what is due, until the gate closes.
pub(crate) async fn run(gate: Gate) {
    while gate.background().pause(PAUSE).await {
        round(&gate);
    }
}

/// Begins to fetch what is due; one that answers slowly keeps no other waiting.
pub(crate) fn round(gate: &Gate) {
    for source in gate.jwks().due(gate) {
        let of = gate.clone();
        gate.background().start(async move { source.refresh(&of).await });
    }
}
