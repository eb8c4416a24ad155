//! Who a request acts as, as an extractor of axum's.

use super::{Reply, layer::turn_away, problem};
use crate::ctx::{Ctx, Principal};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use wire::{Code, Failure};

/// Who asks, as a layer found out.
fn ctx(parts: &Parts) -> Result<&Ctx, Reply> {
    parts.extensions.get::<Ctx>().ok_or_else(|| {
        tracing::error!("a route is behind none of Gate::layer, Gate::require and Gate::recognise, so nobody knows who asks");
        problem(&Failure::from(Code::Internal))
    })
}

/// Somebody who is known; nobody is sent to sign in, or answered with 401.
impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Reply;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Reply> {
        let ctx = ctx(parts)?;
        if ctx.principal().is_nobody() { Err(turn_away(ctx, parts)) } else { Ok(ctx.principal().clone()) }
    }
}

/// Somebody who is known, or nobody.
impl<S: Sync> OptionalFromRequestParts<S> for Principal {
    type Rejection = Reply;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Reply> {
        let principal = ctx(parts)?.principal();
        Ok((!principal.is_nobody()).then(|| principal.clone()))
    }
}
