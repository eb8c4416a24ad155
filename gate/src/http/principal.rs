//! Who a request acts as: the one `authenticate` behind every door.

use super::{key, scope};
use crate::{
    Result,
    audit::NewEvent,
    ctx::{Ctx, Origin, Person, Principal},
    gate::Gate,
    hash::{same, sha256_hex},
    keys::START,
    net,
    place::Place,
    sessions::{
        access,
        cookie::{Carried, Jar},
    },
};
use http::{HeaderMap, Method, header, request::Parts};
use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
};
use wire::{Code, Failure, Timestamp, audit::Action, setup::SetupState};

/// The other end of the connection; whoever serves puts it into each request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Which door a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// REST and server functions: a token, never a cookie alone.
    Api,
    /// Pages, and the forms on them that work without script.
    Page,
}

impl Door {
    pub(super) fn of(path: &str) -> Self {
        let is_api = path.starts_with("/api/") && path != DOCS;
        if is_api || path.starts_with("/_call/") { Self::Api } else { Self::Page }
    }
}

/// The one page among the addresses of the interface: it is read by people.
const DOCS: &str = "/api/docs";
/// Sent by the dashboard with what nobody did: polling, renewing.
const BACKGROUND: &str = "x-doorward-background";
/// A session's last use is kept to this precision, in milliseconds.
const SEEN_STEP: i64 = 60_000;

/// Where a request comes from.
///
/// # Errors
/// 400 when the forwarding headers contradict each other, or there is no host.
pub(super) fn origin(gate: &Gate, parts: &Parts) -> std::result::Result<Origin, Failure> {
    let http = &gate.config().http;
    let headers = &parts.headers;
    let bad = |text: &str| Failure::new(Code::BadRequest, text);
    let peer = parts.extensions.get::<Peer>().ok_or_else(|| Failure::from(Code::Internal))?.0;
    let found = net::origin(peer, headers, &http.trusted_proxies).map_err(|error| bad(&format!("{error}.")))?;
    let own = parts.uri.authority().map(http::uri::Authority::as_str);
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|value| value.to_str().ok()).or(own);
    if hosts.next().is_some() {
        return Err(bad("There are two Host headers."));
    }
    let authority = found.host.clone().or_else(|| host.map(str::to_owned)).ok_or_else(|| bad("There is no Host header."))?;
    let (name, _) = net::split_host(&authority).ok_or_else(|| bad("The Host header is no host."))?;
    if !is_served(gate, name) {
        return Err(Failure::new(
            Code::Misdirected,
            "This host name is not served here. If it is yours, add it to `hosts` in the configuration, or set `public_url`.",
        ));
    }
    let is_encrypted = found.scheme.map_or_else(
        || http.public_url.as_deref().is_some_and(|url| url.starts_with("https://") && url[8..] == authority),
        |scheme| scheme == "https",
    );
    let is_local = peer.ip().to_canonical().is_loopback() && !found.is_forwarded && net::is_loopback_name(name);
    let jar = if is_encrypted {
        Jar::Secure
    } else if net::is_loopback_name(name) {
        Jar::Loopback
    } else if http.insecure_http {
        Jar::Insecure
    } else {
        Jar::Secure
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok(Origin {
        address: found.address,
        is_local,
        is_encrypted,
        user_agent: headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default(),
        base_url: format!("{}://{authority}", if is_encrypted { "https" } else { "http" }),
        setup_code: text("x-doorward-setup-code"),
        carried: Carried::read(headers, jar),
    })
}

/// Whether a host name is ours: the public URL's, a configured one, a loopback name, an IP address.
/// Another name that leads here was pointed at us by somebody else.
fn is_served(gate: &Gate, name: &str) -> bool {
    let http = &gate.config().http;
    let bare = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let public = http
        .public_url
        .as_deref()
        .and_then(|url| url.split_once("://"))
        .and_then(|(_, rest)| net::split_host(rest.split('/').next()?))
        .map(|(host, _)| host);
    net::is_loopback_name(&bare)
        || bare.parse::<std::net::IpAddr>().is_ok()
        || public.is_some_and(|host| host.eq_ignore_ascii_case(&bare))
        || http.hosts.iter().any(|host| host.eq_ignore_ascii_case(&bare))
}

/// Decides who a request acts as, and where.
///
/// # Errors
/// 401 for an API key that is not good, 400 for two credentials; when the database does not answer.
pub(super) async fn identify(
    gate: &Gate,
    parts: &Parts,
    origin: Origin,
    request_id: &str,
    now: Timestamp,
    may_use_cookie: bool,
) -> Result<Ctx> {
    let nobody = || Ctx::new(gate.clone(), Principal::Nobody, now, request_id.to_owned(), origin.clone(), Place::default());
    let principal = who(gate, parts, &origin, nobody, now, may_use_cookie).await?;
    // Strangers learn nothing of what there is, and cost no look into the database.
    let place = if matches!(principal, Principal::Nobody) { Place::default() } else { scope::place(gate, &parts.headers).await? };
    Ok(Ctx::new(gate.clone(), principal, now, request_id.to_owned(), origin, place))
}

