//! Who is signed in, in memory: sessions and accounts as the last change left them. A request is
//! judged by it without a look into the database; what is not here yet is read once.

use crate::{Result, db::Db, sessions, users};
use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};
use wire::{SessionId, Timestamp, UserId, users::User};

/// The most sessions, and accounts, that are kept; beyond it all are let go and read again.
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
#[derive(Default)]
pub(crate) struct Presence {
    sessions: RwLock<HashMap<SessionId, Arc<LiveSession>>>,
    accounts: RwLock<HashMap<UserId, Arc<Account>>>,
    /// Rises with everything that is let go, so that a read that began before is not kept.
    generation: AtomicU64,
}

impl Presence {
    /// The session, unless it has ended.
    pub(crate) async fn session(&self, db: &Db, id: SessionId) -> Result<Option<Arc<LiveSession>>> {
        if let Some(found) = self.sessions.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Some(found.clone()));
        }
        let generation = self.generation.load(Ordering::SeqCst);
        let Some(session) = sessions::store::live(db.pool(), id).await? else { return Ok(None) };
        let session = Arc::new(session);
        self.keep(&self.sessions, generation, id, &session);
        Ok(Some(session))
    }

    /// The session, if it is in memory.
    pub(crate) fn peek(&self, id: SessionId) -> Option<Arc<LiveSession>> {
        self.sessions.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// The account, unless it is gone.
    pub(crate) async fn account(&self, db: &Db, id: UserId) -> Result<Option<Arc<Account>>> {
        if let Some(found) = self.accounts.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Some(found.clone()));
        }
        let generation = self.generation.load(Ordering::SeqCst);
        let Some(account) = users::store::account(db.pool(), id).await? else { return Ok(None) };
        let account = Arc::new(account);
        self.keep(&self.accounts, generation, id, &account);
        Ok(Some(account))
    }

    /// Keeps what was read, unless something was let go since the read began.
    fn keep<K: std::hash::Hash + Eq, V>(&self, map: &RwLock<HashMap<K, Arc<V>>>, generation: u64, id: K, value: &Arc<V>) {
        let mut map = map.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation.load(Ordering::SeqCst) != generation {
            return;
        }
        if map.len() >= MOST {
            map.clear();
        }
        map.insert(id, value.clone());
    }

    pub(crate) fn forget_session(&self, id: SessionId) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    pub(crate) fn forget_account(&self, id: UserId) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.accounts.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    pub(crate) fn forget_all(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.accounts.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The sessions that were used since the time given, with their times, to be written down.
    pub(crate) fn seen_since(&self, since: Timestamp) -> Vec<(SessionId, Timestamp)> {
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        let seen = sessions.iter().map(|(id, session)| (*id, Timestamp(session.seen_at.load(Ordering::Relaxed))));
        seen.filter(|(_, at)| *at > since).collect()
    }
}
