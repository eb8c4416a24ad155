//! Where else events go.

use doorward_gate::{
    config::{Config, Sink},
    testing::Door,
};
use serde_json::{Value, json};
use std::{path::Path, time::Duration};

fn with_file(file: &Path) -> Config {
    let mut config = Config::for_testing();
    config.audit.sinks = vec![Sink::File(file.to_owned())];
    config
}

/// Waits until so many events of this action have arrived; gives all that has.
async fn arrived(file: &Path, action: &str, count: usize) -> Vec<Value> {
    for _ in 0..200 {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        if lines.iter().filter(|event| event["action"] == action).count() >= count {
            return lines;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{action} did not arrive {count} times: {}", std::fs::read_to_string(file).unwrap_or_default());
}

async fn invite(door: &Door, name: &str) {
    let answer = door.admin().await.post("/api/v1/users/invitations", json!({ "username": name })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}

#[tokio::test]
async fn each_event_arrives_once_and_in_order_whatever_ends_in_between() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    let door = Door::claimed_with(with_file(&file)).await;
    // The sink is known, and what comes from now on goes to it.
    while door.meddle("UPDATE audit_sinks SET seq = seq").await == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    invite(&door, "bo").await;
    arrived(&file, "user.invite", 1).await;
    door.gate.close().await;
    // While nobody feeds the sink, another process goes on.
    let quiet = door.another_with(Config::for_testing()).await;
    invite(&quiet, "cy").await;
    quiet.gate.close().await;
    let (one, two) = (door.another_with(with_file(&file)).await, door.another_with(with_file(&file)).await);
    invite(&one, "di").await;
    invite(&two, "ed").await;
    one.chain().await;
    let lines = arrived(&file, "user.invite", 4).await;
    let names: Vec<&str> =
        lines.iter().filter(|event| event["action"] == "user.invite").map(|event| event["target"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["bo", "cy", "di", "ed"]);
    let mut ids: Vec<&str> = lines.iter().map(|event| event["id"].as_str().unwrap()).collect();
    let total = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), total, "none came twice");
    let shown = two.admin().await.get(&format!("/api/v1/audit/{}", lines[0]["id"].as_str().unwrap())).await;
    assert_eq!(shown.body, lines[0], "a line is the event of the interface");
}

#[test]
fn a_sink_is_named_by_a_whole_path() {
    assert_eq!("stdout".parse(), Ok(Sink::Stdout));
    assert_eq!("file:/var/log/a.jsonl".parse(), Ok(Sink::File("/var/log/a.jsonl".into())));
    for text in ["", "stderr", "file:", "file:audit.jsonl", "stdout:x", "https://x"] {
        assert!(text.parse::<Sink>().is_err(), "{text}");
    }
}
