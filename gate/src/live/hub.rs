//! Who watches what, on this node. Each subscriber has a queue with an end: who lets it fill is dropped
//! and told, and neither slows the others nor grows the memory.

use super::{counts::Tally, packet::Packet};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};
use tokio::sync::mpsc;
use wire::live::{MOST_CHANNELS, Topic};

/// The most messages that wait for one subscriber.
pub(super) const MOST_WAITING: usize = 256;
/// The most bytes of them.
const MOST_BYTES: usize = 512 * 1024;
/// While messages that wait take more than this in all, whoever lags by more than a few is dropped.
const PLENTY: usize = 64 * 1024 * 1024;
/// How many are a few.
const FEW: usize = 16;
/// The most subscriptions at once, of all subscribers.
const MOST_SUBSCRIPTIONS: usize = 262_144;

/// The hub; a clone is the same one.
#[derive(Clone, Default)]
pub(crate) struct Hub(Arc<Inner>);

#[derive(Default)]
struct Inner {
    book: Mutex<Book>,
    /// All messages up to this id were handed to those who watch.
    cursor: AtomicI64,
    /// The bytes of the messages in memory.
    alive: Arc<AtomicUsize>,
    tally: Tally,
}

#[derive(Default)]
struct Book {
    next: u64,
    subscribers: HashMap<u64, Near>,
    topics: HashMap<Topic, Vec<u64>>,
    subscriptions: usize,
}

/// A subscriber, as the hub sees it.
struct Near {
    queue: mpsc::Sender<Arc<Packet>>,
    /// The bytes that wait.
    bytes: Arc<AtomicUsize>,
    topics: Vec<Topic>,
}

/// A subscriber's own end; dropped, it is gone.
pub(crate) struct Subscriber {
    hub: Hub,
    id: u64,
    queue: mpsc::Receiver<Arc<Packet>>,
    bytes: Arc<AtomicUsize>,
    /// After which message each topic begins.
    floors: HashMap<Topic, i64>,
}

impl Hub {
    /// A hub whose next message is the one after this.
    pub(crate) fn after(cursor: i64) -> Self {
        Self(Arc::new(Inner { cursor: AtomicI64::new(cursor), ..Inner::default() }))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes of the messages in memory.
    pub(super) fn alive(&self) -> &Arc<AtomicUsize> {
        &self.0.alive
    }

    /// All messages up to this id were handed to those who watch.
    pub(super) fn cursor(&self) -> i64 {
        self.0.cursor.load(Ordering::SeqCst)
    }

    /// How many subscribers there are, and how many subscriptions they have.
    pub(super) fn size(&self) -> (usize, usize) {
        let book = self.book();
        (book.subscribers.len(), book.subscriptions)
    }

    /// What became of messages.
    pub(super) fn tally(&self) -> &Tally {
        &self.0.tally
    }

    /// How many watch something, or are about to.
    pub(crate) fn watchers(&self) -> usize {
        self.book().subscribers.len()
    }

    /// Whether more than half of the subscribers have much waiting.
    pub(super) fn is_crowded(&self) -> bool {
        let book = self.book();
        let many = book.subscribers.values().filter(|near| near.waiting() > MOST_WAITING / 2).count();
        many * 2 > book.subscribers.len()
    }

    /// Leaves messages out up to this id, if still nobody watches.
    pub(super) fn skip_to(&self, id: i64) {
        let book = self.book();
        if book.subscribers.is_empty() {
            self.0.cursor.fetch_max(id, Ordering::SeqCst);
        }
    }

    /// A new subscriber, of nothing yet.
    pub(super) fn enter(&self) -> Subscriber {
        let (queue, inbox) = mpsc::channel(MOST_WAITING);
        let bytes = Arc::new(AtomicUsize::new(0));
        let mut book = self.book();
        let id = book.next;
        book.next += 1;
        book.subscribers.insert(id, Near { queue, bytes: bytes.clone(), topics: Vec::new() });
        drop(book);
        Subscriber { hub: self.clone(), id, queue: inbox, bytes, floors: HashMap::new() }
    }

    /// Hands messages, in their order, to those who watch their channels.
    pub(super) fn dispatch(&self, packets: &[Arc<Packet>]) {
        let mut book = self.book();
        for packet in packets {
            let most = if self.0.alive.load(Ordering::Relaxed) > PLENTY { FEW } else { MOST_WAITING };
            let slow = book.hand_out(packet, most, &self.0.tally.delivered);
            self.0.tally.slow.fetch_add(slow.len() as u64, Ordering::Relaxed);
            for id in slow {
                book.leave(id);
            }
            self.0.cursor.fetch_max(packet.id, Ordering::SeqCst);
        }
    }

    /// Drops everybody: messages were lost on the way, which whoever resumes is told.
    pub(super) fn drop_all(&self) {
        let mut book = self.book();
        let all: Vec<u64> = book.subscribers.keys().copied().collect();
        self.0.tally.missed.fetch_add(all.len() as u64, Ordering::Relaxed);
        all.into_iter().for_each(|id| book.leave(id));
    }
}

impl Near {
    /// How many messages wait.
    fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }
}

