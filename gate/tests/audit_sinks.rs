//! Where else events go.

use aws_lc_rs::hmac;
use doorward_gate::{
    config::{Config, Sink, Webhook},
    testing::Door,
};
use serde_json::{Value, json};
use std::{path::Path, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

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

/// Waits until the sink is known: what happens from then on goes to it.
async fn is_known(door: &Door) {
    while door.meddle("UPDATE held_cursors SET seq = seq").await == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
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
    is_known(&door).await;
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

/// Takes one request and answers it; gives its head and body.
async fn take(listener: &TcpListener, status: &str) -> (String, String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (mut text, mut piece) = (String::new(), vec![0; 64 * 1024]);
    loop {
        let count = stream.read(&mut piece).await.unwrap();
        text.push_str(std::str::from_utf8(&piece[..count]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length: usize = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap();
        if body.len() >= length {
            stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await.unwrap();
            return (head.to_owned(), body.to_owned());
        }
    }
}

#[tokio::test]
async fn a_webhook_gets_signed_events_until_it_takes_them() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let secret = "a secret of the collector";
    let url = format!("http://{}/hook/canary-path", listener.local_addr().unwrap());
    let mut config = Config::for_testing();
    config.audit.webhook = Some(Webhook { url: url.into(), secret: secret.into() });
    let door = Door::claimed_with(config).await;
    is_known(&door).await;
    invite(&door, "al").await;
    let (_, refused) = take(&listener, "500 Oh").await;
    let (head, mut taken) = take(&listener, "204 No Content").await;
    assert!(taken.starts_with(&refused), "what was refused comes again, at the front");
    assert!(head.starts_with("POST /hook/canary-path HTTP/1.1") && head.contains("content-type: application/x-ndjson"), "{head}");
    let signature = head.split("x-doorward-signature: ").nth(1).unwrap().split("\r\n").next().unwrap();
    let (seconds, mac) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    assert_eq!(seconds, door.now().seconds().to_string());
    let mac: Vec<u8> = (0..mac.len()).step_by(2).map(|at| u8::from_str_radix(&mac[at..at + 2], 16).unwrap()).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::verify(&key, format!("{seconds}.{taken}").as_bytes(), &mac).unwrap();
    invite(&door, "bo").await;
    while taken.matches("user.invite").count() < 2 {
        taken.push_str(&take(&listener, "204 No Content").await.1);
    }
    let ids: Vec<String> =
        taken.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned()).collect();
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "what was taken does not come again");
    let kept = door.all_text().await;
    assert!(kept.contains("webhook:") && !kept.contains("canary") && !kept.contains(secret), "the address is not kept");
}

#[tokio::test]
async fn a_webhook_that_can_not_be_is_refused_without_telling_its_secrets() {
    for (url, secret, key) in [
        ("https://user:canary@a.example/", "a secret of the collector", "audit.webhook.url"),
        ("file:///canary", "a secret of the collector", "audit.webhook.url"),
        ("https://a.example/canary", "canary", "audit.webhook.secret"),
    ] {
        let mut config = Config::for_testing();
        config.audit.webhook = Some(Webhook { url: url.into(), secret: secret.into() });
        assert!(!format!("{config:?}").contains("canary"));
        let refused = doorward_gate::Gate::builder().config(config).build().await.unwrap_err().to_string();
        assert!(refused.contains(key) && !refused.contains("canary"), "{refused}");
    }
}

#[test]
fn a_sink_is_named_by_a_whole_path() {
    assert_eq!("stdout".parse(), Ok(Sink::Stdout));
    assert_eq!("file:/var/log/a.jsonl".parse(), Ok(Sink::File("/var/log/a.jsonl".into())));
    for text in ["", "stderr", "file:", "file:audit.jsonl", "stdout:x", "https://x"] {
        assert!(text.parse::<Sink>().is_err(), "{text}");
    }
}
