//! Events that change nothing (a wrong password, a refusal) are written in batches, off the path of
//! the request. A burst beyond the queue is counted, and the count is written: nothing goes silently.

use super::store;
use crate::{
    db::Db,
    live::{own, writer::Publisher},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};
use wire::audit::Event;

const QUEUE: usize = 4096;
const BATCH: usize = 256;
/// Between two tries while the database does not answer.
const PAUSE: Duration = Duration::from_secs(1);

enum Order {
    Write(Box<Event>),
    Flush(oneshot::Sender<()>),
}

/// The queue's near end.
#[derive(Clone)]
pub(crate) struct Writer {
    orders: mpsc::Sender<Order>,
    skipped: Arc<AtomicU64>,
}

impl Writer {
    /// Starts the task that writes; it ends with the last clone of this value.
    pub(crate) fn start(db: Db, publisher: Publisher) -> Self {
        let (orders, inbox) = mpsc::channel(QUEUE);
        let skipped = Arc::new(AtomicU64::new(0));
        tokio::spawn(run(db, inbox, skipped.clone(), publisher));
        Self { orders, skipped }
    }

    /// Writes the event soon; `false` when there was no room, and it is only counted.
    pub(crate) fn note(&self, event: Event) -> bool {
        let has_room = self.orders.try_send(Order::Write(Box::new(event))).is_ok();
        if !has_room {
            self.skipped.fetch_add(1, Ordering::Relaxed);
        }
        has_room
    }

    /// Returns when all that was noted before is written.
    pub(crate) async fn flush(&self) {
        let (done, waiting) = oneshot::channel();
        if self.orders.send(Order::Flush(done)).await.is_ok() {
            let _ = waiting.await;
        }
    }
}

async fn run(db: Db, mut inbox: mpsc::Receiver<Order>, skipped: Arc<AtomicU64>, publisher: Publisher) {
    let mut batch: Vec<Event> = Vec::new();
    let mut waiting: Vec<oneshot::Sender<()>> = Vec::new();
    while let Some(first) = inbox.recv().await {
        let mut next = Some(first);
        while let Some(order) = next {
            match order {
                Order::Write(event) => batch.push(*event),
                Order::Flush(done) => waiting.push(done),
            }
            next = if batch.len() < BATCH && waiting.is_empty() { inbox.try_recv().ok() } else { None };
        }
        sample(&mut batch, skipped.swap(0, Ordering::Relaxed));
        while let Err(error) = write(&db, &batch).await {
            tracing::warn!(%error, events = batch.len(), "events could not be written; trying again");
            if matches!(error, sqlx::Error::PoolClosed) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        own::tell(&publisher, &batch);
        batch.clear();
        for done in waiting.drain(..) {
            // Who asked may have gone.
            let _ = done.send(());
        }
    }
}

/// Writes down, in the last event of the batch, how many like it there was no room for.
fn sample(batch: &mut [Event], skipped: u64) {
    if let Some(last) = batch.last_mut().filter(|_| skipped > 0) {
        last.detail = serde_json::json!({ "detail": last.detail, "andOthers": skipped });
    }
}

async fn write(db: &Db, batch: &[Event]) -> Result<(), sqlx::Error> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut write = db.write().await?;
    for event in batch {
        store::insert(write.db(), event).await?;
    }
    write.commit().await
}
