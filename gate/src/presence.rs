//! Who is signed in, in memory: sessions and accounts as the last change left them. A request is
//! judged by it without a look into the database; what is not here yet is read once.

use crate::{Result, db::Db, memory::Memory, sessions, users};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use wire::{SessionId, Timestamp, UserId, users::User};

/// The most sessions, and accounts, that are kept.
const MOST: usize = 200_000;

/// A session that can be used.
#[derive(Debug)]
pub(crate) struct LiveSession {
    pub(crate) user: UserId,
    /// SHA-256 of the cookie's constant part, in hex; absent in token sessions.
    pub(crate) binding: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) confirmed_at: Option<Timestamp>,
    pub(crate) expires_at: Timestamp,
    /// When it was last used by a person; newer than the database's by a minute at the most.
    pub(crate) seen_at: AtomicI64,
}

/// An account as it stands.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) user: Arc<User>,
    pub(crate) security_version: i64,
}

/// Sessions and accounts in memory.
pub(crate) struct Presence {
    sessions: Memory<SessionId, LiveSession>,
    accounts: Memory<UserId, Account>,
}

impl Default for Presence {
    fn default() -> Self {
        Self { sessions: Memory::with_room_for(MOST), accounts: Memory::with_room_for(MOST) }
    }
}

impl Presence {
    /// The session, unless it has ended.
    pub(crate) async fn session(&self, db: &Db, id: SessionId) -> Result<Option<Arc<LiveSession>>> {
        self.sessions.find(&id, || sessions::store::live(db.pool(), id)).await
    }

    /// The session, if it is in memory.
    pub(crate) fn peek(&self, id: SessionId) -> Option<Arc<LiveSession>> {
        self.sessions.peek(&id)
    }

    /// The account, unless it is gone.
    pub(crate) async fn account(&self, db: &Db, id: UserId) -> Result<Option<Arc<Account>>> {
        self.accounts.find(&id, || users::store::account(db.pool(), id)).await
    }

    pub(crate) fn forget_session(&self, id: SessionId) {
        self.sessions.forget(&id);
    }

    pub(crate) fn forget_account(&self, id: UserId) {
        self.accounts.forget(&id);
    }

    pub(crate) fn forget_all(&self) {
        self.sessions.forget_all();
        self.accounts.forget_all();
    }

    /// The sessions that were used since the time given, with their times, to be written down.
    pub(crate) fn seen_since(&self, since: Timestamp) -> Vec<(SessionId, Timestamp)> {
        self.sessions.each(|id, session| Some((*id, Timestamp(session.seen_at.load(Ordering::Relaxed)))).filter(|(_, at)| *at > since))
    }
}
