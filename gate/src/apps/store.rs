//! Apps, and what passes through to them, in the database.

pub(super) mod traffic;

use crate::db::{sql::Sql, unique::is_taken};
use sqlx::{
    Any, AnyConnection, Executor, Row,
    any::{AnyArguments, AnyRow},
    query::Query,
};
use std::collections::HashMap;
use wire::{
    Code, Failure, Timestamp,
    apps::{App, HealthCheck, Identity, IdentityHeaders, Source, UpstreamAuth, UpstreamAuthKind},
    workspaces::Slug,
};

/// An app of the dashboard, and its credentials as they are kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) app: App,
    pub(crate) sealed: Option<String>,
}

fn bad(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("an app with a bad {what}").into())
}

const fn kind_word(kind: UpstreamAuthKind) -> &'static str {
    match kind {
        UpstreamAuthKind::Basic => "basic",
        UpstreamAuthKind::Bearer => "bearer",
        UpstreamAuthKind::Header => "header",
    }
}

fn auth_of(row: &AnyRow) -> Result<Option<UpstreamAuth>, sqlx::Error> {
    let kind = match row.try_get::<Option<String>, _>("auth_kind")?.as_deref() {
        None => return Ok(None),
        Some("basic") => UpstreamAuthKind::Basic,
        Some("bearer") => UpstreamAuthKind::Bearer,
        Some("header") => UpstreamAuthKind::Header,
        Some(_) => return Err(bad("kind of credentials")),
    };
    Ok(Some(UpstreamAuth { kind, name: row.try_get("auth_name")? }))
}

fn read(row: &AnyRow, hosts: Vec<String>) -> Result<Kept, sqlx::Error> {
    let headers: String = row.try_get("identity_headers")?;
    let headers = IdentityHeaders::ALL.into_iter().find(|known| known.as_str() == headers).ok_or_else(|| bad("style of headers"))?;
    let app = App {
        slug: Slug(row.try_get("slug")?),
        name: row.try_get("name")?,
        upstream: row.try_get("upstream")?,
        hosts,
        listen: row.try_get("listen")?,
        path: row.try_get("mount")?,
        trusted: row.try_get::<i64, _>("is_trusted")? != 0,
        workspace: Slug(row.try_get("workspace")?),
        preset: row.try_get("preset")?,
        rules: serde_json::from_str(&row.try_get::<String, _>("rules")?).map_err(|_| bad("rule"))?,
        identity: Identity { headers },
        upstream_auth: auth_of(row)?,
        upstream_ca: row.try_get("upstream_ca")?,
        health: HealthCheck { path: row.try_get("health_path")?, every: row.try_get("health_every")? },
        enabled: row.try_get::<i64, _>("is_enabled")? != 0,
        source: Source::Dashboard,
        created_at: Timestamp(row.try_get("created_at")?),
        updated_at: Timestamp(row.try_get("updated_at")?),
    };
    Ok(Kept { app, sealed: row.try_get("auth_sealed")? })
}

const SELECT: &str = "SELECT slug, name, workspace, upstream, listen, mount, is_trusted, preset, rules, identity_headers, health_path,
        health_every, auth_kind, auth_name, auth_sealed, upstream_ca, is_enabled, created_at, updated_at
     FROM apps";

/// All of them, by slug.
pub(super) async fn all(db: &sqlx::AnyPool) -> Result<Vec<Kept>, sqlx::Error> {
    let mut hosts: HashMap<String, Vec<String>> = HashMap::new();
    // The hosts first: one that is added in between is heard of by its own signal.
    for row in sqlx::query("SELECT app, host FROM app_hosts ORDER BY app, place").fetch_all(db).await? {
        hosts.entry(row.try_get("app")?).or_default().push(row.try_get("host")?);
    }
    let mut sql = Sql::default();
    sql.text(SELECT).text(" ORDER BY slug");
    let rows = sql.query().fetch_all(db).await?;
    let mut apps = Vec::with_capacity(rows.len());
    for row in rows {
        let slug: String = row.try_get("slug")?;
        let own = hosts.remove(&slug).unwrap_or_default();
        match read(&row, own) {
            Ok(kept) => apps.push(kept),
            // One that can not be read stays closed; the others are open all the same.
            Err(error) => tracing::error!(app = %slug, %error, "this app can not be read"),
        }
    }
    Ok(apps)
}

