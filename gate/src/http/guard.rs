//! What every request passes before anything else, and every answer after: where it comes from,
//! whether it may be believed, who it acts as; and the headers that browsers need to be safe.

use super::{
    arrival::{is_trusted, origin},
    json::is_json,
    principal::{Door, identify, is_safe},
    reply::{Reply, problem},
    stream,
};
use crate::{gate::Gate, random, trace};
use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, OriginalUri, Request, State},
    middleware::{self, Next},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::{
    pin::pin,
    sync::Once,
    time::{Duration, Instant},
};
use tower_http::{catch_panic::CatchPanicLayer, timeout::RequestBodyTimeoutLayer};
use wire::{Code, Failure, Timestamp};

/// Between two pieces of a request's body.
const BODY_PAUSE: Duration = Duration::from_secs(30);

/// For answers that bring no policy of their own: nothing may load, nothing may frame.
const STRICT: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// Wraps the routes of Doorward's own: host check, guard against other sites, limits, the decision who a
/// request acts as (a [`Ctx`](crate::Ctx) in its extensions), and the security headers.
pub(super) fn around(gate: &Gate, router: Router) -> Router {
    router
        .layer(CatchPanicLayer::custom(|_| problem(&Failure::new(Code::Internal, "Something broke. Nothing else was affected."))))
        .layer(DefaultBodyLimit::max(gate.config().http.body_limit))
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(middleware::from_fn_with_state(gate.clone(), guard))
}

async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Reply {
    let now = gate.now();
    let request_id = random::id(gate.random(), now).to_string();
    let begun = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let prefix = gate.config().http.prefix.as_str();
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    // Nested, a route is told with all that it is nested below.
    let route = route.map(|route| route.strip_prefix(prefix).unwrap_or(route));
    check_nesting(&request, prefix);
    let row = gate.metrics().requests.row(method.as_str(), route, &path);
    let span = trace::begin(&gate, request.headers(), is_trusted(&gate, request.extensions()), now);
    let route = span.as_ref().and(route).map(str::to_owned);
    let work = pin!(async {
        match admit(&gate, request, &request_id, now).await {
            Ok((request, is_encrypted)) => (next.run(request).await, is_encrypted),
            Err(mut failure) => {
                request_id.clone_into(&mut failure.request_id);
                (problem(&failure), false)
            }
        }
    });
    let (mut response, is_encrypted) = match &span {
        Some(span) => span.around(work).await,
        None => work.await,
    };
    finish(response.headers_mut(), &request_id, is_encrypted);
    let metrics = gate.metrics();
    metrics.requests.count(row, response.status().as_u16(), begun.elapsed());
    if let Some(code) = response.extensions().get::<Code>() {
        metrics.refused(*code);
    }
    if let Some(span) = span {
        let (status, path) = (Some(response.status().as_u16()), masked(&path));
        let told =
            trace::Told { method: method.as_str(), route: route.as_deref(), path: &path, status, request_id: &request_id, app: None };
        span.answered(&gate, &told);
    }
    let millis = gate.now().0 - now.0;
    tracing::info!(target: "doorward::access", request_id, %method, path = masked(&path), status = response.status().as_u16(), millis, "request");
    response
}

/// Looks whether the routes are where the settings say that they are: redirects and links depend on it.
fn check_nesting(request: &Request, prefix: &str) {
    static TOLD: Once = Once::new();
    let inner = request.uri().path();
    let Some(outer) = request.extensions().get::<OriginalUri>().map(|original| original.0.path()) else { return };
    let is_there = inner == "/" || outer.strip_prefix(prefix) == Some(inner);
    if !is_there {
        let outer = crate::audit::clip(outer);
        TOLD.call_once(|| {
            tracing::error!(
                path = outer,
                prefix,
                "the routes of the door are nested elsewhere than the builder’s prefix says, so links lead astray"
            );
        });
    }
}

/// Lets a request in, with who it acts as, or says why not.
async fn admit(gate: &Gate, request: Request, request_id: &str, now: Timestamp) -> Result<(Request, bool), Failure> {
    let (mut parts, body) = request.into_parts();
    let origin = origin(gate, &parts)?;
    let is_encrypted = origin.is_encrypted;
    let door = Door::of(parts.uri.path());
    let is_safe = is_safe(&parts.method);
    let site = Site::of(&parts.headers, &origin.base_url);
    if !is_safe {
        if site == Site::Other {
            return Err(Failure::new(Code::CrossSite, "This request came from another site. Open Doorward itself and do it there."));
        }
        check_body(&parts.headers, door, gate.config().http.body_limit)?;
    }
    // A cookie lets a page be seen; what it may change are the forms on our own pages, no more.
    let may_use_cookie = if stream::is_stream(parts.uri.path()) {
        stream::may_use_cookie(&parts, &origin.base_url, origin.carried.session.is_some())?
    } else {
        door == Door::Page && (is_safe || site == Site::Own)
    };
    let ctx = identify(gate, &parts, origin, request_id, now, may_use_cookie).await.map_err(|error| error.into_failure(request_id))?;
    parts.extensions.insert(ctx);
    Ok((Request::from_parts(parts, body), is_encrypted))
}

