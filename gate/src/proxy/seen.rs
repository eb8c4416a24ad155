//! A request to an app as it is looked at: which app, from where, at which address of the app's.

use crate::{
    apps::live::LiveApp,
    ctx::Origin,
    gate::Gate,
    http::arrival::Arrival,
    net, random,
    sessions::cookie::{Carried, Jar},
    trace::Told,
};
use http::{Method, header, request::Parts};
use std::{net::IpAddr, sync::Arc, time::Instant};
use wire::{Timestamp, workspaces::Slug};

/// Which app a connection came for, where the port says it; whoever listens there puts it into each
/// request's extensions.
#[derive(Debug, Clone)]
pub struct OwnPort(pub Slug);

/// The most bytes of a path that are told in a trace.
const LONGEST: usize = 512;

/// A request to an app.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) gate: Gate,
    pub(crate) live: Arc<LiveApp>,
    pub(crate) arrival: Arrival,
    pub(crate) origin: Origin,
    pub(crate) jar: Jar,
    pub(crate) request_id: String,
    pub(crate) now: Timestamp,
    /// The same by the steady clock, to tell how long it took.
    pub(crate) begun: Instant,
    /// The app's path on the dashboard's origin, where it came there; else empty.
    pub(crate) mount: String,
    /// Whether it came to a port of the app's own.
    pub(crate) has_own_port: bool,
    /// Whether another protocol is asked for.
    pub(crate) is_upgrade: bool,
    /// Whether it is about something that stays open, where an address is all that a browser can send.
    pub(crate) is_stream: bool,
}

impl Seen {
    pub(crate) fn new(gate: &Gate, live: Arc<LiveApp>, arrival: Arrival, parts: &Parts) -> Self {
        let now = gate.now();
        let is_encrypted = arrival.scheme.map_or_else(|| is_behind_tls(gate, arrival.name()), |scheme| scheme == "https");
        let is_upgrade = is_upgrade(parts);
        Self {
            origin: arrival.origin(parts, is_encrypted, Carried::default()),
            jar: arrival.jar(gate, is_encrypted),
            gate: gate.clone(),
            live,
            arrival,
            request_id: random::id(gate.random(), now).to_string(),
            now,
            begun: Instant::now(),
            mount: String::new(),
            has_own_port: parts.extensions.get::<OwnPort>().is_some(),
            is_upgrade,
            is_stream: is_upgrade || accepts_events(parts),
        }
    }

    /// The same, below the dashboard's own origin, where the session's cookie is at hand.
    pub(crate) fn mounted(mut self, parts: &Parts) -> Self {
        self.mount = self.live.app.path.clone().unwrap_or_default();
        self.origin.carried = Carried::read(&parts.headers, self.jar);
        self
    }

    /// What is told of it in a trace.
    pub(crate) fn told<'a>(&'a self, method: &'a str, path: &'a str, status: Option<u16>) -> Told<'a> {
        let path = path.get(..LONGEST).unwrap_or(path);
        Told { method, route: None, path, status, request_id: &self.request_id, app: Some(&self.live.app.slug.0) }
    }

    /// `http` or `https`.
    pub(crate) const fn scheme(&self) -> &'static str {
        if self.origin.is_encrypted { "https" } else { "http" }
    }

    /// Where the dashboard is for whoever sees the app at this address; nothing where nobody said.
    pub(crate) fn dashboard(&self) -> Option<String> {
        let name = self.arrival.name();
        let port = if self.has_own_port { self.gate.port() } else { self.arrival.port() };
        let at = |host: &str| Some(port.map_or_else(|| format!("http://{host}"), |port| format!("http://{host}:{port}")));
        match name.parse::<IpAddr>() {
            Ok(IpAddr::V6(v6)) => at(&format!("[{v6}]")),
            Ok(IpAddr::V4(_)) => at(name),
            Err(_) if net::is_loopback_name(name) => at("localhost"),
            Err(_) => self.gate.config().http.public_url.clone(),
        }
    }
}

/// Whether a host that no proxy says anything about is reached with encryption: as the dashboard is,
/// unless it is this very machine.
fn is_behind_tls(gate: &Gate, name: &str) -> bool {
    let is_encrypted = gate.config().http.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    is_encrypted && !net::is_loopback_name(name) && name.parse::<IpAddr>().is_err()
}

/// Whether another protocol is asked for. A proxy that asks about a WebSocket keeps to itself what
/// belongs to its own hop.
pub(crate) fn is_upgrade(parts: &Parts) -> bool {
    let is_websocket = parts.headers.contains_key(header::SEC_WEBSOCKET_KEY);
    is_websocket || (parts.headers.contains_key(header::UPGRADE) && lists(parts, header::CONNECTION, "upgrade"))
}

/// Whether a request is about something that stays open.
pub(crate) fn is_stream(parts: &Parts) -> bool {
    is_upgrade(parts) || accepts_events(parts)
}

fn accepts_events(parts: &Parts) -> bool {
    lists(parts, header::ACCEPT, "text/event-stream")
}

/// Whether a header lists this word.
fn lists(parts: &Parts, name: header::HeaderName, word: &str) -> bool {
    let lines = parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|item| item.split(';').next().is_some_and(|text| text.trim().eq_ignore_ascii_case(word)))
}

/// Whether a person opens a page, as far as the request tells: only then does it help to send them on.
pub(crate) fn is_navigation(parts: &Parts) -> bool {
    let mode = parts.headers.get("sec-fetch-mode").map(http::HeaderValue::as_bytes);
    parts.method == Method::GET && super::pages::wants_page(&parts.headers) && mode.is_none_or(|mode| mode == b"navigate")
}
