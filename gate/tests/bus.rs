//! What one process did reaches the others, whatever their clocks say and however long they were away.

use crate::live_kit::{Live, publish};
use doorward_gate::{
    testing::{Caller, Door},
    wire::Timestamp,
};
use serde_json::json;
use std::time::Duration;
use tokio::time::sleep;

const ME: &str = "/api/v1/auth/me";
const HOUR: i64 = 60 * 60 * 1000;
/// By then every change has been heard.
const HEARD: Duration = Duration::from_millis(900);
const LONG: Duration = Duration::from_secs(10 * 60);

fn at(node: &Door, caller: &Caller) -> Caller {
    node.nobody().with("authorization", caller.headers["authorization"].to_str().unwrap())
}

async fn lines(door: &Door) -> u64 {
    door.meddle("UPDATE bus SET kind = kind").await
}

#[tokio::test]
async fn a_node_whose_clock_is_ahead_takes_no_line_from_those_who_have_not_read_it() {
    let door = Door::claimed().await;
    let (ada, other, ahead) = (door.admin().await, door.another().await, door.another_ahead(HOUR).await);
    assert_eq!(ahead.now(), Timestamp(door.now().0 + HOUR));
    for round in 0..3 {
        let vera = door.named(&format!("vera{round}"), "viewer").await;
        assert_eq!(at(&other, &vera).get(ME).await.status, 200);
        assert_eq!(ada.patch(&format!("/api/v1/users/{}", vera.id), json!({ "isDisabled": true })).await.status, 200);
        let before = lines(&door).await;
        ahead.trim_bus(Duration::ZERO).await;
        assert_eq!(lines(&door).await, before);
        sleep(HEARD).await;
        assert_eq!(at(&other, &vera).get(ME).await.status, 401);
    }
}

#[tokio::test]
async fn lines_go_in_their_order_and_the_last_one_stays() {
    let door = Door::claimed().await;
    door.named("vera", "viewer").await;
    let ada = door.admin().await;
    for name in ["night", "day"] {
        assert_eq!(ada.post("/api/v1/roles", json!({ "name": name, "permissions": ["read"] })).await.status, 201);
    }
    assert!(lines(&door).await > 1);
    door.wait(24 * HOUR);
    door.trim_bus(Duration::ZERO).await;
    assert!(lines(&door).await > 1, "what the clock says does not count");
    door.trim_bus(LONG).await;
    assert_eq!(lines(&door).await, 1);
    door.trim_bus(LONG).await;
    assert_eq!(lines(&door).await, 1);
}

#[tokio::test]
async fn who_missed_lines_lets_go_of_everything() {
    let door = Door::claimed().await;
    let (ada, other) = (door.admin().await, door.another().await);
    let vera = door.named("vera", "viewer").await;
    assert_eq!(at(&other, &vera).get(ME).await.status, 200);
    // As if a line had said so, and had been removed unread.
    assert_eq!(door.meddle("UPDATE users SET is_disabled = 1 WHERE username = 'vera'").await, 1);
    assert_eq!(door.meddle("UPDATE turns SET taken = taken + 1 WHERE name = 'bus'").await, 1);
    assert_eq!(ada.post("/api/v1/roles", json!({ "name": "night", "permissions": ["read"] })).await.status, 201);
    sleep(HEARD).await;
    assert_eq!(at(&other, &vera).get(ME).await.status, 401);
}

#[tokio::test]
async fn a_message_reaches_its_watchers_though_a_clock_is_ahead() {
    let live = Live::new().await;
    let (ada, other, ahead) = (live.door.admin().await, live.another().await, live.door.another_ahead(HOUR).await);
    let mut events = other.watch(&at(&other.door, &ada), "channel=workflow:42").await;
    for number in 0..3 {
        let late = async {
            // What was there before has been read by then.
            sleep(HEARD).await;
            publish(&ada, "workflow:42", json!(number)).await
        };
        ahead.trim_messages_around(late).await;
        assert_eq!(events.data().await, json!(number));
    }
}
