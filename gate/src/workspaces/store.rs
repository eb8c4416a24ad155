//! Workspaces and their environments in the database.

pub(crate) mod grants;

use crate::db::{sql::Sql, unique::is_taken};
use sqlx::{Any, AnyConnection, AnyPool, Executor, Row, any::AnyRow};
use wire::{
    Code, Failure, Timestamp, UserId,
    workspaces::{Environment, Slug, Workspace},
};

const SELECT: &str = "SELECT w.slug, w.name, w.is_private, w.created_at, w.updated_at,
        (SELECT string_agg(e.slug, ' ') FROM environments e WHERE e.workspace = w.slug) AS environments";
/// How many people have a grant in one; beyond a thousand they are not counted.
const MEMBERS: &str =
    ", (SELECT COUNT(*) FROM (SELECT DISTINCT g.user_id FROM grants g WHERE g.workspace = w.slug LIMIT 1001) AS m) AS members";
const COLUMNS: &str = "p.slug, p.name, p.is_private, p.created_at, p.updated_at";

fn read(row: &AnyRow) -> Result<Workspace, sqlx::Error> {
    let environments: Option<String> = row.try_get("environments")?;
    let mut environments: Vec<_> = environments.iter().flat_map(|text| text.split(' ')).map(|slug| Slug(slug.to_owned())).collect();
    environments.sort_unstable();
    Ok(Workspace {
        slug: Slug(row.try_get("slug")?),
        name: row.try_get("name")?,
        is_private: row.try_get::<i64, _>("is_private")? != 0,
        environments,
        // Only the list of all has it.
        members: row.try_get::<i64, _>("members").ok().and_then(|count| u64::try_from(count).ok()),
        created_at: Timestamp(row.try_get("created_at")?),
        updated_at: Timestamp(row.try_get("updated_at")?),
    })
}

/// The workspace of this slug.
pub(crate) async fn by_slug<'c>(db: impl Executor<'c, Database = Any>, slug: &Slug) -> Result<Option<Workspace>, sqlx::Error> {
    let mut sql = Sql::default();
    sql.text(SELECT).text(" FROM workspaces w WHERE w.slug = ").value(slug.0.clone());
    sql.query().try_map(|row: AnyRow| read(&row)).fetch_optional(db).await
}

/// Which workspaces a list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// All.
    All,
    /// Those that are open to all, and those in which this user has a grant.
    OpenAndOf(Option<UserId>),
    /// This one.
    One(Slug),
    /// This one, if it is open to all.
    OneIfOpen(Slug),
}

/// A page of workspaces by slug, after `after`, with slugs that begin with `prefix`.
pub(super) async fn page(
    db: &AnyPool,
    reach: &Reach,
    prefix: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Workspace>, sqlx::Error> {
    rows(reach, prefix, after, limit).query().try_map(|row: AnyRow| read(&row)).fetch_all(db).await
}

/// The statement of a page. What is open and what is somebody's own are a range of an index each, so
/// the private ones of everybody else are not looked at.
fn rows(reach: &Reach, prefix: Option<&str>, after: Option<&str>, limit: i64) -> Sql {
    let within = |sql: &mut Sql, column: &'static str| {
        if let Some(after) = after {
            sql.text(" AND ").text(column).text(" > ").value(after.to_owned());
        }
        if let Some(prefix) = prefix {
            // No character of a slug comes after z.
            sql.text(" AND ").text(column).text(" >= ").value(prefix.to_owned());
            sql.text(" AND ").text(column).text(" < ").value(format!("{prefix}{{"));
        }
    };
    let mut sql = Sql::default();
    sql.text(SELECT);
    match reach {
        Reach::All => {
            sql.text(MEMBERS).text(" FROM workspaces w WHERE 1 = 1");
            within(&mut sql, "w.slug");
        }
        Reach::OpenAndOf(user) => {
            sql.text(" FROM (SELECT * FROM (SELECT ").text(COLUMNS).text(" FROM workspaces p WHERE p.is_private = 0");
            within(&mut sql, "p.slug");
            sql.text(" ORDER BY p.slug LIMIT ").number(limit).text(") AS open");
            if let Some(user) = user {
                sql.text(" UNION SELECT ").text(COLUMNS).text(" FROM (SELECT DISTINCT workspace FROM grants WHERE user_id = ");
                within(sql.value(user.to_string()), "workspace");
                sql.text(" ORDER BY workspace LIMIT ").number(limit).text(") AS own JOIN workspaces p ON p.slug = own.workspace");
            }
            sql.text(") AS w");
        }
        Reach::One(slug) | Reach::OneIfOpen(slug) => {
            sql.text(" FROM workspaces w WHERE w.slug = ").value(slug.0.clone());
            sql.text(if matches!(reach, Reach::One(_)) { "" } else { " AND w.is_private = 0" });
            within(&mut sql, "w.slug");
        }
    }
    sql.text(" ORDER BY w.slug LIMIT ").number(limit);
    sql
}