/// The app of this slug, as this transaction sees it; nobody else changes it before the end of that.
pub(super) async fn by_slug(db: &mut AnyConnection, slug: &Slug) -> Result<Option<Kept>, sqlx::Error> {
    sqlx::query("UPDATE apps SET updated_at = updated_at WHERE slug = $1").bind(slug.0.clone()).execute(&mut *db).await?;
    let hosts = sqlx::query("SELECT host FROM app_hosts WHERE app = $1 ORDER BY place")
        .bind(slug.0.clone())
        .try_map(|row: AnyRow| row.try_get("host"))
        .fetch_all(&mut *db)
        .await?;
    let mut sql = Sql::default();
    sql.text(SELECT).text(" WHERE slug = ").value(slug.0.clone());
    let row = sql.query().fetch_optional(db).await?;
    row.map(|row| read(&row, hosts)).transpose()
}

/// How many there are, counted up to `most`.
pub(super) async fn count(db: &mut AnyConnection, most: usize) -> Result<usize, sqlx::Error> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let total: i64 = sqlx::query("SELECT count(*) AS total FROM (SELECT 1 FROM apps LIMIT $1) AS part")
        .bind(most)
        .fetch_one(db)
        .await?
        .try_get("total")?;
    Ok(usize::try_from(total).unwrap_or(0))
}

/// The names of the apps in a workspace, a few.
pub(crate) async fn names_in<'c>(db: impl Executor<'c, Database = Any>, workspace: &Slug) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query("SELECT name FROM apps WHERE workspace = $1 ORDER BY slug LIMIT 5")
        .bind(workspace.0.clone())
        .try_map(|row: AnyRow| row.try_get("name"))
        .fetch_all(db)
        .await
}

fn json(app: &App) -> Result<String, sqlx::Error> {
    serde_json::to_string(&app.rules).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// A statement with all that can change about an app, from `$1` to `$18`.
fn bound<'q>(text: &'static str, app: &App, sealed: Option<&str>) -> Result<Query<'q, Any, AnyArguments>, sqlx::Error> {
    Ok(sqlx::query(text)
        .bind(app.slug.0.clone())
        .bind(app.name.clone())
        .bind(app.workspace.0.clone())
        .bind(app.upstream.clone())
        .bind(app.listen.clone())
        .bind(app.path.clone())
        .bind(i64::from(app.trusted))
        .bind(app.preset.clone())
        .bind(json(app)?)
        .bind(app.identity.headers.as_str())
        .bind(app.health.path.clone())
        .bind(app.health.every.clone())
        .bind(app.upstream_auth.as_ref().map(|auth| kind_word(auth.kind)))
        .bind(app.upstream_auth.as_ref().and_then(|auth| auth.name.clone()))
        .bind(sealed.map(str::to_owned))
        .bind(app.upstream_ca.clone())
        .bind(i64::from(app.enabled))
        .bind(app.updated_at.0))
}

pub(super) async fn insert(db: &mut AnyConnection, app: &App, sealed: Option<&str>) -> crate::Result<()> {
    const INSERT: &str =
        "INSERT INTO apps (slug, name, workspace, upstream, listen, mount, is_trusted, preset, rules, identity_headers, health_path,
                           health_every, auth_kind, auth_name, auth_sealed, upstream_ca, is_enabled, updated_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
    bound(INSERT, app, sealed)?.bind(app.created_at.0).execute(&mut *db).await.map_err(taken)?;
    insert_hosts(db, app).await
}

