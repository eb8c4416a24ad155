//! Header hygiene: the one function between what a client sent and what an upstream, or a proxy that
//! asks, gets to see. It reads headers and gives headers, and knows nothing else.
//!
//! Names are compared folded over case, `-`, `_` and `.`, because servers behind a gateway interface
//! see no difference. Whatever could speak for us is dropped, and then everything that we say is set,
//! empty where there is nothing to say, so that a gap can not be filled by somebody else.

mod answer;
mod names;

pub(super) use answer::hygiene as of_answer;
pub(crate) use names::fold;

use super::secrets::Secrets;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use hyper::body::Bytes;
use std::{borrow::Cow, net::IpAddr};
use wire::apps::IdentityHeaders;

/// Who the caller is. A text that is empty says that there is nothing to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identity<'a> {
    /// `user`, `key`, `open` or `nobody`.
    pub(crate) kind: &'static str,
    /// The username; of a service key `key@` and its name.
    pub(crate) user: Cow<'a, str>,
    pub(crate) name: &'a str,
    pub(crate) email: &'a str,
    pub(crate) role: &'a str,
    pub(crate) workspace: &'a str,
    pub(crate) environment: &'a str,
}

/// What an upstream is told of the caller, ready to be sent.
pub(crate) type Said = Vec<(HeaderName, HeaderValue)>;

/// Room for what we say ourselves: the caller, the way here, and what the upstream wants.
const OURS: usize = 20;

/// Where a request comes from, as it is passed on.
#[derive(Debug, Clone)]
pub(super) struct Passage<'a> {
    /// The client's address, as far as it can be believed.
    pub(super) client: IpAddr,
    /// The other end of the connection.
    pub(super) peer: IpAddr,
    /// Whether that end is a proxy whose forwarding headers are believed, so that they are continued.
    pub(super) is_trusted: bool,
    /// `http` or `https`.
    pub(super) scheme: &'static str,
    /// The host that was asked for, with its port.
    pub(super) host: &'a str,
    /// The path that was left out before the app's own; empty where none was.
    pub(super) prefix: &'a str,
    pub(super) request_id: &'a str,
}

/// What an upstream needs to be sent.
#[derive(Debug, Clone)]
pub(super) struct Upstream<'a> {
    /// Its own host, with its port.
    pub(super) host: &'a HeaderValue,
    /// Its own origin, `http://127.0.0.1:8000`.
    pub(super) origin: &'a str,
    /// The header that lets us in there.
    pub(super) credentials: Option<(&'a HeaderName, &'a HeaderValue)>,
}

/// Why a request can not be passed on: a sentence for the one who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeaderProblem {
    /// Nobody can be certain where the body ends.
    Framing,
    /// A control character in a value.
    Control,
}

impl HeaderProblem {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Framing => "The headers leave open where the body ends.",
            Self::Control => "A header has a control character in its value.",
        }
    }
}

/// The headers that go to the upstream.
///
/// # Errors
/// When the request could be read in two ways.
pub(super) fn outgoing(
    sent: &HeaderMap,
    passage: &Passage<'_>,
    upstream: &Upstream<'_>,
    said: &[(HeaderName, HeaderValue)],
    secrets: &Secrets<'_>,
) -> Result<HeaderMap, HeaderProblem> {
    check(sent)?;
    let listed = names::listed(sent);
    let own = || format!("{}://{}", passage.scheme, passage.host);
    let mut headers = HeaderMap::with_capacity(sent.len() + OURS);
    for (name, value) in sent {
        let folded = fold(name.as_str());
        if names::is_hop_by_hop(&folded) || listed.contains(&folded) || names::speaks_for_us(&folded) {
            continue;
        }
        // `Content_Length` is nothing to us, and the real one to some servers behind a gateway.
        if *folded != *name.as_str() && names::is_structural(&folded) {
            continue;
        }
        match *name {
            header::HOST | header::EXPECT | header::COOKIE => {}
            header::AUTHORIZATION if secrets.is_ours_in_authorization(value) => {}
            header::ORIGIN | header::REFERER => {
                headers.insert(name.clone(), moved(value, &own(), upstream.origin));
            }
            _ if secrets.is_key(value) => {}
            _ => {
                headers.append(name.clone(), value.clone());
            }
        }
    }
    if let Some(cookies) = secrets.others_cookies(sent) {
        headers.insert(header::COOKIE, cookies);
    }
    headers.insert(header::HOST, upstream.host.clone());
    if accepts_trailers(sent) {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("te"));
    }
    forwarding(&mut headers, sent, passage);
    tell(&mut headers, said);
    if let Some((name, value)) = upstream.credentials {
        headers.insert(name.clone(), value.clone());
    }
    Ok(headers)
}

/// Puts the headers of an upgrade back, which end at each hop and begin anew.
pub(super) fn upgrade(headers: &mut HeaderMap, protocol: &HeaderValue) {
    headers.remove(header::TE);
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, protocol.clone());
}

