//! API keys in the database.

mod page;

pub(super) use page::{Listed, Place, Wanted, count_up_to, page};

use super::{live::LiveKey, used::Use};
use crate::{db::sql::Sql, users::name};
use sqlx::{Any, AnyConnection, AnyPool, Executor, Row, any::AnyRow};
use wire::{
    KeyId, RoleName, Timestamp, UserId,
    audit::Party,
    keys::{ApiKey, KeyKind, KeyScope},
};

/// The time of what never happens.
const NEVER: i64 = i64::MAX;

const SELECT: &str =
    "SELECT k.id, k.name, k.name_key, k.description, k.prefix, k.kind, k.role, k.owner_id, k.workspace, k.environment, k.apps,
        k.allowed_ips, k.created_by_kind, k.created_by_id, k.created_by_name, k.created_at, k.updated_at, k.expires_at,
        k.last_used_at, k.last_used_ip, k.use_count, k.revoked_at, COALESCE(u.display_name, u.username) AS owner_name
     FROM api_keys k LEFT JOIN users u ON u.id = k.owner_id WHERE ";

fn bad(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("an API key with a bad {what}").into())
}

fn id_of(row: &AnyRow) -> Result<KeyId, sqlx::Error> {
    row.try_get::<String, _>("id")?.parse().map_err(|_| bad("id"))
}

fn owner_of(row: &AnyRow) -> Result<Option<UserId>, sqlx::Error> {
    row.try_get::<Option<String>, _>("owner_id")?.map(|id| id.parse().map_err(|_| bad("owner"))).transpose()
}

/// A list that is kept as JSON.
fn list_of(row: &AnyRow, column: &str) -> Result<Option<Vec<String>>, sqlx::Error> {
    row.try_get::<Option<String>, _>(column)?.map(|text| serde_json::from_str(&text).map_err(|_| bad(column))).transpose()
}

fn scope_of(row: &AnyRow) -> Result<KeyScope, sqlx::Error> {
    Ok(KeyScope { workspace: row.try_get("workspace")?, environment: row.try_get("environment")?, apps: list_of(row, "apps")? })
}

fn expiry_of(row: &AnyRow) -> Result<Option<Timestamp>, sqlx::Error> {
    let at: i64 = row.try_get("expires_at")?;
    Ok((at != NEVER).then_some(Timestamp(at)))
}

fn read(row: &AnyRow, now: Timestamp) -> Result<ApiKey, sqlx::Error> {
    let last_used_at: i64 = row.try_get("last_used_at")?;
    let (expires_at, revoked_at) = (expiry_of(row)?, row.try_get::<Option<i64>, _>("revoked_at")?.map(Timestamp));
    Ok(ApiKey {
        id: id_of(row)?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        prefix: row.try_get("prefix")?,
        kind: if row.try_get::<String, _>("kind")? == "personal" { KeyKind::Personal } else { KeyKind::Service },
        role: RoleName(row.try_get("role")?),
        scope: scope_of(row)?,
        allowed_ips: list_of(row, "allowed_ips")?,
        owner_id: owner_of(row)?,
        owner_name: row.try_get("owner_name")?,
        created_by: Party {
            kind: row.try_get("created_by_kind")?,
            id: row.try_get("created_by_id")?,
            name: row.try_get("created_by_name")?,
        },
        created_at: Timestamp(row.try_get("created_at")?),
        updated_at: Timestamp(row.try_get("updated_at")?),
        expires_at,
        last_used_at: (last_used_at != 0).then_some(Timestamp(last_used_at)),
        last_used_ip: row.try_get("last_used_ip")?,
        use_count: u64::try_from(row.try_get::<i64, _>("use_count")?).unwrap_or(0),
        revoked_at,
        status: ApiKey::status_at(expires_at, revoked_at, now),
    })
}

/// The key of this id, as it stands at `now`.
pub(super) async fn by_id<'c>(db: impl Executor<'c, Database = Any>, id: KeyId, now: Timestamp) -> Result<Option<ApiKey>, sqlx::Error> {
    let mut sql = Sql::default();
    sql.text(SELECT).text("k.id = ").value(id.to_string());
    sql.query().try_map(move |row: AnyRow| read(&row, now)).fetch_optional(db).await
}

