//! Grants in the database. Whoever's grants change has a higher security version: tokens minted
//! before are refused.

use crate::db::sql::Sql;
use sqlx::{Any, AnyConnection, AnyPool, Executor, Row, any::AnyRow};
use std::collections::HashMap;
use wire::{
    RoleName, Timestamp, UserId,
    workspaces::{Grant, Member, Slug},
};

fn user_of(row: &AnyRow) -> Result<UserId, sqlx::Error> {
    row.try_get::<String, _>("user_id")?.parse().map_err(|_| sqlx::Error::Decode("a grant of a bad user".into()))
}

/// An environment as it is kept: empty for the whole workspace.
fn environment_of(text: &str) -> Option<Slug> {
    (!text.is_empty()).then(|| Slug(text.to_owned()))
}

/// Reads grants from one text: `workspace/environment/role`, parted by spaces. No slug and no name
/// of a role has either.
pub(crate) fn read(text: &str) -> Vec<Grant> {
    let one = |text: &str| {
        let (workspace, rest) = text.split_once('/')?;
        let (environment, role) = rest.split_once('/')?;
        Some(Grant { workspace: Slug(workspace.into()), environment: environment_of(environment), role: RoleName(role.into()) })
    };
    let mut grants: Vec<_> = text.split(' ').filter_map(one).collect();
    grants.sort_by(|a, b| (&a.workspace, &a.environment).cmp(&(&b.workspace, &b.environment)));
    grants
}

/// The grants of these users, in one query.
pub(crate) async fn of_all(db: &AnyPool, users: impl Iterator<Item = UserId>) -> Result<HashMap<UserId, Vec<Grant>>, sqlx::Error> {
    let mut sql = Sql::default();
    sql.text("SELECT user_id, workspace, environment, role FROM grants WHERE user_id IN (''");
    for user in users {
        sql.text(", ").value(user.to_string());
    }
    sql.text(") ORDER BY user_id, workspace, environment");
    let grant = |row: AnyRow| {
        let environment: String = row.try_get("environment")?;
        let grant = Grant {
            workspace: Slug(row.try_get("workspace")?),
            environment: environment_of(&environment),
            role: RoleName(row.try_get("role")?),
        };
        Ok((user_of(&row)?, grant))
    };
    let mut all: HashMap<UserId, Vec<Grant>> = HashMap::new();
    for (user, grant) in sql.query().try_map(grant).fetch_all(db).await? {
        all.entry(user).or_default().push(grant);
    }
    Ok(all)
}

/// The grants in a workspace, after the one of this user and environment.
pub(in crate::workspaces) async fn members(
    db: &AnyPool,
    workspace: &Slug,
    after: Option<(&str, &str)>,
    limit: i64,
) -> Result<Vec<Member>, sqlx::Error> {
    let member = |row: AnyRow| {
        let environment: String = row.try_get("environment")?;
        Ok(Member {
            user_id: user_of(&row)?,
            username: row.try_get("username")?,
            display_name: row.try_get("display_name")?,
            environment: environment_of(&environment),
            role: RoleName(row.try_get("role")?),
            created_at: Timestamp(row.try_get("created_at")?),
        })
    };
    rows(workspace, after, limit).query().try_map(member).fetch_all(db).await
}

/// The statement of a page of members.
pub(super) fn rows(workspace: &Slug, after: Option<(&str, &str)>, limit: i64) -> Sql {
    let mut sql = Sql::default();
    sql.text(
        "SELECT g.user_id, g.environment, g.role, g.created_at, u.username, u.display_name
         FROM grants g JOIN users u ON u.id = g.user_id WHERE g.workspace = ",
    )
    .value(workspace.0.clone());
    if let Some((user, environment)) = after {
        sql.text(" AND (g.user_id, g.environment) > (").value(user.to_owned()).text(", ").value(environment.to_owned()).text(")");
    }
    sql.text(" ORDER BY g.user_id, g.environment LIMIT ").number(limit);
    sql
}