/// Which site a browser says that a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    /// Ours.
    Own,
    /// Another, a sister site too.
    Other,
    /// It does not say: no browser of today.
    Unknown,
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Site {
    pub(crate) fn of(headers: &HeaderMap, own: &str) -> Self {
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        match (text(FETCH_SITE), text(header::ORIGIN)) {
            (Some("same-origin" | "none"), None) => Self::Own,
            (Some("same-origin" | "none") | None, Some(origin)) if origin.eq_ignore_ascii_case(own) => Self::Own,
            // A form on a page that sends no Referer has the origin `null`, though it is our own.
            (Some("same-origin"), Some("null")) => Self::Own,
            (None, None) => Self::Unknown,
            _ => Self::Other,
        }
    }

    /// Whether a cookie counts for a WebSocket that is asked for; nothing where another site asks. A browser says
    /// by `Origin` where it comes from, so whoever does not, and has a cookie and nothing else, is none.
    pub(crate) fn may_upgrade(self, headers: &HeaderMap) -> Option<bool> {
        let has_origin = headers.contains_key(header::ORIGIN);
        (!has_origin || self == Self::Own).then_some(has_origin)
    }
}

/// A body is JSON, or a form of a page of ours, and bearably long.
fn check_body(headers: &HeaderMap, door: Door, limit: usize) -> Result<(), Failure> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if text(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > limit) {
        return Err(Failure::new(Code::TooLarge, format!("The body is larger than is taken here: {limit} bytes.")));
    }
    let content_type = text(header::CONTENT_TYPE);
    let is_form =
        |text: &str| text.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    match (door, content_type) {
        (_, None) => Ok(()),
        (Door::Api, Some(text)) if is_json(text) => Ok(()),
        (Door::Page, Some(text)) if is_form(text) => Ok(()),
        (Door::Api, _) => Err(Failure::new(Code::UnsupportedMediaType, "Send the body with Content-Type: application/json.")),
        (Door::Page, _) => {
            Err(Failure::new(Code::UnsupportedMediaType, "Send the form with Content-Type: application/x-www-form-urlencoded."))
        }
    }
}

/// The headers that every answer has.
fn finish(headers: &mut HeaderMap, request_id: &str, is_encrypted: bool) {
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(STRICT));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if is_encrypted {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.remove(header::SERVER);
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", id);
    }
}

/// A path as it may be written down: the secret of a one-time link is none of the log's business.
fn masked(path: &str) -> String {
    match path.strip_prefix("/reset/") {
        Some(_) => "/reset/…".into(),
        None => crate::audit::clip(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(pairs: &[(&'static str, &'static str)]) -> Site {
        let headers = pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
        Site::of(&headers, "https://door.example")
    }

    #[test]
    fn only_our_own_pages_are_our_own_site() {
        assert_eq!(site(&[("sec-fetch-site", "same-origin")]), Site::Own);
        assert_eq!(site(&[("sec-fetch-site", "none")]), Site::Own);
        assert_eq!(site(&[("origin", "https://door.example")]), Site::Own);
        assert_eq!(site(&[]), Site::Unknown);
        for other in ["null", "https://evil.example", "http://door.example", "https://door.example.evil", "https://door.example:444"] {
            assert_eq!(site(&[("origin", other)]), Site::Other, "{other}");
        }
        for other in ["cross-site", "same-site", ""] {
            assert_eq!(site(&[("sec-fetch-site", other)]), Site::Other, "{other}");
            assert_eq!(site(&[("sec-fetch-site", other), ("origin", "https://door.example")]), Site::Other, "{other}");
        }
        assert_eq!(site(&[("sec-fetch-site", "none"), ("origin", "null")]), Site::Other);
    }

    #[test]
    fn a_link_s_secret_is_not_written_down() {
        assert_eq!(masked("/reset/abc"), "/reset/…");
        assert_eq!(masked("/settings"), "/settings");
    }
}
