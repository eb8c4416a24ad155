//! Centrifugo (version 6): tokens for it, what it asks about connections and subscriptions, and how it
//! is. What its clients may do is judged by the same rules as Doorward's own streams, again and again:
//! nothing is good for longer than a minute.

use super::{
    relay,
    rules::{Deed, allow, judge},
};
use crate::{
    Result,
    config::Centrifugo,
    ctx::{Ctx, Principal},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use wire::{
    Code, Failure, Timestamp,
    live::{CentrifugoQuery, CentrifugoState, CentrifugoToken, Topic},
    policy,
};

/// For how long something is good before it is asked about again, in milliseconds.
const GOOD: i64 = 60_000;

/// The Centrifugo that is configured.
///
/// # Errors
/// 404 where none is.
pub(super) fn configured(ctx: &Ctx) -> Result<&Centrifugo> {
    ctx.gate()
        .config()
        .live
        .centrifugo
        .as_ref()
        .ok_or_else(|| Failure::new(Code::NotFound, "No Centrifugo is configured. Watch channels at /api/v1/live instead.").into())
}

/// Gives a token to connect to Centrifugo, or to subscribe to a channel there.
///
/// # Errors
/// 403 where the channel is not the caller's to watch; 404 where no Centrifugo is configured.
pub async fn token(ctx: &Ctx, query: CentrifugoQuery) -> Result<CentrifugoToken> {
    ctx.may(&policy::GET_CENTRIFUGO_TOKEN)?;
    let centrifugo = configured(ctx)?;
    let expires_at = until(ctx);
    let mut claims = json!({ "sub": user(ctx), "iat": ctx.now().seconds(), "exp": expires_at.seconds() });
    if let Some(channel) = query.channel {
        allow(ctx, &Topic::from(channel.clone()), Deed::Watch).await?;
        claims["channel"] = json!(channel);
    }
    let key = EncodingKey::from_secret(centrifugo.token_secret.expose_secret().as_bytes());
    let token = encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(|e| crate::Error::Fault(format!("a token: {e}")))?;
    Ok(CentrifugoToken { token, expires_at })
}

/// Tells how Centrifugo is.
///
/// # Errors
/// 403 without `settings`.
pub async fn state(ctx: &Ctx) -> Result<CentrifugoState> {
    ctx.may(&policy::GET_CENTRIFUGO)?;
    relay::state(ctx.gate()).await
}

/// Whom Centrifugo knows a caller as.
fn user(ctx: &Ctx) -> String {
    match ctx.principal() {
        Principal::Person(person) => person.user.id.to_string(),
        Principal::Token(token) => token.user.id.to_string(),
        Principal::Key(key) => format!("key:{}", key.id),
        Principal::Open | Principal::System(_) | Principal::Nobody => String::new(),
    }
}

/// Until when something is good that this caller opens.
fn until(ctx: &Ctx) -> Timestamp {
    let soon = ctx.now().plus(GOOD);
    ctx.good_until().map_or(soon, |own| own.min(soon))
}

/// Whether the request is of somebody that is let in at all.
fn is_known(ctx: &Ctx) -> bool {
    ctx.may(&policy::WATCH_CHANNELS).is_ok()
}

/// Answers whether a client may connect.
pub(super) fn connect(ctx: &Ctx) -> Value {
    if !is_known(ctx) {
        return json!({ "disconnect": { "code": 4501, "reason": "unauthorized" } });
    }
    let meta = ctx.session().map(|session| json!({ "session": session }));
    let mut result = json!({ "user": user(ctx), "expire_at": until(ctx).seconds() });
    if let Some(meta) = meta {
        result["meta"] = meta;
    }
    json!({ "result": result })
}

/// Answers whether a connection may go on; `user` is whose Centrifugo says it is.
pub(super) fn refresh(ctx: &Ctx, whose: &str) -> Value {
    if is_known(ctx) && user(ctx) == whose {
        json!({ "result": { "expire_at": until(ctx).seconds() } })
    } else {
        json!({ "result": { "expired": true } })
    }
}

/// Answers whether a client may subscribe to a channel.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn subscribe(ctx: &Ctx, whose: &str, channel: &str) -> Result<Value> {
    let refuse = |message: String| json!({ "error": { "code": 403, "message": message } });
    if !is_known(ctx) || user(ctx) != whose {
        return Ok(refuse("sign in first".into()));
    }
    // A client can't subscribe to a whole namespace there.
    let Some(topic) = channel.parse::<Topic>().ok().filter(|topic| !topic.is_whole_namespace()) else {
        return Ok(refuse("no such channel".into()));
    };
    match allow(ctx, &topic, Deed::Watch).await {
        Ok(()) => Ok(json!({ "result": { "expire_at": until(ctx).seconds() } })),
        Err(error) if error.code() == Code::Forbidden => Ok(refuse(error.to_string())),
        Err(error) => Err(error),
    }
}

/// Answers whether a subscription may go on.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn sub_refresh(ctx: &Ctx, whose: &str, channel: &str) -> Result<Value> {
    let topic = channel.parse::<Topic>().ok().filter(|topic| !topic.is_whole_namespace());
    let is_good = match topic {
        Some(topic) if is_known(ctx) && user(ctx) == whose => judge(ctx, &topic, Deed::Watch).await?.is_ok(),
        _ => false,
    };
    Ok(if is_good { json!({ "result": { "expire_at": until(ctx).seconds() } }) } else { json!({ "result": { "expired": true } }) })
}
