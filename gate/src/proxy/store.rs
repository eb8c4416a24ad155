//! Codes that take a session to the host of an app, in the database.

use sqlx::{AnyConnection, Row, any::AnyRow};
use wire::{SessionId, Timestamp};

/// A code that was given out.
pub(crate) struct NewHandover<'a> {
    /// SHA-256 of the code, in hex.
    pub(crate) hash: String,
    pub(crate) session: SessionId,
    /// The app's slug.
    pub(crate) app: &'a str,
    /// SHA-256 of what the browser keeps, in hex.
    pub(crate) browser: &'a str,
    pub(crate) expires_at: Timestamp,
}

pub(crate) async fn insert(db: &mut AnyConnection, new: &NewHandover<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO handovers (hash, session_id, app, browser, expires_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(new.hash.clone())
        .bind(new.session.to_string())
        .bind(new.app.to_owned())
        .bind(new.browser.to_owned())
        .bind(new.expires_at.0)
        .execute(db)
        .await
        .map(drop)
}

/// Uses a code up; nothing when it was used before, is too old, unknown, another app's or another
/// browser's. `latest` is when one that is made now would end: what ends later was made before the clock
/// was set back.
pub(crate) async fn spend(
    db: &mut AnyConnection,
    hash: &str,
    app: &str,
    browser: &str,
    now: Timestamp,
    latest: Timestamp,
) -> Result<Option<SessionId>, sqlx::Error> {
    sqlx::query(
        "UPDATE handovers SET used_at = $4 WHERE hash = $1 AND app = $2 AND browser = $3 AND used_at IS NULL AND expires_at > $4 AND expires_at <= $5
         RETURNING session_id",
    )
    .bind(hash.to_owned())
    .bind(app.to_owned())
    .bind(browser.to_owned())
    .bind(now.0)
    .bind(latest.0)
    .try_map(|row: AnyRow| {
        row.try_get::<String, _>("session_id")?.parse().map_err(|_| sqlx::Error::Decode("a code with a bad session id".into()))
    })
    .fetch_optional(db)
    .await
}

/// Removes the codes that are too old.
pub(crate) async fn remove_old(db: &mut AnyConnection, before: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM handovers WHERE expires_at < $1").bind(before.0).execute(db).await.map(drop)
}