pub(super) async fn insert(db: &mut AnyConnection, workspace: &Workspace) -> crate::Result<()> {
    sqlx::query("INSERT INTO workspaces (slug, name, is_private, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(workspace.slug.0.clone())
        .bind(workspace.name.clone())
        .bind(i64::from(workspace.is_private))
        .bind(workspace.created_at.0)
        .bind(workspace.updated_at.0)
        .execute(db)
        .await
        .map(drop)
        .map_err(|error| {
            // PostgreSQL calls the index of a primary key by the table alone.
            if is_taken(&error, "workspaces", "slug") || is_taken(&error, "workspaces", "pkey") {
                Failure::new(Code::WorkspaceTaken, "There is a workspace of this slug already. Choose another one.").at("slug").into()
            } else {
                error.into()
            }
        })
}

pub(super) async fn save(db: &mut AnyConnection, workspace: &Workspace) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE workspaces SET name = $2, is_private = $3, updated_at = $4 WHERE slug = $1")
        .bind(workspace.slug.0.clone())
        .bind(workspace.name.clone())
        .bind(i64::from(workspace.is_private))
        .bind(workspace.updated_at.0)
        .execute(db)
        .await
        .map(drop)
}

/// Removes a workspace, and with it its environments and grants.
pub(super) async fn remove(db: &mut AnyConnection, slug: &Slug) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM workspaces WHERE slug = $1").bind(slug.0.clone()).execute(db).await.map(drop)
}

/// The environments of a workspace, by slug.
pub(super) async fn environments(db: &AnyPool, workspace: &Slug) -> Result<Vec<Environment>, sqlx::Error> {
    sqlx::query("SELECT slug, name, created_at FROM environments WHERE workspace = $1 ORDER BY slug")
        .bind(workspace.0.clone())
        .try_map(|row: AnyRow| {
            Ok(Environment {
                slug: Slug(row.try_get("slug")?),
                name: row.try_get("name")?,
                created_at: Timestamp(row.try_get("created_at")?),
            })
        })
        .fetch_all(db)
        .await
}

pub(super) async fn insert_environment(db: &mut AnyConnection, workspace: &Slug, environment: &Environment) -> crate::Result<()> {
    sqlx::query("INSERT INTO environments (workspace, slug, name, created_at) VALUES ($1, $2, $3, $4)")
        .bind(workspace.0.clone())
        .bind(environment.slug.0.clone())
        .bind(environment.name.clone())
        .bind(environment.created_at.0)
        .execute(db)
        .await
        .map(drop)
        .map_err(|error| {
            if is_taken(&error, "environments", "slug") || is_taken(&error, "environments", "pkey") {
                let text = "The workspace has an environment of this slug already. Choose another one.";
                Failure::new(Code::EnvironmentTaken, text).at("slug").into()
            } else {
                error.into()
            }
        })
}

pub(super) async fn remove_environment(db: &mut AnyConnection, workspace: &Slug, slug: &Slug) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM environments WHERE workspace = $1 AND slug = $2")
        .bind(workspace.0.clone())
        .bind(slug.0.clone())
        .execute(db)
        .await
        .map(drop)
}

#[cfg(test)]
mod tests;