/// Writes all that can change about an app. Its credentials are written as they are given.
pub(super) async fn save(db: &mut AnyConnection, app: &App, sealed: Option<&str>) -> crate::Result<()> {
    const UPDATE: &str =
        "UPDATE apps SET name = $2, workspace = $3, upstream = $4, listen = $5, mount = $6, is_trusted = $7, preset = $8, rules = $9,
                         identity_headers = $10, health_path = $11, health_every = $12, auth_kind = $13, auth_name = $14,
                         auth_sealed = $15, upstream_ca = $16, is_enabled = $17, updated_at = $18
         WHERE slug = $1";
    bound(UPDATE, app, sealed)?.execute(&mut *db).await.map_err(taken)?;
    sqlx::query("DELETE FROM app_hosts WHERE app = $1").bind(app.slug.0.clone()).execute(&mut *db).await?;
    insert_hosts(db, app).await
}

async fn insert_hosts(db: &mut AnyConnection, app: &App) -> crate::Result<()> {
    for (place, host) in app.hosts.iter().enumerate() {
        sqlx::query("INSERT INTO app_hosts (host, app, place) VALUES ($1, $2, $3)")
            .bind(host.clone())
            .bind(app.slug.0.clone())
            .bind(i64::try_from(place).unwrap_or(i64::MAX))
            .execute(&mut *db)
            .await
            .map_err(|error| {
                if is_taken(&error, "app_hosts", "host") || is_taken(&error, "app_hosts", "pkey") {
                    super::address_taken(host, &format!("hosts[{place}]"))
                } else {
                    error.into()
                }
            })?;
    }
    Ok(())
}

/// Says which unique address or slug is another app's.
fn taken(error: sqlx::Error) -> crate::Error {
    // PostgreSQL calls the index of a primary key by the table alone.
    if is_taken(&error, "apps", "slug") || is_taken(&error, "apps", "pkey") {
        super::slug_taken()
    } else if is_taken(&error, "apps", "listen") {
        super::address_taken("This port", "listen")
    } else if is_taken(&error, "apps", "mount") {
        super::address_taken("This path", "path")
    } else {
        error.into()
    }
}

/// The credentials that are kept, with the slug and the upstream that they are sealed for.
pub(super) async fn sealed(db: &sqlx::AnyPool) -> Result<Vec<(String, String, String)>, sqlx::Error> {
    sqlx::query("SELECT slug, upstream, auth_sealed FROM apps WHERE auth_sealed IS NOT NULL ORDER BY slug")
        .try_map(|row: AnyRow| Ok((row.try_get("slug")?, row.try_get("upstream")?, row.try_get("auth_sealed")?)))
        .fetch_all(db)
        .await
}

/// Puts the same credentials, sealed anew, in the place of these.
pub(super) async fn replace_sealed(db: &mut AnyConnection, slug: &str, old: &str, anew: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE apps SET auth_sealed = $3 WHERE slug = $1 AND auth_sealed = $2")
        .bind(slug.to_owned())
        .bind(old.to_owned())
        .bind(anew.to_owned())
        .execute(db)
        .await
        .map(drop)
}

/// Removes an app, with its hosts and what passed through.
pub(super) async fn remove(db: &mut AnyConnection, slug: &Slug) -> Result<(), sqlx::Error> {
    for table in ["DELETE FROM app_traffic WHERE app = $1", "DELETE FROM apps WHERE slug = $1"] {
        sqlx::query(table).bind(slug.0.clone()).execute(&mut *db).await?;
    }
    Ok(())
}

/// Refuses to delete a workspace in which there are apps.
pub(crate) fn in_use(names: &[String]) -> crate::Error {
    let text = format!("These apps are in this workspace: {}. Delete them first, or move them to another one.", names.join(", "));
    Failure::new(Code::WorkspaceInUse, text).into()
}
