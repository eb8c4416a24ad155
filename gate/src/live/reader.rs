//! Messages as they are written down, by this node and by others: read in their order, handed to those
//! who watch, and removed when they can no longer be resumed.

use super::{hub::Hub, packet::Packet, store, writer::Publisher};
use crate::{background::Rounds, gate::Gate};
use std::time::Duration;
use tokio::time::sleep;
use wire::{Timestamp, live::HISTORY};

/// How often the table is looked at when nothing wakes.
const PAUSE: Duration = Duration::from_millis(250);
/// Messages read at once: a part of what can wait for a subscriber.
const BATCH: i64 = 64;
/// Messages removed at once.
const TRIMMED: i64 = 500;
/// How long readers wait for most of those who watch, and how often: a burst is for everybody, not a
/// reason to drop them; one that is slow by itself does not make the others wait.
const BREATH: Duration = Duration::from_millis(5);
const BREATHS: usize = 10;
/// How often what is too old is removed.
const TRIM_EVERY: Duration = Duration::from_secs(10);
/// The most messages that are kept, of all channels.
const MOST_KEPT: i64 = 100_000;
/// The most bytes of them.
const MOST_BYTES: i64 = 64 * 1024 * 1024;

/// The place after which a hub begins.
pub(crate) async fn hub(gate: &crate::db::Db) -> Result<Hub, sqlx::Error> {
    store::last(gate.pool()).await.map(Hub::after)
}

/// Reads until the gate closes.
pub(crate) async fn run(gate: Gate) {
    let (mut wakes, mut written) = (gate.db().wakes(), gate.publisher().written());
    let mut rounds = Rounds::default();
    while gate.background().next(&mut rounds, PAUSE, Publisher::news(&mut wakes, &mut written)).await {
        loop {
            match round(&gate).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(sqlx::Error::PoolClosed) => return,
                Err(error) => {
                    tracing::warn!(%error, "messages of live channels can not be read; trying again");
                    break;
                }
            }
        }
    }
}

/// Reads what is new; whether there may be more.
async fn round(gate: &Gate) -> Result<bool, sqlx::Error> {
    let (hub, pool) = (gate.hub(), gate.db().pool());
    if hub.watchers() == 0 {
        hub.skip_to(store::last(pool).await?);
        return Ok(false);
    }
    let cursor = hub.cursor();
    let rows = store::after(pool, cursor, BATCH).await?;
    let Some(first) = rows.first() else { return Ok(false) };
    if first.id > cursor + 1 {
        // This node was away for longer than messages are kept.
        hub.drop_all();
    }
    let packets: Vec<_> = rows.iter().map(|kept| Packet::new(kept, hub.alive())).collect();
    hub.dispatch(&packets);
    for _ in 0..BREATHS {
        if !hub.is_crowded() {
            break;
        }
        sleep(BREATH).await;
    }
    Ok(i64::try_from(rows.len()).is_ok_and(|count| count == BATCH))
}

/// Removes, until the gate closes, what is too old or too much.
pub(crate) async fn trim_on(gate: Gate) {
    let mut trimmer = Trimmer::default();
    while gate.background().pause(TRIM_EVERY).await {
        if let Err(error) = trimmer.trim(&gate).await {
            tracing::warn!(%error, "old messages of live channels could not be removed; trying again later");
        }
    }
}

/// Removes messages. Those that were not there the last time are too new to be too old, whatever the clock says: it
/// may be ahead of that of who wrote them, and of that of others who have not read them. The last one stays in any
/// case, so that who missed some sees a gap.
#[derive(Default)]
pub(crate) struct Trimmer {
    /// The last message of the time before.
    seen: i64,
}

impl Trimmer {
    /// Removes from the beginning what is too old or too much.
    pub(crate) async fn trim(&mut self, gate: &Gate) -> Result<(), sqlx::Error> {
        let pool = gate.db().pool();
        let before = gate.now().plus(-HISTORY);
        loop {
            let (last, bytes) = (store::last(pool).await?, store::total(pool).await?);
            let first = store::first(pool, TRIMMED).await?;
            let seen = self.seen;
            let is_over = |(id, at, total): &&(i64, Timestamp, i64)| {
                let is_old = *at < before && *id <= seen;
                *id < last && (is_old || *id <= last - MOST_KEPT || *total <= bytes - MOST_BYTES)
            };
            let over = first.iter().take_while(is_over).count();
            if let Some((id, ..)) = over.checked_sub(1).and_then(|at| first.get(at)) {
                let mut write = gate.db().write().await?;
                store::remove_upto(write.db(), *id).await?;
                write.commit().await?;
            }
            if over == 0 || over < first.len() {
                self.seen = last;
                return Ok(());
            }
        }
    }
}
