//! When and how often keys are used: counted in memory, written down once a minute and at the end.

use super::store;
use crate::{gate::Gate, live::own};
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use wire::{KeyId, Timestamp};

const EVERY: Duration = Duration::from_secs(60);

/// The uses of a key that are not written down yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) count: u32,
    pub(crate) last_at: Timestamp,
    pub(crate) last_from: IpAddr,
}

impl Use {
    fn and(self, other: Self) -> Self {
        let latest = if other.last_at >= self.last_at { other } else { self };
        Self { count: self.count.saturating_add(other.count), ..latest }
    }
}

/// The uses of all keys that are not written down yet. They are in the order of the ids, so that two
/// nodes that write at once do not wait for each other in a circle.
#[derive(Default)]
pub(crate) struct Uses(Mutex<BTreeMap<KeyId, Use>>);

impl Uses {
    /// Counts a request.
    pub(crate) fn count(&self, key: KeyId, from: IpAddr, now: Timestamp) {
        self.add(key, Use { count: 1, last_at: now, last_from: from });
    }

    fn add(&self, key: KeyId, more: Use) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uses.entry(key).and_modify(|kept| *kept = kept.and(more)).or_insert(more);
    }

    fn take(&self) -> BTreeMap<KeyId, Use> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Runs until the gate closes.
pub(crate) async fn run(gate: Gate) {
    while gate.background().pause(EVERY).await {
        write(&gate).await;
    }
}

/// Writes down what was counted since the last time; what can not be written is counted on.
pub(crate) async fn write(gate: &Gate) {
    let uses = gate.uses().take();
    if uses.is_empty() {
        return;
    }
    let written = async {
        let mut write = gate.db().write().await?;
        for (key, used) in &uses {
            store::add_use(write.db(), *key, used).await?;
        }
        write.commit().await
    };
    let written = written.await;
    if written.is_ok() {
        own::keys_used(gate, &uses);
    }
    if let Err(error) = written {
        tracing::warn!(%error, keys = uses.len(), "the use of keys could not be written down; trying again later");
        uses.into_iter().for_each(|(key, used)| gate.uses().add(key, used));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_add_up_and_the_last_one_stays() {
        let uses = Uses::default();
        let (key, here, there) = (KeyId(uuid::Uuid::nil()), IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        uses.count(key, here, Timestamp(1));
        uses.count(key, there, Timestamp(3));
        uses.count(key, here, Timestamp(2));
        let taken = uses.take();
        assert_eq!(taken[&key], Use { count: 3, last_at: Timestamp(3), last_from: there });
        assert!(uses.take().is_empty());
        uses.count(key, here, Timestamp(4));
        uses.add(key, taken[&key]);
        assert_eq!(uses.take()[&key], Use { count: 4, last_at: Timestamp(4), last_from: here }, "what failed is counted on");
    }
}
