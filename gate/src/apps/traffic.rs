//! How many requests pass through to each app: counted in memory, written down once a minute and at
//! the end, kept for a day.

use super::{live::LiveApp, store};
use crate::{Result, ctx::Ctx, gate::Gate};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use wire::{
    Timestamp,
    apps::{AppHour, AppTraffic, TrafficMinute},
    policy,
    workspaces::Slug,
};

const EVERY: Duration = Duration::from_secs(60);
const MINUTE: i64 = 60_000;
/// Minutes of the chart.
const MINUTES: i64 = 60;
/// A part of the hour, see [`AppHour::requests_by_part`].
const PART: i64 = 2 * MINUTE;
/// For how long minutes are kept, in milliseconds.
const KEEP: i64 = 24 * 60 * MINUTE;

/// What became of a request to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Doorward refused it: one has to sign in.
    SignIn,
    /// Doorward refused it for lack of a permission.
    Denied,
    /// The upstream answered with this status.
    Answered(u16),
    /// The upstream did not answer.
    Failed,
}

/// What became of the requests of a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    pub(crate) requests: u64,
    pub(crate) unauthenticated: u64,
    pub(crate) denied: u64,
    pub(crate) client_errors: u64,
    pub(crate) errors: u64,
}

impl Tally {
    fn count(&mut self, seen: Seen) {
        self.requests += 1;
        match seen {
            Seen::SignIn => self.unauthenticated += 1,
            Seen::Denied => self.denied += 1,
            Seen::Answered(400..=499) => self.client_errors += 1,
            Seen::Answered(500..) | Seen::Failed => self.errors += 1,
            Seen::Answered(_) => {}
        }
    }

    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.unauthenticated += other.unauthenticated;
        self.denied += other.denied;
        self.client_errors += other.client_errors;
        self.errors += other.errors;
    }
}

/// What is not written down yet: of each app its minutes, in the order in which rows are locked.
type Minutes = BTreeMap<Slug, BTreeMap<i64, Tally>>;

/// What passes through to all apps, and is not written down yet.
#[derive(Default)]
pub(crate) struct Counters(Mutex<Minutes>);

impl Counters {
    /// Counts a request.
    pub(crate) fn count(&self, app: &LiveApp, seen: Seen, now: Timestamp) {
        self.add(&app.app.slug, minute_of(now), |tally| tally.count(seen));
    }

    fn add(&self, slug: &Slug, minute: i64, how: impl FnOnce(&mut Tally)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = all.get_mut(slug) {
            return how(own.entry(minute).or_default());
        }
        how(all.entry(slug.clone()).or_default().entry(minute).or_default());
    }

    fn take(&self) -> Minutes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The minutes of an app that are not written down yet.
    fn of(&self, slug: &Slug) -> BTreeMap<i64, Tally> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(slug).cloned().unwrap_or_default()
    }
}

/// When the minute of a time began.
const fn minute_of(now: Timestamp) -> i64 {
    now.0.div_euclid(MINUTE) * MINUTE
}

/// When the first minute of the chart began.
const fn hour_ago(now: Timestamp) -> Timestamp {
    Timestamp(minute_of(now) - (MINUTES - 1) * MINUTE)
}

/// Shows an app's last hour, minute by minute, the one that runs included.
///
/// # Errors
/// 403 without `read`; 404 where there is no such app, or the caller may not open it.
pub async fn traffic(ctx: &Ctx, slug: &Slug) -> Result<AppTraffic> {
    ctx.may(&policy::GET_APP_TRAFFIC)?;
    super::visible(ctx, slug).await?;
    let start = hour_ago(ctx.now());
    // What is not written down is looked at first: counted twice is for a moment, missed is missed.
    let waiting = ctx.gate().traffic().of(slug);
    let mut all: HashMap<i64, Tally> = waiting.into_iter().collect();
    for (at, tally) in store::traffic::minutes(ctx.gate().db().pool(), slug, start).await? {
        all.entry(at.0).or_default().add(&tally);
    }
    let minute = |number: i64| {
        let at = start.0 + number * MINUTE;
        let Tally { requests, unauthenticated, denied, client_errors, errors } = all.get(&at).copied().unwrap_or_default();
        TrafficMinute { at: Timestamp(at), requests, unauthenticated, denied, client_errors, errors }
    };
    Ok(AppTraffic { minutes: (0..MINUTES).map(minute).collect() })
}

/// What passed through to each app in the last hour.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn hours(gate: &Gate, now: Timestamp) -> Result<HashMap<Slug, AppHour>> {
    let start = hour_ago(now);
    let waiting = gate.traffic().0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut hours = store::traffic::parts(gate.db().pool(), start, PART).await?;
    for (slug, minutes) in waiting {
        let hour = hours.entry(slug).or_default();
        for (minute, tally) in minutes.range(start.0..) {
            let part = usize::try_from((minute - start.0) / PART).unwrap_or(usize::MAX);
            hour.add(part, tally.requests, tally.unauthenticated + tally.denied, tally.errors);
        }
    }
    Ok(hours)
}

/// Runs until the gate closes.
pub(crate) async fn run(gate: Gate) {
    while gate.background().pause(EVERY).await {
        write(&gate).await;
    }
}

/// Writes down what was counted since the last time; what can not be written is counted on.
pub(crate) async fn write(gate: &Gate) {
    let counted = gate.traffic().take();
    if counted.is_empty() {
        return;
    }
    let written = async {
        let mut write = gate.db().write().await?;
        for (slug, minutes) in &counted {
            for (minute, tally) in minutes {
                store::traffic::add(write.db(), slug, Timestamp(*minute), tally).await?;
            }
        }
        write.commit().await
    };
    if let Err(error) = written.await {
        tracing::warn!(%error, apps = counted.len(), "the traffic of apps could not be written down; trying again later");
        for (slug, minutes) in counted {
            for (minute, tally) in minutes {
                gate.traffic().add(&slug, minute, |kept| kept.add(&tally));
            }
        }
    }
}

/// Removes the minutes that are older than a day.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn trim(gate: &Gate) -> Result<()> {
    let mut write = gate.db().write().await?;
    store::traffic::trim(write.db(), gate.now().plus(-KEEP)).await?;
    Ok(write.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_what_became_of_them() {
        let mut tally = Tally::default();
        for seen in [Seen::SignIn, Seen::Denied, Seen::Denied, Seen::Answered(200), Seen::Answered(304), Seen::Answered(404)] {
            tally.count(seen);
        }
        for seen in [Seen::Answered(101), Seen::Answered(500), Seen::Answered(503), Seen::Failed] {
            tally.count(seen);
        }
        assert_eq!(tally, Tally { requests: 10, unauthenticated: 1, denied: 2, client_errors: 1, errors: 3 });
    }

    #[test]
    fn what_is_taken_is_counted_once() {
        let counters = Counters::default();
        let slug = Slug("tasks".into());
        counters.add(&slug, 0, |tally| tally.count(Seen::Answered(200)));
        counters.add(&slug, MINUTE, |tally| tally.count(Seen::Answered(200)));
        assert_eq!(counters.of(&slug).len(), 2);
        assert_eq!(counters.take()[&slug].len(), 2);
        assert!(counters.of(&slug).is_empty());
        assert_eq!(minute_of(Timestamp(119_999)), MINUTE);
    }
}
