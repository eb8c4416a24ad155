//! A configuration that is read again while Doorward runs: what counts at once, what is judged again, what
//! is told.

use crate::{
    apps::APPS,
    live_kit::{self, Live},
    proxy_kit::{Front, Manner, read_to_end, read_until, serve, upstream},
};
use doorward_gate::{
    config::Config,
    testing::{Answer, Door},
    wire::workspaces::Slug,
};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};

fn config(apps: Value) -> Config {
    Config { apps: serde_json::from_value(apps).unwrap(), ..Config::for_testing() }
}

fn slugs(answer: &Answer) -> Vec<&str> {
    answer.body["items"].as_array().unwrap().iter().map(|item| item["slug"].as_str().unwrap()).collect()
}

fn told(door: &[String]) -> Vec<&str> {
    door.iter().map(String::as_str).filter(|event| event.ends_with("by configuration")).collect()
}

#[tokio::test]
async fn apps_that_are_added_changed_and_removed_count_at_once_and_each_is_an_event() {
    let auth = |password: &str| json!({ "basic": { "username": "door", "password": password } });
    let tasks = json!({ "slug": "tasks", "upstream": "http://127.0.0.1:9", "upstreamAuth": auth("canary") });
    let door = Door::claimed_with(config(json!([tasks, { "slug": "old", "upstream": "http://127.0.0.1:9" }]))).await;
    let ada = door.admin().await;
    let before = ada.get(&format!("{APPS}/tasks")).await;
    door.wait(5_000);
    let same = door.gate.reconfigure(&config(json!([tasks, { "slug": "old", "upstream": "http://127.0.0.1:9" }]))).await.unwrap();
    assert!(same.is_nothing() && told(&door.events().await).is_empty(), "{same:?}");
    assert_eq!(ada.get(&format!("{APPS}/tasks")).await.body["updatedAt"], before.body["updatedAt"]);
    let renamed = json!({ "slug": "tasks", "name": "Task queue", "upstream": "http://127.0.0.1:9", "upstreamAuth": auth("canary") });
    let anew = config(json!([renamed, { "slug": "dags", "upstream": "http://127.0.0.1:9", "listen": "127.0.0.1:9001" }]));
    let taken = door.gate.reconfigure(&anew).await.unwrap();
    assert_eq!(taken.apps, ["tasks", "dags", "old"].map(|slug| Slug(slug.into())));
    let events = door.events().await;
    // Of one moment, so in no order.
    let sorted: std::collections::BTreeSet<_> = told(&events).into_iter().collect();
    assert!(sorted.into_iter().eq(["app.create", "app.delete", "app.update"].map(|action| format!("{action} success by configuration"))));
    assert_eq!(slugs(&ada.get(APPS).await), ["dags", "tasks"]);
    assert_eq!(door.gate.own_ports().len(), 1, "its port is wanted");
    let after = ada.get(&format!("{APPS}/tasks")).await;
    assert_eq!((&after.body["name"], &after.body["source"]), (&json!("Task queue"), &json!("config")));
    assert_eq!(after.body["definition"]["createdAt"], before.body["definition"]["createdAt"]);
    assert_ne!(after.body["updatedAt"], before.body["updatedAt"], "it is another version");
    door.wait(5_000);
    let mut other = anew.clone();
    other.apps[0].upstream_auth = serde_json::from_value(auth("canary two")).unwrap();
    assert_eq!(door.gate.reconfigure(&other).await.unwrap().apps.len(), 1, "another secret alone is a change");
    let event = ada.get("/api/v1/audit?action=app.update").await;
    assert_eq!(event.body["items"][0]["detail"]["newSecret"], true, "{}", event.text);
    assert!(!event.text.contains("canary"));
    let refused = ada.patch(&format!("{APPS}/dags"), json!({ "name": "x" })).await;
    assert_eq!((refused.status, refused.code()), (409, "app_configured"));
}

#[tokio::test]
async fn what_can_not_be_used_changes_nothing() {
    let door = Door::claimed_with(config(json!([{ "slug": "tasks", "upstream": "http://127.0.0.1:9" }]))).await;
    let ada = door.admin().await;
    let bad = config(json!([{ "slug": "dags", "upstream": "http://169.254.169.254" }]));
    let failure = door.gate.reconfigure(&bad).await.unwrap_err().into_failure("");
    assert_eq!((failure.status, failure.errors[0].field.as_str()), (422, "apps"));
    assert!(failure.errors[0].message.starts_with("apps.dags.upstream: "), "{failure:?}");
    assert_eq!(slugs(&ada.get(APPS).await), ["tasks"]);
    assert!(told(&door.events().await).is_empty());
}

