//! Roles that are made here: what they may do, who may make them, and how they go.

use doorward_gate::{
    testing::{Caller, Door, PASSWORD},
    wire::roles::MOST_CUSTOM,
};
use serde_json::json;

async fn make(admin: &Caller, name: &str, permissions: &[&str]) {
    let answer = admin.post("/api/v1/roles", json!({ "name": name, "permissions": permissions })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}

#[tokio::test]
async fn a_role_does_what_it_says_and_no_more() {
    let door = Door::claimed().await;
    let admin = door.person("admin").await;
    make(&admin, "auditor", &["read", "audit", "users"]).await;
    let elif = door.named("elif", "auditor").await;
    assert_eq!(elif.get("/api/v1/users").await.status, 200);
    assert_eq!(elif.get("/api/v1/settings").await.code(), "forbidden");
    let me = elif.get("/api/v1/auth/me").await;
    assert_eq!(me.body["permissions"], json!(["read", "audit", "users"]));
    // An admin is out of reach of who can do less, and so is making one.
    assert_eq!(elif.patch(&format!("/api/v1/users/{}", admin.id), json!({ "isDisabled": true })).await.code(), "role_exceeds_own");
    assert_eq!(
        elif.post("/api/v1/users", json!({ "username": "x", "role": "manager", "password": PASSWORD })).await.code(),
        "role_exceeds_own"
    );
}

#[tokio::test]
async fn a_change_of_a_role_holds_from_the_next_request_on() {
    let door = Door::claimed().await;
    let admin = door.person("admin").await;
    make(&admin, "helper", &["read", "users"]).await;
    let elif = door.named("elif", "helper").await;
    assert_eq!(elif.get("/api/v1/users").await.status, 200);
    let answer = admin.patch("/api/v1/roles/helper", json!({ "permissions": ["read"] })).await;
    assert_eq!((answer.status, &answer.body["permissions"]), (200, &json!(["read"])), "{}", answer.text);
    assert_eq!(elif.get("/api/v1/users").await.code(), "forbidden");
    assert_eq!(elif.get("/api/v1/stats/overview").await.status, 200, "still signed in");
}

/// ROL-095
#[tokio::test]
async fn nobody_makes_a_role_that_can_do_more_than_theirs() {
    let door = Door::claimed().await;
    let admin = door.person("admin").await;
    make(&admin, "warden", &["read", "roles", "users"]).await;
    make(&admin, "strong", &["read", "settings"]).await;
    let warden = door.named("elif", "warden").await;
    for permissions in [json!(["settings"]), json!(["read", "keys"])] {
        let answer = warden.post("/api/v1/roles", json!({ "name": "mine", "permissions": permissions })).await;
        assert_eq!(answer.code(), "role_exceeds_own", "{}", answer.text);
    }
    assert_eq!(
        warden.patch("/api/v1/roles/warden", json!({ "permissions": ["read", "roles", "settings"] })).await.code(),
        "role_exceeds_own"
    );
    assert_eq!(warden.patch("/api/v1/roles/strong", json!({ "permissions": ["read"] })).await.code(), "role_exceeds_own");
    assert_eq!(warden.delete("/api/v1/roles/strong").await.code(), "role_exceeds_own");
    assert_eq!(warden.post("/api/v1/roles", json!({ "name": "mine", "permissions": ["read", "users"] })).await.status, 201);
    // A replacement is given out too.
    door.named("jonas", "mine").await;
    assert_eq!(warden.delete("/api/v1/roles/mine?replacement=manager").await.code(), "role_exceeds_own");
}

#[tokio::test]
async fn the_built_in_roles_stay_as_they_are() {
    let door = Door::claimed().await;
    let admin = door.person("admin").await;
    assert_eq!(admin.patch("/api/v1/roles/viewer", json!({ "permissions": ["settings"] })).await.code(), "role_built_in");
    assert_eq!(admin.delete("/api/v1/roles/viewer?replacement=admin").await.code(), "role_built_in");
    assert_eq!(admin.post("/api/v1/roles", json!({ "name": "admin", "permissions": ["read"] })).await.code(), "role_taken");
    let all = admin.get("/api/v1/roles").await;
    let names: Vec<_> = all.body["items"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["viewer", "operator", "developer", "manager", "admin"]);
    assert_eq!(admin.get("/api/v1/permissions").await.body["total"], 11);
}

#[tokio::test]
async fn a_role_in_use_goes_with_a_replacement() {
    let door = Door::claimed().await;
    let admin = door.person("admin").await;
    make(&admin, "on-call", &["read", "run"]).await;
    make(&admin, "on-call-2", &["read"]).await;
    let elif = door.named("elif", "on-call").await;
    door.named("jonas", "on-call-2").await;
    let answer = admin.delete("/api/v1/roles/on-call").await;
    assert_eq!((answer.status, answer.code()), (409, "role_in_use"), "{}", answer.text);
    assert!(answer.body["detail"].as_str().unwrap().starts_with("One user has"), "{}", answer.text);
    for wrong in ["on-call", "nowhere"] {
        let answer = admin.delete(&format!("/api/v1/roles/on-call?replacement={wrong}")).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!("replacement")), "{}", answer.text);
    }
    assert_eq!(admin.delete("/api/v1/roles/on-call?replacement=viewer").await.status, 204);
    assert_eq!(elif.get("/api/v1/auth/me").await.status, 401, "tokens from before are refused");
    let viewers = admin.get("/api/v1/users?role=viewer").await;
    assert_eq!(viewers.body["items"][0]["username"], "elif", "the list knows the new role: {}", viewers.text);
    let others = admin.get("/api/v1/users?role=on-call-2").await;
    assert_eq!(others.body["items"][0]["username"], "jonas", "a role whose name begins alike is another");
    assert_eq!(admin.get("/api/v1/roles/on-call").await.status, 404);
    assert_eq!(admin.get("/api/v1/users?role=on-call").await.status, 422);
    // Nobody can be given it any more.
    let late = admin.post("/api/v1/users", json!({ "username": "late", "role": "on-call", "password": PASSWORD })).await;
    assert_eq!((late.status, &late.body["errors"][0]["field"]), (422, &json!("role")), "{}", late.text);
    let events = door.events().await;
    let mut of_roles: Vec<_> =
        events.iter().filter(|event| event.starts_with("role.")).map(|event| event.split(' ').next().unwrap()).collect();
    of_roles.sort_unstable();
    assert_eq!(of_roles, ["role.create", "role.create", "role.delete"]);
}

