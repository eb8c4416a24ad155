//! Accounts in the database.

mod facet;
mod page;

use facet::facet;
pub(super) use facet::facets;
pub(super) use page::{Listed, Place, Prefix, Wanted, count_up_to, page};

use super::name;
use crate::{db::unique::is_taken, presence::Account, workspaces::store::grants};
use sqlx::{Any, AnyConnection, AnyPool, Executor, Row, any::AnyRow};
use std::sync::Arc;
use wire::{
    Code, Failure, RoleName, Timestamp, UserId,
    users::{Source, User},
};

/// The columns that a [`User`] is read from. The hash itself is not among them.
macro_rules! columns {
    () => {
        "id, username, email, display_name, role, source, is_disabled, must_change_password, \
         CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END AS has_password, is_break_glass, created_at, updated_at, last_login_at"
    };
}
use columns;

/// The same, and the grants in one text: `workspace/environment/role`, parted by spaces.
macro_rules! whole {
    () => {
        concat!(
            columns!(),
            ", (SELECT string_agg(g.workspace || '/' || g.environment || '/' || g.role, ' ') FROM grants g WHERE g.user_id = users.id) AS grants"
        )
    };
}

fn source_of(text: &str) -> Source {
    match text {
        "oidc" => Source::Oidc,
        "issuer" => Source::Issuer,
        "ldap" => Source::Ldap,
        _ => Source::Local,
    }
}

fn read(row: &AnyRow) -> Result<User, sqlx::Error> {
    let flag = |name: &str| row.try_get::<i64, _>(name).map(|value| value != 0);
    let last_login_at: i64 = row.try_get("last_login_at")?;
    Ok(User {
        id: row.try_get::<String, _>("id")?.parse().map_err(|_| sqlx::Error::Decode("a user with a bad id".into()))?,
        username: row.try_get("username")?,
        email: row.try_get("email")?,
        display_name: row.try_get("display_name")?,
        role: RoleName(row.try_get("role")?),
        is_disabled: flag("is_disabled")?,
        source: source_of(row.try_get::<String, _>("source")?.as_str()),
        must_change_password: flag("must_change_password")?,
        has_password: flag("has_password")?,
        is_break_glass: flag("is_break_glass")?,
        created_at: Timestamp(row.try_get("created_at")?),
        updated_at: Timestamp(row.try_get("updated_at")?),
        last_login_at: (last_login_at != 0).then_some(Timestamp(last_login_at)),
        grants: row.try_get::<Option<String>, _>("grants")?.map(|text| grants::read(&text)).unwrap_or_default(),
    })
}

/// The user of this id.
pub(crate) async fn by_id<'c>(db: impl Executor<'c, Database = Any>, id: UserId) -> Result<Option<User>, sqlx::Error> {
    sqlx::query(concat!("SELECT ", whole!(), " FROM users WHERE id = $1"))
        .bind(id.to_string())
        .try_map(|row: AnyRow| read(&row))
        .fetch_optional(db)
        .await
}

/// The account of this id, as requests are judged by it.
pub(crate) async fn account(db: &AnyPool, id: UserId) -> Result<Option<Account>, sqlx::Error> {
    sqlx::query(concat!("SELECT ", whole!(), ", security_version FROM users WHERE id = $1"))
        .bind(id.to_string())
        .try_map(|row: AnyRow| Ok(Account { user: Arc::new(read(&row)?), security_version: row.try_get("security_version")? }))
        .fetch_optional(db)
        .await
}

/// A user, and what a sign-in is checked against.
pub(crate) struct Credentials {
    /// Who it is.
    pub(crate) user: User,
    /// The hash, where a password was ever set.
    pub(crate) password_hash: Option<String>,
}

/// The user whose username or address has this key.
pub(crate) async fn credentials(db: &AnyPool, key: &str) -> Result<Option<Credentials>, sqlx::Error> {
    // No key has a NUL, and PostgreSQL would not take one in a text.
    if key.contains('\0') {
        return Ok(None);
    }
    sqlx::query(concat!("SELECT ", whole!(), ", password_hash FROM users WHERE username_key = $1 OR email_key = $1"))
        .bind(key.to_owned())
        .try_map(|row: AnyRow| Ok(Credentials { user: read(&row)?, password_hash: row.try_get("password_hash")? }))
        .fetch_optional(db)
        .await
}

