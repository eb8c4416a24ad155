//! The REST door. This file is the router's table of contents; each feature's `http` module has its
//! handlers, which only take a request apart and put an answer together.

pub(crate) mod arrival;
mod extract;
mod front;
pub(crate) mod guard;
mod health;
pub(crate) mod idempotency;
mod json;
pub(crate) mod key;
mod layer;
mod openapi;
mod pages;
pub(crate) mod principal;
mod reply;
pub(crate) mod routes;
pub(crate) mod scope;
pub(crate) mod stream;
mod version;

pub(crate) use json::{Body, Id, Query, Within};
pub use layer::{Guard, Guarded};
pub use principal::{Encrypted, Peer};
pub use reply::problem;
pub(crate) use reply::{Reply, closed, no_content, opened, reply, reply_with, stream};
pub(crate) use version::{expected, reply_versioned};

use crate::{
    apps, audit,
    ctx::Ctx,
    forward,
    gate::Gate,
    identities, keys, links, live, me, metrics,
    proxy::{self, front::FrontLayer},
    roles, sessions, settings, setup, sso, stats, users, workspaces,
};
use axum::{
    Router,
    extract::FromRequestParts,
    routing::{any, get},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use routes::{Doc, Routes};
use std::time::Duration;
use tower::Layer;
use tower_http::timeout::TimeoutLayer;
use wire::{Code, Failure, policy};

impl Gate {
    /// Everything that is served at addresses of Doorward's own: plain pages to sign in and out, REST below
    /// `/api/v1`, live streams, the addresses for watchdogs and the doctor. It decides by itself who a
    /// request acts as.
    ///
    /// Merge it into a router, or nest it at the [prefix](crate::GateBuilder::prefix) that the builder was
    /// told.
    pub fn routes(&self) -> Router {
        self.guarded(pages::routes()).layer(FrontLayer(self.clone()))
    }

    /// The same, with other pages in the place of the plain ones; all addresses are theirs that are nobody
    /// else's, those of the hosts of apps before all.
    pub fn routes_with(&self, pages: Router) -> Router {
        let (front, inside) = (FrontLayer(self.clone()), self.guarded(pages));
        // Apps are told from everything else before any address is looked at. Below a prefix there are none, and
        // a router that is nested twice loses its fallback.
        if self.config().http.prefix.is_empty() { Router::new().fallback_service(front.layer(inside)) } else { inside.layer(front) }
    }

    fn guarded(&self, pages: Router) -> Router {
        guard::around(self, self.interface().merge(pages).layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, PATIENCE)))
    }

    /// What is no page.
    fn interface(&self) -> Router {
        let api = table().finish();
        Router::new()
            .nest("/api/v1", api.fallback(not_found).method_not_allowed_fallback(wrong_method))
            .route("/api", any(not_found))
            .route("/api/{*rest}", any(not_found))
            .route(proxy::handover::LEAVE, get(proxy::handover::leave))
            .route("/.well-known/jwks.json", get(jwks))
            .route("/metrics", get(metrics::http::get_metrics))
            .merge(sso::http::passages())
            .merge(health::routes(self))
            .merge(front::routes(self))
            .merge(live::http::others())
    }

    /// The whole interface as an OpenAPI 3.1 document.
    #[must_use]
    pub fn openapi() -> serde_json::Value {
        openapi::document(&table())
    }
}

/// How long an answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// Every route, from the table of rights.
fn table() -> Routes {
    let routes = Routes::default().on(&policy::GET_OPENAPI, get_openapi, Doc::new());
    let routes = setup::http::routes(routes);
    let routes = sessions::http::routes(routes);
    let routes = me::http::routes(routes);
    let routes = users::http::routes(routes);
    let routes = links::http::routes(routes);
    let routes = roles::http::routes(routes);
    let routes = workspaces::http::routes(routes);
    let routes = apps::http::routes(routes);
    let routes = forward::routes(routes);
    let routes = keys::http::routes(routes);
    let routes = identities::http::routes(routes);
    let routes = settings::http::routes(routes);
    let routes = sso::http::routes(routes);
    let routes = audit::http::routes(routes);
    let routes = live::http::routes(routes);
    let routes = metrics::http::routes(routes);
    stats::http::routes(routes)
}

async fn get_openapi(ctx: Ctx) -> Reply {
    let mut document = Gate::openapi();
    let prefix = &ctx.gate().config().http.prefix;
    if !prefix.is_empty() {
        document["servers"] = serde_json::json!([{ "url": prefix }]);
    }
    reply(&ctx, 200, Ok(document))
}

/// The keys by which upstreams check what they are told.
async fn jwks(ctx: Ctx) -> Reply {
    let mut response = reply(&ctx, 200, Ok(ctx.gate().signer().jwks()));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

async fn not_found(ctx: Ctx) -> Reply {
    let failure = Failure::new(Code::NotFound, "There is nothing at this address. The interface is described at /api/v1/openapi.json.");
    reply::<()>(&ctx, 404, Err(failure.into()))
}

async fn wrong_method(ctx: Ctx) -> Reply {
    reply::<()>(&ctx, 405, Err(Failure::new(Code::MethodNotAllowed, "This address takes other methods; see the Allow header.").into()))
}

impl<S: Sync> FromRequestParts<S> for Ctx {
    type Rejection = Reply;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Reply> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            tracing::error!("a route is behind none of the door’s layers, so nobody knows who asks");
            problem(&Failure::from(Code::Internal))
        })
    }
}
