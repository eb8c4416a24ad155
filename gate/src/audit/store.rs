//! Events in the database.

pub(super) mod chain;
pub(super) mod page;

use sqlx::{AnyConnection, AnyPool, Row, any::AnyRow};
use wire::{
    EventId, Timestamp,
    audit::{Action, Event, Outcome, Party},
};

/// An event as one text, in the order of [`super::line::HEAD`].
macro_rules! line {
    () => {
        "id || '\u{1f}' || CAST(at AS TEXT) || '\u{1f}' || action || '\u{1f}' || outcome || '\u{1f}' || actor_kind || '\u{1f}' || \
             actor_id || '\u{1f}' || actor_name || '\u{1f}' || COALESCE(target_kind, '\u{1e}') || '\u{1f}' || \
             COALESCE(target_id, '\u{1e}') || '\u{1f}' || COALESCE(target_name, '\u{1e}') || '\u{1f}' || ip || '\u{1f}' || \
             user_agent || '\u{1f}' || request_id || '\u{1f}' || COALESCE(session_id, '\u{1e}') || '\u{1f}' || \
             COALESCE(workspace, '\u{1e}') || '\u{1f}' || COALESCE(environment, '\u{1e}') || '\u{1f}' || detail"
    };
}
use line;

pub(crate) async fn insert(db: &mut AnyConnection, event: &Event) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO events (id, at, action, outcome, actor_kind, actor_id, actor_name, target_kind, target_id, target_name,
                             ip, user_agent, request_id, session_id, workspace, environment, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    )
    .bind(event.id.to_string())
    .bind(event.at.0)
    .bind(event.action.as_str())
    .bind(event.outcome.as_str())
    .bind(&event.actor.kind)
    .bind(&event.actor.id)
    .bind(&event.actor.name)
    .bind(event.target.as_ref().map(|t| t.kind.clone()))
    .bind(event.target.as_ref().map(|t| t.id.clone()))
    .bind(event.target.as_ref().map(|t| t.name.clone()))
    .bind(&event.ip)
    .bind(&event.user_agent)
    .bind(&event.request_id)
    .bind(event.session_id.map(|id| id.to_string()))
    .bind(&event.workspace)
    .bind(&event.environment)
    .bind(event.detail.to_string())
    .execute(db)
    .await
    .map(drop)
}

/// The latest events, the newest first.
pub(crate) async fn latest(db: &AnyPool, limit: i64) -> Result<Vec<Event>, sqlx::Error> {
    sqlx::query("SELECT * FROM events ORDER BY at DESC, id DESC LIMIT $1").bind(limit).try_map(|row| read(&row)).fetch_all(db).await
}

/// The event of this id.
pub(crate) async fn by_id(db: &AnyPool, id: EventId) -> Result<Option<Event>, sqlx::Error> {
    sqlx::query("SELECT * FROM events WHERE id = $1").bind(id.to_string()).try_map(|row| read(&row)).fetch_optional(db).await
}

/// When sign-ins happened since `since`, and how they ended.
pub(crate) async fn sign_ins(db: &AnyPool, since: Timestamp, width: i64) -> Result<Vec<(i64, String, i64)>, sqlx::Error> {
    sqlx::query(
        "SELECT (at - $2) / $3 AS bucket, outcome, count(*) AS total FROM events
         WHERE action = $1 AND at >= $2 GROUP BY (at - $2) / $3, outcome",
    )
    .bind(Action::SessionStart.as_str())
    .bind(since.0)
    .bind(width)
    .try_map(|row: AnyRow| Ok((row.try_get("bucket")?, row.try_get("outcome")?, row.try_get("total")?)))
    .fetch_all(db)
    .await
}

fn read(row: &AnyRow) -> Result<Event, sqlx::Error> {
    let decode = |what: &str| sqlx::Error::Decode(format!("an event with a bad {what}").into());
    let target_kind: Option<String> = row.try_get("target_kind")?;
    let target = match target_kind {
        Some(kind) => Some(Party { kind, id: row.try_get("target_id")?, name: row.try_get("target_name")? }),
        None => None,
    };
    let session: Option<String> = row.try_get("session_id")?;
    Ok(Event {
        id: row.try_get::<String, _>("id")?.parse().map_err(|_| decode("id"))?,
        at: Timestamp(row.try_get("at")?),
        action: Action::parse(row.try_get::<String, _>("action")?.as_str()).ok_or_else(|| decode("action"))?,
        outcome: Outcome::parse(row.try_get::<String, _>("outcome")?.as_str()),
        actor: Party { kind: row.try_get("actor_kind")?, id: row.try_get("actor_id")?, name: row.try_get("actor_name")? },
        target,
        ip: row.try_get("ip")?,
        user_agent: row.try_get("user_agent")?,
        request_id: row.try_get("request_id")?,
        session_id: session.and_then(|id| id.parse().ok()),
        workspace: row.try_get("workspace")?,
        environment: row.try_get("environment")?,
        detail: {
            let detail: String = row.try_get("detail")?;
            // What is no JSON was not written by us, and is shown as it is.
            serde_json::from_str(&detail).unwrap_or(serde_json::Value::String(detail))
        },
    })
}
