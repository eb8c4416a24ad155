//! The chain of hashes: each event's hash is made over the event and the hash before, with a key that
//! the database does not hold, so that a line that was altered, removed or put in shows. Events are
//! chained soon after they were written, by one process at a time, so that several nodes make one chain.

use super::{
    NewEvent,
    store::{
        self,
        chain::{self as kept, Kept},
    },
};
use crate::{
    Error, Result,
    change::Turn,
    gate::Gate,
    hash::hex,
    secret::{Keys, Purpose},
};
use serde_json::json;
use std::time::Duration;
use wire::audit::Action;

/// Between two looks for events that wait.
const EVERY: Duration = Duration::from_secs(1);
/// So many are chained in one transaction.
const BATCH: i64 = 500;
/// So many batches are chained before closing; what is left is chained by the next start.
const AT_CLOSE: u32 = 20;

/// The last event that was chained.
pub(super) const HEAD: &str = "head";
/// The last event that was removed because of its age: the first one left follows it.
pub(super) const TAIL: &str = "tail";
/// The last event of a chain that was made with another secret.
pub(super) const RESTART: &str = "restart";

/// The hash of an event in its place.
pub(super) fn link(keys: &Keys, before: &str, seq: i64, line: &str) -> String {
    hex(&keys.mac(Purpose::AuditChain, format!("{before}\n{seq}\n{line}").as_bytes()))
}

impl Kept {
    /// An end at this place.
    fn at(keys: &Keys, name: &str, seq: i64, hash: String) -> Self {
        let mac = hex(&keys.mac(Purpose::AuditChain, format!("end {name}\n{seq}\n{hash}").as_bytes()));
        Self { seq, hash, kid: keys.kid().to_string(), mac }
    }

    /// Whether the end is where it was put by somebody who has the secret.
    pub(super) fn is_sound(&self, keys: &Keys, name: &str) -> bool {
        *self == Self::at(keys, name, self.seq, self.hash.clone())
    }

    /// The end at another place. One that somebody else has moved stays unsound.
    pub(super) fn moved(&self, keys: &Keys, name: &str, seq: i64, hash: String) -> Self {
        let moved = Self::at(keys, name, seq, hash);
        if self.is_sound(keys, name) { moved } else { Self { mac: String::new(), ..moved } }
    }
}

/// Chains what waits, once a second, until the gate closes.
pub(crate) async fn run(gate: Gate) {
    while gate.background().pause(EVERY).await {
        if let Err(error) = catch_up(&gate, u32::MAX).await {
            tracing::warn!(%error, "events could not be chained; trying again");
        }
    }
}

/// Chains what waits before the gate closes.
pub(crate) async fn finish(gate: &Gate) {
    if let Err(error) = catch_up(gate, AT_CLOSE).await {
        tracing::warn!(%error, "the last events could not be chained; the next start does it");
    }
}

/// Chains what waits, in at most so many batches.
async fn catch_up(gate: &Gate, batches: u32) -> Result<()> {
    if !kept::is_waiting(gate.db().pool()).await? {
        return Ok(());
    }
    for _ in 0..batches {
        let is_last = append(gate).await? < BATCH;
        // Others want to write as well, and the gate may want to close.
        if is_last || (batches == u32::MAX && !gate.background().pause(Duration::ZERO).await) {
            break;
        }
    }
    Ok(())
}

/// Chains a batch; gives how many there were.
async fn append(gate: &Gate) -> Result<i64> {
    let keys = gate.keys();
    let mut write = gate.db().write().await?;
    Turn::Audit.take(write.db()).await?;
    let mut head = kept::end(write.db(), HEAD).await?.ok_or_else(|| Error::Fault("the end of the audit log's chain is gone".into()))?;
    if *head.kid != *keys.kid() {
        head = restart(gate, &mut write, head).await?;
    }
    let waiting = kept::waiting(write.db(), BATCH).await?;
    let count = waiting.len();
    let (mut seq, mut hash) = (head.seq, head.hash.clone());
    for (id, line) in waiting {
        seq += 1;
        hash = link(keys, &hash, seq, &line);
        kept::set_place(write.db(), id, seq, hash.clone()).await?;
    }
    kept::set_end(write.db(), HEAD, &head.moved(keys, HEAD, seq, hash)).await?;
    write.commit().await?;
    Ok(i64::try_from(count).unwrap_or(BATCH))
}

/// Begins a chain with this secret after all that was chained with another.
async fn restart(gate: &Gate, write: &mut crate::db::Write, old: Kept) -> Result<Kept> {
    let end = |name| Kept::at(gate.keys(), name, old.seq, old.hash.clone());
    kept::set_end(write.db(), TAIL, &end(TAIL)).await?;
    if old.seq > 0 {
        kept::set_end(write.db(), RESTART, &end(RESTART)).await?;
        let event = NewEvent::new(Action::AuditRestart).with(json!({ "lastOfOldChain": old.seq })).complete(&gate.system("audit log"));
        store::insert(write.db(), &event).await?;
        tracing::warn!(last = old.seq, "the signing secret is another: the audit log's chain begins anew");
    }
    Ok(end(HEAD))
}
