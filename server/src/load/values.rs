//! Reads single values. A problem says what was expected; it never repeats a secret.

use gate::{config::BackendName, duration::GoDuration};
use http::{HeaderName, HeaderValue};
use secrecy::SecretString;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
    str::FromStr,
    time::Duration,
};

/// A problem, to be read after the key's name.
pub(super) type Result<T> = std::result::Result<T, String>;

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, or `:8080` for all addresses.
pub(super) fn listen(text: &str) -> Result<SocketAddr> {
    let with_name = || {
        let (host, port) = text.rsplit_once(':')?;
        let address: IpAddr = match host {
            "localhost" => Ipv4Addr::LOCALHOST.into(),
            "" => Ipv4Addr::UNSPECIFIED.into(),
            _ => return None,
        };
        Some(SocketAddr::new(address, port.parse().ok()?))
    };
    text.parse().ok().or_else(with_name).ok_or_else(|| format!("expected an address and a port, like 127.0.0.1:8080, not {text}"))
}

/// A Go duration, longer than nothing.
pub(super) fn duration(text: &str) -> Result<Duration> {
    match text.parse::<GoDuration>() {
        Ok(GoDuration(Duration::ZERO)) => Err("expected a duration longer than 0, like 1h30m".into()),
        Ok(GoDuration(duration)) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}

/// A Go duration, which may be nothing.
pub(super) fn duration_or_zero(text: &str) -> Result<Duration> {
    Ok(duration_or_off(text)?.unwrap_or_default())
}

/// A Go duration; `0` for none.
pub(super) fn duration_or_off(text: &str) -> Result<Option<Duration>> {
    let GoDuration(duration) = text.parse::<GoDuration>().map_err(|error| error.to_string())?;
    Ok((!duration.is_zero()).then_some(duration))
}

/// How long the audit log is kept.
pub(super) fn retention(text: &str) -> Result<Duration> {
    match duration(text)? {
        short if short < gate::config::Audit::SHORTEST => Err(format!("expected 24h at least, not {text}")),
        retention => Ok(retention),
    }
}

/// `true` or `false`.
pub(super) fn boolean(text: &str) -> Result<bool> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("expected true or false, not {text}")),
    }
}

/// A whole number within limits.
pub(super) fn number<T: FromStr + PartialOrd + std::fmt::Display>(text: &str, limits: RangeInclusive<T>) -> Result<T> {
    match text.parse::<T>() {
        Ok(number) if limits.contains(&number) => Ok(number),
        _ => Err(format!("expected a number from {} to {}, not {text}", limits.start(), limits.end())),
    }
}

/// One of a few words.
pub(super) fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T> {
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("expected one of {}, not {text}", known.join(", "))
    })
}

const BACKENDS: [(&str, BackendName); 2] = [("builtin", BackendName::BuiltIn), ("ldap", BackendName::Ldap)];

/// Who is asked at sign-in. The accounts here are always among them: an admin who is given another
/// password at the server's shell gets in by them.
pub(super) fn backends(items: &[&str]) -> Result<Vec<BackendName>> {
    let named = items.iter().map(|item| word(item, &BACKENDS)).collect::<Result<Vec<_>>>()?;
    if !named.contains(&BackendName::BuiltIn) {
        return Err("expected builtin among them, so that there is always a way in".into());
    }
    Ok(named)
}

/// The same, to be shown.
pub(super) fn shown_backends(named: &[BackendName]) -> String {
    let name = |wanted: &BackendName| BACKENDS.iter().find(|(_, it)| it == wanted).map_or("", |(name, _)| name);
    named.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// `https://door.example.com`, without a path.
pub(super) fn public_url(text: &str) -> Result<String> {
    let expected = || format!("expected an address without a path, like https://door.example.com, not {text}");
    let (scheme, rest) = text.split_once("://").ok_or_else(expected)?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if !matches!(scheme.as_str(), "http" | "https") || !is_host(authority) {
        return Err(expected());
    }
    Ok(format!("{scheme}://{}", authority.to_ascii_lowercase()))
}

/// A host name or address, with or without a port.
pub(super) fn host(text: &str) -> Result<String> {
    if is_host(text) { Ok(text.to_ascii_lowercase()) } else { Err(format!("expected a host name, like door.example.com, not {text}")) }
}

fn is_host(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    text.chars().all(is_plain) && gate::net::split_host(text).is_some()
}

/// A name for which there are certificates: no address, no port, no wildcard.
pub(super) fn domain(text: &str) -> Result<String> {
    let name = text.to_ascii_lowercase();
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
    };
    let is_name = name.len() <= 253 && name.contains('.') && name.split('.').all(is_label) && name.parse::<IpAddr>().is_err();
    if is_name { Ok(name) } else { Err(format!("expected a host name, like door.example.com, not {text}")) }
}

