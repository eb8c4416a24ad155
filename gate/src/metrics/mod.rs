//! The numbers of a watchdog, in the text format of Prometheus: counted by atomics in tables that are
//! there from the start, so that a request costs no lock and no memory for it.

mod apps;
mod histogram;
pub(crate) mod http;
mod requests;
mod text;

pub(crate) use histogram::Histogram;
pub use http::MEDIA;
pub(crate) use requests::{Requests, Row};

use crate::{Result, ctx::Ctx, gate::Gate, live, sessions};
use std::sync::atomic::{AtomicU64, Ordering};
use text::Text;
use wire::{
    Code,
    apps::HealthState,
    audit::{Action, Event, Outcome},
    policy,
};

const OUTCOMES: [Outcome; 3] = [Outcome::Success, Outcome::Denied, Outcome::Failure];

/// How long the database takes, shared with whoever asks it.
#[derive(Default)]
pub(crate) struct StoreTimes {
    /// Until a write may begin.
    pub(crate) begin: Histogram,
    /// Until what was written is kept.
    pub(crate) commit: Histogram,
    /// The look for what other processes did.
    pub(crate) read: Histogram,
}

/// All that is counted.
pub(crate) struct Metrics {
    pub(crate) requests: Requests,
    pub(crate) apps: apps::Apps,
    /// Lines of the bus that were heard, and how often some may have been missed.
    signals: AtomicU64,
    gaps: AtomicU64,
    refusals: [AtomicU64; Code::ALL.len()],
    events: [[AtomicU64; OUTCOMES.len()]; Action::ALL.len()],
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Requests::new(),
            apps: apps::Apps::default(),
            signals: AtomicU64::new(0),
            gaps: AtomicU64::new(0),
            refusals: std::array::from_fn(|_| AtomicU64::new(0)),
            events: std::array::from_fn(|_| std::array::from_fn(|_| AtomicU64::new(0))),
        }
    }
}

