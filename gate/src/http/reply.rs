//! Answers: JSON where all went well, problem details (RFC 9457) where not.

use crate::{
    Result,
    ctx::Ctx,
    sessions::{Closed, Opened},
};
use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::{HeaderValue, StatusCode, header};
use http_body_util::channel::Channel;
use serde::Serialize;
use wire::{Failure, sso::SignedOut};

/// What a handler answers.
pub(crate) type Reply = Response;

/// The answer to a request: the value as JSON with this status, or the failure.
pub(crate) fn reply<T: Serialize>(ctx: &Ctx, status: u16, result: Result<T>) -> Reply {
    reply_with(ctx, status, result, Vec::new())
}

/// The same, with cookies.
pub(crate) fn reply_with<T: Serialize>(ctx: &Ctx, status: u16, result: Result<T>, cookies: Vec<String>) -> Reply {
    let value = result.and_then(|value| Ok(serde_json::to_vec(&value)?));
    match value {
        Ok(bytes) => {
            let mut response = with_status(status, "application/json", bytes);
            for cookie in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(error) => problem(&error.into_failure(ctx.request_id())),
    }
}

/// The answer to a request that gives nothing back.
pub(crate) fn no_content(ctx: &Ctx, result: Result<()>) -> Reply {
    match result {
        Ok(()) => with_status(204, "", Vec::new()),
        Err(error) => problem(&error.into_failure(ctx.request_id())),
    }
}

/// The answer that opens a session.
pub(crate) fn opened(ctx: &Ctx, status: u16, result: Result<Opened>) -> Reply {
    match result {
        Ok(opened) => reply_with(ctx, status, Ok(opened.tokens), opened.cookies),
        Err(error) => reply::<()>(ctx, status, Err(error)),
    }
}

/// The answer that closes a session. The browser lets go of what it cached of it.
pub(crate) fn closed(ctx: &Ctx, result: Result<Closed>) -> Reply {
    match result {
        Ok(closed) => {
            let mut response = match closed.provider {
                Some(provider) => reply(ctx, 200, Ok(SignedOut { provider: Some(provider) })),
                None => no_content(ctx, Ok(())),
            };
            for cookie in closed.cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
            response
        }
        Err(error) => no_content(ctx, Err(error)),
    }
}

/// An answer that is written piece by piece, for a file of this name. What goes wrong on the way
/// breaks it off, so that no client takes a part for the whole.
pub(crate) fn stream(media: &'static str, file: &str, body: Channel<Bytes, std::io::Error>) -> Reply {
    let mut response = Response::new(Body::new(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{file}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// A failure as `application/problem+json`.
#[must_use]
pub fn problem(failure: &Failure) -> Response {
    let body = serde_json::to_vec(failure).unwrap_or_default();
    let mut response = with_status(failure.status, "application/problem+json", body);
    // For whoever counts refusals by their cause.
    response.extensions_mut().insert(failure.code);
    let headers = response.headers_mut();
    if failure.status == 401 {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"doorward\""));
    }
    if let Some(seconds) = failure.retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
        headers.insert("ratelimit-remaining", 0.into());
        headers.insert("ratelimit-reset", seconds.into());
    }
    response
}

fn with_status(status: u16, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !content_type.is_empty() {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}
