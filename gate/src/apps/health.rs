//! How the apps' upstreams are: each is asked by its own pause, a few at once, and what is known of
//! them stays in the memory of this process.

use super::{
    live::{self, LiveApp},
    probe::cause,
};
use crate::{Result, clock::has_passed, ctx::Ctx, gate::Gate, live::own, outbound::Target};
use http::{HeaderMap, Method};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use wire::{
    Page, Timestamp,
    apps::{AppHealth, AppQuery, AppView, HealthState},
    policy,
    workspaces::Slug,
};

/// How often it is looked who is due.
const TICK: Duration = Duration::from_secs(1);
/// How long an upstream may take to answer; shorter than the grace at the end of the process.
const PATIENCE: Duration = Duration::from_secs(4);
/// An answer that takes longer is a slow one.
const SLOW: Duration = Duration::from_secs(1);
/// How many are asked at once.
const AT_ONCE: usize = 16;

/// How the upstreams are.
#[derive(Default)]
pub(crate) struct Watch {
    known: RwLock<HashMap<Slug, Known>>,
    /// Held while upstreams are asked, so that none is asked twice at once.
    turn: tokio::sync::Mutex<()>,
}

struct Known {
    /// What was asked; of another address, or by other authorities, nothing is known.
    asked: (String, Option<String>),
    health: AppHealth,
}

impl Watch {
    /// How an app's upstream is.
    pub(crate) fn of(&self, live: &LiveApp) -> AppHealth {
        let all = self.known.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&live.app.slug)
            .filter(|known| known.asked.0 == address(live) && known.asked.1 == live.app.upstream_ca)
            .map(|known| known.health.clone())
            .unwrap_or_default()
    }

    fn is_due(&self, live: &LiveApp, now: Timestamp) -> bool {
        let pause = i64::try_from(live.app.health.pause().as_millis()).unwrap_or(i64::MAX);
        self.of(live).checked_at.is_none_or(|at| has_passed(at, now, pause))
    }

    /// Keeps what was found, with the time since when it is so; gives it where it is another state.
    fn keep(&self, live: &LiveApp, found: AppHealth, now: Timestamp) -> Option<AppHealth> {
        let before = self.of(live);
        let since = if before.state == found.state { before.since.or(Some(now)) } else { Some(now) };
        if before.state != found.state && found.state == HealthState::Down {
            tracing::warn!(app = %live.app.slug, cause = found.cause.as_deref().unwrap_or_default(), "an upstream is down");
        } else if before.state == HealthState::Down && found.state != HealthState::Down {
            tracing::info!(app = %live.app.slug, "an upstream answers again");
        }
        let health = AppHealth { since, checked_at: Some(now), ..found };
        let is_other = before.state != health.state;
        let known = Known { asked: (address(live), live.app.upstream_ca.clone()), health: health.clone() };
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(live.app.slug.clone(), known);
        is_other.then_some(health)
    }

    /// Lets go of what is known of apps that are gone.
    fn retain(&self, apps: &[Arc<LiveApp>]) {
        let is_there = |slug: &Slug| apps.iter().any(|live| live.app.slug == *slug);
        if self.known.read().unwrap_or_else(PoisonError::into_inner).keys().all(is_there) {
            return;
        }
        self.known.write().unwrap_or_else(PoisonError::into_inner).retain(|slug, _| is_there(slug));
    }
}

/// What is asked for.
fn address(live: &LiveApp) -> String {
    format!("{}{}", live.app.upstream, live.app.health.path)
}

/// Runs until the gate closes.
pub(crate) async fn run(gate: Gate) {
    while gate.background().pause(TICK).await {
        if gate.apps().is_stale() {
            live::reload(&gate).await;
        }
        round(&gate).await;
    }
}

/// Asks the upstreams that are due.
pub(crate) async fn round(gate: &Gate) {
    let _turn = gate.watch().turn.lock().await;
    let apps = gate.apps().all();
    gate.watch().retain(&apps);
    let now = gate.now();
    ask_all(gate, apps.into_iter().filter(|live| gate.watch().is_due(live, now))).await;
}

/// Asks the upstreams of all enabled apps now, and lists the apps.
///
/// # Errors
/// 403 without `read`.
pub async fn look(ctx: &Ctx) -> Result<Page<AppView>> {
    ctx.may(&policy::LIST_APPS)?;
    let turn = ctx.gate().watch().turn.lock().await;
    ask_all(ctx.gate(), ctx.gate().apps().all().into_iter()).await;
    drop(turn);
    super::list(ctx, AppQuery::default()).await
}

async fn ask_all(gate: &Gate, apps: impl Iterator<Item = Arc<LiveApp>>) {
    let mut asking = JoinSet::new();
    for live in apps {
        if asking.len() >= AT_ONCE {
            _ = asking.join_next().await;
        }
        let gate = gate.clone();
        asking.spawn(async move {
            let found = ask(&gate, &live).await;
            if let Some(health) = gate.watch().keep(&live, found, gate.now()) {
                own::health(&gate, &live, &health);
            }
        });
    }
    while asking.join_next().await.is_some() {}
}

/// Asks an upstream once.
async fn ask(gate: &Gate, live: &LiveApp) -> AppHealth {
    let down = |cause: String| AppHealth { state: HealthState::Down, cause: Some(cause), ..AppHealth::default() };
    let target = match Target::parse(&address(live)) {
        Ok(target) => target,
        Err(problem) => return down(problem),
    };
    let mut headers = HeaderMap::new();
    if let Some(credentials) = &live.credentials {
        headers.insert(credentials.name.clone(), credentials.value.clone());
    }
    let begun = Instant::now();
    let answer = live.outbound(gate).ask(&target, Method::GET, headers, 0, PATIENCE).await;
    let took = begun.elapsed();
    match answer {
        Err(error) => down(cause(&error)),
        Ok(answer) => {
            let (state, cause) = match answer.status {
                500.. => (HealthState::Down, Some(format!("it answers {}", answer.status))),
                _ if took > SLOW => (HealthState::Slow, None),
                _ => (HealthState::Up, None),
            };
            let latency_ms = u64::try_from(took.as_millis()).ok();
            AppHealth { state, status: Some(answer.status), latency_ms, cause, ..AppHealth::default() }
        }
    }
}
