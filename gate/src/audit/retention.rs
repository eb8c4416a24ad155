//! What is older than is kept goes, in small batches, and the beginning of the chain moves along.

use super::{
    chain::TAIL,
    store::chain::{self as kept},
};
use crate::{Result, change::Turn, gate::Gate};

/// So many events are removed in one transaction.
const BATCH: i64 = 1_000;

/// Removes what is older than is kept, in the order of the chain.
pub(crate) async fn trim(gate: &Gate) -> Result<()> {
    let kept_for = i64::try_from(gate.config().audit.retention.as_millis()).unwrap_or(i64::MAX);
    let before = gate.now().plus(-kept_for);
    let mut total = 0;
    loop {
        let mut write = gate.db().write().await?;
        Turn::Audit.take(write.db()).await?;
        let oldest = kept::oldest(write.db(), BATCH).await?;
        let Some((seq, hash, _)) = oldest.into_iter().take_while(|(_, _, at)| *at < before).last() else { break };
        let Some(tail) = kept::end(write.db(), TAIL).await? else { break };
        // With another secret the chain has to begin anew first.
        if *tail.kid != *gate.keys().kid() {
            break;
        }
        total += kept::remove_up_to(write.db(), seq).await?;
        if seq > tail.seq {
            kept::set_end(write.db(), TAIL, &tail.moved(gate.keys(), TAIL, seq, hash)).await?;
        }
        write.commit().await?;
        if !gate.background().pause(std::time::Duration::ZERO).await {
            break;
        }
    }
    if total > 0 {
        tracing::info!(total, "events older than is kept were removed");
    }
    Ok(())
}
