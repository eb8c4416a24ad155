//! Live channels in tests: what happens by itself after a while, at once.

use super::Door;
use crate::{
    bus::{Signal, Unheard, publish},
    connections::{Opening, Seat, Whose},
    live::reader::Trimmer,
};
use std::net::IpAddr;
use wire::{SessionId, UserId};

/// Places among what stays open, which are free again with this value.
pub struct Crowd(Vec<Seat>);

impl Crowd {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl Door {
    /// Removes the messages that are older than can be resumed.
    ///
    /// # Panics
    /// When that does not work.
    pub async fn trim_messages(&self) {
        self.trim_messages_around(async {}).await;
    }

    /// Removes old messages as happens every ten seconds: before something, and after it.
    ///
    /// # Panics
    /// When that does not work.
    pub async fn trim_messages_around<T>(&self, what: impl Future<Output = T>) -> T {
        let mut trimmer = Trimmer::default();
        trimmer.trim(&self.gate).await.expect("old messages go");
        let done = what.await;
        trimmer.trim(&self.gate).await.expect("old messages go");
        done
    }

    /// Writes down which keys were used, as happens once a minute.
    pub async fn write_uses(&self) {
        crate::keys::used::write(&self.gate).await;
    }

    /// Returns when all that was published on live channels is written down.
    pub async fn publish_all(&self) {
        self.gate.writer().flush().await;
        self.gate.publisher().flush().await;
    }

    /// Takes every place among what stays open that this address can have.
    #[must_use]
    pub fn crowd_of_address(&self, address: [u8; 4]) -> Crowd {
        let mut number = 0;
        self.crowd(|| {
            number += 1;
            (Whose::Key { key: uuid::Uuid::from_u128(number).into(), owner: None }, address.into())
        })
    }

    /// Takes every place among what stays open that this person can have in this session, from many addresses.
    #[must_use]
    pub fn crowd_of_session(&self, user: UserId, session: SessionId) -> Crowd {
        let mut number = 0_u32;
        self.crowd(|| {
            number += 1;
            (Whose::Person { user, session: Some(session) }, IpAddr::from(number.to_be_bytes()))
        })
    }

    /// Takes every place among what stays open that there is, as many callers from many addresses.
    #[must_use]
    pub fn crowd_of_all(&self) -> Crowd {
        let mut number = 0_u32;
        self.crowd(|| {
            number += 1;
            (Whose::Key { key: uuid::Uuid::from_u128(number.into()).into(), owner: None }, IpAddr::from(number.to_be_bytes()))
        })
    }

    fn crowd(&self, mut next: impl FnMut() -> (Whose, IpAddr)) -> Crowd {
        let connections = self.gate.connections();
        let seats = std::iter::from_fn(|| {
            let (whose, address) = next();
            let again = Box::new(|_| Box::pin(async { Ok(None) }) as _);
            connections.enter(Opening { whose, address, app: String::new(), until: None, again })
        });
        Crowd(seats.collect())
    }

    /// How many are handed messages of live channels.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.gate.hub().watchers()
    }

    /// Takes note that something could not be read again when it was heard of, as while the database is away.
    pub fn doubt(&self) {
        self.gate.heard().doubt();
    }

    /// Loses the database for good, and then hears that everything may have changed.
    pub async fn lose_the_database(&self) {
        self.gate.db().close().await;
        self.gate.hear(&Signal::Everything).await;
    }

    /// Commits what a user's change signals, and has its maker leave before that is heard.
    ///
    /// # Panics
    /// When that does not work.
    pub async fn commit_and_leave(&self, user: UserId) {
        let signals = vec![Signal::User(user)];
        let mut write = self.gate.db().write().await.expect("a transaction");
        publish(write.db(), &self.gate.db().node(), &signals, self.gate.now()).await.expect("a line");
        let unheard = Unheard::before(self.gate.clone(), signals);
        write.commit().await.expect("a commit");
        drop(unheard);
    }
}
