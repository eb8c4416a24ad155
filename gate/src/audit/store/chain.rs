//! The chain in the database: events with their place and hash, and where the chain ends on both sides.

use super::line;
use sqlx::{Any, AnyConnection, AnyPool, Executor, Row, any::AnyRow};
use wire::Timestamp;

/// An end of the chain, as it lies in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The place of the event.
    pub(crate) seq: i64,
    /// Its hash.
    pub(crate) hash: String,
    /// Names the secret that the mac was made with.
    pub(crate) kid: String,
    pub(crate) mac: String,
}

/// An event in the chain.
pub(crate) struct Link {
    pub(crate) seq: i64,
    pub(crate) hash: String,
    /// The event as one text.
    pub(crate) line: String,
}

/// The end of this name.
pub(crate) async fn end<'c>(db: impl Executor<'c, Database = Any>, name: &'static str) -> Result<Option<Kept>, sqlx::Error> {
    let read =
        |row: AnyRow| Ok(Kept { seq: row.try_get("seq")?, hash: row.try_get("hash")?, kid: row.try_get("kid")?, mac: row.try_get("mac")? });
    sqlx::query("SELECT seq, hash, kid, mac FROM audit_chain WHERE name = $1").bind(name).try_map(read).fetch_optional(db).await
}

/// Moves an end.
pub(crate) async fn set_end(db: &mut AnyConnection, name: &'static str, end: &Kept) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO audit_chain (name, seq, hash, kid, mac) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO UPDATE SET seq = $2, hash = $3, kid = $4, mac = $5",
    )
    .bind(name)
    .bind(end.seq)
    .bind(end.hash.clone())
    .bind(end.kid.clone())
    .bind(end.mac.clone())
    .execute(db)
    .await
    .map(drop)
}

/// Whether events wait to be chained.
pub(crate) async fn is_waiting(db: &AnyPool) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query("SELECT id FROM events WHERE seq IS NULL ORDER BY at, id LIMIT 1").fetch_optional(db).await?.is_some())
}

/// How many events wait to be chained.
pub(crate) async fn count_waiting(db: &AnyPool) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT count(*) AS total FROM events WHERE seq IS NULL").fetch_one(db).await?.try_get("total")
}

/// How many events have a place up to this one.
pub(crate) async fn count_up_to(db: &AnyPool, seq: i64) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT count(*) AS total FROM events WHERE seq <= $1").bind(seq).fetch_one(db).await?.try_get("total")
}

/// The events that wait, the oldest first: the id, and the event as one text.
pub(crate) async fn waiting(db: &mut AnyConnection, limit: i64) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query(concat!("SELECT id, ", line!(), " AS line FROM events WHERE seq IS NULL ORDER BY at, id LIMIT $1"))
        .bind(limit)
        .try_map(|row: AnyRow| Ok((row.try_get(0)?, row.try_get(1)?)))
        .fetch_all(db)
        .await
}

/// Gives an event its place and hash.
pub(crate) async fn set_place(db: &mut AnyConnection, id: String, seq: i64, hash: String) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE events SET seq = $2, hash = $3 WHERE id = $1").bind(id).bind(seq).bind(hash).execute(db).await.map(drop)
}

/// The chained events after a place.
pub(crate) async fn links(db: &AnyPool, after: i64, limit: i64) -> Result<Vec<Link>, sqlx::Error> {
    let read =
        |row: AnyRow| Ok(Link { seq: row.try_get(0)?, hash: row.try_get::<Option<_>, _>(1)?.unwrap_or_default(), line: row.try_get(2)? });
    sqlx::query(concat!("SELECT seq, hash, ", line!(), " AS line FROM events WHERE seq > $1 ORDER BY seq LIMIT $2"))
        .bind(after)
        .bind(limit)
        .try_map(read)
        .fetch_all(db)
        .await
}

/// The chained events from the beginning: place, hash and time.
pub(crate) async fn oldest(db: &mut AnyConnection, limit: i64) -> Result<Vec<(i64, String, Timestamp)>, sqlx::Error> {
    let read = |row: AnyRow| Ok((row.try_get(0)?, row.try_get::<Option<_>, _>(1)?.unwrap_or_default(), Timestamp(row.try_get(2)?)));
    sqlx::query("SELECT seq, hash, at FROM events WHERE seq IS NOT NULL ORDER BY seq LIMIT $1")
        .bind(limit)
        .try_map(read)
        .fetch_all(db)
        .await
}

/// Removes the chained events up to a place.
pub(crate) async fn remove_up_to(db: &mut AnyConnection, seq: i64) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query("DELETE FROM events WHERE seq <= $1").bind(seq).execute(db).await?.rows_affected())
}

#[cfg(test)]
mod tests;
