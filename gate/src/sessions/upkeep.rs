//! What runs beside requests: writing down who was seen, and removing what is long over.

use super::store;
use crate::{Result, apps, audit, bus::Trimmer, db::idempotency, gate::Gate, links, proxy, secret, sso};
use std::time::Duration;
use wire::Timestamp;

const SEEN_EVERY: Duration = Duration::from_secs(30);
/// Rounds of the above between two cleanings.
const CLEAN_EVERY: u32 = 20;
/// How long a session that is over stays, in milliseconds: a week.
const KEEP: i64 = 7 * 24 * 60 * 60 * 1000;
/// How many sessions are removed at once.
const BATCH: i64 = 500;

/// Runs until the gate closes.
pub(crate) async fn run(gate: Gate) {
    let mut since = gate.now();
    let (mut round, mut lines) = (0_u32, Trimmer::default());
    while gate.background().pause(SEEN_EVERY).await {
        let now = gate.now();
        write_seen(&gate, since).await;
        since = now;
        if round.is_multiple_of(CLEAN_EVERY)
            && let Err(error) = clean(&gate, &mut lines).await
        {
            tracing::warn!(%error, "what is over could not be removed; trying again later");
        }
        round = round.wrapping_add(1);
    }
}

/// Writes down the sessions that were used since.
pub(crate) async fn write_seen(gate: &Gate, since: Timestamp) {
    let seen = gate.presence().seen_since(since);
    if seen.is_empty() {
        return;
    }
    let written = async {
        let mut write = gate.db().write().await?;
        for (id, at) in seen {
            store::set_seen(write.db(), id, at).await?;
        }
        write.commit().await
    };
    if let Err(error) = written.await {
        tracing::warn!(%error, "who was seen could not be written down");
    }
}

async fn clean(gate: &Gate, lines: &mut Trimmer) -> Result<()> {
    let now = gate.now();
    // The secret before stops counting when its time is over.
    secret::rotate::reload(gate).await;
    loop {
        let mut write = gate.db().write().await?;
        let removed = store::remove_old(write.db(), now.plus(-KEEP), BATCH).await?;
        write.commit().await?;
        if removed < u64::try_from(BATCH).unwrap_or(u64::MAX) {
            break;
        }
    }
    let mut write = gate.db().write().await?;
    store::remove_old_tickets(write.db(), now).await?;
    proxy::store::remove_old(write.db(), now).await?;
    links::store::remove_old(write.db(), now.plus(-KEEP)).await?;
    sso::store::remove_old(write.db(), now, now.plus(-sso::KEPT)).await?;
    idempotency::remove_old(write.db(), now).await?;
    write.commit().await?;
    lines.trim(gate).await?;
    apps::traffic::trim(gate).await?;
    audit::retention::trim(gate).await
}
