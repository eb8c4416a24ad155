//! Sessions and their secrets in the database.

use crate::presence::LiveSession;
use sqlx::{AnyConnection, AnyPool, Row, any::AnyRow};
use std::sync::atomic::AtomicI64;
use wire::{
    SessionId, Timestamp, UserId,
    live::EndedBy,
    sessions::{Session, SessionKind},
};

/// A session that begins.
pub(crate) struct NewSession<'a> {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) kind: SessionKind,
    pub(crate) binding_hash: Option<String>,
    pub(crate) is_remembered: bool,
    pub(crate) device: &'a str,
    pub(crate) address: String,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

const fn kind_text(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Token => "token",
        SessionKind::Browser => "browser",
    }
}

fn kind_of(text: &str) -> SessionKind {
    if text == "browser" { SessionKind::Browser } else { SessionKind::Token }
}

pub(crate) async fn insert(db: &mut AnyConnection, new: &NewSession<'_>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO sessions (id, user_id, kind, binding_hash, remembered, device, address, created_at, last_seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)",
    )
    .bind(new.id.to_string())
    .bind(new.user.to_string())
    .bind(kind_text(new.kind))
    .bind(new.binding_hash.clone())
    .bind(i64::from(new.is_remembered))
    .bind(new.device.to_owned())
    .bind(new.address.clone())
    .bind(new.now.0)
    .bind(new.expires_at.0)
    .execute(db)
    .await
    .map(drop)
}

/// The session, unless it has ended.
pub(crate) async fn live(db: &AnyPool, id: SessionId) -> Result<Option<LiveSession>, sqlx::Error> {
    sqlx::query(
        "SELECT user_id, binding_hash, created_at, confirmed_at, expires_at, last_seen_at FROM sessions WHERE id = $1 AND ended_at IS NULL",
    )
    .bind(id.to_string())
    .try_map(|row: AnyRow| {
        Ok(LiveSession {
            user: user_id(&row)?,
            binding: row.try_get("binding_hash")?,
            created_at: Timestamp(row.try_get("created_at")?),
            confirmed_at: row.try_get::<Option<i64>, _>("confirmed_at")?.map(Timestamp),
            expires_at: Timestamp(row.try_get("expires_at")?),
            seen_at: AtomicI64::new(row.try_get("last_seen_at")?),
        })
    })
    .fetch_optional(db)
    .await
}

fn user_id(row: &AnyRow) -> Result<UserId, sqlx::Error> {
    row.try_get::<String, _>("user_id")?.parse().map_err(|_| sqlx::Error::Decode("a session with a bad user id".into()))
}

pub(crate) async fn insert_secret(db: &mut AnyConnection, hash: &str, session: SessionId, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO refresh_secrets (hash, session_id, issued_at) VALUES ($1, $2, $3)")
        .bind(hash.to_owned())
        .bind(session.to_string())
        .bind(now.0)
        .execute(db)
        .await
        .map(drop)
}

/// Spends a secret; false when it was spent before, or is none of ours.
pub(crate) async fn spend_secret(db: &mut AnyConnection, hash: &str, now: Timestamp) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("UPDATE refresh_secrets SET spent_at = $2 WHERE hash = $1 AND spent_at IS NULL")
        .bind(hash.to_owned())
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// A refresh secret and the session that it belongs to.
pub(crate) struct Secret {
    pub(crate) session: SessionId,
    pub(crate) user: UserId,
    pub(crate) kind: SessionKind,
    pub(crate) is_remembered: bool,
    pub(crate) binding_hash: Option<String>,
    pub(crate) spent_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) has_ended: bool,
}

