//! What a Doorward leaves to the next one, and a Doorward that finds it.

use super::{Door, empty_store};
use crate::{
    Store,
    config::Config,
    db::{newest_schema, rows},
};

/// Of no other generator in the tests, so that no id is made twice.
const SEED: u64 = 70_000;

impl Door {
    /// The number of the last migration there is.
    #[must_use]
    pub fn schema() -> i64 {
        newest_schema()
    }

    /// Every row that lies in the database, as SQL.
    ///
    /// # Panics
    /// When it can not be read.
    pub async fn rows(&self) -> String {
        rows::write(self.gate.db()).await.expect("the whole database")
    }

    /// Whether the database is a server.
    #[must_use]
    pub const fn has_server(&self) -> bool {
        matches!(self.store, Store::Postgres(_))
    }

    /// One that finds what an older Doorward left; `rows` gives the rows, told whether they are for a
    /// server.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn left_by(schema: i64, rows: impl FnOnce(bool) -> String) -> Self {
        let (folder, store) = empty_store().await;
        let rows = rows(matches!(store, Store::Postgres(_)));
        store.leave(schema, &rows).await.expect("what was left fits the schema of then");
        Self::on(store, folder, Config::for_testing(), false, SEED).await
    }
}
