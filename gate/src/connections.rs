//! What is open for longer than an answer takes: upgraded connections, streams, long transfers. Each
//! is known by who opened it and what for, and ends when that would no longer be allowed.

use crate::{bus::Signal, ctx::Ctx, gate::Gate};
use std::{
    collections::HashMap,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use wire::{Code, KeyId, SessionId, Timestamp, UserId};

/// How often it is looked for what has run out.
const PAUSE: Duration = Duration::from_millis(500);
/// The most connections at once.
const MOST: usize = 32_768;
/// The most of one caller, and from one address.
const MOST_EACH: usize = 16_384;

/// Why a connection was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The session ended, or ran out.
    Session,
    /// The API key was revoked or ran out, got another secret, or may not be used from there any more.
    Key,
    /// The account, its role, its grants or the app's rules do not allow it any more.
    Rights,
    /// The app was changed in a way that leads elsewhere, or is gone.
    App,
    /// The client takes what comes too slowly, or messages were lost on the way to this node.
    Behind,
    /// The database does not answer, so nobody can tell whether it is still allowed.
    Away,
    /// The server stops.
    Stopping,
}

impl Reason {
    /// The code of a WebSocket's end.
    pub(crate) const fn code(self) -> u16 {
        match self {
            Self::Stopping => 1012,
            Self::Behind | Self::Away => 1013,
            _ => 4401,
        }
    }

    /// The reason in words, short enough for a WebSocket's last frame.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Session => "session ended",
            Self::Key => "API key no longer good",
            Self::Rights => "no longer allowed",
            Self::App => "app changed",
            Self::Behind => "fell behind; resume from the last id",
            Self::Away => "database away; resume from the last id",
            Self::Stopping => "server is stopping",
        }
    }
}

impl From<crate::Error> for Reason {
    /// What can not be known is not allowed; whoever was let in may ask again when it can be.
    fn from(error: crate::Error) -> Self {
        if error.code() == Code::Unavailable { Self::Away } else { Self::Rights }
    }
}

/// Whose a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Whose {
    /// Anybody's.
    Nobody,
    /// A person's.
    Person {
        /// Who.
        user: UserId,
        /// In which session; absent where the token of an issuer lets them in.
        session: Option<SessionId>,
    },
    /// A key's.
    Key {
        /// Which.
        key: KeyId,
        /// Whose it is, if it is personal.
        owner: Option<UserId>,
    },
}

/// Decides whether what is open would be let in again, and until when its caller's proof is good; it
/// looks at memory alone, most of the time.
pub(crate) type Again = Box<dyn Fn(Gate) -> Pin<Box<dyn Future<Output = Result<Option<Timestamp>, Reason>> + Send>> + Send + Sync>;

/// A connection that is about to be entered.
pub(crate) struct Opening {
    pub(crate) whose: Whose,
    pub(crate) address: IpAddr,
    /// The app's slug; empty for what is about Doorward itself, of any app it may tell.
    pub(crate) app: String,
    /// When the caller's proof runs out.
    pub(crate) until: Option<Timestamp>,
    pub(crate) again: Again,
}

struct Entry {
    whose: Whose,
    address: IpAddr,
    app: String,
    /// When the caller's proof runs out, in milliseconds.
    until: AtomicI64,
    again: Again,
    end: Arc<End>,
}

#[derive(Default)]
struct End {
    token: CancellationToken,
    reason: OnceLock<Reason>,
}

impl End {
    fn cut(&self, reason: Reason) {
        _ = self.reason.set(reason);
        self.token.cancel();
    }
}

/// All that is open.
#[derive(Default)]
pub(crate) struct Connections(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    next: u64,
    entries: HashMap<u64, Arc<Entry>>,
    callers: HashMap<Whose, usize>,
    addresses: HashMap<IpAddr, usize>,
    is_stopping: bool,
}

/// A connection's place in the book; dropped, it is closed.
pub(crate) struct Seat {
    book: Arc<Mutex<Book>>,
    id: u64,
    end: Arc<End>,
    waiting: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

impl Connections {
    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a connection; nothing where there are too many, or the server stops.
    pub(crate) fn enter(&self, opening: Opening) -> Option<Seat> {
        let end = Arc::new(End::default());
        let mut book = self.book();
        let of_caller = book.callers.get(&opening.whose).copied().unwrap_or(0);
        let of_address = book.addresses.get(&opening.address).copied().unwrap_or(0);
        if book.is_stopping || book.entries.len() >= MOST || of_caller >= MOST_EACH || of_address >= MOST_EACH {
            return None;
        }
        let id = book.next;
        book.next += 1;
        *book.callers.entry(opening.whose).or_default() += 1;
        *book.addresses.entry(opening.address).or_default() += 1;
        let Opening { whose, address, app, until, again } = opening;
        let until = AtomicI64::new(until.map_or(i64::MAX, |until| until.0));
        book.entries.insert(id, Arc::new(Entry { whose, address, app, until, again, end: end.clone() }));
        drop(book);
        Some(Seat { book: self.0.clone(), id, end, waiting: None })
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.book().entries.len()
    }