impl Book {
    /// Hands a message out; gives those who can take no more.
    fn hand_out(&self, packet: &Arc<Packet>, most: usize, delivered: &AtomicU64) -> Vec<u64> {
        let topic = |text: &str| text.parse::<Topic>().ok().and_then(|topic| self.topics.get_key_value(&topic));
        let exact = topic(&packet.channel);
        let namespace = packet.channel.split(':').next().unwrap_or_default();
        let whole = topic(&format!("{namespace}:*"));
        let mut slow = Vec::new();
        let mut hand = |id: u64, near: &Near| {
            let waiting = near.waiting();
            let bytes = near.bytes.fetch_add(packet.len(), Ordering::Relaxed) + packet.len();
            let is_full = waiting >= most || (waiting > 0 && bytes > MOST_BYTES);
            if is_full || near.queue.try_send(packet.clone()).is_err() {
                slow.push(id);
            } else {
                delivered.fetch_add(1, Ordering::Relaxed);
            }
        };
        for id in exact.iter().flat_map(|(_, ids)| ids.iter()) {
            if let Some(near) = self.subscribers.get(id) {
                hand(*id, near);
            }
        }
        for id in whole.iter().flat_map(|(_, ids)| ids.iter()) {
            let Some(near) = self.subscribers.get(id) else { continue };
            // Who watches both gets it once.
            if exact.is_none_or(|(topic, _)| !near.topics.contains(topic)) {
                hand(*id, near);
            }
        }
        slow
    }

    fn add(&mut self, id: u64, topic: &Topic) -> bool {
        let has_room = self.subscriptions < MOST_SUBSCRIPTIONS;
        let Some(near) = self.subscribers.get_mut(&id).filter(|near| has_room && near.topics.len() < MOST_CHANNELS) else { return false };
        if !near.topics.contains(topic) {
            near.topics.push(topic.clone());
            self.topics.entry(topic.clone()).or_default().push(id);
            self.subscriptions += 1;
        }
        true
    }

    fn remove(&mut self, id: u64, topic: &Topic) {
        let Some(ids) = self.topics.get_mut(topic) else { return };
        let before = ids.len();
        ids.retain(|other| *other != id);
        self.subscriptions -= before - ids.len();
        if ids.is_empty() {
            self.topics.remove(topic);
        }
    }

    fn leave(&mut self, id: u64) {
        let Some(near) = self.subscribers.remove(&id) else { return };
        for topic in near.topics {
            self.remove(id, &topic);
        }
    }
}

impl Subscriber {
    /// Has messages of a topic wait from now on; `false` where there is no room for it, or the
    /// subscriber was dropped. They are given out once it is said where it begins.
    pub(super) fn add(&self, topic: &Topic) -> bool {
        self.hub.book().add(self.id, topic)
    }

    /// Lets a topic begin after a message.
    pub(super) fn begin(&mut self, topic: &Topic, after: i64) {
        self.floors.insert(topic.clone(), after);
    }

    /// Watches a topic no more.
    pub(super) fn remove(&mut self, topic: &Topic) {
        let mut book = self.hub.book();
        if let Some(near) = book.subscribers.get_mut(&self.id) {
            near.topics.retain(|own| own != topic);
        }
        book.remove(self.id, topic);
        drop(book);
        self.floors.remove(topic);
    }

    /// The next message; nothing when the subscriber was dropped.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Arc<Packet>>> {
        loop {
            match self.queue.poll_recv(context) {
                Poll::Ready(Some(packet)) => {
                    self.bytes.fetch_sub(packet.len(), Ordering::Relaxed);
                    if self.wants(&packet) {
                        return Poll::Ready(Some(packet));
                    }
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Whether the message was not there yet when its topic was begun.
    fn wants(&self, packet: &Packet) -> bool {
        let matches = |topic: &Topic| match topic.as_str().strip_suffix('*') {
            Some(beginning) => packet.channel.starts_with(beginning),
            None => packet.channel == topic.as_str(),
        };
        self.floors.iter().any(|(topic, floor)| packet.id > *floor && matches(topic))
    }

    /// All messages up to this id have been given out; nothing while some wait.
    pub(super) fn settled(&self) -> Option<i64> {
        // The cursor first: what it has passed is in the queue by then.
        let cursor = self.hub.cursor();
        self.queue.is_empty().then_some(cursor)
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.hub.book().leave(self.id);
    }
}

#[cfg(test)]
mod tests;
