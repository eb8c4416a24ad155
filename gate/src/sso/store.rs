//! Providers of the dashboard in the database, what is known of all of them from sign-ins, and what is
//! good once.

use sqlx::{AnyConnection, AnyPool, Row, any::AnyRow};
use wire::{Timestamp, sso::NewProvider, workspaces::Slug};

/// A provider as it is kept.
pub(super) struct Kept {
    /// All but the secret.
    pub(super) settings: NewProvider,
    pub(super) secret_sealed: String,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

fn read(row: &AnyRow) -> Result<Kept, sqlx::Error> {
    let settings: String = row.try_get("settings")?;
    Ok(Kept {
        settings: serde_json::from_str(&settings).map_err(|_| sqlx::Error::Decode("a provider whose settings can not be read".into()))?,
        secret_sealed: row.try_get("secret_sealed")?,
        created_at: Timestamp(row.try_get("created_at")?),
        updated_at: Timestamp(row.try_get("updated_at")?),
    })
}

/// All providers, by id.
pub(super) async fn all(db: &AnyPool) -> Result<Vec<Kept>, sqlx::Error> {
    sqlx::query("SELECT settings, secret_sealed, created_at, updated_at FROM providers ORDER BY id")
        .try_map(|row: AnyRow| read(&row))
        .fetch_all(db)
        .await
}

/// The provider of this id.
pub(super) async fn by_id(db: &mut AnyConnection, id: &Slug) -> Result<Option<Kept>, sqlx::Error> {
    sqlx::query("SELECT settings, secret_sealed, created_at, updated_at FROM providers WHERE id = $1")
        .bind(id.0.clone())
        .try_map(|row: AnyRow| read(&row))
        .fetch_optional(db)
        .await
}

/// How many there are.
pub(super) async fn count(db: &mut AnyConnection) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT count(*) AS total FROM providers").fetch_one(db).await?.try_get("total")
}

/// Writes a provider; false when there is one of this id and none was expected.
pub(super) async fn insert(db: &mut AnyConnection, id: &Slug, kept: &Kept) -> crate::Result<bool> {
    let done = sqlx::query(
        "INSERT INTO providers (id, settings, secret_sealed, created_at, updated_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
    )
    .bind(id.0.clone())
    .bind(serde_json::to_string(&kept.settings)?)
    .bind(kept.secret_sealed.clone())
    .bind(kept.created_at.0)
    .bind(kept.updated_at.0)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes what changed about a provider.
pub(super) async fn save(db: &mut AnyConnection, id: &Slug, kept: &Kept) -> crate::Result<()> {
    sqlx::query("UPDATE providers SET settings = $2, secret_sealed = $3, updated_at = $4 WHERE id = $1")
        .bind(id.0.clone())
        .bind(serde_json::to_string(&kept.settings)?)
        .bind(kept.secret_sealed.clone())
        .bind(kept.updated_at.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Puts the same secret, sealed anew, in the place of this one.
pub(super) async fn replace_secret(db: &mut AnyConnection, id: &Slug, old: &str, anew: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE providers SET secret_sealed = $3 WHERE id = $1 AND secret_sealed = $2")
        .bind(id.0.clone())
        .bind(old.to_owned())
        .bind(anew.to_owned())
        .execute(db)
        .await
        .map(drop)
}

/// Puts another print of the same settings in the place of this one.
pub(super) async fn replace_print(db: &mut AnyConnection, provider: &Slug, old: &str, now: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE provider_notes SET tested_print = $3 WHERE provider = $1 AND tested_print = $2")
        .bind(provider.0.clone())
        .bind(old.to_owned())
        .bind(now.to_owned())
        .execute(db)
        .await
        .map(drop)
}

/// Removes a provider, and what is known of it.
pub(super) async fn remove(db: &mut AnyConnection, id: &Slug) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM providers WHERE id = $1").bind(id.0.clone()).execute(&mut *db).await?;
    sqlx::query("DELETE FROM provider_notes WHERE provider = $1").bind(id.0.clone()).execute(db).await.map(drop)
}

/// What is known of a provider from sign-ins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Notes {
    pub(super) provider: Slug,
    /// Of the settings with which a test sign-in went well.
    pub(super) tested_print: Option<String>,
    pub(super) tested_at: Option<Timestamp>,
    pub(super) test_problem: Option<String>,
    /// Who signed in last, and when.
    pub(super) claims_of: Option<String>,
    pub(super) claims_at: Option<Timestamp>,
}

fn read_notes(row: &AnyRow) -> Result<Notes, sqlx::Error> {
    Ok(Notes {
        provider: Slug(row.try_get("provider")?),
        tested_print: row.try_get("tested_print")?,
        tested_at: row.try_get::<Option<i64>, _>("tested_at")?.map(Timestamp),
        test_problem: row.try_get("test_problem")?,
        claims_of: row.try_get("claims_of")?,
        claims_at: row.try_get::<Option<i64>, _>("claims_at")?.map(Timestamp),
    })
}

/// The notes of all providers.
pub(super) async fn notes(db: &AnyPool) -> Result<Vec<Notes>, sqlx::Error> {
    sqlx::query("SELECT provider, tested_print, tested_at, test_problem, claims_of, claims_at FROM provider_notes")
        .try_map(|row: AnyRow| read_notes(&row))
        .fetch_all(db)
        .await
}

/// The notes of one provider.
pub(super) async fn notes_of(db: &AnyPool, provider: &Slug) -> Result<Option<Notes>, sqlx::Error> {
    sqlx::query("SELECT provider, tested_print, tested_at, test_problem, claims_of, claims_at FROM provider_notes WHERE provider = $1")
        .bind(provider.0.clone())
        .try_map(|row: AnyRow| read_notes(&row))
        .fetch_optional(db)
        .await
}

/// Writes down how a test sign-in went: well, with settings of this print, or not.
pub(super) async fn set_tested(
    db: &mut AnyConnection,
    provider: &Slug,
    outcome: Result<&str, &str>,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO provider_notes (provider, tested_print, tested_at, test_problem) VALUES ($1, $2, $3, $4)
         ON CONFLICT (provider) DO UPDATE SET test_problem = excluded.test_problem,
             tested_print = COALESCE(excluded.tested_print, provider_notes.tested_print),
             tested_at = COALESCE(excluded.tested_at, provider_notes.tested_at)",
    )
    .bind(provider.0.clone())
    .bind(outcome.ok().map(str::to_owned))
    .bind(outcome.ok().map(|_| now.0))
    .bind(outcome.err().map(str::to_owned))
    .execute(db)
    .await
    .map(drop)
}

