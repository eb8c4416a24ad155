//! Personal keys and their owner: what ends them, what they are worth at the most, how many there are.

use crate::keys::{KEYS, ME, make, path, with};
use doorward_gate::{
    config::Config,
    testing::{Caller, Door, PASSWORD},
};
use serde_json::{Value, json};

const NEW: &str = "nine quiet lamps hum";

async fn personal(owner: &Caller, role: &str) -> doorward_gate::testing::Answer {
    make(owner, json!({ "name": "mine", "role": role, "kind": "personal" })).await
}

/// TOK-055
#[tokio::test]
async fn a_reset_takes_an_account_back_with_its_keys() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let leo = door.named("leo", "developer").await;
    let service = with(&door, &make(&ada, json!({ "name": "build", "role": "viewer" })).await);

    let made = personal(&leo, "developer").await;
    let key = with(&door, &made);
    assert_eq!(key.get(ME).await.status, 200);
    let reset = json!({ "newPassword": NEW, "mustChange": false });
    assert_eq!(ada.put(&format!("/api/v1/users/{}/password", leo.id), reset).await.status, 200);
    assert_eq!(key.get(ME).await.code(), "invalid_api_key");
    assert_eq!(ada.get(&path(&made)).await.body["status"], "revoked");

    let signed_in = door.nobody().post("/api/v1/auth/login", json!({ "username": "leo", "password": NEW })).await;
    let leo = door.nobody().with_tokens(&signed_in);
    let key = with(&door, &personal(&leo, "developer").await);
    let link = ada.post(&format!("/api/v1/users/{}/reset-link", leo.id), json!({})).await;
    assert_eq!(key.get(ME).await.status, 200, "a link that nobody used has changed nothing");
    let token = link.body["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(door.nobody().post("/api/v1/auth/links/use", json!({ "token": token, "newPassword": PASSWORD })).await.status, 200);
    assert_eq!(key.get(ME).await.code(), "invalid_api_key");

    assert_eq!(service.get(ME).await.status, 200, "a service key has no owner who could be reset");
    let events = door.events().await;
    assert!(events.contains(&"api_key.revoke success by ada".to_owned()), "{events:?}");
    assert!(events.contains(&"api_key.revoke success by leo".to_owned()), "whoever used the link: {events:?}");
}

/// TOK-055
#[tokio::test]
async fn one_s_own_change_leaves_keys_alone_unless_they_are_to_go() {
    let door = Door::claimed().await;
    let leo = door.named("leo", "developer").await;
    let key = with(&door, &personal(&leo, "developer").await);
    let change = |from: &str, to: &str, more: bool| json!({ "currentPassword": from, "newPassword": to, "revokeKeys": more });
    let changed = leo.post("/api/v1/auth/change-password", change(PASSWORD, NEW, false)).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(key.get(ME).await.status, 200);
    let leo = leo.with_tokens(&changed);
    let changed = leo.post("/api/v1/auth/change-password", change(NEW, PASSWORD, true)).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(key.get(ME).await.code(), "invalid_api_key");

    let leo = leo.with_tokens(&changed);
    let key = with(&door, &personal(&leo, "developer").await);
    assert_eq!(leo.post("/api/v1/auth/logout-all", json!({})).await.status, 204);
    assert_eq!(key.get(ME).await.status, 200, "a key is no session");
}

/// KEY-083
#[tokio::test]
async fn a_personal_key_manages_neither_people_nor_settings() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = personal(&ada, "admin").await;
    let key = with(&door, &made);
    for place in ["/users", "/settings", "/settings/auth", "/api-keys"] {
        assert_eq!(key.get(&format!("/api/v1{place}")).await.code(), "forbidden", "{place}");
    }
    assert_eq!(key.post("/api/v1/roles", json!({ "name": "more", "permissions": ["read"] })).await.code(), "forbidden");
    assert_eq!(key.get("/api/v1/audit").await.status, 200, "what is read of the log is the owner's too");
    let worth: Vec<Value> = key.get(ME).await.body["permissions"].as_array().unwrap().clone();
    for one in ["users", "roles", "keys", "settings"] {
        assert!(!worth.contains(&json!(one)), "{one}");
    }
    let service = door.key("admin").await;
    assert_eq!(service.get("/api/v1/users").await.status, 200, "a service key of that role does");
}

#[tokio::test]
async fn there_is_an_end_to_personal_keys() {
    let door = Door::claimed().await;
    let leo = door.named("leo", "viewer").await;
    let new = json!({ "name": "mine", "role": "viewer", "kind": "personal" });
    let mut last = Value::Null;
    for _ in 0..100 {
        let made = leo.post(KEYS, new.clone()).await;
        assert_eq!(made.status, 201, "{}", made.text);
        last = made.body["apiKey"]["id"].clone();
    }
    let refused = leo.post(KEYS, new.clone()).await;
    assert_eq!((refused.status, refused.body["errors"][0]["field"].as_str()), (422, Some("kind")), "{}", refused.text);
    assert_eq!(leo.delete(&format!("{KEYS}/{}", last.as_str().unwrap())).await.status, 204);
    assert_eq!(leo.post(KEYS, new).await.status, 201);
    let ada = door.admin().await;
    assert_eq!(personal(&ada, "viewer").await.status, 201, "each has a hundred");
}

#[tokio::test]
async fn whoever_can_have_no_key_of_their_own_is_told_so() {
    let mut config = Config::for_testing();
    let door = Door::claimed_with(config.clone()).await;
    assert_eq!(door.admin().await.get(ME).await.body["personalKeys"], true);
    assert_eq!(door.key("admin").await.get(ME).await.body["personalKeys"], false, "a program has none");
    config.keys.personal = false;
    let strict = door.another_with(config).await;
    assert_eq!(strict.admin().await.get(ME).await.body["personalKeys"], false);
}
