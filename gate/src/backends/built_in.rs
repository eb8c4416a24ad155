//! The accounts with a password here.

use super::{Backend, BackendError, Credentials, Found, Identity};
use crate::{Result, db::Db, hash::Hasher, users};
use secrecy::ExposeSecret;
use wire::UserId;

/// The accounts with a password here.
pub(crate) struct BuiltIn {
    db: Db,
    hasher: Hasher,
}

impl BuiltIn {
    pub(crate) fn new(db: Db, hasher: Hasher) -> Self {
        Self { db, hasher }
    }

    /// Replaces a hash that was made with other parameters; the password stays, so nothing else ends.
    async fn renew(&self, user: UserId, password: &str) -> Result<()> {
        let hash = self.hasher.hash(password).await?;
        let mut write = self.db.write().await?;
        users::store::replace_hash(write.db(), user, &hash).await?;
        write.commit().await?;
        Ok(())
    }
}

impl Backend for BuiltIn {
    /// It takes as long for a name that nobody has.
    async fn authenticate(&self, credentials: &Credentials) -> Found {
        let (name, password) = (users::name::key(&credentials.name), credentials.password.expose_secret());
        let found = users::store::credentials(self.db.pool(), &name).await.map_err(crate::Error::from)?;
        let kept = found.as_ref().and_then(|found| found.password_hash.as_deref());
        let verdict = self.hasher.verify(password, kept).await?;
        let Some(found) = found.filter(|_| verdict.is_right) else { return Ok(None) };
        if verdict.is_stale && !found.user.is_disabled {
            self.renew(found.user.id, password).await.map_err(BackendError::from)?;
        }
        Ok(Some(Identity::Account(found.user.id)))
    }
}
