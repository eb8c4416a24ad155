//! What an operator does, and sees with the database's password, in a test.

use super::Door;
use crate::{Gate, OpenError, bus::Signal, config::Config};

impl Door {
    /// Chains the events that wait, as happens once a second.
    pub async fn chain(&self) {
        self.gate.writer().flush().await;
        crate::audit::chain::finish(&self.gate).await;
    }

    /// Removes the events that are older than is kept, as happens every ten minutes.
    ///
    /// # Panics
    /// When that does not work.
    pub async fn trim(&self) {
        crate::audit::retention::trim(&self.gate).await.expect("old events go");
    }

    /// Opens the same database once more, which may be refused.
    ///
    /// # Errors
    /// What an operator would be told.
    pub async fn open_again(&self) -> Result<Gate, OpenError> {
        Gate::builder().store(self.store.clone()).config(Config::for_testing()).build().await
    }

    /// Hears what another process did, as happens within half a second.
    pub async fn hear(&self) {
        self.gate.hear(&Signal::Everything).await;
    }

    /// The sealed credentials of all apps, as they lie in the database.
    ///
    /// # Panics
    /// When they can not be read.
    pub async fn sealed_credentials(&self) -> Vec<String> {
        let rows = crate::apps::sealed::rows(&self.gate).await.expect("the apps");
        rows.into_iter().map(|(_, _, sealed)| sealed).collect()
    }

    /// With what Doorward signs in to the upstream of an app.
    #[must_use]
    pub fn credentials_of(&self, slug: &str) -> Option<String> {
        let live = self.gate.apps().by_slug(&wire::workspaces::Slug(slug.into()))?;
        live.credentials.as_ref()?.value.to_str().ok().map(str::to_owned)
    }

    /// Changes the database behind the product's back, as one could who has its password.
    ///
    /// # Panics
    /// When the statement does not work.
    pub async fn meddle(&self, sql: &str) -> u64 {
        crate::db::meddle(self.gate.db(), sql).await.expect("a statement that works")
    }

    /// Every text that lies in the database, to look for what must not be there.
    ///
    /// # Panics
    /// When it can not be read.
    pub async fn all_text(&self) -> String {
        self.gate.writer().flush().await;
        crate::db::all_text(self.gate.db()).await.expect("the whole database")
    }
}
