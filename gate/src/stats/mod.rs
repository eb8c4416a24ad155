//! The numbers of Home, in one answer. What everybody shares is kept for two seconds; what a caller
//! may not see is left out of the copy.

pub(crate) mod http;

use crate::{Result, apps, audit, ctx::Ctx, sessions, users};
use std::sync::Arc;
use tokio::sync::Mutex;
use wire::{
    Permission, Timestamp, policy,
    sessions::Session,
    stats::{FirstSteps, Overview, SignInBucket},
};

/// For how long the shared numbers are kept, in milliseconds.
const KEEP: i64 = 2_000;
const HOUR: i64 = 60 * 60 * 1000;
/// Columns of the chart.
const HOURS: i64 = 24;
/// Rows of each short list.
const SHORT: i64 = 10;

/// The shared numbers as they were last counted.
#[derive(Default)]
pub struct Cache(Mutex<Option<(Timestamp, Arc<Overview>)>>);

/// Shows the numbers of Home.
///
/// # Errors
/// 403 without `read`.
pub async fn overview(ctx: &Ctx) -> Result<Overview> {
    ctx.may(&policy::GET_OVERVIEW)?;
    let mut overview = (*shared(ctx).await?).clone();
    overview.signed_in = match overview.signed_in {
        Some(sessions) if ctx.has(Permission::Users) => Some(marked(ctx, sessions)),
        _ => None,
    };
    overview.apps = apps::tiles(ctx).await?;
    overview.latest = overview.latest.filter(|_| ctx.has(Permission::Audit));
    overview.first_steps = overview.first_steps.filter(|_| ctx.has(Permission::Settings));
    Ok(overview)
}

/// The overview for one who may see all of it, but for the apps, which each sees differently. Who comes while it is counted waits for it.
async fn shared(ctx: &Ctx) -> Result<Arc<Overview>> {
    let now = ctx.gate().now();
    let mut kept = ctx.gate().stats_cache().0.lock().await;
    if let Some((at, overview)) = &*kept
        && (0..KEEP).contains(&(now.0 - at.0))
    {
        return Ok(overview.clone());
    }
    let overview = Arc::new(count(ctx, now).await?);
    *kept = Some((now, overview.clone()));
    Ok(overview)
}

async fn count(ctx: &Ctx, now: Timestamp) -> Result<Overview> {
    let db = ctx.gate().db().pool();
    let (total, disabled) = users::store::count(db).await?;
    let state = ctx.gate().state();
    Ok(Overview {
        active_users: natural(total - disabled),
        disabled_users: natural(disabled),
        active_sessions: natural(sessions::store::count_live(db, now).await?),
        sign_ins: sign_ins(ctx, now).await?,
        signed_in: Some(sessions::store::recent(db, now, SHORT).await?),
        latest: Some(audit::store::latest(db, SHORT).await?),
        apps: Vec::new(),
        first_steps: Some(FirstSteps {
            has_sign_in: state.authentication,
            has_app: apps::any(ctx.gate()),
            has_colleague: total > 1,
            has_second_admin: users::store::count_active_admins(db).await? > 1,
            has_help_contact: state.help_contact.is_some(),
        }),
    })
}

/// The last 24 hours of the clock, the one that runs included; an hour without a sign-in is there too.
async fn sign_ins(ctx: &Ctx, now: Timestamp) -> Result<Vec<SignInBucket>> {
    let start = now.0.div_euclid(HOUR) * HOUR - (HOURS - 1) * HOUR;
    let mut buckets: Vec<SignInBucket> =
        (0..HOURS).map(|hour| SignInBucket { at: Timestamp(start + hour * HOUR), succeeded: 0, refused: 0 }).collect();
    for (hour, outcome, total) in audit::store::sign_ins(ctx.gate().db().pool(), Timestamp(start), HOUR).await? {
        if let Some(bucket) = usize::try_from(hour).ok().and_then(|hour| buckets.get_mut(hour)) {
            let counter = if outcome == "success" { &mut bucket.succeeded } else { &mut bucket.refused };
            *counter += natural(total);
        }
    }
    Ok(buckets)
}

/// The sessions, with the caller's own marked.
fn marked(ctx: &Ctx, mut sessions: Vec<Session>) -> Vec<Session> {
    for session in &mut sessions {
        session.is_current = ctx.session() == Some(session.id);
    }
    sessions
}

fn natural(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
