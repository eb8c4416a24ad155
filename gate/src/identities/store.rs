//! Identities in the database, and which sessions began by them.

use sqlx::{Any, AnyConnection, AnyPool, Executor, Row, any::AnyRow};
use wire::{IdentityId, SessionId, Timestamp, UserId, users::Source, workspaces::Slug};

/// An identity as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) id: IdentityId,
    pub(crate) user: UserId,
    pub(crate) source: Source,
    pub(crate) provider: Slug,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) email: Option<String>,
    pub(crate) linked_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// The most identities of one account that are listed; nobody has so many.
const MOST: i64 = 100;

fn read(row: &AnyRow) -> Result<Kept, sqlx::Error> {
    let bad = || sqlx::Error::Decode("an identity with a bad id".into());
    Ok(Kept {
        id: row.try_get::<String, _>("id")?.parse().map_err(|_| bad())?,
        user: row.try_get::<String, _>("user_id")?.parse().map_err(|_| bad())?,
        source: match row.try_get::<String, _>("source")?.as_str() {
            "ldap" => Source::Ldap,
            "issuer" => Source::Issuer,
            _ => Source::Oidc,
        },
        provider: Slug(row.try_get("provider")?),
        issuer: row.try_get("issuer")?,
        subject: row.try_get("subject")?,
        email: row.try_get("email")?,
        linked_at: Timestamp(row.try_get("linked_at")?),
        last_used_at: row.try_get::<Option<i64>, _>("last_used_at")?.map(Timestamp),
    })
}

macro_rules! columns {
    () => {
        "id, user_id, source, provider, issuer, subject, email, linked_at, last_used_at"
    };
}

/// The identity of exactly this issuer and subject.
pub(crate) async fn by_subject<'c>(
    db: impl Executor<'c, Database = Any>,
    issuer: &str,
    subject: &str,
) -> Result<Option<Kept>, sqlx::Error> {
    // PostgreSQL takes no NUL in a text, and no identity has one.
    if issuer.contains('\0') || subject.contains('\0') {
        return Ok(None);
    }
    sqlx::query(concat!("SELECT ", columns!(), " FROM identities WHERE issuer = $1 AND subject = $2"))
        .bind(issuer.to_owned())
        .bind(subject.to_owned())
        .try_map(|row: AnyRow| read(&row))
        .fetch_optional(db)
        .await
}

/// The identities of a user, the first linked first.
pub(crate) async fn of_user<'c>(db: impl Executor<'c, Database = Any>, user: UserId) -> Result<Vec<Kept>, sqlx::Error> {
    sqlx::query(concat!("SELECT ", columns!(), " FROM identities WHERE user_id = $1 ORDER BY linked_at, id LIMIT $2"))
        .bind(user.to_string())
        .bind(MOST)
        .try_map(|row: AnyRow| read(&row))
        .fetch_all(db)
        .await
}

pub(crate) async fn insert(db: &mut AnyConnection, new: &Kept) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO identities (id, user_id, source, provider, issuer, subject, email, linked_at, last_used_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(new.id.to_string())
    .bind(new.user.to_string())
    .bind(new.source.as_str())
    .bind(new.provider.0.clone())
    .bind(new.issuer.clone())
    .bind(new.subject.clone())
    .bind(new.email.clone())
    .bind(new.linked_at.0)
    .bind(new.last_used_at.map(|at| at.0))
    .execute(db)
    .await
    .map(drop)
}

/// Writes down that an identity was used, and by which of the parties that share its issuer.
pub(crate) async fn touch(
    db: &mut AnyConnection,
    id: IdentityId,
    provider: &Slug,
    email: Option<&str>,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE identities SET last_used_at = $2, provider = $3, email = $4 WHERE id = $1")
        .bind(id.to_string())
        .bind(now.0)
        .bind(provider.0.clone())
        .bind(email.map(str::to_owned))
        .execute(db)
        .await
        .map(drop)
}

/// Removes an identity; the sessions that began by it stay without it.
pub(crate) async fn remove(db: &mut AnyConnection, id: IdentityId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM identities WHERE id = $1").bind(id.to_string()).execute(db).await.map(drop)
}

/// How many accounts have an identity of this provider, counted up to `most`.
pub(crate) async fn count_people(db: &AnyPool, provider: &Slug, most: i64) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT count(*) AS total FROM (SELECT DISTINCT user_id FROM identities WHERE provider = $1 LIMIT $2) AS part")
        .bind(provider.0.clone())
        .bind(most)
        .fetch_one(db)
        .await?
        .try_get("total")
}

