//! Settings in the database: a name and a text each.

use sqlx::{AnyConnection, AnyPool, Row, any::AnyRow};
use wire::Timestamp;

pub(crate) async fn all(db: &AnyPool) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query("SELECT name, value FROM settings WHERE name <> 'signing_secret'")
        .try_map(|row: AnyRow| Ok((row.try_get("name")?, row.try_get("value")?)))
        .fetch_all(db)
        .await
}

pub(crate) async fn value(db: &AnyPool, name: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query("SELECT value FROM settings WHERE name = $1")
        .bind(name.to_owned())
        .try_map(|row: AnyRow| row.try_get(0))
        .fetch_optional(db)
        .await
}

/// The value as this transaction sees it.
pub(crate) async fn value_in(db: &mut AnyConnection, name: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query("SELECT value FROM settings WHERE name = $1")
        .bind(name.to_owned())
        .try_map(|row: AnyRow| row.try_get(0))
        .fetch_optional(db)
        .await
}

pub(crate) async fn insert_if_absent(db: &AnyPool, name: &str, value: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, 0) ON CONFLICT (name) DO NOTHING")
        .bind(name.to_owned())
        .bind(value.to_owned())
        .execute(db)
        .await
        .map(drop)
}

pub(crate) async fn set(db: &mut AnyConnection, name: &str, value: &str, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
    )
    .bind(name.to_owned())
    .bind(value.to_owned())
    .bind(now.0)
    .execute(db)
    .await
    .map(drop)
}