/// Keeps the claims of a sign-in, sealed.
pub(super) async fn set_claims(db: &mut AnyConnection, provider: &Slug, sealed: &str, of: &str, now: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO provider_notes (provider, claims_sealed, claims_of, claims_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (provider) DO UPDATE SET claims_sealed = excluded.claims_sealed, claims_of = excluded.claims_of,
             claims_at = excluded.claims_at",
    )
    .bind(provider.0.clone())
    .bind(sealed.to_owned())
    .bind(of.to_owned())
    .bind(now.0)
    .execute(db)
    .await
    .map(drop)
}

/// The claims of the last sign-in since `after`, sealed.
pub(super) async fn claims(db: &AnyPool, provider: &Slug, after: Timestamp) -> Result<Option<String>, sqlx::Error> {
    let found: Option<Option<String>> = sqlx::query("SELECT claims_sealed FROM provider_notes WHERE provider = $1 AND claims_at > $2")
        .bind(provider.0.clone())
        .bind(after.0)
        .try_map(|row: AnyRow| row.try_get("claims_sealed"))
        .fetch_optional(db)
        .await?;
    Ok(found.flatten())
}

/// Uses up what is good once; false when it was used before.
pub(super) async fn spend(db: &mut AnyConnection, hash: &str, expires_at: Timestamp) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("INSERT INTO spent (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING")
        .bind(hash.to_owned())
        .bind(expires_at.0)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes what nobody needs any longer: what was used up and is too old anyhow, and claims of sign-ins
/// before `claims_before`.
pub(crate) async fn remove_old(db: &mut AnyConnection, now: Timestamp, claims_before: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM spent WHERE expires_at < $1").bind(now.0).execute(&mut *db).await?;
    sqlx::query(
        "UPDATE provider_notes SET claims_sealed = NULL, claims_of = NULL, claims_at = NULL WHERE claims_at IS NOT NULL AND claims_at < $1",
    )
    .bind(claims_before.0)
    .execute(db)
    .await
    .map(drop)
}
