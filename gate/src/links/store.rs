//! One-time links in the database: never the secret, only its SHA-256.

use sqlx::{AnyConnection, AnyPool, Row, any::AnyRow};
use wire::{Timestamp, UserId, links::LinkKind};

const fn kind_text(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Invitation => "invitation",
        LinkKind::Reset => "reset",
    }
}

fn kind_of(text: &str) -> LinkKind {
    if text == "invitation" { LinkKind::Invitation } else { LinkKind::Reset }
}

/// A link that can be used.
pub(super) struct Good {
    pub(super) kind: LinkKind,
    pub(super) user: UserId,
    pub(super) expires_at: Timestamp,
}

fn read(row: &AnyRow) -> Result<Good, sqlx::Error> {
    Ok(Good {
        kind: kind_of(row.try_get::<String, _>("kind")?.as_str()),
        user: row.try_get::<String, _>("user_id")?.parse().map_err(|_| sqlx::Error::Decode("a link with a bad user id".into()))?,
        expires_at: Timestamp(row.try_get("expires_at")?),
    })
}

pub(super) async fn insert(db: &mut AnyConnection, hash: &str, link: &Good, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO links (hash, kind, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(hash.to_owned())
        .bind(kind_text(link.kind))
        .bind(link.user.to_string())
        .bind(now.0)
        .bind(link.expires_at.0)
        .execute(db)
        .await
        .map(drop)
}

/// The link, if it can be used now: not used, not too old, and its user not disabled.
pub(super) async fn good(db: &AnyPool, hash: &str, now: Timestamp) -> Result<Option<Good>, sqlx::Error> {
    sqlx::query(
        "SELECT l.kind, l.user_id, l.expires_at FROM links l JOIN users u ON u.id = l.user_id
         WHERE l.hash = $1 AND l.used_at IS NULL AND l.expires_at > $2 AND u.is_disabled = 0",
    )
    .bind(hash.to_owned())
    .bind(now.0)
    .try_map(|row: AnyRow| read(&row))
    .fetch_optional(db)
    .await
}

/// Uses the link up. Of two at once one waits for the other's row, and then finds it used.
pub(super) async fn spend(db: &mut AnyConnection, hash: &str, now: Timestamp) -> Result<Option<Good>, sqlx::Error> {
    sqlx::query("UPDATE links SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING kind, user_id, expires_at")
        .bind(hash.to_owned())
        .bind(now.0)
        .try_map(|row: AnyRow| read(&row))
        .fetch_optional(db)
        .await
}

/// Removes all links of a user.
pub(crate) async fn remove_all_of(db: &mut AnyConnection, user: UserId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM links WHERE user_id = $1").bind(user.to_string()).execute(db).await.map(drop)
}

/// Removes links that ended before `before`.
pub(crate) async fn remove_old(db: &mut AnyConnection, before: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM links WHERE expires_at < $1").bind(before.0).execute(db).await.map(drop)
}
