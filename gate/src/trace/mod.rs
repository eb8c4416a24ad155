//! Traces: what became of a request and how long it took, told to a collector of OpenTelemetry. Where none is
//! configured there is no tracer, and a request costs one look at that.

mod export;
mod place;
mod span;

pub(crate) use export::Exporter;
pub(crate) use place::Place;

use crate::{config::Traces, gate::Gate};
use http::{HeaderMap, HeaderName};
use span::{Attribute, Kind, Span};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};
use tokio::sync::mpsc;
use wire::Timestamp;

/// Where in which trace one is (W3C Trace Context).
pub(crate) const PARENT: HeaderName = HeaderName::from_static("traceparent");
const STATE: HeaderName = HeaderName::from_static("tracestate");
/// The most spans that wait to be told; more are lost, and counted.
const QUEUE: usize = 4096;

tokio::task_local! {
    /// Where this task is.
    static HERE: Place;
}

/// Tells a collector.
pub(crate) struct Tracer {
    spans: mpsc::Sender<Span>,
    lost: Arc<AtomicU64>,
    /// Of a hundred traces that begin here so many are told.
    sample: u8,
}

impl Tracer {
    /// A tracer and what empties its queue; nothing where no collector is configured.
    ///
    /// # Errors
    /// When its address is none.
    pub(crate) fn new(config: &Traces) -> Result<Option<(Self, Exporter)>, String> {
        let (spans, inbox) = mpsc::channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let exporter = Exporter::new(config, inbox, lost.clone())?;
        Ok(exporter.map(|exporter| (Self { spans, lost, sample: config.sample }, exporter)))
    }

    fn tell(&self, span: Span) {
        if self.spans.try_send(span).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Something that is going on.
pub(crate) struct Open {
    place: Place,
    parent: Option<[u8; 8]>,
    began_at: Timestamp,
    begun: Instant,
}

/// What is told of a request when it is over.
pub(crate) struct Told<'a> {
    pub(crate) method: &'a str,
    /// The route it met, not the path.
    pub(crate) route: Option<&'a str>,
    /// The path, without what is secret in it.
    pub(crate) path: &'a str,
    /// Absent where no answer came.
    pub(crate) status: Option<u16>,
    pub(crate) request_id: &'a str,
    pub(crate) app: Option<&'a str>,
}

/// A request that came in. What its sender says of a trace is believed from trusted proxies alone.
pub(crate) fn begin(gate: &Gate, headers: &HeaderMap, is_trusted: bool, now: Timestamp) -> Option<Open> {
    let tracer = gate.tracer()?;
    let said = headers.get(PARENT).filter(|_| is_trusted).and_then(|value| value.to_str().ok()).and_then(Place::read);
    let place = match said {
        Some(parent) => parent.child(gate.random()),
        None => Place::first(gate.random(), tracer.sample),
    };
    Some(Open { place, parent: said.map(|parent| parent.span), began_at: now, begun: Instant::now() })
}

/// A request that goes out, within one that came in.
pub(crate) fn go_on(gate: &Gate) -> Option<Open> {
    gate.tracer()?;
    let parent = HERE.try_with(|place| *place).ok()?;
    Some(Open { place: parent.child(gate.random()), parent: Some(parent.span), began_at: gate.now(), begun: Instant::now() })
}

/// Tells whom this task asks where it is.
pub(crate) fn onto(headers: &mut HeaderMap) {
    if let Ok(value) = HERE.try_with(Place::header) {
        headers.insert(PARENT, value);
    }
}

impl Open {
    /// Does something within it.
    pub(crate) async fn around<T>(&self, what: impl Future<Output = T>) -> T {
        HERE.scope(self.place, what).await
    }

    /// Tells an upstream where it is in the trace; the sender's word for it goes no further, unless it is believed.
    pub(crate) fn onto(&self, headers: &mut HeaderMap, is_trusted: bool) {
        headers.insert(PARENT, self.place.header());
        if !is_trusted {
            headers.remove(STATE);
        }
    }

    /// A request that came in is over.
    pub(crate) fn answered(self, gate: &Gate, told: &Told<'_>) {
        self.end(gate, Kind::Server, told);
    }

    /// A request that went out is over.
    pub(crate) fn returned(self, gate: &Gate, told: &Told<'_>) {
        self.end(gate, Kind::Client, told);
    }

    fn end(self, gate: &Gate, kind: Kind, told: &Told<'_>) {
        let Some(tracer) = gate.tracer().filter(|_| self.place.is_sampled) else { return };
        let text = |text: &str| Attribute::Text(text.to_owned());
        let mut attributes =
            vec![("http.request.method", text(told.method)), ("url.path", text(told.path)), ("doorward.request_id", text(told.request_id))];
        attributes.extend(told.status.map(|status| ("http.response.status_code", Attribute::Number(status.into()))));
        attributes.extend(told.route.map(|route| ("http.route", text(route))));
        attributes.extend(told.app.map(|app| ("doorward.app", text(app))));
        let name = told.route.or(told.app).map_or_else(|| told.method.to_owned(), |what| format!("{} {what}", told.method));
        // What a client did wrong is no error of the server, but one of whoever asked.
        let is_error = told.status.is_none_or(|status| status >= 500 || kind == Kind::Client && status >= 400);
        let start = u64::try_from(self.began_at.0).unwrap_or(0).saturating_mul(1_000_000);
        let took = u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let end = start.saturating_add(took);
        tracer.tell(Span { place: self.place, parent: self.parent, name, kind, start, end, attributes, is_error });
    }
}
