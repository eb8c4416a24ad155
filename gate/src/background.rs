//! What runs beside requests, and how it comes to its end: between two rounds, never in the middle
//! of a query, for a connection that is torn out of one can keep the pool from closing.

use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long a round may go on after everything was told to end.
const GRACE: Duration = Duration::from_secs(5);

/// The tasks of one gate.
#[derive(Default)]
pub(crate) struct Background {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Background {
    /// Starts a task.
    pub(crate) fn start(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Waits between two rounds; `false` when there is to be no other.
    pub(crate) async fn pause(&self, pause: Duration) -> bool {
        self.stop.run_until_cancelled(sleep(pause)).await.is_some()
    }

    /// Does this, unless everything was told to end: for what waits for others, and for no query.
    pub(crate) async fn until_end(&self, work: impl Future<Output = ()>) {
        self.stop.run_until_cancelled(work).await;
    }

    /// Lets the rounds end that have begun.
    pub(crate) async fn end(&self) {
        self.stop.cancel();
        self.tasks.close();
        if timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!("what runs beside requests did not end in time");
        }
    }
}
