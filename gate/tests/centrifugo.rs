//! Centrifugo, played by a strict double that is written from its documentation: what it gets, in which
//! order, and what it is told of its clients.

use crate::live_kit::{config, publish};
use axum::{Json, Router, extract::State, routing::post};
use doorward_gate::{
    config::Centrifugo,
    testing::{Answer, Caller, Door},
};
use http::{HeaderMap, StatusCode};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, time::sleep};

const API_KEY: &str = "the-key-of-its-api";
const SECRET: &str = "a secret of thirty-two characters";

/// What its documentation has of a batch; anything else is a bad request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    commands: Vec<Command>,
    #[serde(default)]
    parallel: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    publish: Publish,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Publish {
    channel: String,
    data: Value,
    idempotency_key: String,
}

/// What the double does with the next request.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Well,
    /// It answers 500.
    Broken,
    /// It takes what it gets, and says that something went wrong inside.
    Forgetful,
}

struct Seen {
    mood: Mood,
    channels: BTreeMap<String, Vec<Value>>,
    keys: HashSet<(String, String)>,
    /// Messages that came a second time, and were none by their key.
    again: usize,
    bad: Vec<String>,
}

type Double = Arc<Mutex<Seen>>;

async fn batch(State(double): State<Double>, headers: HeaderMap, body: String) -> (StatusCode, Json<Value>) {
    let mut seen = double.lock().unwrap();
    let answer = |status: u16, body: Value| (StatusCode::from_u16(status).unwrap(), Json(body));
    if headers.get("x-api-key").is_none_or(|key| key != API_KEY) {
        seen.bad.push("no key".into());
        return answer(401, json!({}));
    }
    if headers.get("content-type").is_none_or(|kind| kind != "application/json") {
        seen.bad.push("no JSON".into());
    }
    if seen.mood == Mood::Broken {
        return answer(500, json!({}));
    }
    let batch: Batch = match serde_json::from_str(&body) {
        Ok(batch) => batch,
        Err(error) => {
            seen.bad.push(error.to_string());
            return answer(200, json!({ "error": { "code": 107, "message": "bad request" } }));
        }
    };
    if batch.parallel {
        seen.bad.push("in parallel there is no order".into());
    }
    let mut replies = Vec::new();
    for Command { publish } in batch.commands {
        if publish.channel.starts_with("status:") {
            replies.push(json!({ "error": { "code": 102, "message": "unknown channel" } }));
            continue;
        }
        if seen.keys.insert((publish.channel.clone(), publish.idempotency_key)) {
            seen.channels.entry(publish.channel).or_default().push(publish.data);
        } else {
            seen.again += 1;
        }
        replies.push(if seen.mood == Mood::Forgetful {
            json!({ "error": { "code": 100, "message": "internal server error" } })
        } else {
            json!({ "publish": {} })
        });
    }
    answer(200, json!({ "replies": replies }))
}

/// The double on a port, and a door that is configured for it.
async fn both() -> (Double, Door) {
    let double: Double =
        Arc::new(Mutex::new(Seen { mood: Mood::Well, channels: BTreeMap::new(), keys: HashSet::new(), again: 0, bad: Vec::new() }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().route("/api/batch", post(batch)).with_state(double.clone());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = hyper_util::service::TowerToHyperService::new(router.clone());
            let io = hyper_util::rt::TokioIo::new(stream);
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(io, service));
        }
    });
    let mut config = config();
    config.live.centrifugo = Some(Centrifugo { url, api_key: API_KEY.into(), token_secret: SECRET.into() });
    (double, Door::claimed_with(config).await)
}

