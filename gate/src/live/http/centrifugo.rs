//! What Centrifugo asks over HTTP (its proxy of events): may this client connect, subscribe, go on.
//!
//! Who the client is, its own proof says: the `Authorization` that Centrifugo passes on, or the token in
//! what it connects with. Later Centrifugo may also say itself whose session it was, if it proves to be
//! the one that is configured. Whose proof is no good is answered as its protocol has it, with 200: any
//! other status would have it try again.

use super::super::centrifugo::{configured, connect, refresh, sub_refresh, subscribe};
use crate::{
    Result,
    ctx::{Ctx, Principal},
    hash::same,
    http::{
        Body, Reply, key,
        principal::{Claim, bearer, is_refused, settle},
        reply, scope, stream,
    },
};
use axum::{Router, routing::post};
use http::{HeaderMap, header};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;
use wire::SessionId;

/// By this header Centrifugo proves to be the one that is configured; its value is the API key.
const PROOF: &str = "x-centrifugo-api-key";

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/centrifugo/connect", post(on_connect))
        .route("/centrifugo/refresh", post(on_refresh))
        .route("/centrifugo/subscribe", post(on_subscribe))
        .route("/centrifugo/sub_refresh", post(on_sub_refresh))
}

/// What is told of a client; what is not looked at may be there.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    user: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    meta: Value,
}

async fn on_connect(ctx: Ctx, headers: HeaderMap, Body(asked): Body<Asked>) -> Reply {
    let answered = async { Ok(connect(&caller(&ctx, &headers, &asked).await?)) };
    reply::<Value>(&ctx, 200, answered.await)
}

async fn on_refresh(ctx: Ctx, headers: HeaderMap, Body(asked): Body<Asked>) -> Reply {
    let answered = async { Ok(refresh(&caller(&ctx, &headers, &asked).await?, &asked.user)) };
    reply::<Value>(&ctx, 200, answered.await)
}

async fn on_subscribe(ctx: Ctx, headers: HeaderMap, Body(asked): Body<Asked>) -> Reply {
    let answered = async { subscribe(&caller(&ctx, &headers, &asked).await?, &asked.user, &asked.channel).await };
    reply::<Value>(&ctx, 200, answered.await)
}

async fn on_sub_refresh(ctx: Ctx, headers: HeaderMap, Body(asked): Body<Asked>) -> Reply {
    let answered = async { sub_refresh(&caller(&ctx, &headers, &asked).await?, &asked.user, &asked.channel).await };
    reply::<Value>(&ctx, 200, answered.await)
}

/// The client that Centrifugo asks about.
async fn caller(ctx: &Ctx, headers: &HeaderMap, asked: &Asked) -> Result<Ctx> {
    let centrifugo = configured(ctx)?;
    // A proof in a header that is no good is not made up for by another one.
    if !matches!(ctx.principal(), Principal::Nobody) || has_proof(headers) {
        return Ok(ctx.clone());
    }
    let principal = if let Some(text) = asked.data["token"].as_str() {
        match stream::admit(ctx, text).await {
            Err(error) if is_refused(&error) => Principal::Nobody,
            found => found?,
        }
    } else {
        let proof = headers.get(PROOF).map(http::HeaderValue::as_bytes).unwrap_or_default();
        let is_configured = same(proof, centrifugo.api_key.expose_secret().as_bytes());
        let session = asked.meta["session"].as_str().and_then(|id| id.parse::<SessionId>().ok()).filter(|_| is_configured);
        match session {
            Some(session) => settle(ctx, &Claim::Proven(session), true).await?,
            None => Principal::Nobody,
        }
    };
    let place = scope::place(ctx.gate(), headers).await?;
    Ok(Ctx::new(ctx.gate().clone(), principal, ctx.now(), ctx.request_id().to_owned(), ctx.origin().clone(), place))
}

/// Whether the client's own proof was passed on, good or not.
fn has_proof(headers: &HeaderMap) -> bool {
    headers.contains_key(key::HEADER) || headers.get(header::AUTHORIZATION).and_then(bearer).is_some()
}
