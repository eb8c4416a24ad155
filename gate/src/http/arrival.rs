//! Where a request comes from, and which host it asked for: what is believed of it, and what follows.

use super::principal::{Encrypted, Peer};
use crate::{
    ctx::Origin,
    gate::Gate,
    net,
    sessions::cookie::{Carried, Jar},
};
use axum::extract::ConnectInfo;
use http::{HeaderName, header, request::Parts};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::Range,
    sync::Once,
};
use wire::{Code, Failure};

/// The header by which a first administrator proves to be at the machine.
const SETUP_CODE: HeaderName = HeaderName::from_static("x-doorward-setup-code");

/// A request's arrival, before it is known what it is for.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// The other end of the connection.
    pub(crate) peer: IpAddr,
    /// Whether that end is a proxy whose forwarding headers are believed.
    pub(crate) is_trusted: bool,
    /// The client's address, as far as it can be believed.
    pub(crate) address: IpAddr,
    /// Whether anything passed the request on.
    pub(crate) is_forwarded: bool,
    /// The scheme that a trusted proxy says, or that the connection itself has.
    pub(crate) scheme: Option<&'static str>,
    /// The host that was asked for, with its port, in lower case.
    pub(crate) authority: String,
    /// Where in it the name is.
    name: Range<usize>,
    port: Option<u16>,
}

impl Arrival {
    /// Reads it.
    ///
    /// # Errors
    /// 400 when the forwarding headers contradict each other, or there is no host, or two.
    pub(crate) fn read(gate: &Gate, parts: &Parts) -> Result<Self, Failure> {
        let trusted = &gate.config().http.trusted_proxies;
        let headers = &parts.headers;
        let bad = |text: &str| Failure::new(Code::BadRequest, text);
        let peer = peer(parts);
        let found = net::origin(peer, headers, trusted).map_err(|error| bad(&format!("{error}.")))?;
        let own = parts.uri.authority().map(http::uri::Authority::as_str);
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|value| value.to_str().ok());
        if hosts.next().is_some() {
            return Err(bad("There are two Host headers."));
        }
        if let (Some(own), Some(host)) = (own, host)
            && !own.eq_ignore_ascii_case(host)
        {
            return Err(bad("The request names two hosts."));
        }
        let authority = found.host.or_else(|| host.or(own).map(str::to_owned)).ok_or_else(|| bad("There is no Host header."))?;
        let no_host = || bad("The Host header is no host.");
        let (name, port) = net::split_host(&authority).ok_or_else(no_host)?;
        if name.contains(['@', '/', '\\', ' ', '?', '#', '%']) {
            return Err(no_host());
        }
        let begin = usize::from(authority.starts_with('['));
        let name = begin..begin + name.strip_suffix('.').unwrap_or(name).len();
        let peer = peer.ip().to_canonical();
        Ok(Self {
            is_trusted: trusted.iter().any(|network| network.contains(peer)),
            peer,
            address: found.address,
            is_forwarded: found.is_forwarded,
            scheme: found.scheme.or_else(|| parts.extensions.get::<Encrypted>().map(|_| "https")),
            authority: authority.to_ascii_lowercase(),
            name,
            port,
        })
    }

    /// The host that was asked for, without its port and without a dot at the end.
    pub(crate) fn name(&self) -> &str {
        &self.authority[self.name.clone()]
    }

    /// The port that was asked for.
    pub(crate) const fn port(&self) -> Option<u16> {
        self.port
    }

    /// How cookies are kept for this host.
    pub(crate) fn jar(&self, gate: &Gate, is_encrypted: bool) -> Jar {
        if is_encrypted {
            Jar::Secure
        } else if net::is_loopback_name(self.name()) {
            Jar::Loopback
        } else if gate.config().http.insecure_http {
            Jar::Insecure
        } else {
            Jar::Secure
        }
    }

    /// The request's origin, as features know it, with the cookies of this jar.
    pub(crate) fn origin(&self, parts: &Parts, is_encrypted: bool, carried: Carried) -> Origin {
        let headers = &parts.headers;
        Origin {
            address: self.address,
            is_local: self.peer.is_loopback() && !self.is_forwarded && net::is_loopback_name(self.name()),
            is_encrypted,
            user_agent: headers
                .get(header::USER_AGENT)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .unwrap_or_default(),
            base_url: [if is_encrypted { "https://" } else { "http://" }, &self.authority].concat(),
            setup_code: headers.get(SETUP_CODE).and_then(|value| value.to_str().ok()).map(str::to_owned),
            carried,
        }
    }
}

/// The other end of the connection, as whoever serves tells it. Where nobody does, it is nobody's address:
/// then no client is told from another.
fn peer(parts: &Parts) -> SocketAddr {
    static TOLD: Once = Once::new();
    let told = parts.extensions.get::<Peer>().map(|peer| peer.0);
    told.or_else(|| parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0)).unwrap_or_else(|| {
        TOLD.call_once(|| {
            tracing::error!(
                "requests come without the client’s address, so guessing passwords is slowed down for all clients at once: serve with \
                 doorward::serve, or with into_make_service_with_connect_info::<SocketAddr>()"
            );
        });
        SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))
    })
}

/// Whether the other end of a connection is a proxy whose headers are believed.
pub(crate) fn is_trusted(gate: &Gate, extensions: &http::Extensions) -> bool {
    let peer = extensions.get::<Peer>().map(|peer| peer.0.ip().to_canonical());
    peer.is_some_and(|peer| gate.config().http.trusted_proxies.iter().any(|network| network.contains(peer)))
}

/// Where a request to the dashboard or the interface comes from.
///
/// # Errors
/// 400 when that can not be read, 421 where the host is none of ours.
pub(super) fn origin(gate: &Gate, parts: &Parts) -> Result<Origin, Failure> {
    let arrival = Arrival::read(gate, parts)?;
    if !is_dashboard(gate, arrival.name()) {
        return Err(misdirected());
    }
    let public = gate.config().http.public_url.as_deref();
    let is_public =
        || public.and_then(|url| url.strip_prefix("https://")).is_some_and(|host| host.eq_ignore_ascii_case(&arrival.authority));
    let is_encrypted = arrival.scheme.map_or_else(is_public, |scheme| scheme == "https");
    let carried = Carried::read(&parts.headers, arrival.jar(gate, is_encrypted));
    Ok(arrival.origin(parts, is_encrypted, carried))
}

/// What is said to whoever asks for a host that is none of ours.
pub(crate) fn misdirected() -> Failure {
    Failure::new(
        Code::Misdirected,
        "This host name is not served here. If it is yours, add it to `hosts` in the configuration, or set `public_url`; if an app is to \
         be at it, add it to the app.",
    )
}

/// Whether a host name is the dashboard's: the public URL's, a configured one, `localhost`, an IP
/// address. Another name that leads here was pointed at us by somebody else. A name below `localhost`
/// is an app's or nobody's: what an app left in a browser must not meet the dashboard there.
pub(crate) fn is_dashboard(gate: &Gate, name: &str) -> bool {
    let http = &gate.config().http;
    let bare = name.strip_suffix('.').unwrap_or(name);
    let public = http
        .public_url
        .as_deref()
        .and_then(|url| url.split_once("://"))
        .and_then(|(_, rest)| net::split_host(rest.split('/').next()?))
        .map(|(host, _)| host);
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok()
        || public.is_some_and(|host| host.eq_ignore_ascii_case(bare))
        || http.hosts.iter().any(|host| host.eq_ignore_ascii_case(bare))
}