/// The providers by which admins who can sign in have signed in.
pub(crate) async fn providers_of_admins<'c>(db: impl Executor<'c, Database = Any>, but: Option<UserId>) -> Result<Vec<Slug>, sqlx::Error> {
    sqlx::query(
        "SELECT DISTINCT i.provider FROM users u JOIN identities i ON i.user_id = u.id
         WHERE u.role = 'admin' AND u.is_disabled = 0 AND i.source = 'oidc' AND i.last_used_at IS NOT NULL AND u.id <> $1",
    )
    .bind(but.map(|id| id.to_string()).unwrap_or_default())
    .try_map(|row: AnyRow| row.try_get("provider").map(Slug))
    .fetch_all(db)
    .await
}

/// By what a session began.
pub(crate) struct Beginning<'a> {
    pub(crate) session: SessionId,
    pub(crate) identity: IdentityId,
    /// The session's name at the provider.
    pub(crate) sid: Option<&'a str>,
    pub(crate) id_token_sealed: Option<String>,
}

pub(crate) async fn insert_beginning(db: &mut AnyConnection, new: &Beginning<'_>) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO session_identities (session_id, identity_id, sid, id_token_sealed) VALUES ($1, $2, $3, $4)")
        .bind(new.session.to_string())
        .bind(new.identity.to_string())
        .bind(new.sid.map(str::to_owned))
        .bind(new.id_token_sealed.clone())
        .execute(db)
        .await
        .map(drop)
}

/// The identity by which a session began, with what the provider said then.
pub(crate) async fn beginning<'c>(
    db: impl Executor<'c, Database = Any>,
    session: SessionId,
) -> Result<Option<(Kept, Option<String>)>, sqlx::Error> {
    sqlx::query(
        "SELECT i.id, i.user_id, i.source, i.provider, i.issuer, i.subject, i.email, i.linked_at, i.last_used_at, s.id_token_sealed
         FROM session_identities s JOIN identities i ON i.id = s.identity_id WHERE s.session_id = $1",
    )
    .bind(session.to_string())
    .try_map(|row: AnyRow| Ok((read(&row)?, row.try_get("id_token_sealed")?)))
    .fetch_optional(db)
    .await
}

/// Which sessions a provider's sign-out is about.
pub(crate) enum Meant<'a> {
    /// All that began by this identity.
    Identity(IdentityId),
    /// The one of this name at the provider, of this issuer.
    Sid(&'a str, &'a str),
    /// All that began by this provider.
    Provider(&'a Slug),
}

/// The sessions that are alive and meant.
pub(crate) async fn sessions(db: &mut AnyConnection, meant: &Meant<'_>) -> Result<Vec<(SessionId, UserId)>, sqlx::Error> {
    const LIVE: &str = "SELECT s.id, s.user_id FROM session_identities b
         JOIN identities i ON i.id = b.identity_id JOIN sessions s ON s.id = b.session_id WHERE s.ended_at IS NULL AND ";
    let (condition, one, two) = match meant {
        Meant::Identity(id) => ("i.id = $1 AND $2 = ''", id.to_string(), String::new()),
        Meant::Sid(issuer, sid) => ("i.issuer = $1 AND b.sid = $2", (*issuer).to_owned(), (*sid).to_owned()),
        Meant::Provider(slug) => ("i.provider = $1 AND $2 = ''", slug.0.clone(), String::new()),
    };
    let bad = || sqlx::Error::Decode("a session with a bad id".into());
    sqlx::query(sqlx::AssertSqlSafe(format!("{LIVE}{condition}")))
        .bind(one)
        .bind(two)
        .try_map(|row: AnyRow| {
            let id = row.try_get::<String, _>("id")?.parse().map_err(|_| bad())?;
            Ok((id, row.try_get::<String, _>("user_id")?.parse().map_err(|_| bad())?))
        })
        .fetch_all(db)
        .await
}

/// The users who have an identity of one of these subjects, or whose verified address is one of these.
pub(crate) async fn listed(db: &AnyPool, entry: &str) -> Result<Vec<UserId>, sqlx::Error> {
    if entry.contains('\0') {
        return Ok(Vec::new());
    }
    sqlx::query("SELECT DISTINCT user_id FROM identities WHERE subject = $1 OR lower(email) = lower($1) ORDER BY user_id LIMIT 100")
        .bind(entry.to_owned())
        .try_map(|row: AnyRow| {
            row.try_get::<String, _>("user_id")?.parse().map_err(|_| sqlx::Error::Decode("an identity with a bad user id".into()))
        })
        .fetch_all(db)
        .await
}
