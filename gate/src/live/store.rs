//! Messages in the database.

use sqlx::{AnyConnection, AnyPool, Row, any::AnyRow};
use wire::{
    Timestamp,
    live::{Channel, Topic},
};

/// A message as it is kept; its data is JSON.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) id: i64,
    pub(super) channel: String,
    pub(super) at: Timestamp,
    pub(super) kind: String,
    pub(super) data: String,
}

/// A message that is to be kept.
pub(super) struct New<'a> {
    pub(super) channel: &'a Channel,
    pub(super) at: Timestamp,
    pub(super) kind: &'a str,
    pub(super) data: &'a str,
}

/// Takes as many numbers as are wanted, and gives the last one; the lock of the row is kept to the end
/// of the transaction, so that numbers rise in the order of the commits.
async fn take(db: &mut AnyConnection, name: &'static str, count: i64) -> Result<i64, sqlx::Error> {
    sqlx::query("UPDATE turns SET taken = taken + $2 WHERE name = $1 RETURNING taken")
        .bind(name)
        .bind(count)
        .fetch_one(db)
        .await?
        .try_get(0)
}

/// Writes messages down, in their order; gives the id of the first one.
pub(super) async fn append(db: &mut AnyConnection, batch: &[New<'_>]) -> Result<i64, sqlx::Error> {
    let size = |new: &New<'_>| i64::try_from(new.kind.len() + new.data.len()).unwrap_or(i64::MAX);
    let count = i64::try_from(batch.len()).unwrap_or(i64::MAX);
    let bytes: i64 = batch.iter().map(size).sum();
    let first = take(&mut *db, "messages", count).await? - count + 1;
    let mut total = take(&mut *db, "message_bytes", bytes).await? - bytes;
    for (id, new) in (first..).zip(batch) {
        total += size(new);
        sqlx::query("INSERT INTO messages (id, namespace, channel, at, kind, data, total) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(id)
            .bind(new.channel.namespace())
            .bind(new.channel.as_str())
            .bind(new.at.0)
            .bind(new.kind)
            .bind(new.data)
            .bind(total)
            .execute(&mut *db)
            .await?;
    }
    Ok(first)
}

fn read(row: &AnyRow) -> Result<Kept, sqlx::Error> {
    Ok(Kept {
        id: row.try_get("id")?,
        channel: row.try_get("channel")?,
        at: Timestamp(row.try_get("at")?),
        kind: row.try_get("kind")?,
        data: row.try_get("data")?,
    })
}

/// The id of the last message that was ever written.
pub(super) async fn last(db: &AnyPool) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT taken FROM turns WHERE name = 'messages'").fetch_one(db).await?.try_get(0)
}

/// The id of the oldest message that is still there.
pub(super) async fn oldest(db: &AnyPool) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query("SELECT MIN(id) AS oldest FROM messages").fetch_one(db).await?.try_get(0)
}

/// The messages after an id, of all channels.
pub(super) async fn after(db: &AnyPool, id: i64, limit: i64) -> Result<Vec<Kept>, sqlx::Error> {
    sqlx::query("SELECT id, channel, at, kind, data FROM messages WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(id)
        .bind(limit)
        .try_map(|row| read(&row))
        .fetch_all(db)
        .await
}

/// The latest messages after an id, of those whose column has a value; the newest first.
macro_rules! latest {
    ($column:literal) => {
        concat!(
            "SELECT id, channel, at, kind, data FROM messages WHERE ",
            $column,
            " = $1 AND id > $2 AND id <= $3 ORDER BY id DESC LIMIT $4"
        )
    };
}

/// The latest messages of a channel, or of all channels of a namespace, after an id and up to another; the
/// newest first.
pub(super) async fn of_topic(db: &AnyPool, topic: &Topic, after: i64, upto: i64, limit: i64) -> Result<Vec<Kept>, sqlx::Error> {
    let (sql, value) = match topic.channel() {
        Some(channel) => (latest!("channel"), channel.as_str().to_owned()),
        None => (latest!("namespace"), topic.namespace().to_owned()),
    };
    sqlx::query(sql).bind(value).bind(after).bind(upto).bind(limit).try_map(|row| read(&row)).fetch_all(db).await
}

/// Channels that have messages, by name, with how many.
pub(super) async fn channels(db: &AnyPool, limit: i64) -> Result<Vec<(String, i64)>, sqlx::Error> {
    sqlx::query("SELECT channel, COUNT(*) AS messages FROM messages GROUP BY channel ORDER BY channel LIMIT $1")
        .bind(limit)
        .try_map(|row: AnyRow| Ok((row.try_get("channel")?, row.try_get("messages")?)))
        .fetch_all(db)
        .await
}

/// How many messages of a channel are there.
pub(super) async fn count(db: &AnyPool, channel: &str) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT COUNT(*) AS messages FROM messages WHERE channel = $1").bind(channel).fetch_one(db).await?.try_get(0)
}

/// The first messages that are there: id, time, bytes up to it.
pub(super) async fn first(db: &AnyPool, limit: i64) -> Result<Vec<(i64, Timestamp, i64)>, sqlx::Error> {
    sqlx::query("SELECT id, at, total FROM messages ORDER BY id LIMIT $1")
        .bind(limit)
        .try_map(|row: AnyRow| Ok((row.try_get("id")?, Timestamp(row.try_get("at")?), row.try_get("total")?)))
        .fetch_all(db)
        .await
}

/// The bytes of all messages that were ever written.
pub(super) async fn total(db: &AnyPool) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT taken FROM turns WHERE name = 'message_bytes'").fetch_one(db).await?.try_get(0)
}

/// Removes the messages up to an id.
pub(super) async fn remove_upto(db: &mut AnyConnection, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM messages WHERE id <= $1").bind(id).execute(db).await.map(drop)
}
