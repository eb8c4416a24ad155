//! What one process did, told to the others: a table with a cursor. The CLI changes the database of
//! a running server, and several nodes share one; each hears within half a second. On PostgreSQL a
//! notification wakes who reads, so that it is sooner; it carries nothing, and one that is lost costs
//! no more than the pause.

use crate::{
    db::{bus as lines, notify},
    gate::Gate,
};
use sqlx::AnyConnection;
use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use wire::{KeyId, SessionId, Timestamp, UserId, workspaces::Slug};

/// How often the table is looked at.
const PAUSE: Duration = Duration::from_millis(250);
/// How long a line stays. A process that was away longer forgets all it kept.
const KEEP: i64 = 10 * 60 * 1000;
/// Lines read at once.
const BATCH: i64 = 500;

/// What others keep in memory and must let go of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// A user changed, or is gone.
    User(UserId),
    /// A session changed, or ended.
    Session(SessionId),
    /// A role changed.
    Roles,
    /// An API key changed, or was revoked.
    Key(KeyId),
    /// A workspace or one of its environments changed, or is gone.
    Workspace(Slug),
    /// An app changed, or is gone.
    App(Slug),
    /// A provider changed, was tried out, or is gone.
    Provider(Slug),
    /// A setting changed.
    Settings,
    /// Everything may have changed.
    Everything,
}

impl Signal {
    fn write(&self) -> (&'static str, String) {
        match self {
            Self::User(id) => ("user", id.to_string()),
            Self::Session(id) => ("session", id.to_string()),
            Self::Roles => ("roles", String::new()),
            Self::Key(id) => ("key", id.to_string()),
            Self::Workspace(slug) => ("workspace", slug.to_string()),
            Self::App(slug) => ("app", slug.to_string()),
            Self::Provider(id) => ("provider", id.to_string()),
            Self::Settings => ("settings", String::new()),
            Self::Everything => ("everything", String::new()),
        }
    }

    /// What can not be read is taken for the worst.
    fn read(kind: &str, subject: &str) -> Self {
        match kind {
            "user" => subject.parse().map_or(Self::Everything, Self::User),
            "session" => subject.parse().map_or(Self::Everything, Self::Session),
            "roles" => Self::Roles,
            "key" => subject.parse().map_or(Self::Everything, Self::Key),
            "workspace" => subject.parse().map_or(Self::Everything, Self::Workspace),
            "app" => subject.parse().map_or(Self::Everything, Self::App),
            "provider" => subject.parse().map_or(Self::Everything, Self::Provider),
            "settings" => Self::Settings,
            _ => Self::Everything,
        }
    }
}

/// The most lines that are remembered as heard.
const MOST_HEARD: usize = 10_000;

/// Lines that were heard where they were written, at once: heard again later they would end what was
/// opened since, by the new state.
#[derive(Default)]
pub(crate) struct HeardLines(Mutex<HashSet<i64>>);

impl HeardLines {
    fn lines(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers lines that are committed and were heard.
    pub(crate) fn note(&self, lines: Vec<i64>) {
        let mut heard = self.lines();
        if heard.len() >= MOST_HEARD {
            // To hear twice is safe.
            heard.clear();
        }
        heard.extend(lines);
    }

    fn take(&self, line: i64) -> bool {
        self.lines().remove(&line)
    }
}

/// Writes the signals of a node, as the last thing of a transaction; gives the numbers of the lines.
pub(crate) async fn publish(db: &mut AnyConnection, node: &str, signals: &[Signal], now: Timestamp) -> Result<Vec<i64>, sqlx::Error> {
    let mut numbers = Vec::new();
    for signal in signals {
        let (kind, subject) = signal.write();
        numbers.push(lines::insert(db, kind, subject, now).await?);
    }
    if !numbers.is_empty() {
        notify::send(db, node).await?;
    }
    Ok(numbers)
}

/// Removes the lines that everybody has read long ago.
pub(crate) async fn trim(gate: &Gate) -> Result<(), sqlx::Error> {
    lines::trim(gate.db().pool(), gate.now().plus(-KEEP)).await
}

/// Listens from the line after `seq` until the gate closes.
pub(crate) async fn listen(gate: Gate, mut seq: i64) {
    let mut heard_at = gate.now();
    let mut wakes = gate.db().wakes();
    while gate.background().pause_or(PAUSE, wakes.changed()).await {
        let begun = Instant::now();
        let heard = match lines::after(gate.db().pool(), seq, BATCH).await {
            Ok(heard) => {
                gate.db().times().read.observe(begun.elapsed());
                heard
            }
            Err(sqlx::Error::PoolClosed) => return,
            Err(error) => {
                tracing::warn!(%error, "the bus can not be read; trying again");
                continue;
            }
        };
        // Lines are kept for a while only: after a longer absence some may be missing.
        let is_gap = gate.now().0 - heard_at.0 > KEEP || heard.first().is_some_and(|(first, ..)| *first > seq + 1);
        heard_at = gate.now();
        gate.metrics().heard(heard.len() as u64, is_gap);
        if is_gap {
            gate.hear(&Signal::Everything).await;
        }
        for (at, kind, subject) in heard {
            seq = at;
            if gate.heard_lines().take(at) {
                continue;
            }
            gate.hear(&Signal::read(&kind, &subject)).await;
        }
        gate.heard().now();
    }
}
