//! The addresses of an app: of its upstream, and those under which people reach it.

use crate::{path::CanonicalPath, policy::PAGES};

/// First segments of the dashboard's own addresses, besides those of its pages.
const OWN: [&str; 11] = ["api", "_call", "_doorward", ".well-known", "auth", "centrifugo", "favicon.ico", "livez", "pkg", "readyz", "ws"];

/// The most bytes of the certificates of an upstream's authorities.
const LONGEST_CA: usize = 32 * 1024;

/// The address of an upstream, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream<'a> {
    /// Whether it is of https.
    pub is_encrypted: bool,
    /// The host, without brackets.
    pub host: &'a str,
    /// The port; the usual one where none is given.
    pub port: u16,
    /// Host and port as they are written.
    pub authority: &'a str,
}

impl<'a> Upstream<'a> {
    /// Reads an address of http or https that has neither a password nor a path.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_encrypted = match scheme {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']')?;
                host.parse::<std::net::Ipv6Addr>().ok()?;
                (host, after)
            }
            None => {
                let end = authority.find(':').unwrap_or(authority.len());
                let host = &authority[..end];
                let is_host =
                    !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
                (is_host.then_some(host)?, &authority[end..])
            }
        };
        let port = match port.strip_prefix(':') {
            Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?.filter(|port| *port > 0)?,
            None if port.is_empty() && is_encrypted => 443,
            None if port.is_empty() => 80,
            None => return None,
        };
        Some(Self { is_encrypted, host, port, authority })
    }
}

/// What is wrong with the address of an upstream, if anything.
#[must_use]
pub fn upstream_problem(text: &str) -> Option<String> {
    let is_good = text.len() <= 300 && Upstream::parse(text).is_some();
    (!is_good).then(|| "Write the address without a path and without a password, like http://127.0.0.1:8000.".into())
}

/// Whether a host is a name, with a dot or without, and no IP address.
pub(super) fn is_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_number = host.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    host.len() <= 253 && host.split('.').all(is_label) && !is_number
}

/// What is wrong with a host name of an app, if anything.
#[must_use]
pub fn host_problem(host: &str) -> Option<String> {
    if !is_name(host) {
        return Some("Write a host name in lower case without a port, like tasks.example.com.".into());
    }
    let is_local = host == "localhost" || host.ends_with(".localhost");
    is_local.then(|| "Each app is at its slug below localhost by itself. Other names there belong to other apps.".into())
}

/// What is wrong with a port of an app's own, if anything.
#[must_use]
pub fn listen_problem(text: &str) -> Option<String> {
    let is_good = text.parse::<std::net::SocketAddr>().is_ok_and(|address| address.port() > 0);
    (!is_good).then(|| "Write an address and a port, like 127.0.0.1:9001.".into())
}

/// What is wrong with a path on the dashboard's origin, if anything.
#[must_use]
pub fn mount_problem(text: &str) -> Option<String> {
    let is_plain = text.len() <= 200 && !text.ends_with('/') && CanonicalPath::parse(text).is_ok_and(|path| path.as_str() == text);
    if !is_plain {
        return Some("Write a path without a slash at its end, like /admin/centrifugo.".into());
    }
    let first = |path: &'_ str| path.split('/').nth(1).unwrap_or_default().to_owned();
    let own = first(text);
    let is_taken = OWN.contains(&own.as_str()) || PAGES.iter().any(|page| first(page.path) == own);
    is_taken.then(|| format!("Doorward's own pages are below /{own}. Choose another path."))
}

/// What is wrong with the authorities of an upstream, as far as one sees without reading certificates.
pub(super) fn ca_problem(pem: &str, upstream: &str) -> Option<String> {
    if pem.contains("PRIVATE KEY-----") {
        return Some(
            "There is a private key in it, which belongs to nobody but its owner. Paste the certificate of the authority alone.".into(),
        );
    }
    if pem.len() > LONGEST_CA || !pem.contains("-----BEGIN CERTIFICATE-----") || !pem.contains("-----END CERTIFICATE-----") {
        return Some(
            "Paste certificates in PEM, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, 32 KiB at most.".into(),
        );
    }
    let is_plain = Upstream::parse(upstream).is_some_and(|upstream| !upstream.is_encrypted);
    is_plain.then(|| "An upstream of http has no certificate. Begin its address with https://, or take this away.".into())
}

/// What is wrong with a path that Doorward asks an upstream for, if anything; it may have a query.
pub(super) fn request_path_problem(text: &str) -> Option<String> {
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let is_query = query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    let is_good = text.len() <= 500 && is_query && CanonicalPath::parse(path).is_ok_and(|canonical| canonical.as_str() == path);
    (!is_good).then(|| "Write a path, like /healthz.".into())
}
