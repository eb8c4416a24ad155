//! The database: one SQL text, two engines. Nothing outside this room and the features' `store`
//! modules names sqlx.

pub(crate) mod bus;
pub mod cursor;
pub(crate) mod dump;
pub(crate) mod held;
pub(crate) mod idempotency;
pub(crate) mod notify;
mod open;
#[cfg(feature = "testing")]
pub(crate) mod rows;
#[cfg(feature = "testing")]
mod scratch;
pub(crate) mod sql;
pub mod unique;
mod writing;

#[cfg(feature = "testing")]
pub(crate) use scratch::{all_text, meddle};

pub(crate) use open::newest_schema;
pub use open::{OpenError, Store};
pub(crate) use writing::Moved;

use crate::{
    metrics::StoreTimes,
    random::{Os, code},
};
use secrecy::SecretString;
use sqlx::{Any, AnyConnection, AnyPool, Transaction};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use writing::{OpenFile, Writing};

/// How long closing waits for queries that have begun.
const CLOSE: Duration = Duration::from_secs(5);

/// Which engine is behind the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file, one node.
    Sqlite,
    /// A server, for several nodes.
    Postgres,
}

/// A handle to the database.
#[derive(Clone)]
pub struct Db {
    pool: AnyPool,
    engine: Engine,
    /// SQLite takes one writer at a time; waiting here is fair, waiting there is not.
    writer: Option<Arc<Semaphore>>,
    times: Arc<StoreTimes>,
    /// The file, where the database is one.
    file: Option<Arc<OpenFile>>,
    writing: Arc<Writing>,
    /// The server's address, for a connection that only listens.
    server: Option<SecretString>,
    /// What this process is called among those on the database, at the moment.
    node: Arc<RwLock<Arc<str>>>,
    /// Rises when there may be something new for those who read on.
    wakes: watch::Sender<u64>,
}

/// A write transaction; dropped without a commit it leaves no trace.
pub struct Write {
    tx: Transaction<'static, Any>,
    times: Arc<StoreTimes>,
    outcome: Outcome,
    _turn: Option<OwnedSemaphorePermit>,
}

/// What came of a write; that it is not known is reason for doubt.
struct Outcome {
    writing: Arc<Writing>,
    is_good: bool,
}

impl Drop for Outcome {
    fn drop(&mut self) {
        if self.is_good { self.writing.went_well() } else { self.writing.doubt() }
    }
}

/// A name for a process that no other has: letters and digits.
fn name() -> Arc<str> {
    code(&Os, 16).into()
}

impl Db {
    /// Which engine it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The pool, for reads.
    #[must_use]
    pub fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// The address of the server, where the engine is one.
    pub(crate) fn server(&self) -> Option<&SecretString> {
        self.server.as_ref()
    }

    /// What this process is called among those on the database, at the moment.
    pub(crate) fn node(&self) -> Arc<str> {
        self.node.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Calls this process otherwise from now on: what stands under the name before is another's.
    pub(crate) fn take_another_name(&self) {
        *self.node.write().unwrap_or_else(PoisonError::into_inner) = name();
    }

    /// Tells that there may be something new for those who read on.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "nobody listens where there is no server"))]
    pub(crate) fn wake(&self) {
        self.wakes.send_modify(|wakes| *wakes += 1);
    }

    /// What a reader waits on besides its pause; nothing that was told since is missed.
    pub(crate) fn wakes(&self) -> watch::Receiver<u64> {
        self.wakes.subscribe()
    }

    /// How long it takes.
    pub(crate) fn times(&self) -> &StoreTimes {
        &self.times
    }

    /// Begins a write transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn write(&self) -> Result<Write, sqlx::Error> {
        self.check_file()?;
        let begun = Instant::now();
        let outcome = Outcome { writing: self.writing.clone(), is_good: false };
        let turn = match &self.writer {
            Some(writer) => Some(writer.clone().acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?),
            None => None,
        };
        // The one line of dialect: SQLite would otherwise take the write lock only at the first write,
        // and then refuse where it should wait.
        let tx = match self.engine {
            Engine::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.pool.begin().await?,
        };
        self.times.begin.observe(begun.elapsed());
        Ok(Write { tx, times: self.times.clone(), outcome, _turn: turn })
    }

    /// Closes the pool when the last query has ended, or after a few seconds all the same: what was
    /// acknowledged is written, and the process is to end.
    pub async fn close(&self) {
        if tokio::time::timeout(CLOSE, self.pool.close()).await.is_err() {
            tracing::warn!("a query did not end in time; the database is left as after a crash, which loses nothing");
        }
    }
}

impl Write {
    /// The connection, for a store's functions.
    pub fn db(&mut self) -> &mut AnyConnection {
        &mut self.tx
    }

    /// Makes it so.
    ///
    /// # Errors
    /// When the database does not answer; then nothing was changed.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        let begun = Instant::now();
        self.tx.commit().await?;
        self.outcome.is_good = true;
        self.times.commit.observe(begun.elapsed());
        Ok(())
    }
}
