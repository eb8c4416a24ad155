//! Streams where something is wrong: too many of them, a reader that never reads, a database that is away.

use crate::live_kit::{Live, publish};
use doorward_gate::testing::Caller;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

/// What a stream and a socket are answered with, which this caller asks for.
async fn both(live: &Live, caller: &Caller) -> (Option<(u16, Value)>, Option<u16>) {
    let proof = Live::proof(caller);
    let events = live.ask("/api/v1/live?channel=workflow:42", &proof).await;
    let socket = live.dial("/api/v1/live/ws", &proof).await;
    (events.err(), socket.err())
}

/// WSS-183
#[tokio::test]
async fn too_many_streams_are_refused_and_those_that_are_open_stay() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let vera = live.door.named("vera", "viewer").await;
    let mut before = live.watch(&ada, "channel=workflow:42").await;
    // Half of the places for one address, whoever it is; then all of them, for whomever.
    for (is_all, most) in [(false, 16_383), (true, 32_767)] {
        // Those of the round before have to be gone.
        while live.door.watchers() > 1 {
            sleep(Duration::from_millis(10)).await;
        }
        let crowd = if is_all { live.door.crowd_of_all() } else { live.door.crowd_of_address([127, 0, 0, 1]) };
        assert_eq!(crowd.count(), most, "one is taken already");
        let (events, socket) = both(&live, &vera).await;
        let (status, problem) = events.expect("no stream is opened");
        assert_eq!((status, socket), (429, Some(429)));
        assert_eq!((&problem["code"], &problem["retryAfter"]), (&json!("too_many_attempts"), &json!(5)), "{problem}");
        assert_eq!(vera.get("/api/v1/auth/me").await.status, 200, "what is no stream is answered as ever");
        publish(&ada, "workflow:42", json!("still")).await;
        assert_eq!(before.data().await, "still");
        drop(crowd);
        assert_eq!(both(&live, &vera).await, (None, None), "there is room again");
    }
}

/// One caller, wherever the requests come from: half of the places.
#[tokio::test]
async fn one_caller_can_not_take_the_places_of_others() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let session = ada.get("/api/v1/auth/me").await.body["sessionId"].as_str().unwrap().parse().unwrap();
    let crowd = live.door.crowd_of_session(ada.id.parse().unwrap(), session);
    assert_eq!(crowd.count(), 16_384);
    let (events, socket) = both(&live, &ada).await;
    assert_eq!((events.map(|(status, _)| status), socket), (Some(429), Some(429)));
    assert_eq!(both(&live, &live.door.key("developer").await).await, (None, None), "others have room");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_reads_costs_nobody_anything() {
    const SILENT: usize = 40;
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let mut silent = Vec::new();
    for _ in 0..SILENT {
        silent.push(live.watch(&ada, "channel=workflow:42").await);
        silent.push(live.watch(&ada, "channel=workflow:42&channel=status:*").await);
    }
    let mut sockets = Vec::new();
    for _ in 0..SILENT {
        let mut socket = live.socket(&ada).await;
        socket.call(json!({ "op": "subscribe", "channel": "workflow:42" })).await;
        sockets.push(socket);
    }
    let mut quick = live.watch(&ada, "channel=workflow:42").await;
    // Far more than what may wait for one, and than a connection holds on its way.
    let data = "x".repeat(60_000);
    for at in 0..200 {
        publish(&ada, "workflow:42", json!([at, data])).await;
        assert_eq!(quick.data().await[0], at, "who reads gets each one, in order, while others never read");
    }
    // What waited for them is let go, though they never asked for it.
    for _ in 0..200 {
        if live.door.watchers() == 1 {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(live.door.watchers(), 1, "only who reads is handed anything");
    drop((silent, sockets));
    publish(&ada, "workflow:42", json!(["last"])).await;
    assert_eq!(quick.data().await[0], "last");
}

#[tokio::test]
async fn who_can_not_be_judged_is_told_to_come_back() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let mut events = live.watch(&ada, "channel=workflow:42").await;
    let mut socket = live.socket(&ada).await;
    socket.call(json!({ "op": "subscribe", "channel": "workflow:42" })).await;
    live.door.lose_the_database().await;
    assert_eq!(events.end().await, "database away; resume from the last id");
    assert_eq!(socket.close().await, (1013, "database away; resume from the last id".to_owned()));
}

#[tokio::test]
async fn what_could_not_be_read_when_it_was_heard_of_is_read_later() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    assert_eq!(ada.post("/api/v1/roles", json!({ "name": "teller", "permissions": ["read", "publish"] })).await.status, 201);
    let vera = live.door.named("vera", "teller").await;
    assert_eq!(vera.get("/api/v1/auth/me").await.body["permissions"], json!(["read", "publish"]));
    // Somebody else's change, of which nothing was heard but that it could not be read.
    live.door.meddle("UPDATE roles SET permissions = 'read' WHERE name = 'teller'").await;
    live.door.doubt();
    for _ in 0..100 {
        if vera.get("/api/v1/auth/me").await.body["permissions"] == json!(["read"]) {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("the role is never read again");
}

#[tokio::test]
async fn a_change_whose_maker_left_before_it_was_heard_counts_all_the_same() {
    let live = Live::new().await;
    let vera = live.door.named("vera", "viewer").await;
    let mut events = live.watch(&vera, "channel=workflow:42").await;
    live.door.meddle("UPDATE users SET is_disabled = 1 WHERE username = 'vera'").await;
    assert_eq!(vera.get("/api/v1/auth/me").await.status, 200, "nobody has heard of it");
    live.door.commit_and_leave(vera.id.parse().unwrap()).await;
    assert_eq!(events.end().await, "session ended");
    assert_eq!(vera.get("/api/v1/auth/me").await.status, 401);
}
