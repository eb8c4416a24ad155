//! The keys of how it is served besides: its own TLS, and the numbers for a watchdog.

use super::{A_DURATION, Key, go, one, or_none, put, values};
use std::path::{Path, PathBuf};

/// Every key of these.
pub(super) const KEYS: &[Key] = &[
    one(
        "tls.cert",
        "the name of a PEM file",
        "The certificate, with the chain below it; the server speaks https then. Read again when it changes.",
        |d, t| put(&mut d.tls.cert, Ok(Some(PathBuf::from(t)))),
        |s| or_none(s.tls.as_ref().map(|tls| shown(&tls.cert))),
    ),
    one(
        "tls.key",
        "the name of a PEM file",
        "The private key of that certificate.",
        |d, t| put(&mut d.tls.key, Ok(Some(PathBuf::from(t)))),
        |s| or_none(s.tls.as_ref().map(|tls| shown(&tls.key))),
    ),
    one(
        "metrics.listen",
        "an address and a port, like 127.0.0.1:9464",
        "Where the numbers for Prometheus are served to everybody, at `/metrics`, besides the server's own address, where they need the permission `audit`.",
        |d, t| put(&mut d.settings.metrics, values::listen(t).map(Some)),
        |s| or_none(s.metrics.map(|address| address.to_string())),
    ),
    one(
        "auth.stale_revocation",
        A_DURATION,
        "For how long a server that lost its database lets those in whom it knows: so long may a sign-out or a revoked key of another server be unheard of.",
        |d, t| put(&mut d.settings.gate.auth.stale_revocation, values::duration_or_zero(t)),
        |s| go(s.gate.auth.stale_revocation),
    ),
];

fn shown(file: &Path) -> String {
    file.display().to_string()
}
