//! PostgreSQL's `LISTEN` and `NOTIFY`: who commits lines that others read wakes them. Nothing is told
//! but that there may be something, and from which node; what it is, readers find by their cursors.

use crate::gate::Gate;
use sqlx::{AnyConnection, AssertSqlSafe};

/// Wakes the readers of all other nodes when the transaction is committed; on SQLite nobody listens.
pub(crate) async fn send(db: &mut AnyConnection, node: &str) -> Result<(), sqlx::Error> {
    if db.backend_name() == "PostgreSQL" {
        // The node's name is letters and digits of our own.
        sqlx::query(AssertSqlSafe(format!("NOTIFY doorward, '{node}'"))).execute(db).await?;
    }
    Ok(())
}

/// Listens until the gate closes, on a connection of its own; one that is lost is made again, and
/// until then the readers' pause has to do.
#[cfg(feature = "postgres")]
pub(crate) async fn run(gate: Gate) {
    use secrecy::ExposeSecret;
    use std::time::Duration;

    /// Between two tries while the server does not answer.
    const AGAIN: Duration = Duration::from_secs(1);

    let Some(server) = gate.db().server().cloned() else { return };
    while let Some(Err(error)) = gate.background().unless_ended(listen(&gate, server.expose_secret())).await {
        tracing::debug!(%error, "notifications of the database do not come; trying again");
        if !gate.background().pause(AGAIN).await {
            return;
        }
    }
}

/// Listens on one connection for as long as it lasts.
#[cfg(feature = "postgres")]
async fn listen(gate: &Gate, server: &str) -> Result<(), sqlx::Error> {
    let mut listener = sqlx::postgres::PgListener::connect(server).await?;
    listener.eager_reconnect(false);
    listener.listen("doorward").await?;
    // What was told before this connection, nobody heard.
    gate.db().wake();
    while let Some(told) = listener.try_recv().await? {
        // What this node did itself, it knows.
        if told.payload() != &*gate.db().node() {
            gate.db().wake();
        }
    }
    Err(sqlx::Error::WorkerCrashed)
}

/// Without PostgreSQL there is nobody to listen to.
#[cfg(not(feature = "postgres"))]
pub(crate) async fn run(_: Gate) {}
