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
];
