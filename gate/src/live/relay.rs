//! What is published, on its way to Centrifugo: in order, in batches, by one node at a time. The table of
//! messages is the queue; while Centrifugo is away it fills, and has an end as it always has.

use super::{packet, store, writer::Publisher};
use crate::{Result, background::Rounds, config::Centrifugo, db::held, gate::Gate, outbound::Target, random};
use http::{HeaderMap, HeaderValue, Method, header};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use wire::{
    Timestamp,
    live::{CentrifugoState, OWN_TYPES},
};

/// What its cursor is called.
pub(crate) const NAME: &str = "live:centrifugo";
/// How often it is looked for what is new when nothing wakes.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest pause while it is away.
const LONGEST: Duration = Duration::from_secs(30);
/// How long a node keeps it for itself, in milliseconds; longer than a request may take.
const HOLD: i64 = 30_000;
/// Messages of a request.
const BATCH: i64 = 50;
/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes of an answer.
const MOST_ANSWER: usize = 256 * 1024;

/// How it went lately.
#[derive(Default)]
pub(crate) struct Relay(Mutex<Lately>);

#[derive(Default)]
struct Lately {
    problem: Option<String>,
    last_at: Option<Timestamp>,
}

impl Relay {
    fn set(&self, change: impl FnOnce(&mut Lately)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// How Centrifugo is, as this node sees it.
pub(super) async fn state(gate: &Gate) -> Result<CentrifugoState> {
    let pool = gate.db().pool();
    let is_configured = gate.config().live.centrifugo.is_some();
    let sent = held::seq(pool, NAME).await?;
    let last = store::last(pool).await?;
    let (problem, last_at) = {
        let lately = gate.relay().0.lock().unwrap_or_else(PoisonError::into_inner);
        (lately.problem.clone(), lately.last_at)
    };
    let waiting = sent.filter(|_| is_configured).map_or(0, |sent| u64::try_from(last - sent).unwrap_or(0));
    Ok(CentrifugoState { is_configured, problem, last_at, waiting })
}

/// Where a batch is sent.
///
/// # Errors
/// What is expected, without repeating the address.
pub(crate) fn target(centrifugo: &Centrifugo) -> std::result::Result<Target, String> {
    Target::parse(&format!("{}/api/batch", centrifugo.url.trim_end_matches('/')))
}

/// Sends what is published until the gate closes.
pub(crate) async fn run(gate: Gate) {
    let Some(centrifugo) = gate.config().live.centrifugo.clone() else { return };
    // What can not be was refused when the gate was opened.
    let Ok(target) = target(&centrifugo) else { return };
    let holder = random::id(gate.random(), gate.now()).to_string();
    let (mut wakes, mut written) = (gate.db().wakes(), gate.publisher().written());
    let (mut wait, mut rounds) = (PAUSE, Rounds::default());
    loop {
        let is_going_on = if wait > PAUSE {
            gate.background().pause(wait).await
        } else {
            gate.background().next(&mut rounds, wait, Publisher::news(&mut wakes, &mut written)).await
        };
        if !is_going_on {
            break;
        }
        while let Some(round) = gate.background().unless_ended(round(&gate, &centrifugo, &target, &holder)).await {
            match round {
                Ok(true) => continue,
                Ok(false) => wait = PAUSE,
                Err(error) => {
                    let problem = error.to_string();
                    tracing::warn!(%error, "messages could not be handed to Centrifugo; trying again");
                    gate.relay().set(|lately| lately.problem = Some(problem));
                    wait = (wait * 2).min(LONGEST);
                }
            }
            break;
        }
    }
    if let Err(error) = held::release(gate.db(), NAME, &holder).await {
        tracing::debug!(%error, "another node can hand messages to Centrifugo in half a minute");
    }
}

/// Sends a batch; whether there may be more.
async fn round(gate: &Gate, centrifugo: &Centrifugo, target: &Target, holder: &str) -> Result<bool> {
    let (db, pool) = (gate.db(), gate.db().pool());
    let Some(seq) = held::seq(pool, NAME).await? else {
        // It begins with what is published from now on.
        held::insert_if_absent(db, NAME, store::last(pool).await?).await?;
        return Ok(true);
    };
    if store::last(pool).await? <= seq {
        return Ok(false);
    }
    let now = gate.now();
    let Some(seq) = held::hold(db, NAME, holder, now, now.plus(HOLD)).await? else { return Ok(false) };
    let rows = store::after(pool, seq, BATCH).await?;
    let Some(last) = rows.last().map(|kept| kept.id) else { return Ok(false) };
    if rows[0].id > seq + 1 && seq > 0 {
        tracing::warn!("Centrifugo was away for longer than messages are kept; some it does not get");
    }
    // What Doorward says itself is for its own streams, which know who may hear it.
    let commands: Vec<_> = rows.iter().filter(|kept| !kept.kind.starts_with(OWN_TYPES)).map(command).collect();
    if !commands.is_empty() {
        send(gate, centrifugo, target, &commands).await?;
    }
    held::set_seq(db, NAME, holder, last).await?;
    gate.relay().set(|lately| *lately = Lately { problem: None, last_at: Some(gate.now()) });
    Ok(i64::try_from(rows.len()).is_ok_and(|count| count == BATCH))
}

/// A message as a command of its server API. The key makes a second try of the same message none.
fn command(kept: &store::Kept) -> Value {
    let message: Value = serde_json::from_str(&packet::json(kept)).unwrap_or_default();
    json!({ "publish": { "channel": kept.channel, "data": message, "idempotency_key": kept.id.to_string() } })
}

/// What it answers to a batch.
#[derive(Deserialize)]
struct Replies {
    #[serde(default)]
    replies: Vec<Reply>,
    #[serde(default)]
    error: Option<Problem>,
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    error: Option<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    code: u32,
    #[serde(default)]
    message: String,
}

/// An error of its own side, after which another try may work.
const INTERNAL: u32 = 100;

async fn send(gate: &Gate, centrifugo: &Centrifugo, target: &Target, commands: &[Value]) -> Result<()> {
    let fault = |text: String| crate::Error::Fault(text);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut key =
        HeaderValue::from_str(centrifugo.api_key.expose_secret()).map_err(|_| fault("the API key is no header's value".into()))?;
    key.set_sensitive(true);
    headers.insert("x-api-key", key);
    let body = serde_json::to_vec(&json!({ "commands": commands, "parallel": false }))?;
    let answer = gate
        .outbound()
        .submit(target, Method::POST, headers, body, MOST_ANSWER, PATIENCE)
        .await
        .map_err(|error| fault(format!("Centrifugo does not answer: {error}")))?;
    match answer.status {
        200..300 => {}
        401 | 403 => return Err(fault("Centrifugo refuses the API key".into())),
        status => return Err(fault(format!("Centrifugo answers {status}"))),
    }
    let replies: Replies = serde_json::from_slice(&answer.body).map_err(|_| fault("Centrifugo answers what is no batch".into()))?;
    let whole = |problem: Problem| fault(format!("Centrifugo refuses the batch: {} {}", problem.code, problem.message));
    if let Some(problem) = replies.error {
        return Err(whole(problem));
    }
    if replies.replies.len() != commands.len() {
        return Err(fault("Centrifugo answers to another number of messages".into()));
    }
    for (reply, command) in replies.replies.into_iter().zip(commands) {
        match reply.error {
            Some(problem) if problem.code == INTERNAL => return Err(whole(problem)),
            // No other try would help: its configuration does not have the namespace, for one.
            Some(problem) => {
                let channel = command["publish"]["channel"].as_str().unwrap_or_default();
                tracing::warn!(channel, code = problem.code, message = problem.message, "Centrifugo does not take a message");
            }
            None => {}
        }
    }
    Ok(())
}
