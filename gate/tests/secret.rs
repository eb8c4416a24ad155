//! Another signing secret in the place of this one, while everything runs.

use crate::proxy_kit::{Front, Manner, Reply, add_app, serve, upstream};
use doorward_gate::{
    Gate, Store,
    config::Config,
    rotate_secret,
    testing::{Door, PASSWORD},
};
use serde_json::json;

const OTHER: &str = "0123456789abcdef0f1e2d3c4b5a69788796a5b4c3d2e1f0ffeeddccbbaa9988";

/// One whose secret is its own, as it is without configuration.
async fn door() -> Door {
    let door = Door::with_own_secret(Config::for_testing()).await;
    let answer = door.nobody().post("/api/v1/setup", json!({ "username": "ada", "password": PASSWORD })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    door
}

async fn rotate(door: &Door, is_now: bool) -> doorward_gate::Rotated {
    rotate_secret(&door.gate.system("command line"), is_now).await.unwrap()
}

#[tokio::test]
async fn nobody_is_signed_out_by_a_rotation() {
    let door = door().await;
    let ada = door.admin().await;
    let key = door.key("viewer").await;
    let other = door.another().await;
    let before = other.nobody().get("/.well-known/jwks.json").await.body;
    let done = rotate(&door, false).await;
    assert!(done.until.is_some_and(|until| until > door.now()) && done.ended == 0, "{done:?}");
    assert_eq!(ada.get("/api/v1/auth/me").await.status, 200, "what the old secret signed is good");
    let refreshed = ada.post("/api/v1/auth/refresh", json!({ "refreshToken": ada.refresh_token })).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    let again = ada.post("/api/v1/auth/refresh", json!({ "refreshToken": ada.refresh_token })).await;
    assert_eq!(again.status, 200, "the other tab of a moment ago: {}", again.text);
    assert_eq!(key.get("/api/v1/auth/me").await.status, 200);
    let jwks = door.nobody().get("/.well-known/jwks.json").await.body;
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);
    assert_eq!(jwks["keys"][1], before["keys"][0], "upstreams can check what the old key signed");
    assert!(door.events().await.iter().any(|event| event.starts_with("secret.rotate success by command line")));
    other.hear().await;
    assert_eq!(other.nobody().get("/.well-known/jwks.json").await.body, jwks, "the other process follows");
    let token = refreshed.body["token"].as_str().unwrap();
    assert_eq!(other.nobody().with("authorization", &format!("Bearer {token}")).get("/api/v1/auth/me").await.status, 200);
}

/// TOK-057, for what was verified before.
#[tokio::test]
async fn a_cookie_of_an_app_is_good_for_that_app_and_as_long_as_its_secret() {
    let echo = upstream(Manner::Echo).await;
    let door = door().await;
    let admin = door.admin().await;
    add_app(&admin, "tasks", echo.address, json!([])).await;
    add_app(&admin, "dags", echo.address, json!([])).await;
    let address = serve(&door, None).await;
    let front = Front { door, address };
    let cookie = front.app_cookie("ada").await;
    let status = async || front.send("GET /", &[("Cookie", &cookie)]).await.status;
    assert_eq!((status().await, status().await), (200, 200));
    let elsewhere = cookie.replace("tasks", "dags");
    let request = format!("GET / HTTP/1.1\r\nHost: dags.localhost\r\nCookie: {elsewhere}\r\nConnection: close\r\n\r\n");
    assert_eq!(Reply::read(&front.raw(request.as_bytes()).await).status, 401, "another app's");
    rotate(&front.door, false).await;
    assert_eq!(status().await, 200, "the secret before counts for a while");
    rotate(&front.door, false).await;
    assert_eq!(status().await, 401, "and the one before that no more");
}

#[tokio::test]
async fn the_old_secret_counts_for_a_while_and_not_for_ever() {
    let door = door().await;
    let done = rotate(&door, false).await;
    door.wait(done.until.unwrap().0 - door.now().0 + 1);
    let later = door.another().await;
    assert_eq!(later.nobody().get("/.well-known/jwks.json").await.body["keys"].as_array().unwrap().len(), 1);
}

