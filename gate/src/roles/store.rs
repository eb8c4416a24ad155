//! Roles in the database.

use crate::db::unique::is_taken;
use sqlx::{Any, AnyConnection, Executor, Row, any::AnyRow};
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
