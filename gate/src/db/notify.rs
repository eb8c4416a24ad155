//! PostgreSQL's `LISTEN` and `NOTIFY`: who commits lines that others read wakes them. Nothing is told
//! but that there may be something; what it is, readers find by their cursors.

use crate::gate::Gate;
use sqlx::AnyConnection;

/// Wakes the readers of all nodes when the transaction is committed; on SQLite nobody listens.
pub(crate) async fn send(db: &mut AnyConnection) -> Result<(), sqlx::Error> {
    if db.backend_name() == "PostgreSQL" {
        sqlx::query("NOTIFY doorward").execute(db).await?;
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
    loop {
        // What was told before this connection, nobody heard.
        gate.db().wake();
        if listener.try_recv().await?.is_none() {
            return Err(sqlx::Error::WorkerCrashed);
        }
    }
}

/// Without PostgreSQL there is nobody to listen to.
#[cfg(not(feature = "postgres"))]
pub(crate) async fn run(_: Gate) {}