#[tokio::test]
async fn lists_are_filtered_across_roles_that_were_made_here() {
    let door = Door::claimed().await;
    let admin = door.person("admin").await;
    make(&admin, "on-call", &["read"]).await;
    door.named("elif", "on-call").await;
    let active = admin.get("/api/v1/users?status=active&source=local").await;
    assert!(active.text.contains("\"elif\""), "{}", active.text);
    let roles = admin.get("/api/v1/roles").await;
    assert_eq!(roles.body["items"][5]["users"], 1);
    let seen = door.person("viewer").await.get("/api/v1/roles").await;
    assert_eq!((seen.status, seen.body["items"][5]["users"].clone()), (200, json!(null)), "how many is for those who manage them");
}

#[tokio::test]
async fn what_is_wrong_with_a_role_is_named() {
    let door = Door::claimed().await;
    let admin = door.person("admin").await;
    for (body, field) in [
        (json!({ "name": "On Call", "permissions": ["read"] }), "name"),
        (json!({ "name": "a", "permissions": ["read"] }), "name"),
        (json!({ "name": "on-call", "permissions": [] }), "permissions"),
        (json!({ "name": "on-call", "permissions": ["fly"] }), "permissions[0]"),
        (json!({ "name": "on-call", "permissions": ["read"], "isBuiltIn": true }), "isBuiltIn"),
        (json!({ "name": "on-call", "permissions": ["read"], "description": "x".repeat(201) }), "description"),
    ] {
        let answer = admin.post("/api/v1/roles", body).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!(field)), "{}", answer.text);
    }
    make(&admin, "on-call", &["read"]).await;
    let again = admin.post("/api/v1/roles", json!({ "name": "on-call", "permissions": ["read"] })).await;
    assert_eq!((again.status, again.code()), (409, "role_taken"), "{}", again.text);
    for number in 1..MOST_CUSTOM {
        make(&admin, &format!("role-{number}"), &["read"]).await;
    }
    assert_eq!(admin.post("/api/v1/roles", json!({ "name": "one-more", "permissions": ["read"] })).await.status, 422);
    // With all of them, a filter below all roles is still one query.
    assert_eq!(admin.get("/api/v1/users?status=active").await.status, 200);
}

#[tokio::test]
async fn keys_of_a_role_follow_it() {
    let door = Door::claimed().await;
    let admin = door.person("admin").await;
    make(&admin, "reader", &["read", "users"]).await;
    let key = door.key("reader").await;
    assert_eq!(key.get("/api/v1/users").await.status, 200);
    assert_eq!(admin.patch("/api/v1/roles/reader", json!({ "permissions": ["read"] })).await.status, 200);
    assert_eq!(key.get("/api/v1/users").await.code(), "forbidden");
    let refused = admin.delete("/api/v1/roles/reader").await;
    assert!(refused.body["detail"].as_str().unwrap().starts_with("One API key has"), "{}", refused.text);
    assert_eq!(admin.delete("/api/v1/roles/reader?replacement=admin").await.status, 204);
    assert_eq!(key.get("/api/v1/users").await.status, 200, "it has the replacement's rights");
    let late = admin.post("/api/v1/api-keys", json!({ "name": "late", "role": "reader" })).await;
    assert_eq!((late.status, &late.body["errors"][0]["field"]), (422, &json!("role")), "{}", late.text);
}
