//! The keys of what is told elsewhere: events of the audit log, and messages of live channels.

use super::{Key, go, list, many, masked, one, or_none, put, values};

/// Every key of these.
pub(super) const KEYS: &[Key] = &[
    one(
        "audit.retention",
        "a Go duration of 24h at least",
        "How long events of the audit log are kept.",
        |d, t| put(&mut d.settings.gate.audit.retention, values::retention(t)),
        |s| go(s.gate.audit.retention),
    ),
    many(
        "audit.sinks",
        "a list of stdout and file:/path",
        "Where else each event goes, as a line of JSON.",
        |d, items| put(&mut d.settings.gate.audit.sinks, items.iter().map(|item| item.parse()).collect()),
        |s| list(&s.gate.audit.sinks),
    ),
    one(
        "audit.webhook.url",
        "an address like https://collector.example.com/events",
        "Where events are sent besides, in batches of JSON lines; it may hold a secret.",
        |d, t| put(&mut d.webhook.url, Ok(Some(t.into()))),
        |s| masked(s.gate.audit.webhook.as_ref().map(|webhook| &webhook.url)),
    )
    .secret(),
    one(
        "audit.webhook.secret",
        "16 bytes at least, 32 random ones are advised",
        "The key of their signature, `X-Doorward-Signature`.",
        |d, t| put(&mut d.webhook.secret, Ok(Some(t.into()))),
        |s| masked(s.gate.audit.webhook.as_ref().map(|webhook| &webhook.secret)),
    )
    .secret(),
    one(
        "centrifugo.url",
        "an address without a path, like http://127.0.0.1:5001",
        "Where a Centrifugo is that gets what is published on live channels. Also `CENTRIFUGO_HOST` and `CENTRIFUGO_PORT` (5001).",
        |d, t| put(&mut d.centrifugo.url, Ok(Some(t.trim_end_matches('/').to_owned()))),
        |s| or_none(s.gate.live.centrifugo.as_ref().map(|centrifugo| centrifugo.url.clone())),
    ),
    one(
        "centrifugo.api_key",
        "the key of its HTTP API",
        "With what messages are published there. Also `CENTRIFUGO_API_KEY`.",
        |d, t| put(&mut d.centrifugo.api_key, Ok(Some(t.into()))),
        |s| masked(s.gate.live.centrifugo.as_ref().map(|centrifugo| &centrifugo.api_key)),
    )
    .secret(),
    one(
        "centrifugo.token_secret",
        "its HMAC secret, 32 characters at least",
        "With what tokens for its clients are signed. Also `CENTRIFUGO_JWT_SECRET`.",
        |d, t| put(&mut d.centrifugo.token_secret, Ok(Some(t.into()))),
        |s| masked(s.gate.live.centrifugo.as_ref().map(|centrifugo| &centrifugo.token_secret)),
    )
    .secret(),
    one(
        "traces.endpoint",
        "an address like http://collector:4318",
        "Where a collector of OpenTelemetry is that gets traces, by OTLP over HTTP in JSON, at `/v1/traces` below it. Also `OTEL_EXPORTER_OTLP_ENDPOINT`.",
        |d, t| put(&mut d.settings.gate.traces.endpoint, values::collector(t).map(Some)),
        |s| or_none(s.gate.traces.endpoint.clone()),
    ),
    one(
        "traces.headers",
        "headers like authorization=Bearer%20key, parted by commas",
        "What is sent with each batch of them. Also `OTEL_EXPORTER_OTLP_HEADERS`.",
        |d, t| put(&mut d.settings.gate.traces.headers, values::headers(t)),
        |s| masked(s.gate.traces.headers.first().map(|(_, value)| value)),
    )
    .secret(),
    one(
        "traces.service",
        "a name",
        "What Doorward is called there. Also `OTEL_SERVICE_NAME`.",
        |d, t| put(&mut d.settings.gate.traces.service, Ok(t.to_owned())),
        |s| s.gate.traces.service.clone(),
    ),
    one(
        "traces.sample",
        "a number from 0 to 100",
        "Of a hundred traces that begin here so many are told; one that a trusted proxy began is told when it says so.",
        |d, t| put(&mut d.settings.gate.traces.sample, values::number(t, 0..=100)),
        |s| s.gate.traces.sample.to_string(),
    ),
];
