//! What a proxy says about the request that it asks about, in either of two dialects.

use crate::{gate::Gate, http::arrival::Arrival, net, proxy::seen::Seen};
use http::{HeaderMap, Method, Uri, request::Parts};
use wire::{Code, Failure};

/// Which headers a proxy speaks in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri`: Traefik, Caddy, HAProxy.
    Forwarded,
    /// `X-Original-Method`, `X-Original-URL`: nginx.
    Original,
}

/// The request that is asked about.
struct Asked {
    method: Method,
    scheme: &'static str,
    host: String,
    uri: Uri,
}

/// Reads what is asked about: the app, and the request as if it had come here.
///
/// # Errors
/// 400 where the peer is not trusted, something is missing, or two things are said; 403 where the host
/// is no app's.
pub(super) fn read(gate: &Gate, mut parts: Parts) -> Result<(Seen, Parts, Dialect), Failure> {
    let mut arrival = Arrival::read(gate, &parts)?;
    if !arrival.is_trusted {
        return Err(bad("Only a proxy whose address is in trusted_proxies may ask here."));
    }
    let asked = [(Dialect::Forwarded, forwarded(&parts.headers)?), (Dialect::Original, original(&parts.headers)?)];
    let (dialect, asked) = match asked {
        [(_, Some(a)), (_, Some(b))] if a.method != b.method || a.scheme != b.scheme || a.host != b.host || a.uri != b.uri => {
            return Err(bad("X-Forwarded-* and X-Original-* tell of two requests. Let the proxy remove those that it does not set."));
        }
        [(dialect, Some(asked)), _] | [_, (dialect, Some(asked))] => (dialect, asked),
        _ => {
            return Err(bad(
                "The request does not say what it is about: X-Forwarded-Method, -Proto, -Host and -Uri, or X-Original-Method and -URL.",
            ));
        }
    };
    if dialect == Dialect::Original && is_of_another_host(&parts.headers, &asked.host) {
        return Err(bad("X-Forwarded-Host tells of another host than X-Original-URL. A question is not passed on from outside."));
    }
    let live = gate.apps().by_host(&asked.host).ok_or_else(|| Failure::new(Code::Forbidden, "No app is at this host."))?;
    arrival.authority = asked.host;
    arrival.scheme = Some(asked.scheme);
    parts.method = asked.method;
    parts.uri = asked.uri;
    let seen = Seen::new(gate, live, arrival, &parts);
    Ok((seen, parts, dialect))
}

/// Whether what a proxy says of the host that was asked for is not what the question is about: then somebody
/// outside wrote the question, and a proxy passed it on as any other request.
fn is_of_another_host(headers: &HeaderMap, host: &str) -> bool {
    let last = headers.get_all("x-forwarded-host").iter().next_back().and_then(|value| value.to_str().ok()?.rsplit(',').next());
    last.is_some_and(|said| !said.trim().eq_ignore_ascii_case(host))
}

fn bad(text: &str) -> Failure {
    Failure::new(Code::BadRequest, text)
}

/// The one value of a header; nothing where it is absent.
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Failure> {
    let mut all = headers.get_all(name).iter();
    let Some(first) = all.next() else { return Ok(None) };
    let text = first.to_str().ok().map(str::trim).filter(|text| !text.is_empty() && all.next().is_none());
    text.map(Some).ok_or_else(|| bad(&format!("{name} has to be there once, and to say something.")))
}

fn forwarded(headers: &HeaderMap) -> Result<Option<Asked>, Failure> {
    let (method, uri) = (one(headers, "x-forwarded-method")?, one(headers, "x-forwarded-uri")?);
    if method.is_none() && uri.is_none() {
        return Ok(None);
    }
    let (scheme, host) = (one(headers, "x-forwarded-proto")?, one(headers, "x-forwarded-host")?);
    let (Some(method), Some(uri), Some(scheme), Some(host)) = (method, uri, scheme, host) else {
        return Err(bad("Of X-Forwarded-Method, -Proto, -Host and -Uri one is missing."));
    };
    asked(method, scheme, host, uri).map(Some)
}

fn original(headers: &HeaderMap) -> Result<Option<Asked>, Failure> {
    let (method, url) = (one(headers, "x-original-method")?, one(headers, "x-original-url")?);
    if method.is_none() && url.is_none() {
        return Ok(None);
    }
    let (Some(method), Some(url)) = (method, url) else { return Err(bad("Of X-Original-Method and X-Original-URL one is missing.")) };
    let whole = || bad("X-Original-URL has to be a whole address: scheme, host and path.");
    let (scheme, rest) = url.split_once("://").ok_or_else(whole)?;
    let at = rest.find('/').ok_or_else(whole)?;
    asked(method, scheme, &rest[..at], &rest[at..]).map(Some)
}

fn asked(method: &str, scheme: &str, host: &str, uri: &str) -> Result<Asked, Failure> {
    let scheme = match scheme {
        // A WebSocket is asked for by HTTP.
        "https" | "wss" => "https",
        "http" | "ws" => "http",
        _ => return Err(bad("The scheme has to be http or https.")),
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if net::split_host(host).is_none() || !host.chars().all(is_plain) {
        return Err(bad("The host is no host."));
    }
    if !uri.starts_with('/') {
        return Err(bad("The address has to begin with a slash."));
    }
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| bad("The method is no method."))?;
    // Relative: a path of two slashes is not to be taken for a host.
    let uri = Uri::builder().path_and_query(uri).build().map_err(|_| bad("The address has characters that no address has."))?;
    Ok(Asked { method, scheme, host: host.to_ascii_lowercase(), uri })
}
