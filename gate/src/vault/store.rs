//! Names and texts among the settings, and turns: the text is who has it, the time until when.

use sqlx::AnyConnection;
use wire::Timestamp;

pub(super) async fn remove(db: &mut AnyConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM settings WHERE name = $1").bind(name.to_owned()).execute(db).await.map(drop)
}

pub(super) async fn insert_turn(db: &mut AnyConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO settings (name, value, updated_at) VALUES ($1, '', 0) ON CONFLICT (name) DO NOTHING")
        .bind(name.to_owned())
        .execute(db)
        .await
        .map(drop)
}

/// Whether it is the holder's until then. One that ends later than any that is taken now is of a clock that
/// was set back.
pub(super) async fn take_turn(
    db: &mut AnyConnection,
    name: &str,
    holder: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, sqlx::Error> {
    const LONGEST: i64 = 24 * 60 * 60 * 1000;
    let taken = sqlx::query(
        "UPDATE settings SET value = $2, updated_at = $4
         WHERE name = $1 AND (value = $2 OR updated_at < $3 OR updated_at > $5)",
    )
    .bind(name.to_owned())
    .bind(holder.to_owned())
    .bind(now.0)
    .bind(until.0)
    .bind(now.plus(LONGEST).0)
    .execute(db)
    .await?;
    Ok(taken.rows_affected() == 1)
}

pub(super) async fn leave_turn(db: &mut AnyConnection, name: &str, holder: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE settings SET updated_at = 0 WHERE name = $1 AND value = $2")
        .bind(name.to_owned())
        .bind(holder.to_owned())
        .execute(db)
        .await
        .map(drop)
}
