//! Who a request to an app acts as: by a key, a token, a ticket, or the cookie of the app's host.
//!
//! What is not ours is left to the upstream: its own keys and tokens come by the same headers.

use super::{cookies::Cookies, secrets::Secrets, seen::Seen};
use crate::{
    Result,
    ctx::{Ctx, Origin, Principal},
    gate::Gate,
    http::{
        guard::Site,
        key,
        principal::{Claim, bearer, by_token, is_open, is_safe, settle},
        scope, stream,
    },
    keys::START,
    place::Place,
};
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use std::sync::Arc;
use wire::{Code, Failure, Timestamp};

const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Who asks.
pub(crate) struct Caller {
    pub(crate) ctx: Ctx,
    /// Whether a cookie was left aside because the request came from another site.
    pub(crate) is_cross_site: bool,
}

/// A request to what is not Doorward's own: an app, or the routes of a program that Doorward is a part of.
pub(crate) struct Visit<'a> {
    pub(crate) gate: &'a Gate,
    pub(crate) now: Timestamp,
    pub(crate) request_id: &'a str,
    pub(crate) origin: &'a Origin,
    /// Whether another protocol is asked for.
    pub(crate) is_upgrade: bool,
    /// Whether it is about something that stays open.
    pub(crate) is_stream: bool,
    /// Whether a cookie of a session came along, good or not.
    pub(crate) has_cookie: bool,
    /// What that cookie claims, looked at only where a cookie counts.
    pub(crate) cookie: &'a (dyn Fn() -> Option<Claim> + Sync),
}

/// Decides who a request to an app acts as, and where.
///
/// # Errors
/// Those of [`recognise`].
pub(crate) async fn identify(seen: &Seen, parts: &Parts) -> Result<Caller> {
    let cookies = Cookies::new(seen.jar, &seen.live.app.slug);
    let is_mounted = !seen.mount.is_empty();
    let kept = if is_mounted { None } else { cookies.kept(&parts.headers) };
    let cookie = || match is_mounted {
        true => Some(Claim::Cookie),
        false => kept.and_then(|kept| cookies.session(&seen.gate, kept)).map(Claim::Proven),
    };
    let visit = Visit {
        gate: &seen.gate,
        now: seen.now,
        request_id: &seen.request_id,
        origin: &seen.origin,
        is_upgrade: seen.is_upgrade,
        is_stream: seen.is_stream,
        has_cookie: if is_mounted { seen.origin.carried.session.is_some() } else { kept.is_some() },
        cookie: &cookie,
    };
    recognise(&visit, parts).await
}

/// Decides who a request acts as, and where.
///
/// # Errors
/// 401 for a key or a ticket that is not good, 400 for two credentials, 403 for an upgrade that
/// another site asked for; when the database does not answer.
pub(crate) async fn recognise(visit: &Visit<'_>, parts: &Parts) -> Result<Caller> {
    let gate = visit.gate;
    let nobody = Ctx::new(gate.clone(), Principal::Nobody, visit.now, visit.request_id.to_owned(), visit.origin.clone(), Place::default());
    let site = Site::of(&parts.headers, &visit.origin.base_url);
    let may_upgrade = site.may_upgrade(&parts.headers);
    if visit.is_upgrade && may_upgrade.is_none() {
        return Err(cross_site().into());
    }
    let may_use_cookie = if visit.is_upgrade { may_upgrade == Some(true) } else { is_safe(&parts.method) || site == Site::Own };
    let principal = if is_open(gate) {
        Principal::Open
    } else if let Some(text) = presented_key(&parts.headers)? {
        Principal::Key(Arc::new(key::admit(&nobody, &text).await?))
    } else if let Some(token) = own_token(gate, &parts.headers) {
        by_token(&nobody, token, false).await?
    } else if visit.is_stream
        && let Some(claim) = stream::by_ticket(&nobody, &parts.uri).await?
    {
        settle(&nobody, &claim, true).await?
    } else {
        match (visit.cookie)().filter(|_| may_use_cookie) {
            Some(claim) => settle(&nobody, &claim, !is_activity(parts)).await?,
            None => Principal::Nobody,
        }
    };
    let is_nobody = matches!(principal, Principal::Nobody);
    let is_cross_site = is_nobody && visit.has_cookie && !may_use_cookie && (visit.is_upgrade || site == Site::Other);
    let place = if is_nobody { Place::default() } else { scope::place(gate, &parts.headers).await? };
    Ok(Caller { ctx: nobody.acting_as(principal, place), is_cross_site })
}

/// What is said to a request that another site made a browser send.
pub(crate) fn cross_site() -> Failure {
    Failure::new(Code::CrossSite, "This request came from another site. Open the app itself and do it there.")
}

/// A key of ours in either header. Other values of `X-API-Key` are the upstream's.
fn presented_key(headers: &HeaderMap) -> Result<Option<String>> {
    let own = headers.get_all(key::HEADER).iter().filter_map(|value| value.to_str().ok()).map(str::trim);
    let token = headers.get_all(header::AUTHORIZATION).iter().filter_map(bearer);
    let mut found = own.chain(token).filter(|text| text.starts_with(START));
    let Some(first) = found.next() else { return Ok(None) };
    if found.any(|other| other != first) {
        return Err(Failure::new(Code::BadRequest, "There are two different API keys. Send one.").into());
    }
    Ok(Some(first.to_owned()))
}

/// An access token of ours, or one for us of a trusted issuer, good or not.
fn own_token<'h>(gate: &Gate, headers: &'h HeaderMap) -> Option<&'h str> {
    let secrets = Secrets::of(gate);
    headers.get_all(header::AUTHORIZATION).iter().filter_map(bearer).find(|token| secrets.is_ours(token))
}

/// Whether a person does something, as far as can be told: what a page asks for by itself keeps no
/// session alive.
fn is_activity(parts: &Parts) -> bool {
    let mode = parts.headers.get(FETCH_MODE).map(HeaderValue::as_bytes);
    !is_safe(&parts.method) || mode.is_none_or(|mode| mode == b"navigate")
}
