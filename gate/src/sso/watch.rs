//! Looks at providers beside requests, so that a button says what does not work before somebody presses
//! it.

use super::{discovery, live};
use crate::gate::Gate;
use std::time::Duration;

/// How often it is looked who is due.
const TICK: Duration = Duration::from_secs(5);

/// Runs until the gate closes.
pub(crate) async fn run(gate: Gate) {
    loop {
        if gate.providers().is_stale() {
            live::reload(&gate).await;
        }
        begin(&gate);
        if !gate.background().pause(TICK).await {
            return;
        }
    }
}

/// Begins to look at those who are due; one that is slow keeps no other waiting.
fn begin(gate: &Gate) {
    let now = gate.now();
    for live in gate.providers().all().iter().filter(|live| live.is_due(now)) {
        let (gate, live) = (gate.clone(), live.clone());
        gate.clone().background().start(async move {
            // Another look may have begun meanwhile.
            if live.is_due(gate.now()) {
                gate.background().until_end(discovery::check(&gate, &live)).await;
            }
        });
    }
}

/// Looks at those who are due, and waits for it.
#[cfg(feature = "testing")]
pub(crate) async fn round(gate: &Gate) {
    let now = gate.now();
    for live in gate.providers().all().iter().filter(|live| live.is_due(now)) {
        discovery::check(gate, live).await;
    }
}
