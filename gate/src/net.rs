//! Networks, loopback names, and where a request comes from when proxies stand between.

use http::{HeaderMap, HeaderName, header};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

/// An address, or a block of addresses: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`.
///
/// IPv4 inside IPv6 (`::ffff:10.0.0.7`) counts as the IPv4 that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no network: a sentence for the one who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkError(String);

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NetworkError {}

/// How many bits an address has.
const fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address with only its first `prefix` bits.
fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)).into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)).into(),
    }
}

impl Network {
    /// The block of all addresses that share the first `prefix` bits with `address`; more bits
    /// than the address has count as all of them.
    #[must_use]
    pub fn new(address: IpAddr, prefix: u8) -> Self {
        let prefix = prefix.min(width(address));
        let (address, prefix) = match address.to_canonical() {
            // A block wider than all mapped addresses stays IPv6.
            IpAddr::V4(v4) if address.is_ipv6() && prefix >= 96 => (IpAddr::V4(v4), prefix - 96),
            IpAddr::V4(_) if address.is_ipv6() => (address, prefix),
            canonical => (canonical, prefix),
        };
        Self { address: masked(address, prefix), prefix }
    }

    /// Whether the address lies in the block.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        width(address) == width(self.address) && masked(address, self.prefix) == self.address
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self::new(address, width(address))
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || NetworkError(format!("{text}: not an address or network; write it like 10.0.0.7, 10.0.0.0/8 or fd00::/8"));
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| error())?;
        let Some(prefix) = prefix else { return Ok(address.into()) };
        let is_number = !prefix.is_empty() && prefix.len() <= 3 && prefix.bytes().all(|b| b.is_ascii_digit());
        let bits: u16 = if is_number { prefix.parse().map_err(|_| error())? } else { return Err(error()) };
        match u8::try_from(bits) {
            Ok(bits) if bits <= width(address) => Ok(Self::new(address, bits)),
            _ => Err(NetworkError(format!("{text}: {address} has {} bits, not {bits}", width(address)))),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.prefix == width(self.address) { self.address.fmt(f) } else { write!(f, "{}/{}", self.address, self.prefix) }
    }
}

/// Splits `host:port`, `[::1]:port` or a bare host; nothing when it is neither.
///
/// The host comes back without brackets.
#[must_use]
pub fn split_host(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        match after {
            "" => (host, None),
            _ => (host, Some(after.strip_prefix(':')?)),
        }
    } else if authority.parse::<Ipv6Addr>().is_ok() {
        (authority, None)
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let port = match port {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => Some(digits.parse().ok()?),
        Some(_) => return None,
        None => None,
    };
    (!host.is_empty()).then_some((host, port))
}

/// Whether a host, without a port, names this very machine: `localhost`, a name below it, or a
/// loopback address.
#[must_use]
pub fn is_loopback_name(host: &str) -> bool {
    const BELOW: &str = ".localhost";
    let name = host.strip_suffix('.').unwrap_or(host);
    let end = name.len().checked_sub(BELOW.len()).filter(|at| *at > 0).and_then(|at| name.get(at..));
    if name.eq_ignore_ascii_case("localhost") || end.is_some_and(|end| end.eq_ignore_ascii_case(BELOW)) {
        return true;
    }
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Where a request comes from, as far as it can be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The client's address: the nearest one that is not a trusted proxy.
    pub address: IpAddr,
    /// The scheme that the client used, if a trusted proxy said so: `http` or `https`.
    pub scheme: Option<&'static str>,
    /// The host that the client asked for, if a trusted proxy said so.
    pub host: Option<String>,
    /// Whether a proxy passed the request on, trusted or not.
    pub is_forwarded: bool,
}

/// `Forwarded` and `X-Forwarded-*` tell different stories: one of them was not written by the
/// trusted proxy, and nobody can tell which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contradiction;

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Forwarded and X-Forwarded-For disagree; let the proxy remove the one that it does not set")
    }
}

impl std::error::Error for Contradiction {}

/// What one proxy said about the side that it heard from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Hop {
    address: Option<IpAddr>,
    scheme: Option<&'static str>,
    host: Option<String>,
}

/// What proxies leave in a request.
const SIGNS: [HeaderName; 6] = [
    header::FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
    header::VIA,
];

/// Whether the headers show that a proxy passed the request on; believed from anybody, because it
/// only ever takes away trust.
#[must_use]
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    // Most requests have few headers: to look at their names costs less than to look each of these up.
    headers.keys().any(|name| SIGNS.contains(name))
}

