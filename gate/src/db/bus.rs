//! The bus's table: lines that are numbered in the order of the commits.

use sqlx::{AnyConnection, AnyPool, Row, any::AnyRow};
use wire::Timestamp;

/// Waits for a turn and returns its number; the row's lock is kept to the end of the transaction.
pub(crate) async fn take_turn(db: &mut AnyConnection, name: &str) -> Result<i64, sqlx::Error> {
    sqlx::query("UPDATE turns SET taken = taken + 1 WHERE name = $1 RETURNING taken").bind(name.to_owned()).fetch_one(db).await?.try_get(0)
}

/// Writes a line, as the last thing of a transaction, and gives its number: the turn makes the numbers
/// rise in the order of the commits, with no gaps.
pub(crate) async fn insert(db: &mut AnyConnection, kind: &'static str, subject: String, now: Timestamp) -> Result<i64, sqlx::Error> {
    let seq = take_turn(db, "bus").await?;
    sqlx::query("INSERT INTO bus (seq, kind, subject, at) VALUES ($1, $2, $3, $4)")
        .bind(seq)
        .bind(kind)
        .bind(subject)
        .bind(now.0)
        .execute(db)
        .await
        .map(|_| seq)
}

/// The number of the last line so far.
pub(crate) async fn last(db: &AnyPool) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT taken FROM turns WHERE name = 'bus'").fetch_one(db).await?.try_get(0)
}

/// The lines after a number: number, kind, subject.
pub(crate) async fn after(db: &AnyPool, seq: i64, limit: i64) -> Result<Vec<(i64, String, String)>, sqlx::Error> {
    sqlx::query("SELECT seq, kind, subject FROM bus WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(seq)
        .bind(limit)
        .try_map(|row: AnyRow| Ok((row.try_get("seq")?, row.try_get("kind")?, row.try_get("subject")?)))
        .fetch_all(db)
        .await
}

/// Removes the lines from before a time.
pub(crate) async fn trim(db: &AnyPool, before: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM bus WHERE at < $1").bind(before.0).execute(db).await.map(drop)
}
