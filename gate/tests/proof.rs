//! What needs a password that was given lately: each action that the contract names, and that it goes
//! on once the password was given.

use doorward_gate::testing::{Caller, Door, PASSWORD};
use serde_json::{Value, json};

const LATER: i64 = 10 * 60 * 1000 + 1;

const ALL: [&str; 11] = ["read", "subscribe", "run", "write", "publish", "audit", "users", "roles", "keys", "apps", "settings"];

struct Asks {
    what: &'static str,
    method: &'static str,
    path: String,
    body: Value,
}

fn asks(what: &'static str, method: &'static str, path: impl Into<String>, body: Value) -> Asks {
    Asks { what, method, path: format!("/api/v1{}", path.into()), body }
}

async fn send(caller: &Caller, asked: &Asks) -> (u16, String) {
    let answer = caller.send(asked.method, &asked.path, Some(asked.body.to_string())).await;
    (answer.status, answer.code().to_owned())
}

/// Everything that api.md names, on things that are there.
async fn all(door: &Door, ada: &Caller) -> Vec<Asks> {
    let [vera, mara, ivo, gone] =
        [door.named("vera", "viewer").await.id, door.named("mara", "admin").await.id, door.named("ivo", "viewer").await.id, {
            door.named("gone", "viewer").await.id
        }];
    let key = ada.post("/api/v1/api-keys", json!({ "name": "strong", "role": "admin" })).await.body["apiKey"]["id"].clone();
    let mild = ada.post("/api/v1/api-keys", json!({ "name": "mild", "role": "viewer" })).await.body["apiKey"]["id"].clone();
    let (key, mild) = (key.as_str().unwrap(), mild.as_str().unwrap());
    assert_eq!(ada.post("/api/v1/roles", json!({ "name": "night", "permissions": ["read"] })).await.status, 201);
    assert_eq!(ada.patch(&format!("/api/v1/users/{ivo}"), json!({ "role": "night" })).await.status, 200);
    let admin = json!({ "username": "new", "password": PASSWORD, "role": "admin" });
    let grant = json!({ "grants": [{ "workspace": "default", "role": "admin" }] });
    vec![
        asks("deleting a user", "DELETE", format!("/users/{gone}"), json!({})),
        asks("a new admin", "POST", "/users", admin),
        asks("an invited admin", "POST", "/users/invitations", json!({ "username": "guest", "role": "admin" })),
        asks("a user who becomes admin", "PATCH", format!("/users/{vera}"), json!({ "role": "admin" })),
        asks("a grant of admin", "PUT", format!("/users/{ivo}/grants"), grant),
        asks("an admin's key", "POST", "/api-keys", json!({ "name": "other", "role": "admin" })),
        asks("a key that becomes an admin's", "PATCH", format!("/api-keys/{mild}"), json!({ "role": "admin" })),
        asks("another secret for an admin's key", "POST", format!("/api-keys/{key}/rotate"), json!({})),
        asks("admin instead of a role that goes", "DELETE", "/roles/night?replacement=admin", json!({})),
        asks("admin by another name", "POST", "/roles", json!({ "name": "root", "permissions": ALL })),
        asks("a reset link", "POST", format!("/users/{mara}/reset-link"), json!({})),
        asks("an admin's password", "PUT", format!("/users/{mara}/password"), json!({ "newPassword": "nine quiet lamps hum" })),
    ]
}

#[tokio::test]
async fn what_the_contract_names_asks_for_the_password_and_then_goes_on() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let all = all(&door, &ada).await;
    door.wait(LATER);
    for asked in &all {
        assert_eq!(send(&ada, asked).await, (403, "confirmation_required".into()), "{}", asked.what);
    }
    let wrong = ada.post("/api/v1/auth/confirm", json!({ "password": "not this one" })).await;
    assert_eq!((wrong.status, wrong.code()), (403, "wrong_password"));
    assert_eq!(send(&ada, &all[0]).await.1, "confirmation_required", "a wrong one proves nothing");
    assert_eq!(ada.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await.status, 204);
    door.wait(LATER - 1);
    for asked in &all {
        let (status, code) = send(&ada, asked).await;
        assert!(status < 300, "{}: {status} {code}", asked.what);
    }
}

#[tokio::test]
async fn a_role_that_can_do_everything_is_admin_whatever_it_is_called() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    assert_eq!(ada.post("/api/v1/roles", json!({ "name": "root", "permissions": ALL })).await.status, 201);
    let vera = door.named("vera", "viewer").await.id;
    door.wait(LATER);
    for asked in [
        asks("a user", "PATCH", format!("/users/{vera}"), json!({ "role": "root" })),
        asks("a key", "POST", "/api-keys", json!({ "name": "strong", "role": "root" })),
        asks("a grant", "PUT", format!("/users/{vera}/grants"), json!({ "grants": [{ "workspace": "default", "role": "root" }] })),
    ] {
        assert_eq!(send(&ada, &asked).await.1, "confirmation_required", "{}", asked.what);
    }
}

#[tokio::test]
async fn what_is_milder_asks_for_no_password() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let vera = door.named("vera", "viewer").await.id;
    door.wait(LATER);
    for asked in [
        asks("a new viewer", "POST", "/users", json!({ "username": "new", "password": PASSWORD, "role": "viewer" })),
        asks("a user who is disabled", "PATCH", format!("/users/{vera}"), json!({ "isDisabled": true })),
        asks("a viewer's password", "PUT", format!("/users/{vera}/password"), json!({ "newPassword": "nine quiet lamps hum" })),
        asks("a viewer's key", "POST", "/api-keys", json!({ "name": "a", "role": "viewer" })),
    ] {
        let (status, code) = send(&ada, &asked).await;
        assert!(status < 300, "{}: {status} {code}", asked.what);
    }
}

#[tokio::test]
async fn turning_sign_in_off_asks_even_who_has_just_signed_in() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let off = json!({ "enabled": false });
    assert_eq!(ada.patch("/api/v1/settings/auth", off.clone()).await.code(), "confirmation_required");
    assert_eq!(ada.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(ada.patch("/api/v1/settings/auth", off).await.status, 200);
}

#[tokio::test]
async fn no_key_can_give_a_password() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let key = door.key("admin").await;
    for asked in all(&door, &ada).await {
        let (status, code) = send(&key, &asked).await;
        assert_eq!(status, 403, "{}", asked.what);
        assert!(matches!(code.as_str(), "confirmation_required" | "session_required"), "{}: {code}", asked.what);
    }
}
