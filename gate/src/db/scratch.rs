//! A database of its own for each test.

use super::{OpenError, Store};
use crate::random::{Os, code};
use sqlx::{AnyPool, any::install_default_drivers};
use std::path::Path;

impl Store {
    /// A new, empty store: in `folder`, or in the PostgreSQL at `server` where one is given.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn scratch(folder: &Path, server: Option<&str>) -> Result<Self, OpenError> {
        let Some(server) = server else { return Ok(Self::Sqlite(folder.join("doorward.db"))) };
        let away = |error: sqlx::Error| OpenError::Away { place: "the test server".into(), cause: error.to_string() };
        install_default_drivers();
        let name = format!("doorward_{}", code(&Os, 16));
        let pool = AnyPool::connect(server).await.map_err(away)?;
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.map_err(away)?;
        pool.close().await;
        let (base, _) = server.rsplit_once('/').unwrap_or((server, ""));
        Ok(Self::Postgres(format!("{base}/{name}").into()))
    }
}

/// Does what somebody could do who has the database's password.
pub(crate) async fn meddle(db: &super::Db, sql: &str) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).execute(db.pool()).await?.rows_affected())
}

/// Every text of every row, to look for what must not be there.
pub(crate) async fn all_text(db: &super::Db) -> Result<String, sqlx::Error> {
    use sqlx::Row;
    let mut all = String::new();
    for (table, columns) in [
        ("settings", "name || ' ' || value"),
        ("users", "username || ' ' || COALESCE(email, '') || ' ' || COALESCE(password_hash, '')"),
        ("sessions", "id || ' ' || COALESCE(binding_hash, '') || ' ' || device || ' ' || address"),
        ("refresh_secrets", "hash"),
        ("tickets", "hash"),
        ("links", "hash"),
        ("api_keys", "name || ' ' || prefix || ' ' || secret_hash || ' ' || COALESCE(old_secret_hash, '')"),
        ("workspaces", "slug || ' ' || name"),
        ("environments", "workspace || ' ' || slug || ' ' || name"),
        ("grants", "user_id || ' ' || workspace || ' ' || environment || ' ' || role"),
        ("events", "actor_name || ' ' || COALESCE(target_name, '') || ' ' || ip || ' ' || user_agent || ' ' || detail"),
        ("audit_chain", "name || ' ' || hash || ' ' || kid || ' ' || mac"),
        (
            "apps",
            "slug || ' ' || name || ' ' || upstream || ' ' || rules || ' ' || COALESCE(auth_name, '') || ' ' || COALESCE(auth_sealed, '')",
        ),
        ("app_hosts", "host || ' ' || app"),
        ("app_traffic", "app"),
        ("identities", "provider || ' ' || issuer || ' ' || subject || ' ' || COALESCE(email, '')"),
        ("session_identities", "COALESCE(sid, '') || ' ' || COALESCE(id_token_sealed, '')"),
        ("providers", "settings || ' ' || secret_sealed"),
        (
            "provider_notes",
            "provider || ' ' || COALESCE(tested_print, '') || ' ' || COALESCE(test_problem, '') || ' ' || COALESCE(claims_sealed, '') || ' ' || COALESCE(claims_of, '')",
        ),
        ("spent", "hash"),
        ("bus", "subject"),
        ("held_cursors", "name || ' ' || holder"),
        ("messages", "channel || ' ' || kind || ' ' || data"),
        ("idempotency", "key_hash || ' ' || request_hash || ' ' || body"),
    ] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT {columns} FROM {table}"));
        for row in sqlx::query(sql).fetch_all(db.pool()).await? {
            all.push_str(&row.try_get::<String, _>(0)?);
            all.push('\n');
        }
    }
    Ok(all)
}
