//! What every request passes and every answer has.

use doorward_gate::testing::{Door, PASSWORD};
use serde_json::json;

/// SET-007, LOG-037, BRW-185
#[tokio::test]
async fn another_site_changes_nothing() {
    let door = Door::new().await;
    let body = json!({ "username": "eve", "password": PASSWORD }).to_string();
    for path in ["/api/v1/setup", "/api/v1/setup/skip", "/api/v1/auth/login"] {
        for (name, value) in
            [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")]
        {
            let answer = door.nobody().with(name, value).send("POST", path, Some(body.clone())).await;
            assert_eq!((answer.status, answer.code()), (403, "cross_site"), "{path} {name}: {value}");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let answer = door.nobody().with("content-type", kind).send("POST", path, Some(body.clone())).await;
            assert_eq!((answer.status, answer.code()), (415, "unsupported_media_type"), "{path} {kind}");
        }
    }
    assert_eq!(door.nobody().get("/api/v1/capabilities").await.body["setupRequired"], true);
}

/// PRX-155
#[tokio::test]
async fn a_host_that_is_not_ours_is_misdirected() {
    let door = Door::claimed().await;
    for host in ["evil.example", "app.localhost:8080", "localhost.evil.example", "door.example:8080"] {
        assert_eq!(door.nobody().with("host", host).get("/api/v1/capabilities").await.status, 421, "{host}");
    }
    for host in ["localhost", "127.0.0.1:8080", "[::1]:8080", "192.168.1.7:8080"] {
        assert_eq!(door.nobody().with("host", host).get("/api/v1/capabilities").await.status, 200, "{host}");
    }
}

/// BRW-189, BRW-190, BRW-193
#[tokio::test]
async fn every_answer_has_the_headers_that_keep_a_browser_safe() {
    let door = Door::claimed().await;
    for path in ["/api/v1/capabilities", "/api/v1/users", "/api/v1/nothing", "/nothing", "/livez"] {
        let answer = door.nobody().with("origin", "https://evil.example").get(path).await;
        for (name, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"), ("cache-control", "no-store")] {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        assert!(answer.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.headers.contains_key("x-request-id"));
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn refusals_are_problem_details() {
    let door = Door::claimed().await;
    for (answer, status, code) in [
        (door.nobody().get("/api/v1/users").await, 401, "unauthenticated"),
        (door.nobody().get("/api/v1/nothing").await, 404, "not_found"),
        (door.nobody().delete("/api/v1/capabilities").await, 405, "method_not_allowed"),
        (door.nobody().send("POST", "/api/v1/auth/login", Some("x".repeat(2_000_000))).await, 413, "too_large"),
    ] {
        assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.body["requestId"], answer.headers["x-request-id"].to_str().unwrap());
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401);
    }
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_and_makes_one_thing() {
    let door = Door::claimed().await;
    let ada = door.admin().await.with("idempotency-key", "order-66");
    let new = json!({ "username": "bob", "password": PASSWORD });
    let first = ada.post("/api/v1/users", new.clone()).await;
    let second = ada.post("/api/v1/users", new.clone()).await;
    assert_eq!((first.status, second.status), (201, 201), "{}", second.text);
    assert_eq!(first.body, second.body);
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert_eq!(ada.post("/api/v1/users", json!({ "username": "eve", "password": PASSWORD })).await.code(), "idempotency_mismatch");
    door.wait(25 * 60 * 60 * 1000);
    assert_eq!(door.admin().await.with("idempotency-key", "order-66").post("/api/v1/users", new).await.code(), "username_taken");
}

/// BRW-200, AUD-210
#[tokio::test]
async fn nothing_else_is_served() {
    let door = Door::claimed().await;
    for path in [
        "/.git/HEAD",
        "/Cargo.toml",
        "/users.json",
        "/.doorward_jwt_secret",
        "/doorward.db",
        "/doorward.db-wal",
        "/debug",
        "/api",
        "/api/v2/users",
    ] {
        assert_eq!(door.nobody().get(path).await.status, 404, "{path}");
    }
    assert_eq!(door.nobody().get("/metrics").await.status, 401);
}
