//! What one process did, told to the others: a table with a cursor. The CLI changes the database of
//! a running server, and several nodes share one; each hears within half a second. On PostgreSQL a
//! notification wakes who reads, so that it is sooner; it carries nothing, and one that is lost costs
//! no more than the pause.

use crate::{
    background::Rounds,
    db::{
        bus::{self as lines, Reader},
        notify,
    },
    gate::Gate,
};
use sqlx::AnyConnection;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use wire::{KeyId, SessionId, Timestamp, UserId, workspaces::Slug};

/// How often the table is looked at.
const PAUSE: Duration = Duration::from_millis(250);
/// How long a line stays at the least. A process that was away longer forgets all it kept.
const KEEP: Duration = Duration::from_secs(10 * 60);
/// Lines read at once.
const BATCH: i64 = 500;
/// Between two times that all is read again because some of it could not be.
const AGAIN: Duration = Duration::from_secs(5);

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

/// Writes the signals of a node, as the last thing of a transaction.
pub(crate) async fn publish(db: &mut AnyConnection, node: &str, signals: &[Signal], now: Timestamp) -> Result<(), sqlx::Error> {
    for signal in signals {
        let (kind, subject) = signal.write();
        lines::insert(db, node, kind, subject, now).await?;
    }
    if signals.is_empty() { Ok(()) } else { notify::send(db, node).await }
}

/// Signals whose lines are about to be committed, and which are heard here right after. By the table they are not
/// heard again: that would end what was opened since, by the new state. Where it comes to nothing, because the
/// commit's answer was lost or whoever waited for it left, nobody knows whether they are in the table, or will be:
/// then they are heard now, and the node takes another name, so that they are heard as another's when they come.
pub(crate) struct Unheard {
    gate: Gate,
    signals: Vec<Signal>,
}

impl Unheard {
    /// Before the commit.
    pub(crate) fn before(gate: Gate, signals: Vec<Signal>) -> Self {
        Self { gate, signals }
    }

    /// After the commit: has them heard.
    pub(crate) async fn hear(mut self) {
        for signal in &self.signals {
            self.gate.hear(signal).await;
        }
        self.signals.clear();
    }
}

impl Drop for Unheard {
    fn drop(&mut self) {
        let signals = std::mem::take(&mut self.signals);
        // Without a runtime everything is over.
        if signals.is_empty() || Handle::try_current().is_err() {
            return;
        }
        self.gate.db().take_another_name();
        let gate = self.gate.clone();
        self.gate.background().start(async move {
            for signal in &signals {
                gate.hear(signal).await;
            }
        });
    }
}

/// Removes the lines that everybody has read long ago. How long ago is told by their order and by the steady
/// clock of this process: one whose clock is ahead would take away what others have not read. The last line
/// stays in any case, so that whoever missed one sees a gap.
#[derive(Default)]
pub(crate) struct Trimmer {
    /// The number of the last line at some time, and that time.
    mark: Option<(i64, Instant)>,
}

impl Trimmer {
    /// Removes what was there the last time, if that is long enough ago.
    pub(crate) async fn trim(&mut self, gate: &Gate) -> Result<(), sqlx::Error> {
        self.trim_after(gate, KEEP).await
    }

    /// The same, for what was there so long ago.
    pub(crate) async fn trim_after(&mut self, gate: &Gate, keep: Duration) -> Result<(), sqlx::Error> {
        if self.mark.is_some_and(|(_, at)| at.elapsed() < keep) {
            return Ok(());
        }
        let pool = gate.db().pool();
        if let Some((seq, _)) = self.mark {
            lines::remove_before(pool, seq).await?;
        }
        self.mark = Some((lines::last(pool).await?, Instant::now()));
        Ok(())
    }
}

/// Listens from the line after `seq` until the gate closes.
pub(crate) async fn listen(gate: Gate, mut seq: i64) {
    let mut doubted: Option<Instant> = None;
    let mut wakes = gate.db().wakes();
    let (mut rounds, mut reader) = (Rounds::default(), Reader::default());
    while gate.background().next(&mut rounds, PAUSE, wakes.changed()).await {
        let begun = Instant::now();
        let lines = match reader.after(gate.db(), seq, BATCH).await {
            Ok(lines) => {
                gate.db().times().read.observe(begun.elapsed());
                lines
            }
            Err(sqlx::Error::PoolClosed) => return,
            Err(error) => {
                tracing::warn!(%error, "the bus can not be read; trying again");
                continue;
            }
        };
        // Lines are kept for a while only: after a longer absence some are missing.
        let is_gap = lines.first().is_some_and(|line| line.seq > seq + 1);
        let is_due = doubted.is_none_or(|at| at.elapsed() > AGAIN);
        let is_doubtful = is_due && gate.heard().take_doubt();
        if is_doubtful {
            doubted = Some(Instant::now());
        }
        gate.metrics().heard(lines.len() as u64, is_gap);
        if is_gap || is_doubtful {
            gate.hear(&Signal::Everything).await;
        }
        let own = gate.db().node();
        for line in lines {
            seq = line.seq;
            if line.node != *own {
                gate.hear(&Signal::read(&line.kind, &line.subject)).await;
            }
        }
        gate.heard().now();
    }
}
