//! Whom to ask: a few admins by name, in memory, as of the last change of a user.

use super::store;
use crate::db::Db;
use std::sync::{Arc, PoisonError, RwLock};

/// So many are named.
const FEW: i64 = 3;

/// The names of a few active admins.
#[derive(Default)]
pub(crate) struct Admins(RwLock<Arc<[String]>>);

impl Admins {
    /// Their names for display.
    pub(crate) fn names(&self) -> Arc<[String]> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads them again; what can not be read is not named.
    pub(crate) async fn reload(&self, db: &Db) {
        let names = store::some_admins(db.pool(), FEW).await.unwrap_or_default();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = names.into();
    }
}