/// Waits until the double has so many messages of a channel; gives their data.
async fn arrived(double: &Double, channel: &str, count: usize) -> Vec<Value> {
    for _ in 0..400 {
        let got = double.lock().unwrap().channels.get(channel).cloned().unwrap_or_default();
        if got.len() >= count {
            return got.into_iter().map(|message| message["data"].clone()).collect();
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{count} messages do not arrive at {channel}: {:?}", double.lock().unwrap().bad);
}

fn numbers(count: usize) -> Vec<Value> {
    (0..count).map(|number| json!(number)).collect()
}

#[tokio::test]
async fn what_is_published_arrives_once_and_in_order() {
    let (double, door) = both().await;
    let other = door.another().await;
    let ada = door.admin().await;
    // A node begins with what is published from then on.
    while ada.get("/api/v1/centrifugo").await.body["waiting"] != 0 {
        sleep(Duration::from_millis(50)).await;
    }
    let there = other.nobody().with("authorization", ada.headers["authorization"].to_str().unwrap());
    sleep(Duration::from_millis(1500)).await;
    publish(&ada, "status:nothing", json!(0)).await;
    for number in 0..70 {
        let caller = if number % 2 == 0 { &ada } else { &there };
        publish(caller, "workflow:1", json!(number)).await;
    }
    publish(&ada, "workflow:2", json!("x")).await;
    assert_eq!(arrived(&double, "workflow:1", 70).await, numbers(70));
    arrived(&double, "workflow:2", 1).await;
    let seen = double.lock().unwrap();
    assert_eq!((seen.again, seen.bad.as_slice()), (0, [].as_slice()));
    assert_eq!(seen.channels.keys().collect::<Vec<_>>(), ["workflow:1", "workflow:2"], "what Doorward says stays with it");
    let message = &seen.channels["workflow:2"][0];
    assert!(message["id"].is_i64() && message["type"] == "step" && message["channel"] == "workflow:2", "{message}");
}

#[tokio::test]
async fn while_it_is_away_messages_wait_and_none_comes_twice() {
    let (double, door) = both().await;
    let ada = door.admin().await;
    sleep(Duration::from_millis(1500)).await;
    publish(&ada, "workflow:1", json!(0)).await;
    arrived(&double, "workflow:1", 1).await;
    double.lock().unwrap().mood = Mood::Broken;
    for number in 1..5 {
        publish(&ada, "workflow:1", json!(number)).await;
    }
    let state = loop {
        let state = ada.get("/api/v1/centrifugo").await.body;
        if state["problem"].is_string() {
            break state;
        }
        sleep(Duration::from_millis(50)).await;
    };
    assert!(state["isConfigured"] == true && state["waiting"].as_u64() >= Some(1), "{state}");
    assert!(!state.to_string().contains(API_KEY), "{state}");
    // What went wrong inside may have been taken all the same.
    double.lock().unwrap().mood = Mood::Forgetful;
    while double.lock().unwrap().again == 0 {
        sleep(Duration::from_millis(50)).await;
    }
    double.lock().unwrap().mood = Mood::Well;
    assert_eq!(arrived(&double, "workflow:1", 5).await, numbers(5));
    while ada.get("/api/v1/centrifugo").await.body["problem"].is_string() {
        sleep(Duration::from_millis(50)).await;
    }
}

fn claims(token: &str) -> Value {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    decode::<Value>(token, &DecodingKey::from_secret(SECRET.as_bytes()), &validation).unwrap().claims
}

#[tokio::test]
async fn a_token_is_for_its_caller_a_channel_and_a_minute() {
    let (_double, door) = both().await;
    let viewer = door.named("vera", "viewer").await;
    let minute = door.now().seconds() + 60;
    let token = viewer.get("/api/v1/centrifugo/token").await;
    assert_eq!(token.status, 200, "{}", token.text);
    let said = claims(token.body["token"].as_str().unwrap());
    assert_eq!((&said["sub"], said["exp"].as_i64(), said.get("channel")), (&json!(viewer.id), Some(minute), None));
    let token = viewer.get("/api/v1/centrifugo/token?channel=workflow:42").await;
    let said = claims(token.body["token"].as_str().unwrap());
    assert_eq!((&said["sub"], &said["channel"]), (&json!(viewer.id), &json!("workflow:42")));
    for (query, status) in [("channel=audit:default", 403), ("channel=nothing:1", 403), ("channel=nope", 422), ("channel=workflow:*", 422)]
    {
        assert_eq!(viewer.get(&format!("/api/v1/centrifugo/token?{query}")).await.status, status, "{query}");
    }
    assert_eq!(door.nobody().get("/api/v1/centrifugo/token").await.status, 401);
    assert_eq!(viewer.get("/api/v1/centrifugo").await.status, 403);
}

async fn ask(caller: &Caller, what: &str, body: Value) -> Value {
    let mut whole =
        json!({ "client": "9336a229-2400-4ebc-8c50-0a643d22e8a0", "transport": "websocket", "protocol": "json", "encoding": "json" });
    whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    let answer: Answer = caller.post(&format!("/centrifugo/{what}"), whole).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

#[tokio::test]
async fn a_client_may_there_what_it_may_here_until_it_may_no_more() {
    let (_double, door) = both().await;
    let ada = door.admin().await;
    let viewer = door.named("vera", "viewer").await;
    let minute = door.now().seconds() + 60;
    let connected = ask(&viewer, "connect", json!({})).await;
    let session = connected["result"]["meta"]["session"].clone();
    assert_eq!(connected, json!({ "result": { "user": viewer.id, "expire_at": minute, "meta": { "session": session } } }));
    let token = viewer.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ");
    let by_data = ask(&door.nobody(), "connect", json!({ "data": { "token": token } })).await;
    assert_eq!(by_data["result"]["user"], json!(viewer.id));
    let turned_away = json!({ "disconnect": { "code": 4501, "reason": "unauthorized" } });
    assert_eq!(ask(&door.nobody(), "connect", json!({})).await, turned_away);
    assert_eq!(ask(&door.nobody(), "connect", json!({ "data": { "token": "nonsense" } })).await, turned_away);

    let about = |channel: &str| json!({ "user": viewer.id, "channel": channel });
    assert_eq!(ask(&viewer, "subscribe", about("workflow:42")).await, json!({ "result": { "expire_at": minute } }));
    for (caller, body) in [
        (&viewer, about("audit:default")),
        (&viewer, about("workflow:*")),
        (&viewer, about("nope")),
        (&viewer, json!({ "user": ada.id, "channel": "workflow:42" })),
        (&door.nobody(), about("workflow:42")),
    ] {
        assert_eq!(ask(caller, "subscribe", body.clone()).await["error"]["code"], 403, "{body}");
    }

    // Later Centrifugo says whose it was, if it is the one that is configured.
    let trusted = door.nobody().with("x-centrifugo-api-key", API_KEY);
    let later = json!({ "user": viewer.id, "channel": "workflow:42", "meta": { "session": session } });
    let good = json!({ "result": { "expire_at": minute } });
    let over = json!({ "result": { "expired": true } });
    for what in ["refresh", "sub_refresh"] {
        assert_eq!(ask(&trusted, what, later.clone()).await, good, "{what}");
        assert_eq!(ask(&viewer, what, about("workflow:42")).await, good, "{what}");
        assert_eq!(ask(&door.nobody(), what, later.clone()).await, over, "{what}");
        assert_eq!(ask(&door.nobody().with("x-centrifugo-api-key", "wrong"), what, later.clone()).await, over, "{what}");
        assert_eq!(ask(&trusted, what, about("workflow:42")).await, over, "{what} of no session");
        let other = json!({ "user": ada.id, "channel": "workflow:42", "meta": { "session": session } });
        assert_eq!(ask(&trusted, what, other).await, over, "{what} of another's session");
    }
    // Another role: the connection stays, the subscription does not; no account, no connection.
    ada.post("/api/v1/roles", json!({ "name": "nothing", "permissions": ["read"] })).await;
    let user = format!("/api/v1/users/{}", viewer.id);
    assert_eq!(ada.patch(&user, json!({ "role": "nothing" })).await.status, 200);
    assert_eq!(ask(&trusted, "sub_refresh", later.clone()).await, over);
    assert_eq!(ask(&trusted, "refresh", later.clone()).await, good);
    assert_eq!(ada.patch(&user, json!({ "isDisabled": true })).await.status, 200);
    assert_eq!(ask(&trusted, "refresh", later).await, over);
}

/// Any status but 200 would have Centrifugo try again, or keep a connection that is over.
#[tokio::test]
async fn a_proof_that_is_no_good_is_answered_in_its_own_words() {
    let (_double, door) = both().await;
    let ada = door.admin().await;
    let key = ada.post("/api/v1/api-keys", json!({ "name": "k", "role": "developer" })).await.body;
    let (id, text) = (key["apiKey"]["id"].as_str().unwrap(), key["key"].as_str().unwrap());
    let vera = door.named("vera", "viewer").await;
    let of_vera = vera.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned();
    let ticket = vera.post("/api/v1/auth/ticket", json!({})).await.body["ticket"].as_str().unwrap().to_owned();
    let whose = format!("key:{id}");
    let by_key = door.nobody().with("x-api-key", text);
    let by_data = |token: &str| json!({ "data": { "token": token } });
    assert_eq!(ask(&by_key, "connect", json!({})).await["result"]["user"], json!(whose));
    assert_eq!(ask(&door.nobody(), "connect", by_data(text)).await["result"]["user"], json!(whose));
    let session = ask(&door.nobody(), "connect", by_data(&ticket)).await["result"]["meta"]["session"].clone();
    assert!(session.is_string(), "by a ticket");

    assert_eq!(ada.delete(&format!("/api/v1/api-keys/{id}")).await.status, 204);
    assert_eq!(vera.post("/api/v1/auth/logout", json!({})).await.status, 204);
    let bearer = |token: &str| door.nobody().with("authorization", &format!("Bearer {token}"));
    let two = bearer(&of_vera).with("x-api-key", text);
    let disconnect = json!({ "disconnect": { "code": 4501, "reason": "unauthorized" } });
    let over = json!({ "result": { "expired": true } });
    for (what, caller) in
        [("revoked key", &by_key), ("the same as a token", &bearer(text)), ("session ended", &bearer(&of_vera)), ("two that differ", &two)]
    {
        let about = json!({ "user": whose, "channel": "workflow:42" });
        assert_eq!(ask(caller, "connect", json!({})).await, disconnect, "{what}");
        assert_eq!(ask(caller, "subscribe", about.clone()).await["error"]["code"], 403, "{what}");
        assert_eq!(ask(caller, "refresh", about.clone()).await, over, "{what}");
        assert_eq!(ask(caller, "sub_refresh", about).await, over, "{what}");
        // What stands in a header is not made up for by something else that comes along.
        let more = json!({ "data": { "token": ada.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ") } });
        assert_eq!(ask(caller, "connect", more).await, disconnect, "{what}");
    }
    for spent in [text, &of_vera, &ticket, "dwt_nothing", "dw_nothing", "nothing", ""] {
        assert_eq!(ask(&door.nobody(), "connect", by_data(spent)).await, disconnect, "{spent}");
    }
    let later = json!({ "user": vera.id, "channel": "workflow:42", "meta": { "session": session } });
    let trusted = door.nobody().with("x-centrifugo-api-key", API_KEY);
    assert_eq!(ask(&trusted, "refresh", later.clone()).await, over, "the session that it names has ended");
    assert_eq!(ask(&trusted, "sub_refresh", later).await, over);
}

#[tokio::test]
async fn without_one_there_is_nothing_to_ask() {
    let door = Door::claimed_with(config()).await;
    let ada = door.admin().await;
    assert_eq!(ada.get("/api/v1/centrifugo/token").await.status, 404);
    assert_eq!(ada.get("/api/v1/centrifugo").await.body, json!({ "isConfigured": false, "problem": null, "lastAt": null, "waiting": 0 }));
    for what in ["connect", "refresh", "subscribe", "sub_refresh"] {
        assert_eq!(ada.post(&format!("/centrifugo/{what}"), json!({})).await.status, 404);
    }
}