pub(crate) async fn secret(db: &mut AnyConnection, hash: &str) -> Result<Option<Secret>, sqlx::Error> {
    sqlx::query(
        "SELECT s.id, s.user_id, s.kind, s.remembered, s.binding_hash, s.created_at, s.last_seen_at, s.expires_at, s.ended_at, r.spent_at
         FROM refresh_secrets r JOIN sessions s ON s.id = r.session_id WHERE r.hash = $1",
    )
    .bind(hash.to_owned())
    .try_map(|row: AnyRow| {
        Ok(Secret {
            session: session_id(&row)?,
            user: user_id(&row)?,
            kind: kind_of(row.try_get::<String, _>("kind")?.as_str()),
            is_remembered: row.try_get::<i64, _>("remembered")? != 0,
            binding_hash: row.try_get("binding_hash")?,
            spent_at: row.try_get::<Option<i64>, _>("spent_at")?.map(Timestamp),
            created_at: Timestamp(row.try_get("created_at")?),
            last_seen_at: Timestamp(row.try_get("last_seen_at")?),
            expires_at: Timestamp(row.try_get("expires_at")?),
            has_ended: row.try_get::<Option<i64>, _>("ended_at")?.is_some(),
        })
    })
    .fetch_optional(db)
    .await
}

fn session_id(row: &AnyRow) -> Result<SessionId, sqlx::Error> {
    row.try_get::<String, _>("id")?.parse().map_err(|_| sqlx::Error::Decode("a session with a bad id".into()))
}

pub(crate) async fn set_expiry(db: &mut AnyConnection, id: SessionId, expires_at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE sessions SET expires_at = $2 WHERE id = $1").bind(id.to_string()).bind(expires_at.0).execute(db).await.map(drop)
}

pub(crate) async fn set_confirmed(db: &mut AnyConnection, id: SessionId, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE sessions SET confirmed_at = $2 WHERE id = $1").bind(id.to_string()).bind(now.0).execute(db).await.map(drop)
}

pub(crate) async fn set_seen(db: &mut AnyConnection, id: SessionId, at: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2")
        .bind(id.to_string())
        .bind(at.0)
        .execute(db)
        .await
        .map(drop)
}

/// Ends a session; false when it had ended.
pub(crate) async fn end(db: &mut AnyConnection, id: SessionId, by: &str, now: Timestamp) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("UPDATE sessions SET ended_at = $2, ended_by = $3 WHERE id = $1 AND ended_at IS NULL")
        .bind(id.to_string())
        .bind(now.0)
        .bind(by.to_owned())
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Who ended a session; nothing while it is alive, where it ran out, and where nobody in particular did.
pub(crate) async fn ended_by(db: &AnyPool, id: SessionId) -> Result<Option<EndedBy>, sqlx::Error> {
    let row = sqlx::query("SELECT ended_by FROM sessions WHERE id = $1").bind(id.to_string()).fetch_optional(db).await?;
    let by = row.map(|row| row.try_get::<Option<String>, _>("ended_by")).transpose()?.flatten();
    Ok(match by.as_deref() {
        Some("admin" | "disabled" | "deleted" | "password reset") => Some(EndedBy::Admin),
        Some("owner" | "sign-out" | "sign-out everywhere" | "password change" | "password link") => Some(EndedBy::Owner),
        Some("provider" | "provider deleted") => Some(EndedBy::Provider),
        _ => None,
    })
}

/// Ends all sessions of a user, but for one; gives those that ended.
pub(crate) async fn end_all_of(
    db: &mut AnyConnection,
    user: UserId,
    except: Option<SessionId>,
    by: &str,
    now: Timestamp,
) -> Result<Vec<SessionId>, sqlx::Error> {
    sqlx::query("UPDATE sessions SET ended_at = $2, ended_by = $3 WHERE user_id = $1 AND ended_at IS NULL AND id <> $4 RETURNING id")
        .bind(user.to_string())
        .bind(now.0)
        .bind(by.to_owned())
        .bind(except.map(|id| id.to_string()).unwrap_or_default())
        .try_map(|row: AnyRow| session_id(&row))
        .fetch_all(db)
        .await
}

/// Ends all sessions of everybody; gives how many there were.
pub(crate) async fn end_everybodys(db: &mut AnyConnection, by: &str, now: Timestamp) -> Result<usize, sqlx::Error> {
    let done = sqlx::query("UPDATE sessions SET ended_at = $1, ended_by = $2 WHERE ended_at IS NULL")
        .bind(now.0)
        .bind(by.to_owned())
        .execute(db)
        .await?;
    Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
}