/// TOK-057
#[tokio::test]
async fn at_once_all_sessions_end_and_keys_go_on() {
    let door = door().await;
    let (ada, key) = (door.admin().await, door.key("viewer").await);
    let done = rotate(&door, true).await;
    assert!(done.until.is_none() && done.ended >= 1, "{done:?}");
    assert_eq!(ada.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(ada.post("/api/v1/auth/refresh", json!({ "refreshToken": ada.refresh_token })).await.status, 401);
    assert_eq!(key.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(door.admin().await.get("/api/v1/auth/me").await.status, 200, "one can sign in again");
    assert_eq!(door.nobody().get("/.well-known/jwks.json").await.body["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_sealed_opens_after_two_rotations() {
    let door = door().await;
    let ada = door.admin().await;
    let app = json!({ "slug": "tasks", "name": "Tasks", "upstream": "http://127.0.0.1:1",
        "upstreamAuth": { "bearer": { "token": "canary-of-the-upstream" } } });
    let made = ada.post("/api/v1/apps", app).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let sealed = door.sealed_credentials().await;
    rotate(&door, true).await;
    let anew = door.sealed_credentials().await;
    assert_ne!(sealed, anew);
    rotate(&door, true).await;
    assert!(!door.all_text().await.contains("canary-of-the-upstream"));
    let later = door.another().await;
    assert_eq!(later.credentials_of("tasks").as_deref(), Some("Bearer canary-of-the-upstream"));
}

#[tokio::test]
async fn a_configured_secret_is_changed_where_it_is_configured() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let refused = rotate_secret(&door.gate.system("command line"), false).await.unwrap_err();
    assert!(refused.to_string().contains("auth.previous_jwt_secret"), "{refused}");
    let mut config = Config::for_testing();
    config.auth.previous_jwt_secret = Some(doorward_gate::testing::SECRET.into());
    config.auth.jwt_secret = Some(OTHER.into());
    let next = door.another_with(config).await;
    let same = next.nobody().with("authorization", ada.headers["authorization"].to_str().unwrap());
    assert_eq!(same.get("/api/v1/auth/me").await.status, 200, "what the one before signed is good");
    assert_eq!(next.nobody().get("/.well-known/jwks.json").await.body["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_rotation_is_for_the_shell_alone() {
    let door = door().await;
    let ada = door.admin().await;
    for path in ["/api/v1/secret/rotate", "/api/v1/secret"] {
        assert_eq!(ada.post(path, json!({})).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_master_key_seals_what_is_kept_from_then_on() {
    let door = Door::claimed().await;
    let app = json!({ "slug": "tasks", "name": "Tasks", "upstream": "http://127.0.0.1:1",
        "upstreamAuth": { "bearer": { "token": "canary-of-the-upstream" } } });
    assert_eq!(door.admin().await.post("/api/v1/apps", app).await.status, 201);
    let before = door.sealed_credentials().await;
    let mut config = Config::for_testing();
    config.auth.master_key = Some(OTHER.into());
    let next = door.another_with(config.clone()).await;
    assert_ne!(next.sealed_credentials().await, before, "it is sealed anew at the start");
    assert_eq!(next.credentials_of("tasks").as_deref(), Some("Bearer canary-of-the-upstream"));
    // Another signing secret changes nothing about it.
    config.auth.jwt_secret = Some("c9f0f895fb98ab9159f51fd0297e236d".into());
    let last = door.another_with(config).await;
    assert_eq!(last.credentials_of("tasks").as_deref(), Some("Bearer canary-of-the-upstream"));
}

#[tokio::test]
async fn a_master_key_that_is_none_is_refused() {
    let mut config = Config::for_testing();
    config.auth.master_key = Some("short".into());
    let refused = Gate::builder().store(Store::Memory).config(config).build().await.unwrap_err();
    assert!(refused.to_string().contains("DOORWARD_MASTER_KEY"), "{refused}");
}
