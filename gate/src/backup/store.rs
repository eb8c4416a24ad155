//! What a restore asks of the database it goes into.

use sqlx::{AnyConnection, Row, any::AnyRow};
use std::collections::HashSet;
use wire::{Timestamp, UserId};

/// Who, and which keys, could get in before a restore.
#[derive(Default)]
pub(super) struct Alive {
    pub(super) users: HashSet<String>,
    pub(super) keys: HashSet<String>,
}

fn text(row: AnyRow) -> Result<String, sqlx::Error> {
    row.try_get("id")
}

/// The users who are not disabled, and the keys that are not revoked.
pub(super) async fn alive(db: &mut AnyConnection) -> Result<Alive, sqlx::Error> {
    let users = sqlx::query("SELECT id FROM users WHERE is_disabled = 0").try_map(text).fetch_all(&mut *db).await?;
    let keys = sqlx::query("SELECT id FROM api_keys WHERE revoked_at IS NULL").try_map(text).fetch_all(db).await?;
    Ok(Alive { users: users.into_iter().collect(), keys: keys.into_iter().collect() })
}

/// Whether anybody has an account here.
pub(super) async fn has_users(db: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query("SELECT 1 FROM users LIMIT 1").fetch_optional(db).await?.is_some())
}

/// Revokes a key.
pub(super) async fn revoke(db: &mut AnyConnection, id: String, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE api_keys SET revoked_at = $2, updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END WHERE id = $1")
        .bind(id)
        .bind(now.0)
        .execute(db)
        .await
        .map(drop)
}

/// What a token minted before is compared with rises for everybody.
pub(super) async fn raise(db: &mut AnyConnection) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET security_version = security_version + 1").execute(db).await.map(drop)
}

/// The ids of users.
pub(super) fn ids(ids: impl Iterator<Item = String>) -> Vec<UserId> {
    ids.filter_map(|id| id.parse().ok()).collect()
}
