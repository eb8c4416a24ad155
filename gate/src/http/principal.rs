//! Who a request acts as: the one `authenticate` behind every door.

use super::{key, scope, stream};
use crate::{
    Result,
    audit::NewEvent,
    ctx::{Ctx, Origin, Person, Principal},
    gate::Gate,
    hash::{same, sha256_hex},
    issuers,
    keys::START,
    place::Place,
    sessions::access,
};
use http::{HeaderMap, Method, header, request::Parts};
use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
};
use wire::{SessionId, Timestamp, audit::Action, setup::SetupState};

/// The other end of the connection; whoever serves puts it into each request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// That the connection itself is encrypted; whoever serves TLS puts it into each request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct Encrypted;

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
        let is_api = (path.starts_with("/api/") && path != DOCS) || path == stream::ALIAS || path.starts_with(CENTRIFUGO);
        // What watchdogs look at takes a key too.
        let is_watched = matches!(path, "/metrics" | "/readyz");
        if is_api || is_watched || path.starts_with("/_call/") { Self::Api } else { Self::Page }
    }
}

/// What Centrifugo asks lies below this.
const CENTRIFUGO: &str = "/centrifugo/";
/// The one page among the addresses of the interface: it is read by people.
const DOCS: &str = "/api/docs";
/// Sent by the dashboard with what nobody did: polling, renewing.
const BACKGROUND: &str = "x-doorward-background";
/// A session's last use is kept to this precision, in milliseconds.
const SEEN_STEP: i64 = 60_000;

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
    let nobody = Ctx::new(gate.clone(), Principal::Nobody, now, request_id.to_owned(), origin, Place::default());
    let principal = match who(gate, parts, &nobody, may_use_cookie).await {
        // Centrifugo asks on behalf of a client, and is told in its own words what the client's proof is worth.
        Err(error) if parts.uri.path().starts_with(CENTRIFUGO) && is_refused(&error) => Principal::Nobody,
        found => found?,
    };
    // Strangers learn nothing of what there is, and cost no look into the database.
    let place = if matches!(principal, Principal::Nobody) { Place::default() } else { scope::place(gate, &parts.headers).await? };
    Ok(nobody.acting_as(principal, place))
}

/// Whether a proof is no good, or it is not certain which of two is meant.
pub(crate) fn is_refused(error: &crate::Error) -> bool {
    matches!(error, crate::Error::Failure(failure) if matches!(failure.status, 400 | 401))
}

async fn who(gate: &Gate, parts: &Parts, nobody: &Ctx, may_use_cookie: bool) -> Result<Principal> {
    if is_open(gate) {
        return Ok(Principal::Open);
    }
    // On pages a key counts for nothing: they are for people, who sign in.
    let is_page = Door::of(parts.uri.path()) == Door::Page;
    let key = if is_page { None } else { key::presented(&parts.headers)? };
    if let Some(text) = key {
        let caller = key::admit(nobody, &text).await?;
        return Ok(Principal::Key(Arc::new(caller)));
    }
    let claim = match parts.headers.get(header::AUTHORIZATION) {
        Some(value) if may_use_cookie && bearer(value).is_some_and(|token| token.starts_with(START)) => Some(Claim::Cookie),
        Some(value) => match bearer(value) {
            Some(token) => return by_token(nobody, token, is_background(&parts.headers)).await,
            None => None,
        },
        None => match stream::claim(nobody, parts).await? {
            None if may_use_cookie => Some(Claim::Cookie),
            claim => claim,
        },
    };
    let Some(claim) = claim else { return Ok(Principal::Nobody) };
    // The dashboard's line is laid anew by nobody's doing; a browser can send no header along with it.
    let is_line = matches!(claim, Claim::Cookie) && stream::is_stream(parts.uri.path());
    settle(nobody, &claim, is_line || is_background(&parts.headers)).await
}

/// Whom a token makes of a request, ours or that of a trusted issuer. `nobody` is the request before that
/// is known.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn by_token(nobody: &Ctx, token: &str, is_background: bool) -> Result<Principal> {
    // Others' tokens are looked for first: to see that one is none of ours costs a signature.
    if let Some(found) = issuers::recognise(nobody, token).await? {
        return Ok(found);
    }
    match access::recognise(nobody.gate(), token, nobody.now()) {
        Some(claims) => settle(nobody, &Claim::Token(claims), is_background).await,
        None => Box::pin(issuers::admit(nobody, token)).await,
    }
}

/// Whether everybody may do everything: sign-in is off.
pub(crate) fn is_open(gate: &Gate) -> bool {
    let state = gate.state();
    gate.config().dev || (!state.authentication && state.setup != SetupState::Unclaimed)
}

/// Whom a claim makes of a request. `nobody` is the request before that is known.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn settle(nobody: &Ctx, claim: &Claim, is_background: bool) -> Result<Principal> {
    match judge(nobody.gate(), claim, nobody.origin(), nobody.now(), is_background).await? {
        Judged::Good(person) => Ok(Principal::Person(Arc::new(person))),
        Judged::Bad => Ok(Principal::Nobody),
        Judged::Copied(user, session) => {
            nobody.note(NewEvent::denied(Action::SessionBindingMismatch).to(&user).in_session(session));
            Ok(Principal::Nobody)
        }
    }
}

/// By what a request says that it is somebody's.
pub(crate) enum Claim {
    /// An access token.
    Token(Arc<access::Claims>),
    /// The session's cookie.
    Cookie,
    /// A proof that was looked at already: a ticket, or the cookie of an app's host.
    Proven(SessionId),
}

enum Judged {
    Good(Person),
    Bad,
    /// A bound token without its cookie.
    Copied(Arc<wire::users::User>, SessionId),
}

/// Compares what is claimed with the session and the account as they stand.
async fn judge(gate: &Gate, claim: &Claim, origin: &Origin, now: Timestamp, is_background: bool) -> Result<Judged> {
    let cookie = origin.carried.session.as_ref();
    let id = match claim {
        Claim::Token(claims) => claims.sid,
        Claim::Proven(session) => *session,
        Claim::Cookie => match cookie {
            Some(cookie) => cookie.session,
            None => return Ok(Judged::Bad),
        },
    };
    gate.trust_memory()?;
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
        Claim::Proven(_) => session.expires_at,
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
        is_by_token: matches!(claim, Claim::Token(_)),
        gate: gate.clone(),
    }))
}

/// The token of `Authorization: Bearer` (RFC 6750).
pub(crate) fn bearer(value: &http::HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn is_background(headers: &HeaderMap) -> bool {
    headers.contains_key(BACKGROUND)
}

/// Whether a method only reads.
pub(crate) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