impl Metrics {
    /// Counts a refusal by its cause.
    pub(crate) fn refused(&self, code: Code) {
        // The codes stand in the order of their list.
        self.refusals[code as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts an event that is written down.
    pub(crate) fn happened(&self, event: &Event) {
        let outcome = OUTCOMES.iter().position(|outcome| *outcome == event.outcome).unwrap_or(0);
        self.events[event.action as usize][outcome].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts what was heard on the bus.
    pub(crate) fn heard(&self, lines: u64, is_gap: bool) {
        self.signals.fetch_add(lines, Ordering::Relaxed);
        self.gaps.fetch_add(u64::from(is_gap), Ordering::Relaxed);
    }

    fn count_of(&self, action: Action, outcome: usize) -> u64 {
        self.events[action as usize][outcome].load(Ordering::Relaxed)
    }
}

/// Shows the numbers.
///
/// # Errors
/// 403 without `audit`.
pub async fn show(ctx: &Ctx) -> Result<String> {
    ctx.may(&policy::GET_METRICS)?;
    Ok(write(ctx.gate()).await)
}

/// The numbers, for a listener of their own, to which not everybody has a way.
pub async fn write(gate: &Gate) -> String {
    let mut text = Text::default();
    let metrics = gate.metrics();
    text.family("doorward_build_info", "gauge", "Which Doorward this is.");
    text.sample("doorward_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    text.family("doorward_start_time_seconds", "gauge", "When this process began, in seconds since 1970.");
    text.sample("doorward_start_time_seconds", &[], gate.0.started_at.seconds());
    metrics.requests.write(&mut text);
    write_events(metrics, &mut text);
    text.family("doorward_refusals_total", "counter", "Requests to Doorward itself that were refused, by cause.");
    for code in Code::ALL {
        let count = metrics.refusals[*code as usize].load(Ordering::Relaxed);
        if count > 0 {
            text.sample("doorward_refusals_total", &[("code", code.as_str())], count);
        }
    }
    write_state(gate, &mut text).await;
    write_store(gate, &mut text);
    write_apps(gate, &mut text);
    write_channels(gate, &mut text);
    text.0
}

fn write_events(metrics: &Metrics, text: &mut Text) {
    text.family("doorward_sign_ins_total", "counter", "Sign-ins by outcome.");
    for (at, outcome) in OUTCOMES.iter().enumerate() {
        text.sample("doorward_sign_ins_total", &[("outcome", outcome.as_str())], metrics.count_of(Action::SessionStart, at));
    }
    text.family("doorward_events_total", "counter", "Events of the audit log by action and outcome.");
    for action in Action::ALL {
        for (at, outcome) in OUTCOMES.iter().enumerate() {
            let count = metrics.count_of(*action, at);
            if count > 0 {
                text.sample("doorward_events_total", &[("action", action.as_str()), ("outcome", outcome.as_str())], count);
            }
        }
    }
}

async fn write_state(gate: &Gate, text: &mut Text) {
    // Without the database the other numbers are of more interest than ever.
    if let Ok(count) = sessions::store::count_live(gate.db().pool(), gate.now()).await {
        text.family("doorward_sessions", "gauge", "Sessions that are alive.");
        text.sample("doorward_sessions", &[], count);
    }
    let (inside, most) = gate.hasher().load();
    text.family("doorward_hash_queue", "gauge", "Passwords that are being hashed, or wait for it.");
    text.sample("doorward_hash_queue", &[], inside);
    text.family("doorward_hash_queue_limit", "gauge", "So many at the most; beyond it people are told to try again.");
    text.sample("doorward_hash_queue_limit", &[], most);
    text.family("doorward_connections", "gauge", "Upgraded connections, streams and long transfers that are open.");
    text.sample("doorward_connections", &[], gate.connections().count());
}

fn write_store(gate: &Gate, text: &mut Text) {
    let times = gate.db().times();
    text.family(
        "doorward_store_seconds",
        "histogram",
        "How long the database takes: until a write may begin, until it is kept, for a read.",
    );
    for (what, times) in [("begin", &times.begin), ("commit", &times.commit), ("read", &times.read)] {
        times.write(text, "doorward_store_seconds", &[("operation", what)]);
    }
    let pool = gate.db().pool();
    text.family("doorward_store_connections", "gauge", "Connections to the database, by whether they are in use.");
    let idle = u64::try_from(pool.num_idle()).unwrap_or(0);
    text.sample("doorward_store_connections", &[("state", "idle")], idle);
    text.sample("doorward_store_connections", &[("state", "used")], u64::from(pool.size()).saturating_sub(idle));
    text.family("doorward_store_silence_seconds", "gauge", "Since when nothing was heard from the database.");
    text.sample("doorward_store_silence_seconds", &[], gate.heard().silence().as_secs());
}

fn write_apps(gate: &Gate, text: &mut Text) {
    let apps = gate.apps().all();
    gate.metrics().apps.write(text, |slug| apps.iter().any(|live| live.app.slug == *slug));
    text.family("doorward_app_up", "gauge", "Whether the upstream of an app answers.");
    for live in &*apps {
        let up = match gate.watch().of(live).state {
            HealthState::Up | HealthState::Slow => 1,
            HealthState::Down => 0,
            HealthState::Unknown => continue,
        };
        text.sample("doorward_app_up", &[("app", &live.app.slug.0)], up);
    }
}

fn write_channels(gate: &Gate, text: &mut Text) {
    let numbers = live::counts::numbers(gate.hub(), gate.publisher());
    text.family("doorward_channel_subscribers", "gauge", "Who watches live channels on this server.");
    text.sample("doorward_channel_subscribers", &[], numbers.subscribers);
    text.family("doorward_channel_subscriptions", "gauge", "What they watch, each channel of each counted.");
    text.sample("doorward_channel_subscriptions", &[], numbers.subscriptions);
    text.family("doorward_channel_messages_total", "counter", "Messages of live channels: published here, and handed to who watches here.");
    for (direction, count) in [("published", numbers.published), ("delivered", numbers.delivered)] {
        text.sample("doorward_channel_messages_total", &[("direction", direction)], count);
    }
    text.family(
        "doorward_channel_drops_total",
        "counter",
        "Who was dropped for not reading (slow) or because messages were lost (missed), and messages of Doorward's own without room (skipped).",
    );
    for (cause, count) in [("slow", numbers.slow), ("missed", numbers.missed), ("skipped", numbers.skipped)] {
        text.sample("doorward_channel_drops_total", &[("cause", cause)], count);
    }
    let metrics = gate.metrics();
    text.family("doorward_bus_signals_total", "counter", "Changes that were heard on the bus between servers, this one's own too.");
    text.sample("doorward_bus_signals_total", &[], metrics.signals.load(Ordering::Relaxed));
    text.family("doorward_bus_gaps_total", "counter", "How often some may have been missed, so that everything was read anew.");
    text.sample("doorward_bus_gaps_total", &[], metrics.gaps.load(Ordering::Relaxed));
}
