//! A span as a collector gets it: OTLP in JSON.

use super::place::{Place, hex};
use serde_json::{Value, json};

/// Which side of a request it is; the numbers are OTLP's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Server = 2,
    Client = 3,
}

/// What is said besides.
#[derive(Debug, Clone)]
pub(super) enum Attribute {
    Text(String),
    Number(i64),
}

/// Something that took its time; times are nanoseconds since 1970.
#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) place: Place,
    pub(super) parent: Option<[u8; 8]>,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) attributes: Vec<(&'static str, Attribute)>,
    pub(super) is_error: bool,
}

impl Span {
    fn json(&self) -> Value {
        let attributes: Vec<Value> = self.attributes.iter().map(|(key, value)| json!({ "key": key, "value": value.json() })).collect();
        json!({
            "traceId": hex(&self.place.trace),
            "spanId": hex(&self.place.span),
            "parentSpanId": self.parent.map(|parent| hex(&parent)).unwrap_or_default(),
            "flags": u32::from(self.place.is_sampled),
            "name": self.name,
            "kind": self.kind as u8,
            "startTimeUnixNano": self.start.to_string(),
            "endTimeUnixNano": self.end.to_string(),
            "attributes": attributes,
            "status": if self.is_error { json!({ "code": 2 }) } else { json!({}) },
        })
    }
}

impl Attribute {
    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!({ "stringValue": text }),
            // Whole numbers are texts there: JSON's own have 53 bits.
            Self::Number(number) => json!({ "intValue": number.to_string() }),
        }
    }
}

/// A request to the collector.
pub(super) fn request(service: &str, node: &str, spans: &[Span]) -> Value {
    let text = |key: &str, text: &str| json!({ "key": key, "value": { "stringValue": text } });
    let version = env!("CARGO_PKG_VERSION");
    json!({ "resourceSpans": [{
        "resource": { "attributes": [
            text("service.name", service), text("service.version", version), text("service.instance.id", node),
        ] },
        "scopeSpans": [{ "scope": { "name": "doorward", "version": version }, "spans": spans.iter().map(Span::json).collect::<Vec<_>>() }],
    }] })
}
