//! What becomes of the streams that a key opened, when the key is changed: it is judged anew by the secret
//! that was sent, and only what would not be let in now is ended.

use crate::{
    keys::{make, path, with},
    live_kit::{Live, publish},
    proxy_kit::{Front, Manner, read_until, upstream},
};
use doorward_gate::testing::{Answer, Caller};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

const HOUR: i64 = 60 * 60 * 1000;
/// By then every change has been heard.
const HEARD: Duration = Duration::from_millis(900);

async fn change(ada: &Caller, made: &Answer, patch: Value) {
    let answer = ada.patch(&path(made), patch).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// A role that may nothing that the streams of this file need.
async fn idle_role(ada: &Caller) {
    let made = ada.post("/api/v1/roles", json!({ "name": "idle", "permissions": ["run"] })).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

#[tokio::test]
async fn a_change_that_leaves_the_right_leaves_events_and_sockets() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let made = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
    let key = with(&live.door, &made);
    let mut events = live.watch(&key, "channel=workflow:42").await;
    let mut socket = live.socket(&key).await;
    assert_eq!(socket.call(json!({ "op": "subscribe", "channel": "workflow:42" })).await["op"], "subscribed");
    for patch in [
        json!({ "name": "another name" }),
        json!({ "role": "developer" }),
        json!({ "allowedIps": ["127.0.0.0/8"] }),
        json!({ "expiresAt": live.door.now().plus(HOUR) }),
        json!({ "scope": { "workspace": "default" } }),
    ] {
        change(&ada, &made, patch).await;
    }
    sleep(HEARD).await;
    publish(&ada, "workflow:42", json!("still here")).await;
    assert_eq!(events.data().await, "still here");
    assert_eq!(socket.next().await["data"], "still here");
    let published = socket.call(json!({ "op": "publish", "channel": "workflow:42", "type": "step" })).await;
    assert_eq!(published["op"], "published", "the new role counts on the old socket: {published}");
    live.door.wait(HOUR);
    assert_eq!(events.end().await, "API key no longer good", "the end that it got later counts too");
}

#[tokio::test]
async fn a_change_that_takes_the_right_ends_events_and_sockets() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    idle_role(&ada).await;
    for (patch, reason) in
        [(json!({ "role": "idle" }), "no longer allowed"), (json!({ "allowedIps": ["10.0.0.0/8"] }), "API key no longer good")]
    {
        let made = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
        let key = with(&live.door, &made);
        let mut events = live.watch(&key, "channel=workflow:42").await;
        let mut socket = live.socket(&key).await;
        assert_eq!(socket.call(json!({ "op": "subscribe", "channel": "workflow:42" })).await["op"], "subscribed");
        change(&ada, &made, patch).await;
        assert_eq!(events.end().await, reason);
        assert_eq!(socket.close().await, (4401, reason.to_owned()));
    }
}

#[tokio::test]
async fn what_the_secret_before_opened_lasts_for_the_grace() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let made = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
    let rotate = format!("{}/rotate", path(&made));
    let mut old = live.watch(&with(&live.door, &made), "channel=workflow:42").await;
    let second = ada.post(&rotate, json!({ "grace": "1h" })).await;
    let mut new = live.watch(&with(&live.door, &second), "channel=workflow:42").await;
    sleep(HEARD).await;
    publish(&ada, "workflow:42", json!("both")).await;
    assert_eq!((old.data().await, new.data().await), (json!("both"), json!("both")));
    live.door.wait(HOUR);
    assert_eq!(old.end().await, "API key no longer good");
    publish(&live.door.admin().await, "workflow:42", json!("one")).await;
    assert_eq!(new.data().await, "one");
    // Without a grace it ends at once.
    assert_eq!(live.door.admin().await.post(&rotate, json!({ "grace": "0s" })).await.status, 200);
    assert_eq!(new.end().await, "API key no longer good");
}

#[tokio::test]
async fn another_node_judges_its_streams_by_the_key_as_it_is_now() {
    let live = Live::new().await;
    let (ada, node) = (live.door.admin().await, live.another().await);
    idle_role(&ada).await;
    let made = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
    let mut events = node.watch(&with(&node.door, &made), "channel=workflow:42").await;
    change(&ada, &made, json!({ "name": "b" })).await;
    sleep(HEARD).await;
    publish(&ada, "workflow:42", json!("still here")).await;
    assert_eq!(events.data().await, "still here");
    change(&ada, &made, json!({ "role": "idle" })).await;
    assert_eq!(events.end().await, "no longer allowed");
}

/// A stream of events of the app's, by this key.
async fn app_events(front: &Front, key: &str) -> TcpStream {
    let mut stream = TcpStream::connect(front.address).await.unwrap();
    let head = front.head("GET /events", &[("Accept", "text/event-stream"), ("X-API-Key", key)]);
    stream.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
    read_until(&mut stream, b"data: x").await;
    stream
}

#[tokio::test]
async fn an_app_s_stream_is_judged_by_the_key_as_it_is_now() {
    let events = upstream(Manner::Events).await;
    let front = Front::to(events.address, json!([])).await;
    let ada = front.door.admin().await;
    idle_role(&ada).await;
    let made = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
    let mut stream = app_events(&front, made.body["key"].as_str().unwrap()).await;
    for patch in [json!({ "name": "b" }), json!({ "role": "developer" }), json!({ "scope": { "apps": ["tasks"] } })] {
        change(&ada, &made, patch).await;
    }
    sleep(HEARD).await;
    read_until(&mut stream, b"data: x").await;
    change(&ada, &made, json!({ "role": "idle" })).await;
    let rest = String::from_utf8_lossy(&read_until(&mut stream, b"0\r\n\r\n").await).into_owned();
    assert!(rest.contains("event: doorward-closed") && rest.contains("no longer allowed"), "{rest}");
}
