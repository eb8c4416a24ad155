//! What `doorward doctor` asks from outside, to learn what stands in front and what it lets through:
//! what is believed of the request, a cookie as sessions have it, a stream of events, a WebSocket.
//! Anybody may ask: an answer holds nothing but what the asker sent or knows, and is over in a second.

use super::{
    arrival::Arrival,
    reply::{Reply, problem},
};
use crate::{ctx::Ctx, gate::Gate, net::Network};
use aws_lc_rs::digest;
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::Request,
    response::IntoResponse,
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::channel::{Channel, Sender};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};
use tokio::{io::AsyncWriteExt, time::sleep};
use wire::{Code, Failure};

/// Addresses that are nobody's (RFC 5737): a client that is said to be at one was made up.
const NOBODYS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 0);
/// How many events a stream has.
const EVENTS: usize = 4;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(200);
/// How long both sides of a WebSocket may take to agree.
const AGREE: Duration = Duration::from_secs(2);
/// What the answer to a handshake is made with (RFC 6455, section 1.3).
const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// A close frame with the code 1000.
const CLOSE: [u8; 4] = [0x88, 2, 0x03, 0xe8];

/// What is believed of a request that asks for it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Front {
    /// Whether it has forwarding headers.
    is_forwarded: bool,
    /// Whether the other end of the connection is among `trusted_proxies`.
    is_trusted: bool,
    /// Whether the client's connection counts as encrypted.
    is_encrypted: bool,
    /// Whether the client counts as being at an address of 192.0.2.0/24, where nobody is.
    is_made_up: bool,
}

pub(super) fn routes(gate: &Gate) -> Router {
    let gate = gate.clone();
    Router::new()
        .route("/livez/front", get(move |ctx: Ctx, request: Request| async move { believed(&gate, &ctx, request) }))
        .route("/livez/events", get(events))
        .route("/livez/upgrade", get(upgrade))
}

fn believed(gate: &Gate, ctx: &Ctx, request: Request) -> Reply {
    let (parts, _) = request.into_parts();
    let arrival = match Arrival::read(gate, &parts) {
        Ok(arrival) => arrival,
        Err(failure) => return problem(&failure),
    };
    let front = Front {
        is_forwarded: arrival.is_forwarded,
        is_trusted: arrival.is_trusted,
        is_encrypted: ctx.origin().is_encrypted,
        is_made_up: Network::new(IpAddr::V4(NOBODYS), 24).contains(arrival.address),
    };
    let mut response = Json(front).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&ctx.origin().carried.sample()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

async fn events() -> Reply {
    let (sender, body) = Channel::<Bytes, std::io::Error>::new(1);
    tokio::spawn(tell(sender));
    let mut response = Reply::new(Body::new(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response
}

/// Sends one event after the other, until nobody listens.
async fn tell(mut sender: Sender<Bytes, std::io::Error>) {
    for at in 0..EVENTS {
        if at > 0 {
            sleep(PAUSE).await;
        }
        if sender.send_data(Bytes::from_static(b"data: tick\n\n")).await.is_err() {
            return;
        }
    }
}

/// Agrees to a WebSocket, and closes it.
async fn upgrade(request: Request) -> Reply {
    let (mut parts, _) = request.into_parts();
    let (Some(answer), Some(client)) = (handshake(&parts.headers), parts.extensions.remove::<OnUpgrade>()) else {
        return problem(&Failure::new(
            Code::BadRequest,
            "No handshake of a WebSocket arrived here: Connection, Upgrade or its key is missing.",
        ));
    };
    tokio::spawn(tokio::time::timeout(AGREE, async {
        if let Ok(open) = client.await {
            let mut open = TokioIo::new(open);
            // Who left already needs no farewell.
            _ = open.write_all(&CLOSE).await;
            _ = open.shutdown().await;
        }
    }));
    let mut response = Reply::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, answer);
    response
}

/// The answer to the key of a handshake, if one arrived whole.
fn handshake(headers: &HeaderMap) -> Option<HeaderValue> {
    let says = |name: HeaderName, word: &str| {
        let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        lines.flat_map(|line| line.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
    };
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24)?;
    if !says(header::CONNECTION, "upgrade") || !says(header::UPGRADE, "websocket") {
        return None;
    }
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &[key.as_bytes(), MAGIC].concat());
    HeaderValue::from_str(&STANDARD.encode(hash)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_is_answered_as_the_standard_says() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONNECTION, HeaderValue::from_static("keep-alive, Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_KEY, HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="));
        assert_eq!(handshake(&headers).unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        headers.remove(header::CONNECTION);
        assert_eq!(handshake(&headers), None);
    }
}