/// Writes these grants of a user instead of those there are; one that stays keeps its time.
pub(in crate::workspaces) async fn replace(
    db: &mut AnyConnection,
    user: UserId,
    grants: &[Grant],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let mut gone = Sql::default();
    gone.text("DELETE FROM grants WHERE user_id = ").value(user.to_string()).text(" AND workspace || '/' || environment NOT IN (''");
    for grant in grants {
        gone.text(", ").value(format!("{}/{}", grant.workspace, environment_text(grant)));
    }
    gone.text(")");
    gone.query().execute(&mut *db).await?;
    for grant in grants {
        sqlx::query(
            "INSERT INTO grants (user_id, workspace, environment, role, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (user_id, workspace, environment) DO UPDATE SET role = excluded.role, created_at = excluded.created_at
             WHERE grants.role <> excluded.role",
        )
        .bind(user.to_string())
        .bind(grant.workspace.0.clone())
        .bind(environment_text(grant).to_owned())
        .bind(grant.role.0.clone())
        .bind(now.0)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

fn environment_text(grant: &Grant) -> &str {
    grant.environment.as_ref().map_or("", |slug| slug.0.as_str())
}

/// Refuses the tokens of a user that were minted before.
pub(in crate::workspaces) async fn raise(db: &mut AnyConnection, user: UserId, now: Timestamp) -> Result<(), sqlx::Error> {
    // The time is the resource's version, so it rises even within one millisecond.
    sqlx::query(
        "UPDATE users SET security_version = security_version + 1,
                          updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END
         WHERE id = $1",
    )
    .bind(user.to_string())
    .bind(now.0)
    .execute(db)
    .await
    .map(drop)
}

/// The roles that grants give in a workspace, or in one environment of it.
pub(in crate::workspaces) async fn roles_in(
    db: &mut AnyConnection,
    workspace: &Slug,
    environment: Option<&Slug>,
) -> Result<Vec<RoleName>, sqlx::Error> {
    let mut sql = Sql::default();
    sql.text("SELECT DISTINCT role FROM grants WHERE workspace = ").value(workspace.0.clone());
    if let Some(environment) = environment {
        sql.text(" AND environment = ").value(environment.0.clone());
    }
    sql.query().try_map(|row: AnyRow| row.try_get("role").map(RoleName)).fetch_all(db).await
}

/// Removes the grants in a workspace, or in one environment of it; tells how many there were.
pub(in crate::workspaces) async fn remove_in(
    db: &mut AnyConnection,
    workspace: &Slug,
    environment: Option<&Slug>,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    let range = |sql: &mut Sql| {
        sql.text("workspace = ").value(workspace.0.clone());
        if let Some(environment) = environment {
            sql.text(" AND environment = ").value(environment.0.clone());
        }
    };
    let mut ends = Sql::default();
    ends.text("UPDATE users SET security_version = security_version + 1, updated_at = CASE WHEN updated_at < ").number(now.0);
    ends.text(" THEN ").number(now.0).text(" ELSE updated_at + 1 END WHERE id IN (SELECT user_id FROM grants WHERE ");
    range(&mut ends);
    ends.text(")");
    ends.query().execute(&mut *db).await?;
    let mut gone = Sql::default();
    gone.text("DELETE FROM grants WHERE ");
    range(&mut gone);
    Ok(gone.query().execute(db).await?.rows_affected())
}

/// How many grants give this role, counted up to `most`.
pub(crate) async fn count_with_role<'c>(db: impl Executor<'c, Database = Any>, role: &RoleName, most: i64) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT count(*) AS total FROM (SELECT 1 FROM grants WHERE role = $1 LIMIT $2) AS part")
        .bind(role.0.clone())
        .bind(most)
        .fetch_one(db)
        .await?
        .try_get("total")
}

/// Lets all grants that give a role give another one; the tokens of whose they are end.
pub(crate) async fn replace_role(db: &mut AnyConnection, role: &RoleName, by: &RoleName, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE users SET security_version = security_version + 1,
                          updated_at = CASE WHEN updated_at < $2 THEN $2 ELSE updated_at + 1 END
         WHERE id IN (SELECT user_id FROM grants WHERE role = $1)",
    )
    .bind(role.0.clone())
    .bind(now.0)
    .execute(&mut *db)
    .await?;
    sqlx::query("UPDATE grants SET role = $2 WHERE role = $1").bind(role.0.clone()).bind(by.0.clone()).execute(db).await.map(drop)
}
