//! What is counted of live channels on this node, for a watchdog.

use super::{hub::Hub, writer::Publisher};
use std::sync::atomic::{AtomicU64, Ordering};

/// What becomes of messages, since the start.
#[derive(Default)]
pub(crate) struct Tally {
    /// Messages that were put into a subscriber's queue.
    pub(super) delivered: AtomicU64,
    /// Subscribers that were dropped because they did not read.
    pub(super) slow: AtomicU64,
    /// Subscribers that were dropped because messages were lost on their way to this node.
    pub(super) missed: AtomicU64,
}

/// The numbers as they are now.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Numbers {
    pub(crate) subscribers: usize,
    pub(crate) subscriptions: usize,
    pub(crate) published: u64,
    pub(crate) delivered: u64,
    pub(crate) slow: u64,
    pub(crate) missed: u64,
    /// Messages of Doorward's own that there was no room for.
    pub(crate) skipped: u64,
}

/// Counts up.
pub(crate) fn numbers(hub: &Hub, publisher: &Publisher) -> Numbers {
    let (subscribers, subscriptions) = hub.size();
    let tally = hub.tally();
    let load = |number: &AtomicU64| number.load(Ordering::Relaxed);
    let (published, skipped) = publisher.counts();
    Numbers {
        subscribers,
        subscriptions,
        published,
        delivered: load(&tally.delivered),
        slow: load(&tally.slow),
        missed: load(&tally.missed),
        skipped,
    }
}
