//! The bus's table: lines that are numbered in the order of the commits.

use sqlx::{AnyConnection, AnyPool, Row, any::AnyRow};
use wire::Timestamp;

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

/// The lines after a number.
pub(crate) async fn after(db: &mut AnyConnection, seq: i64, limit: i64) -> Result<Vec<Line>, sqlx::Error> {
    sqlx::query("SELECT seq, node, kind, subject FROM bus WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(seq)
        .bind(limit)
        .try_map(|row: AnyRow| {
            Ok(Line { seq: row.try_get("seq")?, node: row.try_get("node")?, kind: row.try_get("kind")?, subject: row.try_get("subject")? })
        })
        .fetch_all(db)
        .await
}

/// Removes the lines from before a time.
pub(crate) async fn trim(db: &AnyPool, before: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM bus WHERE at < $1").bind(before.0).execute(db).await.map(drop)
}
