//! The numbers for a watchdog: who may see them, what they count, and what is in none of them.

use doorward_gate::{
    metrics,
    testing::{Door, PASSWORD},
};
use serde_json::json;

/// The value of a sample.
fn value(text: &str, sample: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' ')?.parse().ok())
}

/// AUD-210
#[tokio::test]
async fn they_are_for_who_may_read_the_log() {
    let door = Door::claimed().await;
    for path in ["/metrics", "/api/v1/metrics"] {
        assert_eq!(door.nobody().get(path).await.status, 401, "{path}");
        assert_eq!(door.person("viewer").await.get(path).await.status, 403, "{path}");
        assert_eq!(door.key("viewer").await.get(path).await.status, 403, "{path}");
        for caller in [door.admin().await, door.key("admin").await] {
            let answer = caller.get(path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
            assert!(answer.text.contains("doorward_build_info{version="), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn what_happens_is_counted_by_route_status_outcome_and_cause() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let wrong = json!({ "username": "ada", "password": "never-was-a-password" });
    assert_eq!(door.nobody().post("/api/v1/auth/login", wrong).await.status, 401);
    assert_eq!(door.person("viewer").await.get("/api/v1/users").await.status, 403);
    assert_eq!(ada.get("/api/v1/users/00000000-0000-7000-8000-000000000000").await.status, 404);
    assert_eq!(ada.get("/api/v1/of-a-stranger?x=1").await.status, 404);
    let text = metrics::write(&door.gate).await;
    for (sample, wanted) in [
        ("doorward_requests_total{method=\"GET\",route=\"/users/{id}\",status=\"404\"}", 1.0),
        ("doorward_requests_total{method=\"GET\",route=\"/users\",status=\"403\"}", 1.0),
        ("doorward_requests_total{method=\"POST\",route=\"/auth/login\",status=\"401\"}", 1.0),
        ("doorward_requests_total{method=\"\",route=\"other\",status=\"404\"}", 1.0),
        ("doorward_request_seconds_count{method=\"GET\",route=\"/users\"}", 1.0),
        ("doorward_sign_ins_total{outcome=\"denied\"}", 1.0),
        ("doorward_refusals_total{code=\"forbidden\"}", 1.0),
        ("doorward_refusals_total{code=\"invalid_credentials\"}", 1.0),
        ("doorward_events_total{action=\"access.denied\",outcome=\"denied\"}", 1.0),
        ("doorward_hash_queue", 0.0),
    ] {
        assert_eq!(value(&text, sample), Some(wanted), "{sample} in\n{text}");
    }
    assert!(value(&text, "doorward_sessions").unwrap() >= 2.0, "{text}");
    assert!(value(&text, "doorward_sign_ins_total{outcome=\"success\"}").unwrap() >= 2.0, "{text}");
    assert!(value(&text, "doorward_store_seconds_count{operation=\"commit\"}").unwrap() > 2.0, "{text}");
}

/// AUD-205, AUD-210
#[tokio::test]
async fn no_name_no_path_and_no_secret_is_in_them() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    ada.get("/api/v1/users?query=canary-in-a-query").await;
    door.nobody().get("/canary-in-a-path").await;
    door.nobody().post("/api/v1/auth/login", json!({ "username": "canary-of-a-name", "password": "canary-of-a-password" })).await;
    let text = metrics::write(&door.gate).await;
    let token = ada.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned();
    for secret in ["canary", "ada", PASSWORD, &token] {
        assert!(!text.contains(secret), "{secret} in\n{text}");
    }
}

#[tokio::test]
async fn every_line_is_of_the_format() {
    let door = Door::claimed().await;
    door.admin().await.get("/api/v1/users").await;
    let text = metrics::write(&door.gate).await;
    let mut family = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().unwrap();
        } else if !line.starts_with("# HELP ") {
            let (name, number) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with(family) && number.parse::<f64>().is_ok(), "{line}");
        }
    }
}

#[tokio::test]
async fn readiness_has_details_for_who_may_see_the_settings() {
    let door = Door::claimed().await;
    let plain = door.nobody().get("/readyz").await;
    assert_eq!((plain.status, plain.text.as_str()), (200, "ok\n"));
    assert_eq!(door.person("viewer").await.get("/readyz").await.text, "ok\n");
    let told = door.admin().await.get("/readyz").await.text;
    assert!(told.starts_with("ok\ndatabase: ok") && told.contains("schema: "), "{told}");
}
