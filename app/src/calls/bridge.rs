//! Between a call and the product, on the server: the request's context in, status and cookies out.

use gate::{
    Ctx,
    sessions::{Closed, Opened},
};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use wire::{Code, Failure, sessions::Tokens, sso::SignedOut};

/// The context of the request that is being answered.
///
/// # Errors
/// `internal`, where the gate's layer is missing.
pub fn ctx() -> Result<Ctx, Failure> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<Ctx>().cloned()).ok_or_else(|| Failure::from(Code::Internal))
}

/// The failure as the caller gets it. A call's answer takes its status; a page that is being
/// rendered shows the failure inside and keeps its own status, unless what it is about is not there.
pub fn answer(error: gate::Error) -> Failure {
    let ctx = ctx();
    let failure = error.into_failure(ctx.as_ref().map_or("", Ctx::request_id));
    let is_call = use_context::<Parts>().is_some_and(|parts| parts.uri.path().contains("/_call/"));
    if let Some(reply) = use_context::<ResponseOptions>().filter(|_| is_call) {
        // Leptos 0.8 answers every error of a server function with 500.
        reply.set_status(StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        if let Some(seconds) = failure.retry_after {
            reply.insert_header(header::RETRY_AFTER, seconds.into());
        }
        if failure.status == 401 {
            reply.insert_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
    } else if failure.status == 404 {
        missing();
    }
    failure
}

/// Takes note that the page that is being rendered is about something that is not there.
pub fn missing() {
    if let Some(reply) = use_context::<ResponseOptions>() {
        reply.set_status(StatusCode::NOT_FOUND);
    }
}

/// Hands the cookies of a session that was opened to the browser.
pub fn opened(opened: Opened) -> Tokens {
    cookies(&opened.cookies);
    opened.tokens
}

/// Takes the cookies of a session that was closed away from the browser, and what it has kept.
pub fn closed(closed: Closed) -> SignedOut {
    cookies(&closed.cookies);
    expect_context::<ResponseOptions>().insert_header(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
    SignedOut { provider: closed.provider }
}

fn cookies(values: &[String]) {
    let reply = expect_context::<ResponseOptions>();
    for value in values.iter().filter_map(|value| HeaderValue::from_str(value).ok()) {
        reply.append_header(header::SET_COOKIE, value);
    }
}
