//! Where else events go: each sink follows the chain, so it gets every event, in order, at least once,
//! whatever ends in between. Of several processes one feeds a sink.

mod file;
mod webhook;

use super::{chain::HEAD, line::Line, store::chain as kept};
use crate::{Result, config::Sink, db::held, gate::Gate, random};
use file::File;
use std::{
    io::{self, Write as _},
    time::Duration,
};
use webhook::Webhook;
use wire::Timestamp;

/// Between two looks for new events.
const EVERY: Duration = Duration::from_secs(1);
/// The longest wait after something went wrong.
const LONGEST: Duration = Duration::from_secs(60);
/// So many events are handed over at once.
const BATCH: i64 = 500;
/// For how long a process has a sink, in milliseconds.
const HOLD: i64 = 60_000;

/// A sink that is open.
enum Outlet {
    Stdout,
    File(File),
    Webhook(Box<Webhook>),
}

impl Outlet {
    /// Hands lines over; they have arrived when this returns.
    async fn take(self, now: Timestamp, lines: Vec<u8>) -> (Self, io::Result<()>) {
        match self {
            Self::Stdout => {
                let write = move || {
                    let mut out = io::stdout().lock();
                    out.write_all(&lines).and_then(|()| out.flush())
                };
                (Self::Stdout, blocking(write).await)
            }
            Self::File(mut file) => {
                let (file, done) = blocking(move || {
                    let done = file.append(&lines);
                    (file, done)
                })
                .await;
                (Self::File(file), done)
            }
            Self::Webhook(webhook) => {
                let done = webhook.send(now, lines).await;
                (Self::Webhook(webhook), done)
            }
        }
    }
}

/// Does what may wait for a disk or a pipe where nothing else waits for it.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("writing does not panic")
}

/// Starts to feed the sinks that are configured.
pub(crate) fn start(gate: &Gate) {
    let config = &gate.config().audit;
    for sink in &config.sinks {
        let outlet = match sink {
            Sink::Stdout => Outlet::Stdout,
            Sink::File(path) => Outlet::File(File::at(path.clone())),
        };
        gate.background().start(run(gate.clone(), sink.to_string(), outlet));
    }
    // What can not be was refused when the gate was opened.
    if let Some(Ok((name, webhook))) = config.webhook.as_ref().map(|webhook| Webhook::of(webhook, gate.outbound().clone())) {
        gate.background().start(run(gate.clone(), name, Outlet::Webhook(Box::new(webhook))));
    }
}

/// Feeds a sink until the gate closes.
async fn run(gate: Gate, name: String, outlet: Outlet) {
    let cursor = format!("audit:{name}");
    let holder = random::id(gate.random(), gate.now()).to_string();
    let mut outlet = Some(outlet);
    let mut wait = EVERY;
    while gate.background().pause(wait).await {
        wait = match feed(&gate, &cursor, &holder, &mut outlet).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => EVERY,
            Err(error) => {
                tracing::warn!(sink = name, %error, "events could not be handed over; trying again");
                (wait.max(EVERY) * 2).min(LONGEST)
            }
        };
    }
    if let Err(error) = held::release(gate.db(), &cursor, &holder).await {
        tracing::debug!(sink = name, %error, "another process can feed this sink in a minute");
    }
}

/// Hands over what is new; tells whether there may be more.
async fn feed(gate: &Gate, cursor: &str, holder: &str, outlet: &mut Option<Outlet>) -> Result<bool> {
    let db = gate.db();
    let Some(seq) = held::seq(db.pool(), cursor).await? else {
        // A new sink gets what happens from now on; what was before can be exported.
        let head = kept::end(db.pool(), HEAD).await?.map_or(0, |head| head.seq);
        held::insert_if_absent(db, cursor, head).await?;
        return Ok(true);
    };
    if kept::links(db.pool(), seq, 1).await?.is_empty() {
        return Ok(false);
    }
    let now = gate.now();
    let Some(seq) = held::hold(db, cursor, holder, now, now.plus(HOLD)).await? else { return Ok(false) };
    let links = kept::links(db.pool(), seq, BATCH).await?;
    let Some(last) = links.last().map(|link| link.seq) else { return Ok(false) };
    let mut lines = Vec::new();
    links.iter().filter_map(|link| Line::read(&link.line)).for_each(|line| line.write_json(&mut lines));
    let Some(open) = outlet.take() else { return Ok(false) };
    let (open, done) = open.take(now, lines).await;
    *outlet = Some(open);
    done.map_err(|error| crate::Error::Fault(error.to_string()))?;
    held::set_seq(db, cursor, holder, last).await?;
    Ok(i64::try_from(links.len()).is_ok_and(|count| count == BATCH))
}