/// The user of this address.
///
/// Also whether it was the owner who wrote the address.
pub(crate) async fn by_address(db: &mut AnyConnection, address: &str) -> Result<Option<(User, bool)>, sqlx::Error> {
    if address.contains('\0') {
        return Ok(None);
    }
    sqlx::query(concat!("SELECT ", whole!(), ", email_by_owner FROM users WHERE email_key = $1"))
        .bind(name::email_key(address))
        .try_map(|row: AnyRow| Ok((read(&row)?, row.try_get::<i64, _>("email_by_owner")? != 0)))
        .fetch_optional(db)
        .await
}

/// Writes down who wrote a user's address: its owner, or somebody who manages users.
pub(crate) async fn set_email_by_owner(db: &mut AnyConnection, id: UserId, is_by_owner: bool) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET email_by_owner = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(i64::from(is_by_owner))
        .execute(db)
        .await
        .map(drop)
}

/// Whether somebody has this username.
pub(crate) async fn is_name_taken(db: &mut AnyConnection, username: &str) -> Result<bool, sqlx::Error> {
    let found = sqlx::query("SELECT 1 FROM users WHERE username_key = $1").bind(name::username_key(username));
    Ok(found.fetch_optional(db).await?.is_some())
}

/// Adds a user. The unique indexes refuse a name or an address that is taken.
pub(crate) async fn insert(db: &mut AnyConnection, user: &User, password_hash: Option<&str>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO users (id, username, username_key, email, email_key, display_name, display_key, role, source, password_hash,
                            must_change_password, is_disabled, facet, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(user.id.to_string())
    .bind(user.username.clone())
    .bind(name::username_key(&user.username))
    .bind(user.email.clone())
    .bind(user.email.as_deref().map(name::email_key))
    .bind(user.display_name.clone())
    .bind(user.display_name.as_deref().map(name::display_key))
    .bind(user.role.0.clone())
    .bind(user.source.as_str())
    .bind(password_hash.map(str::to_owned))
    .bind(i64::from(user.must_change_password))
    .bind(i64::from(user.is_disabled))
    .bind(facet(&user.role.0, user.source, user.is_disabled))
    .bind(user.created_at.0)
    .bind(user.updated_at.0)
    .execute(db)
    .await
    .map(drop)
}

/// Writes what can change about a user; `raise` tells whether tokens minted before are refused.
pub(crate) async fn save(db: &mut AnyConnection, user: &User, raise: bool) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE users SET username = $2, username_key = $3, email = $4, email_key = $5, display_name = $6, display_key = $7, role = $8,
                          must_change_password = $9, is_disabled = $10, facet = $11, updated_at = $12, security_version = security_version + $13,
                          is_break_glass = $14
         WHERE id = $1",
    )
    .bind(user.id.to_string())
    .bind(user.username.clone())
    .bind(name::username_key(&user.username))
    .bind(user.email.clone())
    .bind(user.email.as_deref().map(name::email_key))
    .bind(user.display_name.clone())
    .bind(user.display_name.as_deref().map(name::display_key))
    .bind(user.role.0.clone())
    .bind(i64::from(user.must_change_password))
    .bind(i64::from(user.is_disabled))
    .bind(facet(&user.role.0, user.source, user.is_disabled))
    .bind(user.updated_at.0)
    .bind(i64::from(raise))
    .bind(i64::from(user.is_break_glass))
    .execute(db)
    .await
    .map(drop)
}

/// What the unique indexes refused, in words; any other error as it is.
pub(super) fn refusal(error: sqlx::Error) -> crate::Error {
    if is_taken(&error, "users", "username_key") {
        Failure::new(Code::UsernameTaken, "Somebody has this username already. Choose another one.").at("username").into()
    } else if is_taken(&error, "users", "email_key") {
        Failure::new(Code::EmailTaken, "Somebody has this email address already.").at("email").into()
    } else {
        error.into()
    }
}

/// Removes a user, and with it the sessions and links that are the user's.
pub(crate) async fn remove(db: &mut AnyConnection, id: UserId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM users WHERE id = $1").bind(id.to_string()).execute(db).await.map(drop)
}

/// Sets a password; tokens minted before are refused.
pub(crate) async fn set_password(
    db: &mut AnyConnection,
    id: UserId,
    hash: &str,
    must_change: bool,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    // The time is the resource's version, so it rises even within one millisecond.
    sqlx::query(
        "UPDATE users SET password_hash = $2, must_change_password = $3, security_version = security_version + 1,
                          updated_at = CASE WHEN updated_at < $4 THEN $4 ELSE updated_at + 1 END
         WHERE id = $1",
    )
    .bind(id.to_string())
    .bind(hash.to_owned())
    .bind(i64::from(must_change))
    .bind(now.0)
    .execute(db)
    .await
    .map(drop)
}

