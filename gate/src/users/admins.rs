//! Whom to ask: a few admins by name, in memory, as of the last change that mattered to them.

use super::store;
use crate::{db::Db, presence::Presence};
use std::sync::{Arc, PoisonError, RwLock};
use wire::{UserId, users::User};

/// So many are named.
const FEW: usize = 3;

/// A few active admins.
#[derive(Default)]
pub(crate) struct Admins(RwLock<Few>);

#[derive(Default)]
struct Few {
    ids: Vec<UserId>,
    names: Arc<[String]>,
}

impl Admins {
    /// Their names for display.
    pub(crate) fn names(&self) -> Arc<[String]> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).names.clone()
    }

    /// Reads them again if the change of this user can matter: one who is named, or one who could be
    /// while there is room for another. People sign in all the time, and each time they change.
    pub(crate) async fn heed(&self, db: &Db, presence: &Presence, user: UserId) {
        let (is_named, has_room) = {
            let few = self.0.read().unwrap_or_else(PoisonError::into_inner);
            (few.ids.contains(&user), few.ids.len() < FEW)
        };
        // The account is read by its key, and kept for the user's next request.
        if is_named || (has_room && presence.account(db, user).await.is_ok_and(|found| found.is_some_and(|it| administers(&it.user)))) {
            self.reload(db).await;
        }
    }

    /// Reads them again; what can not be read is not named.
    pub(crate) async fn reload(&self, db: &Db) {
        let limit = i64::try_from(FEW).unwrap_or_default();
        let (ids, names): (Vec<_>, Vec<_>) = store::some_admins(db.pool(), limit).await.unwrap_or_default().into_iter().unzip();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Few { ids, names: names.into() };
    }
}

fn administers(user: &User) -> bool {
    user.role.is_admin() && !user.is_disabled && user.has_password
}
