//! Settings: sign-in on and off, the name and the contact.

use doorward_gate::testing::{Door, PASSWORD};
use serde_json::json;

const AUTH: &str = "/api/v1/settings/auth";

/// SET-009
#[tokio::test]
async fn sign_in_is_turned_off_only_by_an_admin_who_gives_the_password_again() {
    let door = Door::claimed().await;
    let off = json!({ "enabled": false });
    assert_eq!(door.nobody().patch(AUTH, off.clone()).await.status, 401);
    for role in ["viewer", "operator", "developer", "manager"] {
        assert_eq!(door.person(role).await.patch(AUTH, off.clone()).await.code(), "forbidden", "{role}");
    }
    let ada = door.admin().await;
    assert_eq!(ada.patch(AUTH, off.clone()).await.code(), "confirmation_required");
    assert_eq!(ada.post("/api/v1/auth/confirm", json!({ "password": "wrong" })).await.code(), "wrong_password");
    assert_eq!(ada.patch(AUTH, off.clone()).await.code(), "confirmation_required");
    assert_eq!(ada.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await.status, 204);
    door.wait(10 * 60_000 + 1);
    assert_eq!(ada.patch(AUTH, off.clone()).await.code(), "confirmation_required", "the proof is too old");
    ada.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await;
    assert_eq!(ada.patch(AUTH, off).await.status, 200);
    assert_eq!(door.nobody().get("/api/v1/users").await.status, 200, "at once");
    assert!(door.events().await.contains(&"auth.disable success by ada".to_owned()));
    let again = door.another().await;
    assert_eq!(again.nobody().get("/api/v1/users").await.status, 200, "it survives a restart");
    assert_eq!(door.nobody().patch(AUTH, json!({ "enabled": true })).await.status, 200);
    assert_eq!(door.nobody().get("/api/v1/users").await.status, 401, "and back at once");
}

#[tokio::test]
async fn the_name_and_the_contact_are_kept_and_shown() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let answer = ada.patch("/api/v1/settings", json!({ "name": "Front desk", "helpContact": "ask Mara" })).await;
    assert_eq!((answer.status, answer.body["name"].as_str()), (200, Some("Front desk")));
    assert_eq!(door.nobody().get("/api/v1/capabilities").await.body["helpContact"], "ask Mara");
    assert_eq!(ada.patch("/api/v1/settings", json!({ "name": "" })).await.body["errors"][0]["field"], "name");
    assert_eq!(ada.patch("/api/v1/settings", json!({ "helpContact": null })).await.body["helpContact"], serde_json::Value::Null);
    assert_eq!(door.person("manager").await.patch("/api/v1/settings", json!({ "name": "x" })).await.status, 403);
}