#[tokio::test]
async fn each_node_has_a_configuration_of_its_own() {
    let door = Door::claimed_with(config(json!([{ "slug": "tasks", "upstream": "http://127.0.0.1:9" }]))).await;
    let there = door.another().await;
    let far = there.nobody().signed_in("ada").await;
    door.gate.reconfigure(&config(json!([]))).await.unwrap();
    assert!(slugs(&door.admin().await.get(APPS).await).is_empty());
    assert_eq!(slugs(&far.get(APPS).await), ["tasks"]);
}

#[tokio::test]
async fn what_is_open_ends_where_other_rules_or_another_upstream_say_so() {
    let echo = upstream(Manner::Upgrade).await;
    let other = upstream(Manner::Upgrade).await;
    let tasks = |upstream: std::net::SocketAddr, rules: Value| {
        config(json!([{ "slug": "tasks", "upstream": format!("http://{upstream}"), "rules": rules }]))
    };
    let open = json!([{ "allow": "public" }]);
    let door = Door::claimed_with(tasks(echo.address, open.clone())).await;
    let address = serve(&door, None).await;
    let front = Front { door, address };
    let dial = async || {
        let mut stream = TcpStream::connect(front.address).await.unwrap();
        let asks =
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        stream.write_all(format!("{}{asks}\r\n", front.head("GET /ws", &[])).as_bytes()).await.unwrap();
        let head = String::from_utf8(read_until(&mut stream, b"\r\n\r\n").await).unwrap();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        stream
    };
    let mut stays = dial().await;
    let named = json!([{ "allow": "public" }, { "methods": ["POST"], "allow": "deny" }]);
    front.door.gate.reconfigure(&tasks(echo.address, named.clone())).await.unwrap();
    stays.write_all(b"\x81\x85\0\0\0\0hello").await.unwrap();
    read_until(&mut stays, b"hello").await;
    front.door.gate.reconfigure(&tasks(other.address, named)).await.unwrap();
    let end = read_to_end(&mut stays).await;
    assert!(String::from_utf8_lossy(&end).contains("app changed"), "{end:?}");
    let mut again = dial().await;
    front.door.gate.reconfigure(&tasks(other.address, json!([{ "allow": "deny" }]))).await.unwrap();
    let end = read_to_end(&mut again).await;
    assert!(String::from_utf8_lossy(&end).contains("no longer allowed"), "{end:?}");
    assert_eq!(front.send("GET /", &[]).await.status, 403);
    front.door.gate.reconfigure(&config(json!([]))).await.unwrap();
    assert_eq!(front.send("GET /", &[]).await.status, 421, "the name is nobody's");
}

#[tokio::test]
async fn rules_of_channels_count_at_once_and_who_watches_is_judged_again() {
    let live = Live::new().await;
    let viewer = live.door.person("viewer").await;
    let mut events = live.watch(&viewer, "channel=workflow:1").await;
    let mut closed = live_kit::config();
    closed.live.channels.clear();
    let taken = live.door.gate.reconfigure(&closed).await.unwrap();
    assert!(taken.has_other_channels && taken.apps.is_empty());
    assert_eq!(events.end().await, "no longer allowed");
    assert_eq!(viewer.get("/api/v1/channels/workflow:1").await.status, 404);
    assert_eq!(told(&live.door.events().await), ["settings.update success by configuration"]);
    live.door.gate.reconfigure(&live_kit::config()).await.unwrap();
    assert_eq!(viewer.get("/api/v1/channels/workflow:1").await.status, 200);
}

#[tokio::test]
async fn who_may_see_the_settings_is_told_how_far_the_file_is_in_force() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    assert!(ada.get("/api/v1/settings").await.body.get("configuration").is_none());
    assert!(ada.get("/readyz").await.text.contains("configuration: no file is followed"));
    door.gate.configured_by(
        serde_json::from_value(json!({
            "path": "/etc/doorward/doorward.yaml", "readAt": door.now(), "problem": "doorward.yaml:3: x", "needsRestart": ["listen"]
        }))
        .unwrap(),
    );
    let shown = ada.get("/api/v1/settings").await;
    assert_eq!(shown.body["configuration"]["problem"], "doorward.yaml:3: x", "{}", shown.text);
    assert!(ada.get("/readyz").await.text.contains("is not in force: doorward.yaml:3: x"));
    assert!(!door.nobody().get("/readyz").await.text.contains("doorward.yaml"));
}
