//! `Idempotency-Key`: a client that does not know whether its request arrived sends it again, and
//! gets the first answer instead of doing it twice. Answers may hold one-time links, so they are
//! kept sealed, with a key that needs the client's own key to find.

use super::reply::{Reply, problem};
use crate::{
    ctx::Ctx,
    db::idempotency::{Kept, forget, keep, reserve},
    hash::sha256_hex,
    seal::{seal, unseal},
};
use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use http::{HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use wire::{
    Code, Failure,
    policy::{Method, Needs, Operation},
};

/// Whether an operation honours the header: what makes something, on behalf of somebody.
pub(crate) fn applies(operation: &Operation) -> bool {
    operation.method == Method::Post && matches!(operation.needs, Needs::Permission(_) | Needs::SignedIn)
}

/// Gives the first answer again where the key was used before.
pub(crate) async fn honour(ctx: Ctx, request: Request, next: Next) -> Reply {
    let Some(key) = request.headers().get("idempotency-key").cloned() else { return next.run(request).await };
    if key.is_empty() || key.len() > 255 {
        return refuse(&ctx, Failure::new(Code::BadRequest, "An Idempotency-Key has 1 to 255 characters."));
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return refuse(&ctx, Failure::new(Code::TooLarge, "The body is larger than is taken here."));
    };
    let actor = ctx.actor();
    let whole = [actor.kind.as_bytes(), b"\0", actor.id.as_bytes(), b"\0", parts.uri.path().as_bytes(), b"\0", key.as_bytes()].concat();
    let id = sha256_hex(&whole);
    let request = sha256_hex(&body);
    match reserve(ctx.gate().db(), &id, &request, ctx.now()).await {
        Ok(Kept::New) => {}
        Ok(Kept::Answer(status, sealed)) => return replay(&ctx, &id, status, &sealed),
        Ok(Kept::Running) => {
            return refuse(
                &ctx,
                Failure::new(Code::IdempotencyMismatch, "The first request with this key has not ended yet. Try again in a moment.")
                    .retry_after(1),
            );
        }
        Ok(Kept::Other) => {
            return refuse(
                &ctx,
                Failure::new(Code::IdempotencyMismatch, "This key was used with another body. Take a new key for a new request."),
            );
        }
        Err(error) => return problem(&crate::Error::from(error).into_failure(ctx.request_id())),
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let db = ctx.gate().db();
    let settled = if parts.status.is_success() {
        let sealed = seal(ctx.gate().keys(), ctx.new_secret().as_bytes(), &id, &bytes);
        keep(db, &id, parts.status.as_u16(), sealed).await
    } else {
        // After a failure the key is free again.
        forget(db, &id).await
    };
    if let Err(error) = settled {
        tracing::warn!(%error, "an answer could not be kept for its Idempotency-Key");
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn refuse(ctx: &Ctx, mut failure: Failure) -> Reply {
    ctx.request_id().clone_into(&mut failure.request_id);
    problem(&failure)
}

fn replay(ctx: &Ctx, id: &str, status: u16, sealed: &str) -> Reply {
    let Some(body) = unseal(ctx.gate().keys(), id, sealed) else {
        return refuse(ctx, Failure::new(Code::IdempotencyMismatch, "The first answer can't be read any more. Take a new key."));
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}
