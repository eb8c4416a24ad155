//! Why somebody was turned away: each refusal for lack of rights says what is missing, where, and whom
//! to ask, and has a number by which an auditor finds what was looked at.

use doorward_gate::testing::{Answer, Door};
use serde_json::{Value, json};

/// The steps behind a refusal, as an auditor reads them.
async fn steps(door: &Door, answer: &Answer) -> Vec<Value> {
    let id = answer.body["decisionId"].as_str().unwrap_or_else(|| panic!("no number: {}", answer.text));
    let event = door.admin().await.get(&format!("/api/v1/audit/{id}")).await;
    assert_eq!((event.status, &event.body["outcome"]), (200, &json!("denied")), "{}", event.text);
    event.body["detail"]["decision"].as_array().unwrap().clone()
}

fn needs(steps: &[Value]) -> (&str, &str) {
    let found = &steps.iter().find(|step| step["looked"] == "operation").unwrap()["found"];
    (found["id"].as_str().unwrap(), found["needs"].as_str().unwrap())
}

#[tokio::test]
async fn a_missing_permission_is_named_with_its_scope_and_whom_to_ask() {
    let door = Door::claimed().await;
    let vera = door.named("vera", "viewer").await;
    let answer = vera.get("/api/v1/users").await;
    assert_eq!(answer.code(), "forbidden");
    let detail = answer.body["detail"].as_str().unwrap();
    for part in ["“users”", "in all workspaces", "“viewer”", "Ask ada"] {
        assert!(detail.contains(part), "{part}: {detail}");
    }
    assert_eq!(needs(&steps(&door, &answer).await), ("list_users", "users"));
    assert!(door.nobody().get("/api/v1/users").await.body["decisionId"].is_null(), "strangers are told no names and no numbers");
    let key = door.key("viewer").await.get("/api/v1/users").await;
    assert!(key.text.contains("Ask an admin") && !key.text.contains("ada"), "programs are told no names: {}", key.text);
}

#[tokio::test]
async fn more_than_one_has_is_refused_with_what_is_missing() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    assert_eq!(ada.post("/api/v1/roles", json!({ "name": "helper", "permissions": ["read", "users", "roles"] })).await.status, 201);
    let helper = door.named("helper", "helper").await;
    for (answer, operation) in [
        (helper.patch(&format!("/api/v1/users/{}", ada.id), json!({ "isDisabled": true })).await, "update_user"),
        (helper.post("/api/v1/roles", json!({ "name": "more", "permissions": ["keys"] })).await, "create_role"),
        (
            helper.post("/api/v1/users", json!({ "username": "x", "password": "nine quiet lamps hum", "role": "admin" })).await,
            "create_user",
        ),
        (helper.put(&format!("/api/v1/users/{}/grants", helper.id), json!({ "grants": [] })).await, ""),
    ] {
        if operation.is_empty() {
            assert_eq!(answer.status, 200, "nothing was to change: {}", answer.text);
            continue;
        }
        assert_eq!((answer.status, answer.code()), (403, "role_exceeds_own"), "{}", answer.text);
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains("you lack “") && detail.contains("in all workspaces") | detail.contains("In all workspaces"), "{detail}");
        assert!(detail.contains("Ask ada"), "{detail}");
        let steps = steps(&door, &answer).await;
        let (id, missing) = needs(&steps);
        assert_eq!(id, operation);
        assert!(missing.contains("keys") && !missing.contains("users"), "{missing}");
    }
}

#[tokio::test]
async fn what_only_people_can_do_leaves_a_number_too() {
    let door = Door::claimed().await;
    let key = door.key("admin").await;
    let answer = key.post("/api/v1/api-keys", json!({ "name": "a", "role": "viewer" })).await;
    assert_eq!(answer.code(), "session_required");
    assert_eq!(needs(&steps(&door, &answer).await), ("create_api_key", "a person"));

    let leo = door.named("leo", "viewer").await;
    let made = leo.post("/api/v1/api-keys", json!({ "name": "mine", "role": "viewer", "kind": "personal" })).await;
    let rotate = format!("/api/v1/api-keys/{}/rotate", made.body["apiKey"]["id"].as_str().unwrap());
    let answer = door.admin().await.post(&rotate, json!({})).await;
    assert_eq!(answer.code(), "forbidden");
    assert_eq!(needs(&steps(&door, &answer).await), ("rotate_api_key", "to be its owner"));
}
