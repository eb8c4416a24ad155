//! Several nodes on one database: what one of them is told, all know; a node or the database may go.

use crate::live_kit::{Events, Live, publish};
use doorward_gate::testing::Caller;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::sleep;

/// The same person at another node.
fn at(node: &Live, caller: &Caller) -> Caller {
    node.door.nobody().with("authorization", caller.headers["authorization"].to_str().unwrap())
}

/// Reads messages until this one has come; gives their ids and data.
async fn until(events: &mut Events, last: &Value) -> Vec<(i64, Value)> {
    let mut all = Vec::new();
    loop {
        let event = events.next().await;
        assert_eq!(event.name, "message", "{event:?}");
        all.push((event.id.unwrap(), event.data["data"].clone()));
        if event.data["data"] == *last {
            return all;
        }
    }
}

fn is_in_order(all: &[(i64, Value)]) -> bool {
    all.windows(2).all(|pair| pair[0].0 < pair[1].0)
}

/// Publishes so many messages, one after the other; what is refused is tried again. Gives the ids.
async fn many(caller: Caller, name: &'static str, count: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for number in 0..count {
        let body = json!({ "type": "step", "data": [name, number] });
        loop {
            let answer = caller.post("/api/v1/channels/workflow:42/messages", body.clone()).await;
            if answer.status == 201 {
                ids.push(answer.body["id"].as_i64().unwrap());
                break;
            }
            assert_eq!(answer.status, 503, "{}", answer.text);
            sleep(Duration::from_millis(50)).await;
        }
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_reaches_every_node_once_and_in_one_order() {
    let a = Live::new().await;
    let (b, c) = (a.another().await, a.another().await);
    let ada = a.door.admin().await;
    let mut watching = [a.watch(&ada, "channel=workflow:42").await, b.watch(&at(&b, &ada), "channel=workflow:42").await];
    let (from_a, from_b, from_c) = tokio::join!(
        tokio::spawn(many(ada.clone(), "a", 60)),
        tokio::spawn(many(at(&b, &ada), "b", 60)),
        tokio::spawn(many(at(&c, &ada), "c", 60)),
    );
    let published: BTreeSet<i64> = [from_a.unwrap(), from_b.unwrap(), from_c.unwrap()].concat().into_iter().collect();
    publish(&ada, "workflow:42", json!("last")).await;
    let mut orders = Vec::new();
    for events in &mut watching {
        let all = until(events, &json!("last")).await;
        assert!(is_in_order(&all));
        let ids: BTreeSet<i64> = all.iter().map(|(id, _)| *id).collect();
        assert!(ids.is_superset(&published) && all.len() == 181, "none is lost, none comes twice");
        for name in ["a", "b", "c"] {
            let own: Vec<_> = all.iter().filter(|(_, data)| data[0] == name).map(|(_, data)| data[1].as_u64().unwrap()).collect();
            assert_eq!(own, (0..60).collect::<Vec<_>>(), "what one publisher sends stays in its order");
        }
        orders.push(all);
    }
    assert_eq!(orders[0], orders[1]);
}

/// WSS-179
#[tokio::test]
async fn a_right_that_is_taken_away_at_one_node_ends_streams_at_the_others() {
    let a = Live::new().await;
    let (b, c) = (a.another().await, a.another().await);
    let ada = a.door.admin().await;
    for (round, node) in [&b, &c, &b, &c].into_iter().enumerate() {
        let person = a.door.named(&format!("vera{round}"), "viewer").await;
        let mut events = node.watch(&at(node, &person), "channel=workflow:42").await;
        let mut socket = node.socket(&at(node, &person)).await;
        let done = ada.patch(&format!("/api/v1/users/{}", person.id), json!({ "isDisabled": true })).await;
        assert_eq!(done.status, 200, "{}", done.text);
        assert_eq!(events.end().await, "session ended");
        assert_eq!(socket.close().await.0, 4401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_goes_takes_nothing_with_it() {
    let a = Live::new().await;
    let (b, c) = (a.another().await, a.another().await);
    let ada = a.door.admin().await;
    let mut there = c.watch(&at(&c, &ada), "channel=workflow:42").await;
    let mut lost = b.watch(&at(&b, &ada), "channel=workflow:42").await;
    let from_a = tokio::spawn(many(ada.clone(), "a", 80));
    let from_c = tokio::spawn(many(at(&c, &ada), "c", 80));
    // Some of it arrives at the node that goes.
    let mut had = Vec::new();
    while had.len() < 10 {
        had.push(lost.next().await.id.unwrap());
    }
    b.door.gate.close().await;
    while let Some(event) = lost.maybe().await {
        match event.name.as_str() {
            "message" => had.push(event.id.unwrap()),
            _ => assert_eq!(event.data["reason"], "server is stopping"),
        }
    }
    let published: BTreeSet<i64> = [from_a.await.unwrap(), from_c.await.unwrap()].concat().into_iter().collect();
    // Who watched there goes on elsewhere.
    let headers = [Live::proof(&ada), vec![("last-event-id".to_owned(), had.last().unwrap().to_string())]].concat();
    let mut again = a.ask("/api/v1/live?channel=workflow:42", &headers).await.unwrap();
    assert_eq!(again.next().await.data["recovered"], true);
    publish(&ada, "workflow:42", json!("last")).await;
    let rest = until(&mut again, &json!("last")).await;
    assert!(is_in_order(&rest));
    had.extend(rest.iter().map(|(id, _)| *id));
    assert!(had.is_sorted() && had.len() == 161 && published.is_subset(&had.iter().copied().collect()));
    let all = until(&mut there, &json!("last")).await;
    assert!(is_in_order(&all) && all.len() == 161);
}

#[expect(clippy::disallowed_methods, reason = "what can be done to the server is for PostgreSQL alone")]
fn has_server() -> bool {
    std::env::var("TEST_DATABASE_URL").is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_to_the_database_loses_nothing() {
    if !has_server() {
        return;
    }
    let a = Live::new().await;
    let b = a.another().await;
    let ada = a.door.admin().await;
    let mut events = b.watch(&at(&b, &ada), "channel=workflow:42").await;
    let mut wanted = Vec::new();
    for round in 0..3 {
        wanted.extend(many(ada.clone(), "a", 10).await);
        // All but the one that does it: the pools' and the listeners'.
        let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        a.door.meddle(all).await;
        let person = a.door.named(&format!("vera{round}"), "viewer").await;
        let mut stream = b.watch(&at(&b, &person), "channel=workflow:42").await;
        let mut done = ada.patch(&format!("/api/v1/users/{}", person.id), json!({ "isDisabled": true })).await;
        while done.status == 503 {
            done = ada.patch(&format!("/api/v1/users/{}", person.id), json!({ "isDisabled": true })).await;
        }
        assert_eq!(stream.end().await, "session ended");
    }
    wanted.push(publish(&ada, "workflow:42", json!("last")).await);
    let got: Vec<i64> = until(&mut events, &json!("last")).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(got, wanted);
}
