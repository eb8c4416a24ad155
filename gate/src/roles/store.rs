//! Roles in the database.

use crate::db::unique::is_taken;
use sqlx::{Any, AnyConnection, AnyPool, Executor, Row, any::AnyRow};
use wire::{Code, Failure, Permission, Permissions, RoleName, Timestamp, roles::Role};

fn written(permissions: Permissions) -> String {
    permissions.iter().map(Permission::as_str).collect::<Vec<_>>().join(" ")
}

fn read(row: &AnyRow) -> Result<Role, sqlx::Error> {
    let text: String = row.try_get("permissions")?;
    // A permission of a newer version, which this one does not know, is not given.
    let known: Vec<_> = Permission::ALL.iter().copied().filter(|known| text.split(' ').any(|name| name == known.as_str())).collect();
    Ok(Role {
        name: RoleName(row.try_get("name")?),
        description: row.try_get("description")?,
        permissions: Permissions::of(&known),
        is_built_in: false,
        updated_at: Some(Timestamp(row.try_get("updated_at")?)),
        users: None,
        keys: None,
        grants: None,
    })
}

/// All of them, by name.
pub(crate) async fn all<'c>(db: impl Executor<'c, Database = Any>) -> Result<Vec<Role>, sqlx::Error> {
    sqlx::query("SELECT name, description, permissions, updated_at FROM roles ORDER BY name")
        .try_map(|row: AnyRow| read(&row))
        .fetch_all(db)
        .await
}

/// The role of this name, as this transaction sees it.
pub(crate) async fn by_name(db: &mut AnyConnection, name: &RoleName) -> Result<Option<Role>, sqlx::Error> {
    sqlx::query("SELECT name, description, permissions, updated_at FROM roles WHERE name = $1")
        .bind(name.0.clone())
        .try_map(|row: AnyRow| read(&row))
        .fetch_optional(db)
        .await
}

/// How many have a role, up to a limit.
pub(crate) struct Holders {
    pub(crate) role: RoleName,
    pub(crate) users: i64,
    pub(crate) grants: i64,
    pub(crate) keys: i64,
}

/// How many have each role, the built-in ones among them, each number counted up to `most`.
pub(crate) async fn holders(db: &AnyPool, most: i64) -> Result<Vec<Holders>, sqlx::Error> {
    // A facet begins with the role and a space; the next character after the space bounds the range.
    sqlx::query(
        "SELECT r.name,
                (SELECT count(*) FROM (SELECT 1 FROM users u WHERE u.facet >= r.name || ' ' AND u.facet < r.name || '!' LIMIT $1) AS part) AS users,
                (SELECT count(*) FROM (SELECT 1 FROM grants g WHERE g.role = r.name LIMIT $1) AS part) AS grants,
                (SELECT count(*) FROM (SELECT 1 FROM api_keys k WHERE k.role = r.name AND k.revoked_at IS NULL LIMIT $1) AS part) AS keys
         FROM (SELECT name FROM roles UNION ALL SELECT 'viewer' UNION ALL SELECT 'operator' UNION ALL SELECT 'developer'
               UNION ALL SELECT 'manager' UNION ALL SELECT 'admin') AS r",
    )
    .bind(most)
    .try_map(|row: AnyRow| {
        Ok(Holders {
            role: RoleName(row.try_get("name")?),
            users: row.try_get("users")?,
            grants: row.try_get("grants")?,
            keys: row.try_get("keys")?,
        })
    })
    .fetch_all(db)
    .await
}

pub(crate) async fn insert(db: &mut AnyConnection, role: &Role, now: Timestamp) -> crate::Result<()> {
    sqlx::query("INSERT INTO roles (name, description, permissions, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)")
        .bind(role.name.0.clone())
        .bind(role.description.clone())
        .bind(written(role.permissions))
        .bind(now.0)
        .execute(db)
        .await
        .map(drop)
        .map_err(|error| {
            // PostgreSQL calls the index of a primary key by the table alone.
            if is_taken(&error, "roles", "name") || is_taken(&error, "roles", "pkey") {
                Failure::new(Code::RoleTaken, "There is a role of this name already. Choose another name.").at("name").into()
            } else {
                error.into()
            }
        })
}

pub(crate) async fn save(db: &mut AnyConnection, role: &Role, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE roles SET description = $2, permissions = $3, updated_at = $4 WHERE name = $1")
        .bind(role.name.0.clone())
        .bind(role.description.clone())
        .bind(written(role.permissions))
        .bind(now.0)
        .execute(db)
        .await
        .map(drop)
}

pub(crate) async fn remove(db: &mut AnyConnection, name: &RoleName) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM roles WHERE name = $1").bind(name.0.clone()).execute(db).await.map(drop)
}
