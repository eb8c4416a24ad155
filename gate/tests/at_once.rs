//! Two who change the same thing at once, at two nodes: each keeps what the other did.

use crate::apps::{APPS, make};
use doorward_gate::testing::{Caller, Door};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

const ROUNDS: usize = 12;

/// Has two people change two fields of the same thing at once, again and again; all of both is there each
/// time, or one was told that it is another version now.
async fn both(a: &Caller, b: &Caller, path: &str, first: (&str, fn(usize) -> Value), second: (&str, fn(usize) -> Value)) {
    for round in 0..ROUNDS {
        let (one, other) = (json!({ first.0: first.1(round) }), json!({ second.0: second.1(round) }));
        let (one, other) = tokio::join!(a.patch(path, one), b.patch(path, other));
        assert_eq!((one.status, other.status), (200, 200), "{path}: {} {}", one.text, other.text);
        let wanted = (first.1(round), second.1(round));
        let mut seen = Value::Null;
        // A node hears within the second what was done at the other one.
        for _ in 0..100 {
            let whole = a.get(path).await.body;
            seen = whole.get("user").or(whole.get("definition")).unwrap_or(&whole).clone();
            if (&seen[first.0], &seen[second.0]) == (&wanted.0, &wanted.1) {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        assert_eq!((&seen[first.0], &seen[second.0]), (&wanted.0, &wanted.1), "{path}, round {round}");
    }
}

fn name(round: usize) -> Value {
    json!(format!("name {round}"))
}

fn text(round: usize) -> Value {
    json!(format!("text {round}"))
}

fn flag(round: usize) -> Value {
    json!(round.is_multiple_of(2))
}

fn email(round: usize) -> Value {
    json!(format!("vera{round}@example.com"))
}

fn hosts(round: usize) -> Value {
    json!([format!("tasks{round}.example.com")])
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_of_two_writes_over_what_the_other_did() {
    let door = Door::claimed().await;
    let other = door.another().await;
    let ada = door.admin().await;
    let there = other.nobody().with("authorization", ada.headers["authorization"].to_str().unwrap());
    let vera = door.named("vera", "viewer").await;
    let vera_there = other.nobody().with("authorization", vera.headers["authorization"].to_str().unwrap());
    both(&vera, &vera_there, "/api/v1/auth/me", ("displayName", name), ("email", email)).await;

    assert_eq!(ada.post("/api/v1/workspaces", json!({ "slug": "billing", "name": "Billing" })).await.status, 201);
    both(&ada, &there, "/api/v1/workspaces/billing", ("name", name), ("isPrivate", flag)).await;

    let key = ada.post("/api/v1/api-keys", json!({ "name": "k", "role": "viewer" })).await.body["apiKey"]["id"].clone();
    both(&ada, &there, &format!("/api/v1/api-keys/{}", key.as_str().unwrap()), ("name", name), ("description", text)).await;

    make(&ada, "tasks", json!({})).await;
    both(&ada, &there, &format!("{APPS}/tasks"), ("name", name), ("hosts", hosts)).await;
}

/// Who is disabled stays so, however busily they change their own profile.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_undoes_being_disabled_by_a_change_of_their_own() {
    let door = Door::claimed().await;
    let other = door.another().await;
    let ada = door.admin().await;
    for round in 0..ROUNDS {
        let vera = door.named(&format!("vera{round}"), "viewer").await;
        let there = other.nobody().with("authorization", vera.headers["authorization"].to_str().unwrap());
        let busy = tokio::spawn(async move {
            for number in 0..20 {
                if there.patch("/api/v1/auth/me", json!({ "displayName": format!("{number}") })).await.status != 200 {
                    return;
                }
            }
        });
        let path = format!("/api/v1/users/{}", vera.id);
        assert_eq!(ada.patch(&path, json!({ "isDisabled": true })).await.status, 200);
        busy.await.unwrap();
        assert_eq!(ada.get(&path).await.body["isDisabled"], true);
    }
}
