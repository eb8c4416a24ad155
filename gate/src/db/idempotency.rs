//! Keys that requests were sent with, and the sealed answers that they got.

use super::Db;
use sqlx::{AnyConnection, Row};
use wire::Timestamp;

/// For how long an answer stays.
const KEEP: i64 = 24 * 60 * 60 * 1000;
/// A request that began this long ago and never answered was lost with its process.
const LOST: i64 = 60_000;

/// What is known of a key.
pub(crate) enum Kept {
    /// Nothing: it is ours now.
    New,
    /// The first request with it still runs.
    Running,
    /// It was used with another body.
    Other,
    /// The first request's status and sealed answer.
    Answer(u16, String),
}

/// Marks the key as used, or tells what came of its first use.
pub(crate) async fn reserve(db: &Db, id: &str, request: &str, now: Timestamp) -> Result<Kept, sqlx::Error> {
    let mut write = db.write().await?;
    sqlx::query("DELETE FROM idempotency WHERE key_hash = $1 AND (created_at < $2 OR (status = 0 AND created_at < $3))")
        .bind(id.to_owned())
        .bind(now.0 - KEEP)
        .bind(now.0 - LOST)
        .execute(write.db())
        .await?;
    let made = sqlx::query("INSERT INTO idempotency (key_hash, request_hash, status, body, created_at) VALUES ($1, $2, 0, '', $3) ON CONFLICT (key_hash) DO NOTHING")
        .bind(id.to_owned())
        .bind(request.to_owned())
        .bind(now.0)
        .execute(write.db())
        .await?;
    if made.rows_affected() == 1 {
        write.commit().await?;
        return Ok(Kept::New);
    }
    let row = sqlx::query("SELECT request_hash, status, body FROM idempotency WHERE key_hash = $1")
        .bind(id.to_owned())
        .fetch_one(write.db())
        .await?;
    let (first, status): (String, i64) = (row.try_get("request_hash")?, row.try_get("status")?);
    Ok(match u16::try_from(status) {
        _ if first != request => Kept::Other,
        Ok(status) if status > 0 => Kept::Answer(status, row.try_get("body")?),
        _ => Kept::Running,
    })
}

/// Keeps an answer, sealed.
pub(crate) async fn keep(db: &Db, id: &str, status: u16, sealed: String) -> Result<(), sqlx::Error> {
    let mut write = db.write().await?;
    sqlx::query("UPDATE idempotency SET status = $2, body = $3 WHERE key_hash = $1")
        .bind(id.to_owned())
        .bind(i64::from(status))
        .bind(sealed)
        .execute(write.db())
        .await?;
    write.commit().await
}

/// Lets go of a key.
pub(crate) async fn forget(db: &Db, id: &str) -> Result<(), sqlx::Error> {
    let mut write = db.write().await?;
    sqlx::query("DELETE FROM idempotency WHERE key_hash = $1").bind(id.to_owned()).execute(write.db()).await?;
    write.commit().await
}

pub(crate) async fn remove_old(db: &mut AnyConnection, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM idempotency WHERE created_at < $1").bind(now.0 - KEEP).execute(db).await.map(drop)
}
