//! What hands spans over to the collector, a batch at a time, beside requests. While it is away some wait, and
//! what there is no room for is lost: nothing waits for a trace.

use super::span::{self, Span};
use crate::{config::Traces, gate::Gate, outbound::Target};
use http::{HeaderMap, HeaderValue, Method, header};
use secrecy::ExposeSecret;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::mpsc;

/// Between two batches.
const EVERY: Duration = Duration::from_secs(2);
/// The longest pause while the collector is away.
const LONGEST: Duration = Duration::from_secs(60);
/// How long an answer may take, and at the end of the process.
const PATIENCE: Duration = Duration::from_secs(10);
const LAST_PATIENCE: Duration = Duration::from_secs(3);
/// Spans of a batch.
const BATCH: usize = 512;
/// The most bytes of an answer.
const MOST: usize = 4096;

/// Empties the queue of a tracer.
pub(crate) struct Exporter {
    inbox: mpsc::Receiver<Span>,
    lost: Arc<AtomicU64>,
    target: Target,
    headers: HeaderMap,
    service: String,
}

/// What became of a batch.
enum Outcome {
    Taken,
    /// Another try may work.
    Later(String),
    /// None would.
    Refused(String),
}

impl Exporter {
    pub(super) fn new(config: &Traces, inbox: mpsc::Receiver<Span>, lost: Arc<AtomicU64>) -> Result<Option<Self>, String> {
        let Some(endpoint) = &config.endpoint else { return Ok(None) };
        let target = Target::parse(&format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .map_err(|problem| format!("traces.endpoint: {problem}"))?;
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in &config.headers {
            let mut value =
                HeaderValue::from_str(value.expose_secret()).map_err(|_| format!("traces.headers: {name} is no header's value"))?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        Ok(Some(Self { inbox, lost, target, headers, service: config.service.clone() }))
    }

    /// Hands over what there is until the gate closes, and what is left then.
    pub(crate) async fn run(mut self, gate: Gate) {
        let (mut wait, mut batch) = (EVERY, Vec::new());
        while gate.background().pause(wait).await {
            loop {
                self.fill(&mut batch);
                if batch.is_empty() {
                    break;
                }
                match self.send(&gate, &batch, PATIENCE).await {
                    Outcome::Taken => {
                        if wait > EVERY {
                            tracing::info!("the collector of traces takes them again");
                        }
                        wait = EVERY;
                        batch.clear();
                    }
                    Outcome::Later(problem) => {
                        if wait == EVERY {
                            tracing::warn!(problem, "traces can not be handed over; trying again (OTLP over HTTP, often at port 4318)");
                        }
                        wait = (wait * 2).min(LONGEST);
                        break;
                    }
                    Outcome::Refused(problem) => {
                        tracing::warn!(problem, spans = batch.len(), "the collector does not take these traces; they are lost");
                        batch.clear();
                    }
                }
            }
            match self.lost.swap(0, Ordering::Relaxed) {
                0 => {}
                spans => tracing::warn!(spans, "more happened than the collector of traces could be told"),
            }
        }
        self.fill(&mut batch);
        if !batch.is_empty() && !matches!(self.send(&gate, &batch, LAST_PATIENCE).await, Outcome::Taken) {
            tracing::debug!(spans = batch.len(), "the last traces are lost");
        }
    }

    fn fill(&mut self, batch: &mut Vec<Span>) {
        while batch.len() < BATCH
            && let Ok(span) = self.inbox.try_recv()
        {
            batch.push(span);
        }
    }

    async fn send(&self, gate: &Gate, batch: &[Span], patience: Duration) -> Outcome {
        let body = span::request(&self.service, &gate.db().node(), batch).to_string().into_bytes();
        match gate.outbound().submit(&self.target, Method::POST, self.headers.clone(), body, MOST, patience).await {
            Ok(answer) if (200..300).contains(&answer.status) => Outcome::Taken,
            Ok(answer) if answer.status == 429 || answer.status >= 500 => Outcome::Later(format!("it answered {}", answer.status)),
            Ok(answer) => Outcome::Refused(format!("it answered {}", answer.status)),
            Err(error) => Outcome::Later(error.to_string()),
        }
    }
}
