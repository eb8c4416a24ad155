//! Streams: what a browser opens with an address alone, since it can send no headers along. There a
//! ticket in the address counts, and the session's cookie, if the browser says that our own page asks.

use super::{
    guard::Site,
    key,
    principal::{Claim, settle},
};
use crate::{
    Result,
    ctx::{Ctx, Principal},
    keys::START,
    sessions::{access, redeem_ticket},
};
use http::{Uri, header, request::Parts};
use std::sync::Arc;
use wire::{Code, Failure};

/// The address of the socket that older programs know.
pub(crate) const ALIAS: &str = "/ws/status";
/// The streams of live channels.
const STREAMS: [&str; 3] = ["/api/v1/live", "/api/v1/live/ws", ALIAS];
/// What a ticket begins with.
const TICKET: &str = "dwt_";

/// Whether something stays open at this address.
pub(super) fn is_stream(path: &str) -> bool {
    STREAMS.contains(&path)
}

/// Whether the session's cookie counts for a stream.
///
/// # Errors
/// 403 for a WebSocket that another site asks for, or that a browser asks for without saying who does.
pub(super) fn may_use_cookie(parts: &Parts, own: &str, has_cookie: bool) -> std::result::Result<bool, Failure> {
    let headers = &parts.headers;
    let site = Site::of(headers, own);
    let is_upgrade = headers.contains_key(header::SEC_WEBSOCKET_KEY) || headers.contains_key(header::UPGRADE);
    if !is_upgrade {
        return Ok(site == Site::Own);
    }
    let has_proof = headers.contains_key(header::AUTHORIZATION) || headers.contains_key(key::HEADER) || secret(&parts.uri).is_some();
    match site.may_upgrade(headers) {
        Some(may_use_cookie) if may_use_cookie || !has_cookie || has_proof => Ok(may_use_cookie),
        _ => Err(Failure::new(Code::CrossSite, "This request came from another site. Open Doorward itself and do it there.")),
    }
}

/// The session of the ticket in the address, where there is one: the one way in by an address that apps have too.
///
/// # Errors
/// 401 for a ticket that is no longer good.
pub(crate) async fn by_ticket(nobody: &Ctx, uri: &Uri) -> Result<Option<Claim>> {
    let mut pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let Some((_, ticket)) = pairs.find(|(name, value)| name == "token" && value.starts_with(TICKET)) else { return Ok(None) };
    Box::pin(redeem_ticket(nobody, &ticket)).await.map(|session| Some(Claim::Proven(session)))
}

/// What stands for the caller in the address.
fn secret(uri: &Uri) -> Option<String> {
    let mut pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.find(|(name, _)| name == "token").map(|(_, value)| value.into_owned())
}

/// Whom the address names: by a ticket, or on a WebSocket by a token that needs no cookie. Nothing where
/// it names nobody.
///
/// # Errors
/// 401 for a ticket that is no longer good.
pub(super) async fn claim(nobody: &Ctx, parts: &Parts) -> Result<Option<Claim>> {
    let Some(secret) = secret(&parts.uri).filter(|_| is_stream(parts.uri.path())) else { return Ok(None) };
    if let Some(claim) = by_ticket(nobody, &parts.uri).await? {
        return Ok(Some(claim));
    }
    let is_socket = parts.headers.contains_key(header::SEC_WEBSOCKET_KEY);
    match unbound(nobody, &secret).filter(|_| is_socket) {
        Some(claims) => Ok(Some(Claim::Token(claims))),
        None => {
            Err(Failure::new(Code::Unauthenticated, "This is no ticket, and no token that is good in an address. Make a ticket first.")
                .into())
        }
    }
}

/// What a token says that needs no cookie.
fn unbound(nobody: &Ctx, token: &str) -> Option<Arc<access::Claims>> {
    access::recognise(nobody.gate(), token, nobody.now()).filter(|claims| !claims.bound)
}

/// Whom a text lets in that a client of another server sent there, to be passed on: a key, a ticket, or
/// a token that needs no cookie.
///
/// # Errors
/// 401 for a key or a ticket that is not good; when the database does not answer.
pub(crate) async fn admit(nobody: &Ctx, text: &str) -> Result<Principal> {
    if text.starts_with(START) {
        return Ok(Principal::Key(Arc::new(key::admit(nobody, text).await?)));
    }
    let claim = if text.starts_with(TICKET) {
        Some(Claim::Proven(redeem_ticket(nobody, text).await?))
    } else {
        unbound(nobody, text).map(Claim::Token)
    };
    match claim {
        Some(claim) => settle(nobody, &claim, true).await,
        None => Ok(Principal::Nobody),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue, Request};

    const OWN: &str = "https://door.example";

    fn asked(path: &str, pairs: &[(&'static str, &'static str)], has_cookie: bool) -> std::result::Result<bool, Code> {
        let mut request = Request::get(path).body(()).unwrap();
        for (name, value) in pairs {
            request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        may_use_cookie(&request.into_parts().0, OWN, has_cookie).map_err(|failure| failure.code)
    }

    /// WSS-177
    #[test]
    fn a_cookie_counts_where_our_own_page_asks() {
        let upgrade = ("upgrade", "websocket");
        assert_eq!(asked("/api/v1/live/ws", &[upgrade, ("origin", OWN)], true), Ok(true));
        for evil in [
            "https://evil.example",
            "null",
            "https://door.example.evil",
            "https://evildoor.example",
            "https://door.example:1",
            "http://door.example",
        ] {
            assert_eq!(asked("/api/v1/live/ws", &[upgrade, ("origin", evil)], true), Err(Code::CrossSite), "{evil}");
            assert_eq!(asked("/api/v1/live", &[("origin", evil)], true), Ok(false), "{evil}");
        }
        assert_eq!(asked("/api/v1/live/ws", &[upgrade], true), Err(Code::CrossSite));
        assert_eq!(asked("/api/v1/live/ws", &[upgrade], false), Ok(false), "no browser, no cookie");
        assert_eq!(asked("/ws/status?token=x", &[upgrade], true), Ok(false), "the address says who it is");
        assert_eq!(asked("/api/v1/live", &[("sec-fetch-site", "same-origin")], true), Ok(true));
        assert_eq!(asked("/api/v1/live", &[("sec-fetch-site", "cross-site")], true), Ok(false));
        assert_eq!(asked("/api/v1/live", &[], true), Ok(false));
    }
}
