//! What passed through to apps, a row a minute.

use crate::apps::traffic::Tally;
use sqlx::{AnyConnection, AnyPool, Row, any::AnyRow};
use std::collections::HashMap;
use wire::{Timestamp, apps::AppHour, workspaces::Slug};

/// Adds what was counted; other nodes add theirs.
pub(in crate::apps) async fn add(db: &mut AnyConnection, slug: &Slug, minute: Timestamp, tally: &Tally) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO app_traffic (app, minute, requests, unauthenticated, denied, client_errors, errors)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (app, minute) DO UPDATE SET
             requests = app_traffic.requests + excluded.requests,
             unauthenticated = app_traffic.unauthenticated + excluded.unauthenticated,
             denied = app_traffic.denied + excluded.denied,
             client_errors = app_traffic.client_errors + excluded.client_errors,
             errors = app_traffic.errors + excluded.errors",
    )
    .bind(slug.0.clone())
    .bind(minute.0)
    .bind(whole(tally.requests))
    .bind(whole(tally.unauthenticated))
    .bind(whole(tally.denied))
    .bind(whole(tally.client_errors))
    .bind(whole(tally.errors))
    .execute(db)
    .await
    .map(drop)
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn natural(row: &AnyRow, column: &str) -> Result<u64, sqlx::Error> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
}

/// The minutes of an app since a time, without those in which nothing passed.
pub(in crate::apps) async fn minutes(db: &AnyPool, slug: &Slug, since: Timestamp) -> Result<Vec<(Timestamp, Tally)>, sqlx::Error> {
    sqlx::query(
        "SELECT minute, requests, unauthenticated, denied, client_errors, errors FROM app_traffic WHERE app = $1 AND minute >= $2 ORDER BY minute",
    )
    .bind(slug.0.clone())
    .bind(since.0)
    .try_map(|row: AnyRow| {
        let tally = Tally {
            requests: natural(&row, "requests")?,
            unauthenticated: natural(&row, "unauthenticated")?,
            denied: natural(&row, "denied")?,
            client_errors: natural(&row, "client_errors")?,
            errors: natural(&row, "errors")?,
        };
        Ok((Timestamp(row.try_get("minute")?), tally))
    })
    .fetch_all(db)
    .await
}

/// What passed through to each app since a time, in parts of so many milliseconds.
pub(in crate::apps) async fn parts(db: &AnyPool, since: Timestamp, length: i64) -> Result<HashMap<Slug, AppHour>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT app, (minute - $1) / $2 AS part, CAST(SUM(requests) AS BIGINT) AS requests,
                CAST(SUM(unauthenticated + denied) AS BIGINT) AS refused, CAST(SUM(errors) AS BIGINT) AS errors
         FROM app_traffic WHERE minute >= $1 GROUP BY app, part",
    )
    .bind(since.0)
    .bind(length)
    .try_map(|row: AnyRow| {
        let part = usize::try_from(row.try_get::<i64, _>("part")?).unwrap_or(usize::MAX);
        Ok((Slug(row.try_get("app")?), part, natural(&row, "requests")?, natural(&row, "refused")?, natural(&row, "errors")?))
    })
    .fetch_all(db)
    .await?;
    let mut hours: HashMap<Slug, AppHour> = HashMap::new();
    for (slug, part, requests, refused, errors) in rows {
        hours.entry(slug).or_default().add(part, requests, refused, errors);
    }
    Ok(hours)
}

/// Removes what is older than a time.
pub(in crate::apps) async fn trim(db: &mut AnyConnection, before: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM app_traffic WHERE minute < $1").bind(before.0).execute(db).await.map(drop)
}