async fn who(
    gate: &Gate,
    parts: &Parts,
    origin: &Origin,
    nobody: impl Fn() -> Ctx,
    now: Timestamp,
    may_use_cookie: bool,
) -> Result<Principal> {
    let state = gate.state();
    if gate.config().dev || (!state.authentication && state.setup != SetupState::Unclaimed) {
        return Ok(Principal::Open);
    }
    // On pages a key counts for nothing: they are for people, who sign in.
    let is_page = Door::of(parts.uri.path()) == Door::Page;
    let key = if is_page { None } else { key::presented(&parts.headers)? };
    if let Some(text) = key {
        let caller = key::admit(&nobody(), &text).await?;
        return Ok(Principal::Key(Arc::new(caller)));
    }
    let claim = match parts.headers.get(header::AUTHORIZATION) {
        Some(value) if may_use_cookie && bearer(value).is_some_and(|token| token.starts_with(START)) => Some(Claim::Cookie),
        Some(value) => bearer(value).and_then(|token| access::read(gate.keys(), token, now)).map(Claim::Token),
        None if may_use_cookie => Some(Claim::Cookie),
        None => None,
    };
    let Some(claim) = claim else { return Ok(Principal::Nobody) };
    match judge(gate, &claim, origin, now, is_background(&parts.headers)).await? {
        Judged::Good(person) => Ok(Principal::Person(Arc::new(person))),
        Judged::Bad => Ok(Principal::Nobody),
        Judged::Copied(user, session) => {
            nobody().note(NewEvent::denied(Action::SessionBindingMismatch).to(&user).in_session(session));
            Ok(Principal::Nobody)
        }
    }
}

enum Claim {
    Token(access::Claims),
    Cookie,
}

enum Judged {
    Good(Person),
    Bad,
    /// A bound token without its cookie.
    Copied(Arc<wire::users::User>, wire::SessionId),
}

/// Compares what is claimed with the session and the account as they stand.
async fn judge(gate: &Gate, claim: &Claim, origin: &Origin, now: Timestamp, is_background: bool) -> Result<Judged> {
    let cookie = origin.carried.session.as_ref();
    let id = match claim {
        Claim::Token(claims) => claims.sid,
        Claim::Cookie => match cookie {
            Some(cookie) => cookie.session,
            None => return Ok(Judged::Bad),
        },
    };
    let Some(session) = gate.presence().session(gate.db(), id).await? else { return Ok(Judged::Bad) };
    let seen_at = session.seen_at.load(Ordering::Relaxed);
    let idle = gate.config().auth.idle_ttl.map(|ttl| i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX));
    if session.expires_at <= now || idle.is_some_and(|idle| now.0 - seen_at > idle) {
        return Ok(Judged::Bad);
    }
    let Some(account) = gate.presence().account(gate.db(), session.user).await? else { return Ok(Judged::Bad) };
    if account.user.is_disabled {
        return Ok(Judged::Bad);
    }
    let has_cookie = match (&session.binding, cookie) {
        (Some(binding), Some(cookie)) => cookie.session == id && same(sha256_hex(cookie.binding.as_bytes()).as_bytes(), binding.as_bytes()),
        _ => false,
    };
    let token_expires_at = match claim {
        Claim::Token(claims) if claims.sub != session.user || claims.ver != account.security_version => return Ok(Judged::Bad),
        Claim::Token(_) if session.binding.is_some() && !has_cookie => return Ok(Judged::Copied(account.user.clone(), id)),
        Claim::Token(claims) if claims.bound != session.binding.is_some() => return Ok(Judged::Bad),
        Claim::Token(claims) => Timestamp(claims.exp * 1000),
        Claim::Cookie if has_cookie => session.expires_at,
        Claim::Cookie => return Ok(Judged::Bad),
    };
    if !is_background && now.0 - seen_at > SEEN_STEP {
        session.seen_at.fetch_max(now.0, Ordering::Relaxed);
    }
    Ok(Judged::Good(Person {
        permissions: gate.roles().permissions(&account.user.role),
        user: account.user.clone(),
        session: id,
        proved_at: session.confirmed_at.unwrap_or_default().max(session.created_at),
        confirmed_at: session.confirmed_at,
        token_expires_at,
    }))
}

/// The token of `Authorization: Bearer` (RFC 6750).
pub(super) fn bearer(value: &http::HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn is_background(headers: &HeaderMap) -> bool {
    headers.contains_key(BACKGROUND)
}

/// Whether a method only reads.
pub(super) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
