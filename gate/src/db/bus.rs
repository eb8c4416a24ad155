//! The bus's table: lines that are numbered in the order of the commits.

use super::Db;
use secrecy::ExposeSecret;
use sqlx::{AnyConnection, AnyPool, Connection, Row, any::AnyRow};
use std::time::Duration;
use tokio::time::timeout;
use wire::Timestamp;

/// How long a server may take to let one in and to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits for a turn and returns its number; the row's lock is kept to the end of the transaction.
pub(crate) async fn take_turn(db: &mut AnyConnection, name: &str) -> Result<i64, sqlx::Error> {
    sqlx::query("UPDATE turns SET taken = taken + 1 WHERE name = $1 RETURNING taken").bind(name.to_owned()).fetch_one(db).await?.try_get(0)
}

/// Writes a line, as the last thing of a transaction: the turn makes the numbers rise in the order of the
/// commits, with no gaps.
pub(crate) async fn insert(
    db: &mut AnyConnection,
    node: &str,
    kind: &'static str,
    subject: String,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let seq = take_turn(db, "bus").await?;
    sqlx::query("INSERT INTO bus (seq, node, kind, subject, at) VALUES ($1, $2, $3, $4, $5)")
        .bind(seq)
        .bind(node.to_owned())
        .bind(kind)
        .bind(subject)
        .bind(now.0)
        .execute(db)
        .await
        .map(drop)
}

/// The number of the last line so far.
pub(crate) async fn last(db: &AnyPool) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT taken FROM turns WHERE name = 'bus'").fetch_one(db).await?.try_get(0)
}

/// A line: its number, which node wrote it, and what it is about.
pub(crate) struct Line {
    pub(crate) seq: i64,
    pub(crate) node: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
}

/// Reads lines. With a server it does so on a connection of its own: no crowd of requests keeps it from hearing
/// what was revoked, and while the server is away it does not wait longer and longer, as those of the pool do.
#[derive(Default)]
pub(crate) struct Reader(Option<AnyConnection>);

impl Reader {
    /// The lines after a number.
    ///
    /// # Errors
    /// When the database does not answer in time.
    pub(crate) async fn after(&mut self, db: &Db, seq: i64, limit: i64) -> Result<Vec<Line>, sqlx::Error> {
        let Some(server) = db.server() else { return after(&mut *db.pool().acquire().await?, seq, limit).await };
        let own = self.0.take();
        let reading = async {
            let mut connection = match own {
                Some(connection) => connection,
                None => AnyConnection::connect(server.expose_secret()).await?,
            };
            let found = after(&mut connection, seq, limit).await?;
            Ok::<_, sqlx::Error>((connection, found))
        };
        // One that fell silent is let go, whatever became of the other end.
        let (connection, found) = timeout(PATIENCE, reading).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
        self.0 = Some(connection);
        Ok(found)
    }
}

/// The lines after a number.
async fn after(db: &mut AnyConnection, seq: i64, limit: i64) -> Result<Vec<Line>, sqlx::Error> {
    sqlx::query("SELECT seq, node, kind, subject FROM bus WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(seq)
        .bind(limit)
        .try_map(|row: AnyRow| {
            Ok(Line { seq: row.try_get("seq")?, node: row.try_get("node")?, kind: row.try_get("kind")?, subject: row.try_get("subject")? })
        })
        .fetch_all(db)
        .await
}

/// Removes the lines before a number.
pub(crate) async fn remove_before(db: &AnyPool, seq: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM bus WHERE seq < $1").bind(seq).execute(db).await.map(drop)
}