    /// Ends everything, and lets nothing more be entered.
    pub(crate) fn stop(&self) {
        let mut book = self.book();
        book.is_stopping = true;
        book.entries.values().for_each(|entry| entry.end.cut(Reason::Stopping));
    }

    fn of(&self, is_meant: impl Fn(&Entry) -> bool) -> Vec<Arc<Entry>> {
        self.book().entries.values().filter(|entry| is_meant(entry)).cloned().collect()
    }
}

impl Book {
    fn leave(&mut self, id: u64) {
        let Some(entry) = self.entries.remove(&id) else { return };
        if let Some(count) = self.callers.get_mut(&entry.whose) {
            *count -= 1;
            if *count == 0 {
                self.callers.remove(&entry.whose);
            }
        }
        if let Some(count) = self.addresses.get_mut(&entry.address) {
            *count -= 1;
            if *count == 0 {
                self.addresses.remove(&entry.address);
            }
        }
    }
}

impl Seat {
    /// Whether the connection has to end, and why; asks to be polled again when it has to.
    pub(crate) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Reason> {
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(self.end.token.clone().cancelled_owned()));
        if self.end.token.is_cancelled() || waiting.as_mut().poll(context).is_ready() {
            return Poll::Ready(self.end.reason.get().copied().unwrap_or(Reason::Rights));
        }
        Poll::Pending
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).leave(self.id);
    }
}

/// Looks again at what a signal is about, beside whatever was changed: the change does not wait.
pub(crate) fn hear(gate: &Gate, signal: &Signal) {
    let connections = gate.connections();
    let meant = match signal {
        Signal::Session(id) => connections.of(|entry| matches!(entry.whose, Whose::Person { session, .. } if session == Some(*id))),
        Signal::User(id) => connections.of(|entry| match entry.whose {
            Whose::Person { user, .. } => user == *id,
            Whose::Key { owner, .. } => owner == Some(*id),
            Whose::Nobody => false,
        }),
        Signal::Key(id) => connections.of(|entry| matches!(entry.whose, Whose::Key { key, .. } if key == *id)),
        Signal::App(slug) => connections.of(|entry| entry.app == slug.0 || entry.app.is_empty()),
        // Sessions end by signals of their own.
        Signal::Provider(_) => return,
        Signal::Workspace(_) | Signal::Roles | Signal::Settings | Signal::Everything => connections.of(|_| true),
    };
    look_again(gate, meant);
}

/// Judges connections anew, and ends those that would not be let in.
fn look_again(gate: &Gate, entries: Vec<Arc<Entry>>) {
    if entries.is_empty() {
        return;
    }
    let gate = gate.clone();
    gate.clone().background().start(async move {
        for entry in entries {
            match (entry.again)(gate.clone()).await {
                Ok(until) => entry.until.store(until.map_or(i64::MAX, |until| until.0), Ordering::Relaxed),
                Err(reason) => entry.end.cut(reason),
            }
        }
    });
}

/// Looks, until the gate closes, for what has run out.
pub(crate) async fn run(gate: Gate) {
    while gate.background().pause(PAUSE).await {
        let now = gate.now().0;
        look_again(&gate, gate.connections().of(|entry| entry.until.load(Ordering::Relaxed) <= now));
    }
}

/// Whose a connection is that this caller opens.
pub(crate) fn whose(ctx: &Ctx) -> Whose {
    match (ctx.user(), ctx.key()) {
        (Some(user), _) => Whose::Person { user: user.id, session: ctx.session() },
        (_, Some(key)) => Whose::Key { key: key.id, owner: key.owner.as_ref().map(|owner| owner.id) },
        (None, None) => Whose::Nobody,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    fn opening() -> Opening {
        Opening {
            whose: Whose::Nobody,
            address: [127, 0, 0, 1].into(),
            app: "tasks".into(),
            until: None,
            again: Box::new(|_| Box::pin(async { Ok(None) })),
        }
    }

    #[tokio::test]
    async fn who_leaves_is_forgotten_and_who_stays_is_told() {
        let connections = Connections::default();
        let left = connections.enter(opening()).unwrap();
        let mut stays = connections.enter(opening()).unwrap();
        drop(left);
        assert_eq!(connections.count(), 1);
        let waiting = tokio::spawn(async move { poll_fn(|context| stays.poll_end(context)).await });
        tokio::task::yield_now().await;
        connections.stop();
        assert_eq!(waiting.await.unwrap(), Reason::Stopping);
        assert_eq!(connections.count(), 0);
        assert!(connections.enter(opening()).is_none(), "nobody comes in any more");
    }

    /// WSS-183
    #[test]
    fn one_caller_can_not_take_all_the_room() {
        let connections = Connections::default();
        let seats: Vec<_> = std::iter::from_fn(|| connections.enter(opening())).collect();
        assert_eq!(seats.len(), MOST_EACH);
        let other =
            Opening { address: [127, 0, 0, 2].into(), whose: Whose::Key { key: uuid::Uuid::nil().into(), owner: None }, ..opening() };
        assert!(connections.enter(other).is_some());
        drop(seats);
        assert_eq!(connections.count(), 0);
        assert!(connections.book().callers.is_empty() && connections.book().addresses.is_empty());
    }
}