/// Refuses what could be read in two ways. The server takes nothing that is plainly wrong; this is
/// what it takes and others would not.
fn check(sent: &HeaderMap) -> Result<(), HeaderProblem> {
    let mut codings = sent.get_all(header::TRANSFER_ENCODING).iter();
    if let Some(first) = codings.next() {
        let is_chunked = first.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked");
        if !is_chunked || codings.next().is_some() || sent.contains_key(header::CONTENT_LENGTH) {
            return Err(HeaderProblem::Framing);
        }
    }
    let mut lengths = sent.get_all(header::CONTENT_LENGTH).iter();
    if let Some(first) = lengths.next() {
        let is_number = !first.is_empty() && first.as_bytes().iter().all(u8::is_ascii_digit);
        if !is_number || lengths.any(|other| other != first) {
            return Err(HeaderProblem::Framing);
        }
    }
    let is_control = |byte: &u8| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f;
    if sent.values().any(|value| value.as_bytes().iter().any(is_control)) {
        return Err(HeaderProblem::Control);
    }
    Ok(())
}

/// A value that begins with the origin by which the browser knows the app, with the upstream's own
/// instead: to the upstream it is the same site, as it would be without us.
fn moved(value: &HeaderValue, from: &str, to: &str) -> HeaderValue {
    let Some(rest) = value.to_str().ok().and_then(|text| text.strip_prefix(from)) else { return value.clone() };
    if !rest.is_empty() && !rest.starts_with('/') {
        return value.clone();
    }
    HeaderValue::from_str(&format!("{to}{rest}")).unwrap_or_else(|_| value.clone())
}

fn accepts_trailers(sent: &HeaderMap) -> bool {
    let lines = sent.get_all(header::TE).iter().filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|item| item.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("trailers")))
}

/// Tells where the request comes from. A trusted proxy's chain is continued; anybody else's is not.
fn forwarding(headers: &mut HeaderMap, sent: &HeaderMap, passage: &Passage<'_>) {
    let chain = |name: HeaderName| {
        let lines = sent.get_all(name).into_iter().filter(|_| passage.is_trusted).filter_map(|value| value.to_str().ok());
        let lines: Vec<&str> = lines.collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    };
    let client = passage.client.to_string();
    let said = |address: IpAddr, text: &str| {
        let (begin, end) = if address.is_ipv4() { ("for=", "") } else { ("for=\"[", "]\"") };
        [begin, text, end, ";host=\"", passage.host, "\";proto=", passage.scheme].concat()
    };
    let forwarded = match chain(header::FORWARDED) {
        Some(before) => format!("{before}, {}", said(passage.peer, &passage.peer.to_string())),
        None => said(passage.client, &client),
    };
    let client = value(client);
    let addresses = match chain(FORWARDED_FOR) {
        Some(before) => value(format!("{before}, {}", passage.peer)),
        None => client.clone(),
    };
    let values = [
        (FORWARDED_FOR, addresses),
        (FORWARDED_PROTO, HeaderValue::from_static(passage.scheme)),
        (FORWARDED_HOST, value(passage.host.to_owned())),
        (REAL_IP, client),
        (REQUEST_ID, value(passage.request_id.to_owned())),
        (header::FORWARDED, value(forwarded)),
    ];
    tell(headers, &values);
    if !passage.prefix.is_empty() {
        headers.insert(HeaderName::from_static("x-forwarded-prefix"), value(passage.prefix.to_owned()));
    }
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Who the caller is, in the upstream's style, with what it can believe.
pub(super) fn said(style: IdentityHeaders, identity: &Identity<'_>, assertion: &str) -> Said {
    let Identity { kind, user, name, email, role, workspace, environment } = identity;
    let pairs: &[(&'static str, &str)] = match style {
        IdentityHeaders::None => return Said::new(),
        IdentityHeaders::Doorward => &[
            ("x-doorward-kind", kind),
            ("x-doorward-user", user),
            ("x-doorward-name", name),
            ("x-doorward-email", email),
            ("x-doorward-role", role),
            ("x-doorward-workspace", workspace),
            ("x-doorward-environment", environment),
        ],
        IdentityHeaders::RemoteUser => &[("remote-user", user), ("remote-name", name), ("remote-email", email), ("remote-groups", role)],
        IdentityHeaders::Forwarded => &[
            ("x-forwarded-user", user),
            ("x-forwarded-preferred-username", user),
            ("x-forwarded-email", email),
            ("x-forwarded-groups", role),
        ],
    };
    let all = pairs.iter().copied().chain([("x-doorward-assertion", assertion)]);
    all.map(|(name, text)| (HeaderName::from_static(name), value(text.to_owned()))).collect()
}

/// Sets headers that are ready.
pub(crate) fn tell(headers: &mut HeaderMap, said: &[(HeaderName, HeaderValue)]) {
    for (name, value) in said {
        headers.insert(name, value.clone());
    }
}

/// A header's value. A character that a header can not hold is no part of a name or an address of ours.
fn value(text: String) -> HeaderValue {
    let mut bytes = text.into_bytes();
    for byte in bytes.iter_mut().filter(|byte| byte.is_ascii_control()) {
        *byte = b'?';
    }
    HeaderValue::from_maybe_shared(Bytes::from(bytes)).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests;
