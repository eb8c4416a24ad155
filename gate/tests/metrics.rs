//! The numbers for a watchdog: who may see them, what they count, and what is in none of them.

use crate::proxy_kit::{Front, Manner, upstream};
use doorward_gate::{
    config::Config,
    metrics,
    testing::{Door, PASSWORD},
};
use serde_json::{Value, json};

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

#[tokio::test]
async fn apps_are_counted_by_class_and_channels_by_what_becomes_of_messages() {
    let echo = upstream(Manner::Echo).await;
    let mut config = Config::for_testing();
    config.live.channels = vec![serde_json::from_value(json!({ "channel": "workflow:*", "publish": "run" })).unwrap()];
    let front = Front::with(config, echo.address, json!([{ "path": "/open/**", "allow": "public" }])).await;
    assert_eq!(front.send("GET /open/a", &[]).await.status, 200);
    assert_eq!(front.send("GET /other", &[]).await.status, 401);
    let door = &front.door;
    let told = door.admin().await.post("/api/v1/channels/workflow:1/messages", json!({ "type": "step", "data": 1 })).await;
    assert_eq!(told.status, 201, "{}", told.text);
    door.publish_all().await;
    let text = metrics::write(&door.gate).await;
    for (sample, least) in [
        ("doorward_app_requests_total{app=\"tasks\",class=\"2xx\"}", 1.0),
        ("doorward_app_requests_total{app=\"tasks\",class=\"4xx\"}", 1.0),
        ("doorward_app_request_seconds_count{app=\"tasks\"}", 2.0),
        ("doorward_channel_messages_total{direction=\"published\"}", 1.0),
        ("doorward_channel_messages_total{direction=\"delivered\"}", 0.0),
        ("doorward_channel_subscribers", 0.0),
        ("doorward_channel_drops_total{cause=\"slow\"}", 0.0),
        ("doorward_bus_gaps_total", 0.0),
    ] {
        assert!(value(&text, sample).is_some_and(|value| value >= least), "{sample} in\n{text}");
    }
    assert_eq!(door.admin().await.delete("/api/v1/apps/tasks").await.status, 204);
    assert!(!metrics::write(&door.gate).await.contains("app=\"tasks\""), "what is gone leaves no label");
}

#[tokio::test]
async fn the_dashboard_asks_for_numbers_and_labels_that_there_are() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([])).await;
    front.send("GET /", &[]).await;
    front.door.look_after_apps().await;
    front.door.nobody().get("/api/v1/users").await;
    let text = metrics::write(&front.door.gate).await;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/grafana.json");
    let dashboard: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() >= 18, "{}", panels.len());
    for expression in panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap()).map(|target| target["expr"].as_str().unwrap()) {
        let words = |text: &str| -> Vec<String> {
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let series: Vec<String> = words(expression).into_iter().filter(|word| word.starts_with("doorward_")).collect();
        assert!(!series.is_empty(), "{expression}");
        for name in &series {
            let samples: Vec<&str> = text.lines().filter(|line| line.starts_with(name.as_str())).collect();
            assert!(!samples.is_empty(), "{name} of {expression} is not in\n{text}");
        }
        // What it is summed by is a label of it, or one that Prometheus adds.
        for group in expression.split("by (").skip(1).filter_map(|rest| rest.split(')').next()) {
            for label in words(group).into_iter().filter(|label| label != "instance") {
                let has_it =
                    |line: &str| series.iter().any(|name| line.starts_with(name.as_str())) && line.contains(&format!("{label}=\""));
                assert!(text.lines().any(has_it), "{label} of {expression}");
            }
        }
    }
}