/// Whom to write to.
pub(super) fn email(text: &str) -> Result<String> {
    match wire::check::email(text) {
        None => Ok(text.to_owned()),
        Some(_) => Err(format!("expected an address, like ops@example.com, not {text}")),
    }
}

/// Where an authority is asked: with encryption, or on this machine.
pub(super) fn directory(text: &str) -> Result<String> {
    let uri = text.parse::<http::Uri>().ok();
    let is_good = uri.as_ref().is_some_and(|uri| match uri.scheme_str() {
        Some("https") => uri.host().is_some(),
        Some("http") => uri.host().is_some_and(gate::net::is_loopback_name),
        _ => false,
    });
    if is_good { Ok(text.to_owned()) } else { Err(format!("expected an address that begins with https://, not {text}")) }
}

/// Where a collector is.
pub(super) fn collector(text: &str) -> Result<String> {
    let uri = text.parse::<http::Uri>().ok();
    let is_good = uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() && !text.contains('@'));
    if is_good { Ok(text.trim_end_matches('/').to_owned()) } else { Err("expected an address like http://collector:4318".into()) }
}

/// Headers as OpenTelemetry writes them: `name=value`, parted by commas, the values percent-encoded.
pub(super) fn headers(text: &str) -> Result<Vec<(HeaderName, SecretString)>> {
    let expected = || "expected headers like x-key=secret, parted by commas".to_owned();
    let header = |item: &str| {
        let (name, value) = item.split_once('=').ok_or_else(expected)?;
        let name = name.trim().parse::<HeaderName>().map_err(|_| expected())?;
        let value = decoded(value.trim()).filter(|value| HeaderValue::from_str(value).is_ok()).ok_or_else(expected)?;
        Ok((name, value.into()))
    };
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(header).collect()
}

/// A text without its percent-encoding.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(more.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &more[2..];
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    String::from_utf8(bytes).ok()
}

/// The name of a header that means nothing else to us, or to what stands between us and the client.
pub(super) fn scope_header(text: &str) -> Result<HeaderName> {
    const TAKEN: [&str; 5] = ["x-forwarded-", "x-real-ip", "x-request-id", "x-api-key", "x-doorward-"];
    let is_free = |name: &HeaderName| {
        let name = name.as_str();
        name == "x-doorward-environment" || name.starts_with("x-") && !TAKEN.iter().any(|taken| name.starts_with(taken))
    };
    let name = HeaderName::from_bytes(text.as_bytes()).ok().filter(is_free);
    name.ok_or_else(|| format!("expected the name of a header of your own, like X-Ironflow-Environment, not {text}"))
}

/// A signing secret in hex, of 16 bytes at least.
pub(super) fn hex_secret(text: &str) -> Result<()> {
    const ADVICE: &str = "make one with: openssl rand -hex 32";
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(format!("expected hex digits, two for each byte; {ADVICE}"));
    }
    match text.len() / 2 {
        bytes @ 0..16 => Err(format!("has {bytes} bytes; 16 is the least, 32 is advised; {ADVICE}")),
        _ => Ok(()),
    }
}

/// The address of a database.
pub(super) fn database_url(text: &str) -> Result<()> {
    let known = ["postgres://", "postgresql://", "sqlite:"];
    if known.iter().any(|scheme| text.starts_with(scheme)) {
        Ok(())
    } else {
        Err("expected an address like postgres://user:password@host/name or sqlite:/var/lib/doorward/doorward.db".into())
    }
}

/// A database's address without its password, to be shown.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let after = rest.rsplit_once('@').map_or(rest, |(_, after)| after);
    format!("{scheme}://{after}")
}
