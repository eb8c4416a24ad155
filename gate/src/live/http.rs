//! Live channels over REST: a list, publishing, a stream of server-sent events, and a WebSocket.

mod centrifugo;
mod events;
mod socket;

use super::{channel, list_channels, open, publish, state, token, watch};
use crate::{
    Result,
    ctx::Ctx,
    http::{
        Body, Id, Query, Reply, problem, reply,
        routes::{Doc, Routes},
        stream,
    },
};
use axum::{
    Router,
    extract::{Request, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    routing::get,
};
use http::{HeaderMap, HeaderValue, Uri, header};
use wire::{
    Code, Failure, FieldError,
    live::{CentrifugoQuery, CentrifugoState, CentrifugoToken, Channel, ChannelInfo, LiveQuery, NewMessage, Published, Topic},
    policy,
};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::LIST_CHANNELS, get_channels, Doc::new().page::<ChannelInfo>())
        .on(&policy::GET_CHANNEL, get_channel, Doc::new().returns::<ChannelInfo>(200))
        .on(&policy::PUBLISH_MESSAGE, publish_message, Doc::new().body::<NewMessage>().returns::<Published>(201))
        .on(&policy::WATCH_CHANNELS, watch_channels, Doc::new().query::<LiveQuery>().streams(&["text/event-stream"]))
        .on(&policy::GET_CENTRIFUGO, get_centrifugo, Doc::new().returns::<CentrifugoState>(200))
        .on(&policy::GET_CENTRIFUGO_TOKEN, get_centrifugo_token, Doc::new().query::<CentrifugoQuery>().returns::<CentrifugoToken>(200))
        .on(&policy::OPEN_SOCKET, open_socket, Doc::new().empty(101))
}

/// What is not below `/api/v1`: the address that older programs know, of the socket with all of `status`
/// watched from the start; and what Centrifugo asks.
pub(crate) fn others() -> Router {
    Router::new().route(stream::ALIAS, get(open_status)).merge(centrifugo::routes())
}

async fn get_channels(ctx: Ctx) -> Reply {
    reply(&ctx, 200, list_channels(&ctx).await)
}

async fn get_channel(ctx: Ctx, Id(topic): Id<Topic>) -> Reply {
    reply(&ctx, 200, channel(&ctx, &topic).await)
}

async fn get_centrifugo(ctx: Ctx) -> Reply {
    reply(&ctx, 200, state(&ctx).await)
}

async fn get_centrifugo_token(ctx: Ctx, Query(query): Query<CentrifugoQuery>) -> Reply {
    reply(&ctx, 200, token(&ctx, query).await)
}

async fn publish_message(ctx: Ctx, Id(channel): Id<Channel>, Body(new): Body<NewMessage>) -> Reply {
    reply(&ctx, 201, publish(&ctx, &channel, new).await)
}

async fn watch_channels(ctx: Ctx, uri: Uri, headers: HeaderMap) -> Reply {
    let opened = async { watch(&ctx, query(&uri, &headers)?).await };
    match opened.await {
        Ok((feed, begun)) => {
            let mut response = Reply::new(axum::body::Body::new(events::Events::new(feed, begun)));
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
            // Proxies that gather answers are asked not to.
            headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
            response
        }
        Err(error) => reply::<()>(&ctx, 403, Err(error)),
    }
}

/// What the address asks for: `channel` as often as there are channels, and `since`, which is said by
/// `Last-Event-ID` as well.
fn query(uri: &Uri, headers: &HeaderMap) -> Result<LiveQuery> {
    let mut query = LiveQuery::default();
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| problems.push(FieldError { field: field.into(), message });
    let number = |text: &str| text.parse::<i64>().ok().filter(|id| *id >= 0);
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "channel" => match value.parse::<Topic>() {
                Ok(topic) => query.channel.push(topic),
                Err(expected) => wrong("channel", expected),
            },
            "since" => match number(&value) {
                Some(id) => query.since = Some(id),
                None => wrong("since", "expected the id of a message".into()),
            },
            "token" => {}
            other => wrong(other, "There is no such field here.".into()),
        }
    }
    // What an event source sends by itself is newer than the address that it was made with.
    if let Some(id) = headers.get("last-event-id").and_then(|value| number(value.to_str().ok()?.trim())) {
        query.since = Some(id);
    }
    if problems.is_empty() { Ok(query) } else { Err(Failure::invalid(problems).into()) }
}

type Upgrade = std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

async fn open_socket(ctx: Ctx, upgrade: Upgrade) -> Reply {
    upgrade_to(&ctx, upgrade, None)
}

async fn open_status(ctx: Ctx, request: Request) -> Reply {
    use axum::RequestExt;
    let upgrade = request.extract::<Upgrade, _>().await.unwrap_or_else(|never| match never {});
    let status = "status:*".parse().ok();
    upgrade_to(&ctx, upgrade, status)
}

fn upgrade_to(ctx: &Ctx, upgrade: Upgrade, first: Option<Topic>) -> Reply {
    let opened = open(ctx).and_then(|feed| {
        let bad = || Failure::new(Code::BadRequest, "This address is for WebSockets. Events come from GET /api/v1/live as well.");
        Ok((feed, upgrade.map_err(|_| bad())?))
    });
    match opened {
        Ok((feed, upgrade)) => socket::limits(upgrade).on_upgrade(move |socket| socket::run(socket, feed, first)),
        Err(error) => {
            let mut failure = error.into_failure(ctx.request_id());
            ctx.request_id().clone_into(&mut failure.request_id);
            problem(&failure)
        }
    }
}