/// Where a request comes from, given the socket's peer and the proxies that are trusted.
///
/// The headers of a peer that is not trusted are not read. Otherwise the chain is walked from the
/// right, the nearest proxy first, up to the first address that is not a trusted proxy.
///
/// # Errors
/// When both families of headers are there and name different clients.
pub fn origin(peer: SocketAddr, headers: &HeaderMap, trusted: &[Network]) -> Result<Origin, Contradiction> {
    let peer = peer.ip().to_canonical();
    let is_forwarded = is_forwarded(headers);
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_forwarded || !is_trusted(peer) {
        return Ok(Origin { address: peer, scheme: None, host: None, is_forwarded });
    }
    let standard = forwarded(headers).map(|hops| walk(peer, &hops, is_trusted));
    let customary = x_forwarded(headers).map(|hops| walk(peer, &hops, is_trusted));
    let (address, hop) = match (standard, customary) {
        (Some(a), Some(b)) if differ(&a, &b) => return Err(Contradiction),
        (Some(story), _) | (None, Some(story)) => story,
        (None, None) => (peer, Hop::default()),
    };
    Ok(Origin { address, scheme: hop.scheme, host: hop.host, is_forwarded })
}

/// Whether two stories name different clients or schemes.
fn differ(a: &(IpAddr, Hop), b: &(IpAddr, Hop)) -> bool {
    a.0 != b.0 || matches!((a.1.scheme, b.1.scheme), (Some(x), Some(y)) if x != y)
}

/// Walks the hops from the nearest; gives the client and what was said about it.
fn walk(peer: IpAddr, hops: &[Hop], is_trusted: impl Fn(IpAddr) -> bool) -> (IpAddr, Hop) {
    let mut address = peer;
    let mut last = Hop::default();
    for hop in hops.iter().rev() {
        last = hop.clone();
        // A name or `unknown` instead of an address: the proxy that wrote it is all that is known.
        let Some(next) = hop.address else { break };
        address = next;
        if !is_trusted(next) {
            break;
        }
    }
    (address, last)
}

/// The items of a header that may stand in several lines, or nothing where it is absent.
fn items(headers: &HeaderMap, name: &str) -> Option<Vec<String>> {
    headers.contains_key(name).then(|| {
        let lines = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        lines.flat_map(|line| split_quoted(&line, ',')).collect()
    })
}

/// Splits at a separator that is not inside a quoted string.
///
/// A quote that never closes is none: a client could otherwise swallow what the proxy appends.
fn split_quoted(text: &str, separator: char) -> Vec<String> {
    let (mut parts, mut quoted, mut escaped) = (vec![String::new()], false, false);
    for c in text.chars() {
        if c == separator && !quoted {
            parts.push(String::new());
            continue;
        }
        if escaped {
            escaped = false;
        } else if c == '\\' && quoted {
            escaped = true;
        } else if c == '"' {
            quoted = !quoted;
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    if quoted {
        return text.split(separator).map(|part| part.trim().to_owned()).collect();
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

/// An address with or without a port, with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let (host, _port) = split_host(text)?;
    host.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// The scheme, if it is one that a browser speaks.
fn scheme(text: &str) -> Option<&'static str> {
    ["https", "http"].into_iter().find(|known| text.eq_ignore_ascii_case(known))
}

/// A host as it may stand in an address: no spaces, no controls, no user part, no path.
fn host(text: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    (text.len() <= 260 && text.chars().all(is_plain) && split_host(text).is_some()).then(|| text.to_ascii_lowercase())
}

/// The hops of the `Forwarded` header (RFC 7239), the farthest first.
fn forwarded(headers: &HeaderMap) -> Option<Vec<Hop>> {
    let unquote = |value: &str| match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace('\\', ""),
        None => value.to_owned(),
    };
    let hop = |item: &String| {
        let mut hop = Hop::default();
        for pair in split_quoted(item, ';') {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let value = unquote(value);
            match name.to_ascii_lowercase().as_str() {
                "for" => hop.address = address(&value),
                "proto" => hop.scheme = scheme(&value),
                "host" => hop.host = host(&value),
                _ => {}
            }
        }
        hop
    };
    Some(items(headers, "forwarded")?.iter().map(hop).collect())
}

/// The hops of the `X-Forwarded-*` headers, the farthest first; nothing where no such header is.
fn x_forwarded(headers: &HeaderMap) -> Option<Vec<Hop>> {
    let addresses = items(headers, "x-forwarded-for");
    let schemes = items(headers, "x-forwarded-proto");
    let hosts = items(headers, "x-forwarded-host");
    if addresses.is_none() && schemes.is_none() && hosts.is_none() {
        return None;
    }
    let addresses = addresses.unwrap_or_default();
    let (schemes, hosts) = (schemes.unwrap_or_default(), hosts.unwrap_or_default());
    // Lists are matched from the right. A proxy that overwrites leaves one item for all hops.
    let nearest = |list: &[String], from_right: usize| {
        let last = list.len().checked_sub(1)?;
        list.get(last.saturating_sub(from_right)).cloned()
    };
    let hops = (0..addresses.len().max(1)).map(|from_left| {
        let from_right = addresses.len().max(1) - 1 - from_left;
        Hop {
            address: addresses.get(from_left).and_then(|text| address(text)),
            scheme: nearest(&schemes, from_right).and_then(|text| scheme(&text)),
            host: nearest(&hosts, from_right).and_then(|text| host(&text)),
        }
    });
    Some(hops.collect())
}

#[cfg(test)]
mod tests;