/// The keys that are somebody's own and not revoked, in the order in which rows are locked.
pub(super) async fn not_revoked_of(db: &mut AnyConnection, owner: UserId, now: Timestamp) -> Result<Vec<ApiKey>, sqlx::Error> {
    let mut sql = Sql::default();
    sql.text(SELECT).text("k.owner_id = ").value(owner.to_string()).text(" AND k.revoked_at IS NULL ORDER BY k.id");
    sql.query().try_map(move |row: AnyRow| read(&row, now)).fetch_all(db).await
}

/// How many personal keys of a user are not revoked.
pub(super) async fn count_of(db: &mut AnyConnection, owner: UserId) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT count(*) AS total FROM api_keys WHERE owner_id = $1 AND revoked_at IS NULL")
        .bind(owner.to_string())
        .fetch_one(db)
        .await?
        .try_get("total")
}

/// The keys that are good in this workspace alone (in this environment of it, where one is given) and
/// not revoked, in the order in which rows are locked.
pub(super) async fn not_revoked_in(
    db: &mut AnyConnection,
    workspace: &str,
    environment: Option<&str>,
    now: Timestamp,
) -> Result<Vec<ApiKey>, sqlx::Error> {
    let mut sql = Sql::default();
    sql.text(SELECT).text("k.workspace = ").value(workspace.to_owned()).text(" AND k.revoked_at IS NULL");
    if let Some(environment) = environment {
        sql.text(" AND k.environment = ").value(environment.to_owned());
    }
    sql.text(" ORDER BY k.id");
    sql.query().try_map(move |row: AnyRow| read(&row, now)).fetch_all(db).await
}

/// The keys that are good for some apps alone and not revoked, in the order in which rows are locked.
pub(super) async fn not_revoked_for_apps(db: &mut AnyConnection, now: Timestamp) -> Result<Vec<ApiKey>, sqlx::Error> {
    let mut sql = Sql::default();
    sql.text(SELECT).text("k.apps IS NOT NULL AND k.revoked_at IS NULL ORDER BY k.id");
    sql.query().try_map(move |row: AnyRow| read(&row, now)).fetch_all(db).await
}

/// Waits until nobody else changes this key, and keeps others waiting to the end of the transaction.
pub(super) async fn lock(db: &mut AnyConnection, id: KeyId) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE api_keys SET updated_at = updated_at WHERE id = $1").bind(id.to_string()).execute(db).await.map(drop)
}

/// The key whose text begins so, as requests are judged by it.
pub(super) async fn live(db: &AnyPool, prefix: &str) -> Result<Option<LiveKey>, sqlx::Error> {
    sqlx::query(
        "SELECT id, name, role, workspace, environment, apps, owner_id, secret_hash, old_secret_hash, old_secret_until, expires_at, revoked_at, allowed_ips
         FROM api_keys WHERE prefix = $1",
    )
    .bind(prefix.to_owned())
    .try_map(|row: AnyRow| {
        let old: Option<String> = row.try_get("old_secret_hash")?;
        let until = Timestamp(row.try_get("old_secret_until")?);
        // What can not be read allows nothing.
        let networks = list_of(&row, "allowed_ips")?.map(|list| list.iter().filter_map(|network| network.parse().ok()).collect());
        Ok(LiveKey {
            id: id_of(&row)?,
            prefix: prefix.to_owned(),
            name: row.try_get("name")?,
            role: RoleName(row.try_get("role")?),
            scope: scope_of(&row)?,
            owner: owner_of(&row)?,
            secret_hash: row.try_get("secret_hash")?,
            old_secret: old.map(|old| (old, until)),
            expires_at: expiry_of(&row)?,
            revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(Timestamp),
            networks,
        })
    })
    .fetch_optional(db)
    .await
}

/// Whether some key's text begins so.
pub(super) async fn is_prefix_taken(db: &mut AnyConnection, prefix: &str) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query("SELECT 1 FROM api_keys WHERE prefix = $1").bind(prefix.to_owned()).fetch_optional(db).await?.is_some())
}

fn json(list: Option<&Vec<String>>) -> Option<String> {
    list.map(|list| serde_json::json!(list).to_string())
}

/// A name as lists sort and find it: in hex, see the migration.
fn name_key(name: &str) -> String {
    crate::hash::hex(name::display_key(name).as_bytes())
}

