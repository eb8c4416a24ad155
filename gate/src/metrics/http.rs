//! The numbers over HTTP.

use super::show;
use crate::{
    ctx::Ctx,
    http::{
        Reply, reply,
        routes::{Doc, Routes},
    },
};
use axum::response::Response;
use http::{HeaderValue, header};
use wire::policy;

/// What a watchdog is told that it reads.
pub const MEDIA: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.on(&policy::GET_METRICS, get_metrics, Doc::new().streams(&["text/plain"]))
}

/// The same at `/metrics`, where watchdogs look.
pub(crate) async fn get_metrics(ctx: Ctx) -> Reply {
    match show(&ctx).await {
        Ok(text) => {
            let mut response = Response::new(text.into());
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
            response
        }
        Err(error) => reply::<()>(&ctx, 200, Err(error)),
    }
}
