//! The keys of how it is served besides: its own TLS, and the numbers for a watchdog.

use super::{A_DURATION, Key, Settings, go, list, many, masked, one, or_none, put, values};
use crate::load::Tls;
use doorward::acme;
use std::path::{Path, PathBuf};

/// Every key of these.
pub(super) const KEYS: &[Key] = &[
    one(
        "tls.cert",
        "the name of a PEM file",
        "The certificate, with the chain below it; the server speaks https then. Read again when it changes.",
        |d, t| put(&mut d.tls.cert, Ok(Some(PathBuf::from(t)))),
        |s| or_none(files(s).map(|(cert, _)| shown(cert))),
    ),
    one(
        "tls.key",
        "the name of a PEM file",
        "The private key of that certificate.",
        |d, t| put(&mut d.tls.key, Ok(Some(PathBuf::from(t)))),
        |s| or_none(files(s).map(|(_, key)| shown(key))),
    ),
    many(
        "tls.acme.domains",
        "host names, like door.example.com",
        "The names of a certificate that is ordered from an authority by ACME, proved at the server's own port, and renewed; the server speaks https then. Port 443 of each name has to lead here. Whoever sets it agrees to the authority's terms.",
        |d, t| put(&mut d.tls.domains, t.iter().map(|name| values::domain(name)).collect()),
        |s| list(by_acme(s).map_or(&[], |acme| acme.domains.as_slice())),
    ),
    one(
        "tls.acme.email",
        "an address, like ops@example.com",
        "Whom that authority writes to when something is wrong.",
        |d, t| put(&mut d.tls.email, values::email(t).map(Some)),
        |s| or_none(by_acme(s).and_then(|acme| acme.email.clone())),
    ),
    one(
        "tls.acme.directory",
        "the address of an ACME directory",
        "Which authority; Let's Encrypt where nothing is said.",
        |d, t| put(&mut d.tls.directory, values::directory(t).map(Some)),
        |s| by_acme(s).map_or(acme::DIRECTORY, |acme| acme.directory.as_str()).to_owned(),
    ),
    one(
        "tls.acme.eab.kid",
        "the name of a key, as the authority gives it",
        "To which account at the authority this one is bound, where it wants that (ZeroSSL, Google, a company's own).",
        |d, t| put(&mut d.tls.kid, Ok(Some(t.to_owned()))),
        |s| or_none(by_acme(s).and_then(|acme| acme.binding.as_ref()).map(|binding| binding.kid.clone())),
    ),
    one(
        "tls.acme.eab.hmac_key",
        "a key in base64url, as the authority gives it",
        "With what that binding is signed, once, when the account is made.",
        |d, t| put(&mut d.tls.hmac_key, Ok(Some(t.into()))),
        |s| masked(by_acme(s).and_then(|acme| acme.binding.as_ref()).map(|binding| &binding.hmac_key)),
    )
    .secret(),
    one(
        "tls.acme.ca",
        "the name of a PEM file",
        "Whose certificates are believed of that authority itself, instead of the public authorities'; it is read at the start.",
        |d, t| put(&mut d.tls.ca, Ok(Some(PathBuf::from(t)))),
        |s| if by_acme(s).is_some_and(|acme| acme.ca.is_some()) { "its own".into() } else { "public".into() },
    ),
    one(
        "metrics.listen",
        "an address and a port, like 127.0.0.1:9464",
        "Where the numbers for Prometheus are served to everybody, at `/metrics`, besides the server's own address, where they need the permission `audit`.",
        |d, t| put(&mut d.settings.metrics, values::listen(t).map(Some)),
        |s| or_none(s.metrics.map(|address| address.to_string())),
    ),
    one(
        "outbound.ca",
        "certificates in PEM",
        "Authorities that are believed besides the public ones by whatever is connected to: upstreams, providers, issuers, webhooks, a Centrifugo, a collector, a directory; `ca_file` names a file.",
        |d, t| put(&mut d.settings.gate.outbound.ca, Ok(Some(t.to_owned()))),
        |s| s.gate.outbound.ca.as_ref().map_or("none", |_| "set, not shown").to_owned(),
    )
    .secret(),
    one(
        "outbound.public_authorities",
        "true or false",
        "Whether the public authorities are believed as well.",
        |d, t| put(&mut d.settings.gate.outbound.public_authorities, values::boolean(t)),
        |s| s.gate.outbound.public_authorities.to_string(),
    ),
    one(
        "auth.stale_revocation",
        A_DURATION,
        "For how long a server that lost its database lets those in whom it knows: so long may a sign-out or a revoked key of another server be unheard of.",
        |d, t| put(&mut d.settings.gate.auth.stale_revocation, values::duration_or_zero(t)),
        |s| go(s.gate.auth.stale_revocation),
    ),
];

fn files(settings: &Settings) -> Option<(&Path, &Path)> {
    match &settings.tls {
        Some(Tls::Files { cert, key }) => Some((cert, key)),
        _ => None,
    }
}

fn by_acme(settings: &Settings) -> Option<&acme::Settings> {
    match &settings.tls {
        Some(Tls::Acme(acme)) => Some(acme),
        _ => None,
    }
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}
