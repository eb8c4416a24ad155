//! Messages are written down in batches, off the path of who publishes them; from there every node
//! reads them. What waits has a bound, in number and in bytes.

use super::store;
use crate::{
    Result,
    db::{Db, notify},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch},
    time::sleep,
};
use wire::{Code, Failure, Timestamp, live::Channel};

/// The most messages that wait.
const QUEUE: usize = 2048;
/// The most kilobytes of them.
const MOST_KB: usize = 16 * 1024;
/// So many are written at once.
const BATCH: usize = 256;
/// How long what nobody waits for may wait for more of its kind: each batch is a transaction, and
/// changes want to be written too.
const LINGER: Duration = Duration::from_millis(100);

/// A message that waits to be written.
struct Order {
    channel: Channel,
    kind: String,
    data: String,
    at: Timestamp,
    /// Who waits for its id; nobody does for Doorward's own.
    done: Option<oneshot::Sender<Option<i64>>>,
    _room: OwnedSemaphorePermit,
}

enum Inbox {
    Write(Box<Order>),
    Flush(oneshot::Sender<()>),
}

/// The queue's near end.
#[derive(Clone)]
pub(crate) struct Publisher {
    orders: mpsc::Sender<Inbox>,
    room: Arc<Semaphore>,
    /// Messages of Doorward's own that there was no room for, and were not told of yet.
    skipped: Arc<AtomicU64>,
    /// The same, since the start.
    skipped_in_all: Arc<AtomicU64>,
    /// Messages that were written down, since the start.
    published: Arc<AtomicU64>,
    /// Rises with every batch that was written here.
    written: watch::Sender<u64>,
}

impl Publisher {
    /// Starts the task that writes; it ends with the last clone of this value.
    pub(crate) fn start(db: Db) -> Self {
        let (orders, inbox) = mpsc::channel(QUEUE);
        let skipped = Arc::new(AtomicU64::new(0));
        let written = watch::Sender::new(0);
        let (skipped_in_all, published) = (Arc::default(), Arc::new(AtomicU64::new(0)));
        tokio::spawn(run(db, inbox, skipped.clone(), published.clone(), written.clone()));
        Self { orders, room: Arc::new(Semaphore::new(MOST_KB)), skipped, skipped_in_all, published, written }
    }

    /// Returns with the next batch that another node writes, or this one; `wakes` are those of the
    /// database. Nothing that was written since the last time is missed.
    pub(super) async fn news(wakes: &mut watch::Receiver<u64>, written: &mut watch::Receiver<u64>) {
        tokio::select! {
            _ = wakes.changed() => {}
            _ = written.changed() => {}
        }
    }

    /// Tells of every batch that is written here.
    pub(super) fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// Writes a message down, and gives its id.
    ///
    /// # Errors
    /// 503 `busy` when too many wait, `unavailable` when the database does not answer.
    pub(super) async fn publish(&self, channel: Channel, kind: String, data: String, at: Timestamp) -> Result<i64> {
        let (done, waiting) = oneshot::channel();
        if !self.put(channel, kind, data, at, Some(done)) {
            return Err(Failure::new(Code::Busy, "Too many messages wait to be published. Try again in a moment.").retry_after(1).into());
        }
        let away = || Failure::new(Code::Unavailable, "The database does not answer, so the message was not published.").retry_after(2);
        Ok(waiting.await.ok().flatten().ok_or_else(away)?)
    }

    /// Publishes a message of Doorward's own, if there is room; nobody waits for it, and nothing fails.
    pub(super) fn tell(&self, channel: Channel, kind: String, data: String, at: Timestamp) {
        if !self.put(channel, kind, data, at, None) {
            self.skipped.fetch_add(1, Ordering::Relaxed);
            self.skipped_in_all.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many messages were written down, and for how many there was no room, since the start.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.published.load(Ordering::Relaxed), self.skipped_in_all.load(Ordering::Relaxed))
    }

    fn put(&self, channel: Channel, kind: String, data: String, at: Timestamp, done: Option<oneshot::Sender<Option<i64>>>) -> bool {
        let size = u32::try_from(data.len() / 1024 + 1).unwrap_or(u32::MAX);
        let Ok(room) = self.room.clone().try_acquire_many_owned(size) else { return false };
        self.orders.try_send(Inbox::Write(Box::new(Order { channel, kind, data, at, done, _room: room }))).is_ok()
    }

    /// Returns when all that was published before is written.
    pub(crate) async fn flush(&self) {
        let (done, waiting) = oneshot::channel();
        if self.orders.send(Inbox::Flush(done)).await.is_ok() {
            // Who writes has ended then, and nothing is left.
            _ = waiting.await;
        }
    }
}

async fn run(db: Db, mut inbox: mpsc::Receiver<Inbox>, skipped: Arc<AtomicU64>, published: Arc<AtomicU64>, written: watch::Sender<u64>) {
    while let Some(first) = inbox.recv().await {
        let mut batch = Batch::default();
        batch.take(first);
        batch.fill(&mut inbox);
        if !batch.is_urgent {
            sleep(LINGER).await;
            batch.fill(&mut inbox);
        }
        published.fetch_add(batch.write(&db).await, Ordering::Relaxed);
        written.send_modify(|batches| *batches += 1);
        match skipped.swap(0, Ordering::Relaxed) {
            0 => {}
            count => tracing::warn!(count, "more happened than can be told on live channels"),
        }
    }
}

#[derive(Default)]
struct Batch {
    orders: Vec<Order>,
    flushes: Vec<oneshot::Sender<()>>,
    /// Whether somebody waits.
    is_urgent: bool,
}

impl Batch {
    fn take(&mut self, inbox: Inbox) {
        match inbox {
            Inbox::Flush(done) => {
                self.is_urgent = true;
                self.flushes.push(done);
            }
            Inbox::Write(order) => {
                self.is_urgent |= order.done.is_some();
                // That something changed, again, is no news.
                let is_said = |other: &Order| other.done.is_none() && other.channel == order.channel && other.data == order.data;
                if order.done.is_some() || order.channel != super::own::changes() || !self.orders.iter().any(is_said) {
                    self.orders.push(*order);
                }
            }
        }
    }

    fn fill(&mut self, inbox: &mut mpsc::Receiver<Inbox>) {
        while self.orders.len() < BATCH && self.flushes.is_empty() {
            let Ok(next) = inbox.try_recv() else { return };
            self.take(next);
        }
    }

    /// Writes it down; gives how many messages that were.
    async fn write(self, db: &Db) -> u64 {
        let Self { orders, flushes, .. } = self;
        let written = if orders.is_empty() { Ok(0) } else { append(db, &orders).await };
        if let Err(error) = &written {
            tracing::warn!(%error, messages = orders.len(), "messages of live channels could not be written");
        }
        let count = if written.is_ok() { orders.len() as u64 } else { 0 };
        for (at, order) in (0..).zip(orders) {
            if let Some(done) = order.done {
                // Who asked may have gone.
                _ = done.send(written.as_ref().ok().map(|first| first + at));
            }
        }
        for done in flushes {
            _ = done.send(());
        }
        count
    }
}

/// Writes a batch in one transaction; gives the id of the first message.
async fn append(db: &Db, orders: &[Order]) -> std::result::Result<i64, sqlx::Error> {
    let batch: Vec<_> =
        orders.iter().map(|order| store::New { channel: &order.channel, at: order.at, kind: &order.kind, data: &order.data }).collect();
    let mut write = db.write().await?;
    let first = store::append(write.db(), &batch).await?;
    notify::send(write.db(), &db.node()).await?;
    write.commit().await?;
    Ok(first)
}