/// Replaces a hash by another of the same password.
pub(crate) async fn replace_hash(db: &mut AnyConnection, id: UserId, hash: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1").bind(id.to_string()).bind(hash.to_owned()).execute(db).await.map(drop)
}

/// Writes down a sign-in.
pub(crate) async fn touch_login(db: &mut AnyConnection, id: UserId, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET last_login_at = $2 WHERE id = $1").bind(id.to_string()).bind(now.0).execute(db).await.map(drop)
}

/// How many have this role, counted up to `most`.
pub(crate) async fn count_with_role<'c>(db: impl Executor<'c, Database = Any>, role: &RoleName, most: i64) -> Result<i64, sqlx::Error> {
    // A facet begins with the role and a space; the next character after the space bounds the range.
    sqlx::query("SELECT count(*) AS total FROM (SELECT 1 FROM users WHERE facet >= $1 AND facet < $2 LIMIT $3) AS part")
        .bind(format!("{role} "))
        .bind(format!("{role}!"))
        .bind(most)
        .fetch_one(db)
        .await?
        .try_get("total")
}

/// Gives everybody who has a role another one; their tokens end.
pub(crate) async fn replace_role(db: &mut AnyConnection, role: &RoleName, by: &RoleName, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE users SET role = $3, facet = $3 || substr(facet, CAST($4 AS INTEGER)), security_version = security_version + 1,
                          updated_at = CASE WHEN updated_at < $5 THEN $5 ELSE updated_at + 1 END
         WHERE facet >= $1 AND facet < $2",
    )
    .bind(format!("{role} "))
    .bind(format!("{role}!"))
    .bind(by.0.clone())
    .bind(i64::try_from(role.0.len() + 1).unwrap_or(i64::MAX))
    .bind(now.0)
    .execute(db)
    .await
    .map(drop)
}

/// Whether there is anybody at all.
pub(crate) async fn any(db: &AnyPool) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query("SELECT 1 FROM users LIMIT 1").fetch_optional(db).await?.is_some())
}

/// Whether anybody could sign in.
pub(crate) async fn any_active(db: &AnyPool) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query("SELECT 1 FROM users WHERE is_disabled = 0 AND password_hash IS NOT NULL LIMIT 1").fetch_optional(db).await?.is_some())
}

/// Whether somebody else could sign in.
pub(crate) async fn is_another_active(db: &mut AnyConnection, than: UserId) -> Result<bool, sqlx::Error> {
    let found =
        sqlx::query("SELECT 1 FROM users WHERE is_disabled = 0 AND password_hash IS NOT NULL AND id <> $1 LIMIT 1").bind(than.to_string());
    Ok(found.fetch_optional(db).await?.is_some())
}

/// Whether somebody else could sign in and administer.
pub(crate) async fn is_another_admin_active(db: &mut AnyConnection, than: UserId) -> Result<bool, sqlx::Error> {
    let found =
        sqlx::query("SELECT 1 FROM users WHERE role = 'admin' AND is_disabled = 0 AND password_hash IS NOT NULL AND id <> $1 LIMIT 1")
            .bind(than.to_string());
    Ok(found.fetch_optional(db).await?.is_some())
}

/// How many could sign in and administer.
pub(crate) async fn count_active_admins<'c>(db: impl Executor<'c, Database = Any>) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT count(*) AS total FROM users WHERE role = 'admin' AND is_disabled = 0 AND password_hash IS NOT NULL")
        .fetch_one(db)
        .await?
        .try_get("total")
}

/// A few who administer and can sign in, with their names for display, those of the longest standing first.
pub(crate) async fn some_admins(db: &AnyPool, few: i64) -> Result<Vec<(UserId, String)>, sqlx::Error> {
    sqlx::query(
        "SELECT id, COALESCE(display_name, username) AS name FROM users
         WHERE role = 'admin' AND is_disabled = 0 AND password_hash IS NOT NULL ORDER BY id LIMIT $1",
    )
    .bind(few)
    .try_map(|row: AnyRow| {
        let id: String = row.try_get("id")?;
        Ok((id.parse().map_err(|_| sqlx::Error::Decode("a user with a bad id".into()))?, row.try_get("name")?))
    })
    .fetch_all(db)
    .await
}

/// How many there are in all, and how many of them are disabled.
pub(crate) async fn count(db: &AnyPool) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query("SELECT (SELECT count(*) FROM users) AS total, (SELECT count(*) FROM users WHERE is_disabled = 1) AS disabled")
        .fetch_one(db)
        .await?;
    Ok((row.try_get("total")?, row.try_get("disabled")?))
}
