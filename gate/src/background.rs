//! What runs beside requests, and how it comes to its end: between two rounds, never in the middle
//! of a query, for a connection that is torn out of one can keep the pool from closing.

use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long a round may go on after everything was told to end.
const GRACE: Duration = Duration::from_secs(5);

/// From the beginning of a round that something woke to the next one: two hundred a second are enough to be
/// quick, and no burden.
const LEAST: Duration = Duration::from_millis(5);

/// When the last round of a task began.
#[derive(Debug, Default)]
pub(crate) struct Rounds(Option<Instant>);

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

    /// Waits between two rounds, less long when something wakes; `false` when there is to be no other. What
    /// wakes all the time makes for no more rounds than [`LEAST`] lets be.
    pub(crate) async fn next<T>(&self, rounds: &mut Rounds, pause: Duration, wake: impl Future<Output = T>) -> bool {
        let rest = rounds.0.map_or(Duration::ZERO, |begun| LEAST.saturating_sub(begun.elapsed()));
        let waiting = async {
            sleep(rest).await;
            timeout(pause, wake).await
        };
        let is_going_on = self.unless_ended(waiting).await.is_some();
        rounds.0 = Some(Instant::now());
        is_going_on
    }

    /// What comes of it, unless everything ends before; only for what may be left in the middle.
    pub(crate) async fn unless_ended<T>(&self, what: impl Future<Output = T>) -> Option<T> {
        self.stop.run_until_cancelled(what).await
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;

    #[tokio::test(start_paused = true)]
    async fn what_wakes_all_the_time_makes_for_so_many_rounds_and_one_that_wakes_seldom_waits_for_nothing() {
        let background = Background::default();
        let mut rounds = Rounds::default();
        let begun = Instant::now();
        let mut count = 0;
        while begun.elapsed() < Duration::from_secs(1) {
            assert!(background.next(&mut rounds, Duration::from_secs(9), ready(())).await);
            count += 1;
        }
        assert!((150..=201).contains(&count), "{count}");
        sleep(Duration::from_secs(1)).await;
        let before = Instant::now();
        assert!(background.next(&mut rounds, Duration::from_secs(9), ready(())).await);
        assert_eq!(before.elapsed(), Duration::ZERO);
        background.end().await;
        assert!(!background.next(&mut rounds, Duration::from_secs(9), ready(())).await);
    }
}
