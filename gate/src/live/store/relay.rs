//! How far each relay has come, and which node feeds it.

use crate::db::Db;
use sqlx::{AnyPool, Row};
use wire::Timestamp;

/// Makes a relay known, which begins after this place; one that is known stays where it is.
pub(crate) async fn insert_if_absent(db: &Db, name: &str, seq: i64) -> Result<(), sqlx::Error> {
    let mut write = db.write().await?;
    sqlx::query("INSERT INTO live_relays (name, seq, holder, held_until) VALUES ($1, $2, '', 0) ON CONFLICT (name) DO NOTHING")
        .bind(name.to_owned())
        .bind(seq)
        .execute(write.db())
        .await?;
    write.commit().await
}

/// How far the relay has come.
pub(crate) async fn seq(db: &AnyPool, name: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query("SELECT seq FROM live_relays WHERE name = $1")
        .bind(name.to_owned())
        .fetch_optional(db)
        .await?
        .map(|row| row.try_get("seq"))
        .transpose()
}

/// Takes the relay for a while, or keeps it, unless another node has it; gives how far it has come.
pub(crate) async fn hold(db: &Db, name: &str, holder: &str, now: Timestamp, until: Timestamp) -> Result<Option<i64>, sqlx::Error> {
    let mut write = db.write().await?;
    let row = sqlx::query(
        // Nobody holds it for so long: a clock was set back since.
        "UPDATE live_relays SET holder = $2, held_until = $4
         WHERE name = $1 AND (holder = $2 OR held_until < $3 OR held_until > $4 + $4 - $3) RETURNING seq",
    )
    .bind(name.to_owned())
    .bind(holder.to_owned())
    .bind(now.0)
    .bind(until.0)
    .fetch_optional(write.db())
    .await?;
    let seq = row.map(|row| row.try_get("seq")).transpose()?;
    write.commit().await?;
    Ok(seq)
}

/// Leaves the relay to others.
pub(crate) async fn release(db: &Db, name: &str, holder: &str) -> Result<(), sqlx::Error> {
    let mut write = db.write().await?;
    sqlx::query("UPDATE live_relays SET held_until = 0 WHERE name = $1 AND holder = $2")
        .bind(name.to_owned())
        .bind(holder.to_owned())
        .execute(write.db())
        .await?;
    write.commit().await
}

/// Writes down how far the relay has come, if it is still held.
pub(crate) async fn set_seq(db: &Db, name: &str, holder: &str, seq: i64) -> Result<(), sqlx::Error> {
    let mut write = db.write().await?;
    sqlx::query("UPDATE live_relays SET seq = $3 WHERE name = $1 AND holder = $2 AND seq < $3")
        .bind(name.to_owned())
        .bind(holder.to_owned())
        .bind(seq)
        .execute(write.db())
        .await?;
    write.commit().await
}