const LISTED: &str = "SELECT s.id, s.user_id, s.kind, s.remembered, s.device, s.address, s.created_at, s.last_seen_at, s.expires_at,
        COALESCE(u.display_name, u.username) AS user_name
     FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.ended_at IS NULL AND s.expires_at > $1";

fn listed(row: &AnyRow) -> Result<Session, sqlx::Error> {
    Ok(Session {
        id: session_id(row)?,
        user_id: user_id(row)?,
        user_name: row.try_get("user_name")?,
        kind: kind_of(row.try_get::<String, _>("kind")?.as_str()),
        device: row.try_get("device")?,
        address: row.try_get("address")?,
        created_at: Timestamp(row.try_get("created_at")?),
        last_seen_at: Timestamp(row.try_get("last_seen_at")?),
        expires_at: Timestamp(row.try_get("expires_at")?),
        is_remembered: row.try_get::<i64, _>("remembered")? != 0,
        is_current: false,
    })
}

/// Live sessions, the last seen first, after the row that the cursor names; of one user, or of all.
pub(crate) async fn page(
    db: &AnyPool,
    user: Option<UserId>,
    after: Option<(i64, String)>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Session>, sqlx::Error> {
    let (seen, id) = after.unwrap_or((i64::MAX, String::new()));
    let rest = "AND (s.last_seen_at, s.id) < ($2, $3)";
    let order = "ORDER BY s.last_seen_at DESC, s.id DESC LIMIT $4";
    let sql = match user {
        Some(_) => format!("{LISTED} {rest} AND s.user_id = $5 {order}"),
        None => format!("{LISTED} {rest} {order}"),
    };
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now.0).bind(seen).bind(id).bind(limit);
    let query = match user {
        Some(user) => query.bind(user.to_string()),
        None => query,
    };
    query.try_map(|row: AnyRow| listed(&row)).fetch_all(db).await
}

/// One live session.
pub(crate) async fn by_id(db: &AnyPool, id: SessionId, now: Timestamp) -> Result<Option<Session>, sqlx::Error> {
    let sql = format!("{LISTED} AND s.id = $2");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(now.0).bind(id.to_string()).try_map(|row: AnyRow| listed(&row)).fetch_optional(db).await
}

/// The live sessions that were seen last.
pub(crate) async fn recent(db: &AnyPool, now: Timestamp, limit: i64) -> Result<Vec<Session>, sqlx::Error> {
    page(db, None, None, now, limit).await
}

/// How many sessions are alive.
pub(crate) async fn count_live(db: &AnyPool, now: Timestamp) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT count(*) AS total FROM sessions WHERE ended_at IS NULL AND expires_at > $1")
        .bind(now.0)
        .fetch_one(db)
        .await?
        .try_get("total")
}

/// Removes what ended before `before`, a bounded number at once; gives how many.
pub(crate) async fn remove_old(db: &mut AnyConnection, before: Timestamp, limit: i64) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)")
        .bind(before.0)
        .bind(limit)
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

pub(crate) async fn insert_ticket(
    db: &mut AnyConnection,
    hash: &str,
    session: SessionId,
    expires_at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO tickets (hash, session_id, expires_at) VALUES ($1, $2, $3)")
        .bind(hash.to_owned())
        .bind(session.to_string())
        .bind(expires_at.0)
        .execute(db)
        .await
        .map(drop)
}

/// Uses a ticket up; nothing when it was used before, is too old or unknown.
/// `latest` is when one that is made now would end.
pub(crate) async fn use_ticket(
    db: &mut AnyConnection,
    hash: &str,
    now: Timestamp,
    latest: Timestamp,
) -> Result<Option<SessionId>, sqlx::Error> {
    sqlx::query(
        "UPDATE tickets SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 AND expires_at <= $3
         RETURNING session_id AS id",
    )
    .bind(hash.to_owned())
    .bind(now.0)
    .bind(latest.0)
    .try_map(|row: AnyRow| session_id(&row))
    .fetch_optional(db)
    .await
}

pub(crate) async fn remove_old_tickets(db: &mut AnyConnection, before: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM tickets WHERE expires_at < $1").bind(before.0).execute(db).await.map(drop)
}