/// Adds a key.
pub(super) async fn insert(db: &mut AnyConnection, key: &ApiKey, secret_hash: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO api_keys (id, name, name_key, description, prefix, secret_hash, kind, role, owner_id, workspace, environment, apps,
                               allowed_ips, created_by_kind, created_by_id, created_by_name, created_at, updated_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
    )
    .bind(key.id.to_string())
    .bind(key.name.clone())
    .bind(name_key(&key.name))
    .bind(key.description.clone())
    .bind(key.prefix.clone())
    .bind(secret_hash.to_owned())
    .bind(key.kind.as_str())
    .bind(key.role.0.clone())
    .bind(key.owner_id.map(|id| id.to_string()))
    .bind(key.scope.workspace.clone())
    .bind(key.scope.environment.clone())
    .bind(json(key.scope.apps.as_ref()))
    .bind(json(key.allowed_ips.as_ref()))
    .bind(key.created_by.kind.clone())
    .bind(key.created_by.id.clone())
    .bind(key.created_by.name.clone())
    .bind(key.created_at.0)
    .bind(key.updated_at.0)
    .bind(key.expires_at.map_or(NEVER, |at| at.0))
    .execute(db)
    .await
    .map(drop)
}

/// Writes what can change about a key by a patch.
pub(super) async fn save(db: &mut AnyConnection, key: &ApiKey) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE api_keys SET name = $2, name_key = $3, description = $4, role = $5, workspace = $6, environment = $7, apps = $8,
                             allowed_ips = $9, expires_at = $10, updated_at = $11
         WHERE id = $1",
    )
    .bind(key.id.to_string())
    .bind(key.name.clone())
    .bind(name_key(&key.name))
    .bind(key.description.clone())
    .bind(key.role.0.clone())
    .bind(key.scope.workspace.clone())
    .bind(key.scope.environment.clone())
    .bind(json(key.scope.apps.as_ref()))
    .bind(json(key.allowed_ips.as_ref()))
    .bind(key.expires_at.map_or(NEVER, |at| at.0))
    .bind(key.updated_at.0)
    .execute(db)
    .await
    .map(drop)
}

/// Gives a key another secret; the present one stays good until `until`.
pub(super) async fn set_secret(db: &mut AnyConnection, key: &ApiKey, secret_hash: &str, until: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE api_keys SET old_secret_hash = secret_hash, old_secret_until = $2, secret_hash = $3, updated_at = $4 WHERE id = $1")
        .bind(key.id.to_string())
        .bind(until.0)
        .bind(secret_hash.to_owned())
        .bind(key.updated_at.0)
        .execute(db)
        .await
        .map(drop)
}

/// Revokes a key.
pub(super) async fn revoke(db: &mut AnyConnection, id: KeyId, at: Timestamp, version: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE api_keys SET revoked_at = $2, updated_at = $3 WHERE id = $1 AND revoked_at IS NULL")
        .bind(id.to_string())
        .bind(at.0)
        .bind(version.0)
        .execute(db)
        .await
        .map(drop)
}

/// Writes down the uses of a key; other nodes write theirs.
pub(super) async fn add_use(db: &mut AnyConnection, id: KeyId, used: &Use) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE api_keys SET use_count = use_count + $2,
                             last_used_ip = CASE WHEN last_used_at <= $3 THEN $4 ELSE last_used_ip END,
                             last_used_at = CASE WHEN last_used_at <= $3 THEN $3 ELSE last_used_at END
         WHERE id = $1",
    )
    .bind(id.to_string())
    .bind(i64::from(used.count))
    .bind(used.last_at.0)
    .bind(used.last_from.to_string())
    .execute(db)
    .await
    .map(drop)
}

/// How many keys that were not revoked have this role, counted up to `most`.
pub(crate) async fn count_with_role<'c>(db: impl Executor<'c, Database = Any>, role: &RoleName, most: i64) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT count(*) AS total FROM (SELECT 1 FROM api_keys WHERE role = $1 AND revoked_at IS NULL LIMIT $2) AS part")
        .bind(role.0.clone())
        .bind(most)
        .fetch_one(db)
        .await?
        .try_get("total")
}

/// Gives all keys that have a role another one.
pub(crate) async fn replace_role(db: &mut AnyConnection, role: &RoleName, by: &RoleName, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE api_keys SET role = $2, updated_at = CASE WHEN updated_at < $3 THEN $3 ELSE updated_at + 1 END WHERE role = $1")
        .bind(role.0.clone())
        .bind(by.0.clone())
        .bind(now.0)
        .execute(db)
        .await
        .map(drop)
}
