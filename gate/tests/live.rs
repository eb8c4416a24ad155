//! Live channels: who may watch and publish, and what Doorward says on them itself.

use crate::live_kit::{Live, config, publish};
use doorward_gate::testing::{Answer, Caller, Door};
use serde_json::{Value, json};

async fn try_to_publish(caller: &Caller, channel: &str) -> Answer {
    caller.post(&format!("/api/v1/channels/{channel}/messages"), json!({ "type": "step", "data": {} })).await
}

fn refused(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{}", answer.text);
    assert!(answer.body["decisionId"].is_string() && answer.body["errors"][0]["field"] == "channel", "{}", answer.text);
}

async fn may_watch(live: &Live, caller: &Caller, channel: &str) -> bool {
    match live.ask(&format!("/api/v1/live?channel={channel}"), &Live::proof(caller)).await {
        Ok(_) => true,
        Err((403, body)) => {
            assert_eq!(body["code"], "forbidden", "{body}");
            false
        }
        Err((status, body)) => panic!("{status} {body}"),
    }
}

#[tokio::test]
async fn who_may_publish_is_said_by_the_first_rule() {
    let door = Door::claimed_with(config()).await;
    let (viewer, developer) = (door.person("viewer").await, door.person("developer").await);
    refused(&try_to_publish(&viewer, "workflow:42").await);
    assert_eq!(try_to_publish(&developer, "workflow:42").await.status, 201);
    assert_eq!(try_to_publish(&door.key("developer").await, "workflow:42").await.status, 201);
    refused(&try_to_publish(&door.key("viewer").await, "workflow:42").await);
    for channel in ["nothing:1", "user:1", "audit:default", "door:changes", "app:none"] {
        refused(&try_to_publish(&door.admin().await, channel).await);
    }
    assert_eq!(try_to_publish(&developer, "status:db").await.status, 201, "anybody who may publish tells of what is up");
    assert!(door.events().await.iter().any(|event| event.starts_with("access.denied")));
}

#[tokio::test]
async fn what_is_published_is_small_and_well_formed() {
    let door = Door::claimed_with(config()).await;
    let ada = door.admin().await;
    let path = "/api/v1/channels/workflow:42/messages";
    for (body, status) in [
        (json!({}), 422),
        (json!({ "type": "" }), 422),
        (json!({ "type": "door.health" }), 422),
        (json!({ "type": "a b" }), 422),
        (json!({ "type": "a", "more": 1 }), 422),
        (json!({ "type": "a", "data": "x".repeat(65_533) }), 201),
        (json!({ "type": "a", "data": "x".repeat(65_534) }), 413),
        (json!({ "type": "a" }), 201),
    ] {
        let answer = ada.post(path, body.clone()).await;
        assert_eq!(answer.status, status, "{} {}", answer.text, &body.to_string()[..60.min(body.to_string().len())]);
    }
    for channel in ["workflow", "workflow:", "Workflow:1", "workflow:*", "workflow:a%20b"] {
        assert_eq!(try_to_publish(&ada, channel).await.status, 404, "{channel}");
    }
    let first = ada.clone().with("idempotency-key", "k").post(path, json!({ "type": "a" })).await;
    let again = ada.clone().with("idempotency-key", "k").post(path, json!({ "type": "a" })).await;
    assert_eq!(first.body["id"], again.body["id"]);
    assert_eq!(door.nobody().post(path, json!({ "type": "a" })).await.status, 401);
}

/// WSS-184
#[tokio::test]
async fn who_may_watch_is_said_by_rules() {
    let live = Live::new().await;
    let door = &live.door;
    let ada = door.admin().await;
    assert_eq!(ada.post("/api/v1/workspaces", json!({ "slug": "billing", "isPrivate": true })).await.status, 201);
    let (viewer, manager) = (door.person("viewer").await, door.person("manager").await);
    let member = door.named("mem", "viewer").await;
    let grant = json!({ "grants": [{ "workspace": "billing", "role": "operator" }] });
    assert_eq!(ada.put(&format!("/api/v1/users/{}/grants", member.id), grant).await.status, 200);
    let member = door.nobody().signed_in("mem").await;
    ada.post("/api/v1/roles", json!({ "name": "quiet", "permissions": ["read"] })).await;
    let quiet = door.person("quiet").await;
    for (caller, channel, may) in [
        (&viewer, "workflow:42", true),
        (&viewer, "workflow:secret", false),
        (&viewer, "workflow:*", false),
        (&ada, "workflow:secret", true),
        (&quiet, "workflow:42", false),
        (&viewer, "build:1", false),
        (&member, "build:1", true),
        (&member, "build:*", true),
        (&ada, "build:1", true),
        (&viewer, "status:*", true),
        (&viewer, "nothing:1", false),
        (&viewer, "audit:default", false),
        (&manager, "audit:default", true),
        (&manager, "audit:*", true),
        (&quiet, "door:changes", true),
        (&viewer, "door:keys", false),
        (&ada, "door:keys", true),
        (&ada, "door:other", false),
        (&ada, "app:none", false),
    ] {
        assert_eq!(may_watch(&live, caller, channel).await, may, "{channel}");
    }
    let own = |caller: &Caller| format!("user:{}", caller.id);
    assert!(may_watch(&live, &quiet, &own(&quiet)).await && !may_watch(&live, &ada, &own(&quiet)).await);
    assert!(!may_watch(&live, &ada, "user:*").await);
    assert!(may_watch(&live, &door.key("viewer").await, "workflow:1").await);
    // What is refused is refused whole, and replays nothing.
    assert!(!may_watch(&live, &viewer, "workflow:1&channel=audit:default&since=0").await);
    for (path, status) in [
        ("/api/v1/live", 422),
        ("/api/v1/live?channel=nope", 422),
        ("/api/v1/live?channel=a:1&since=x", 422),
        ("/api/v1/live?channel=a:1&what=x", 422),
    ] {
        assert_eq!(live.ask(path, &Live::proof(&viewer)).await.err().unwrap().0, status, "{path}");
    }
    let many: String = (0..33).map(|at| format!("channel=status:{at}&")).collect();
    assert_eq!(live.ask(&format!("/api/v1/live?{many}since=0"), &Live::proof(&viewer)).await.err().unwrap().0, 422);
    let nobody = [("last-event-id".to_owned(), "0".to_owned())];
    assert_eq!(live.ask("/api/v1/live?channel=status:*", &nobody).await.err().unwrap().0, 401);
}

#[tokio::test]
async fn an_app_s_channel_is_for_those_who_may_open_it() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    ada.post("/api/v1/workspaces", json!({ "slug": "billing", "isPrivate": true })).await;
    for (slug, workspace) in [("tasks", "default"), ("bills", "billing")] {
        let new = json!({ "slug": slug, "upstream": "http://127.0.0.1:9", "workspace": workspace });
        assert_eq!(ada.post("/api/v1/apps", new).await.status, 201);
    }
    let (viewer, developer) = (live.door.person("viewer").await, live.door.person("developer").await);
    assert!(may_watch(&live, &viewer, "app:tasks").await && !may_watch(&live, &viewer, "app:bills").await);
    assert!(may_watch(&live, &ada, "app:bills").await && !may_watch(&live, &ada, "app:*").await);
    let mut watching = live.watch(&viewer, "channel=app:tasks").await;
    refused(&try_to_publish(&viewer, "app:tasks").await);
    refused(&try_to_publish(&developer, "app:bills").await);
    publish(&developer, "app:tasks", json!(1)).await;
    live.door.look_after_apps().await;
    // Which of the two comes first is no matter.
    let both = [watching.next().await.data, watching.next().await.data];
    assert!(both.iter().any(|message| message["type"] == "step" && message["data"] == 1), "{both:?}");
    let health = both.iter().find(|message| message["type"] == "door.health").unwrap();
    assert_eq!(health["data"]["state"], "down");
    assert!(health["data"].get("cause").is_none(), "why is not for everybody");
    ada.patch("/api/v1/apps/tasks", json!({ "rules": [{ "path": "/**", "allow": "settings" }] })).await;
    assert_eq!(watching.end().await, "no longer allowed");
}

#[tokio::test]
async fn doorward_tells_what_happens_to_those_who_may_know() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let viewer = live.door.named("vera", "viewer").await;
    live.door.publish_all().await;
    let mut audit = live.watch(&ada, "channel=audit:default").await;
    let mut changes = live.watch(&viewer, "channel=door:changes").await;
    let mut own = live.watch(&viewer, &format!("channel=user:{}", viewer.id)).await;
    let made = ada.post("/api/v1/users", json!({ "username": "new", "password": "a long enough sentence 1", "role": "viewer" })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let event = audit.next().await.data;
    assert_eq!((&event["type"], &event["data"]["action"]), (&json!("door.user.create"), &json!("user.create")));
    assert_eq!(event["data"]["target"]["name"], "new");
    let change = changes.next().await.data;
    assert_eq!((&change["type"], &change["data"]), (&json!("door.changed"), &json!({ "what": "users" })), "its name alone");
    // A refusal is for auditors alone.
    assert_eq!(viewer.get("/api/v1/users").await.status, 403);
    assert_eq!(audit.next().await.data["type"], "door.access.denied");
    // Another session of the same person is ended by an admin.
    let other = live.door.nobody().signed_in("vera").await;
    let sessions = other.get("/api/v1/sessions").await;
    let is_this = |session: &&Value| session["isCurrent"] == true;
    let id = sessions.body["items"].as_array().unwrap().iter().find(is_this).unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(ada.delete(&format!("/api/v1/sessions/{id}")).await.status, 204);
    let told = own.next().await.data;
    assert_eq!((&told["type"], &told["data"]), (&json!("door.session.ended"), &json!({ "session": id, "byOther": true })));
}

#[tokio::test]
async fn the_use_of_keys_is_told_to_those_who_manage_them() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    let mut keys = live.watch(&ada, "channel=door:keys").await;
    let key = live.door.key("viewer").await;
    for _ in 0..3 {
        assert_eq!(key.get("/api/v1/auth/me").await.status, 200);
    }
    live.door.write_uses().await;
    let told = keys.data().await;
    assert_eq!((&told["keys"][0]["id"], &told["keys"][0]["count"]), (&json!(key.id), &json!(3)));
}

#[tokio::test]
async fn channels_are_listed_for_those_who_may_watch_them() {
    let door = Door::claimed_with(config()).await;
    let ada = door.admin().await;
    for channel in ["workflow:1", "workflow:1", "workflow:secret"] {
        publish(&ada, channel, json!({})).await;
    }
    let names = async |caller: &Caller| -> Vec<String> {
        let list = caller.get("/api/v1/channels").await;
        assert_eq!(list.status, 200, "{}", list.text);
        list.body["items"].as_array().unwrap().iter().map(|item| item["channel"].as_str().unwrap().to_owned()).collect()
    };
    let viewer = door.person("viewer").await;
    assert_eq!(names(&viewer).await, ["door:changes", "status:*", &format!("user:{}", viewer.id), "workflow:1"]);
    let all = names(&ada).await;
    assert!(all.contains(&"workflow:secret".to_owned()) && all.contains(&"audit:default".to_owned()), "{all:?}");
    let list = ada.get("/api/v1/channels").await;
    let one = list.body["items"].as_array().unwrap().iter().find(|item| item["channel"] == "workflow:1").unwrap().clone();
    assert_eq!(one, json!({ "channel": "workflow:1", "canSubscribe": true, "canPublish": true, "messages": 2 }));
}

#[tokio::test]
async fn a_channel_is_shown_to_those_who_may_watch_it() {
    let door = Door::claimed_with(config()).await;
    let ada = door.admin().await;
    publish(&ada, "workflow:1", json!({})).await;
    let viewer = door.person("viewer").await;
    let shown = viewer.get("/api/v1/channels/workflow:1").await;
    assert_eq!(shown.body, json!({ "channel": "workflow:1", "canSubscribe": true, "canPublish": false, "messages": 1 }), "{}", shown.text);
    let silent = ada.get("/api/v1/channels/workflow:2").await;
    assert_eq!((&silent.body["messages"], &silent.body["canPublish"]), (&json!(0), &json!(true)));
    let all = ada.get("/api/v1/channels/status:*").await;
    assert_eq!((all.status, all.body.get("messages")), (200, None), "{}", all.text);
    for closed in ["workflow:secret", "nowhere:1", "audit:default"] {
        let answer = viewer.get(&format!("/api/v1/channels/{closed}")).await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"), "{closed}: {}", answer.text);
        assert!(answer.text.contains(closed), "it names what was asked for: {}", answer.text);
    }
}

#[tokio::test]
async fn the_end_of_a_socket_says_who_ended_the_session() {
    let live = Live::new().await;
    let ada = live.door.admin().await;
    for by in ["admin", "owner"] {
        let person = live.door.named(by, "viewer").await;
        let mut socket = live.socket(&person).await;
        socket.call(json!({ "op": "subscribe", "channel": "workflow:42" })).await;
        let done = match by {
            "admin" => ada.patch(&format!("/api/v1/users/{}", person.id), json!({ "isDisabled": true })).await,
            _ => person.post("/api/v1/auth/logout-all", json!({})).await,
        };
        assert!((200..300).contains(&done.status), "{}", done.text);
        let end = socket.answer().await;
        assert_eq!(end, json!({ "op": "end", "code": 4401, "reason": "session ended", "by": by }));
    }
}

#[tokio::test]
async fn a_place_to_resume_from_is_none_while_what_came_before_it_waits() {
    let live = Live::new().await;
    let developer = live.door.person("developer").await;
    let first = publish(&developer, "workflow:42", json!(0)).await;
    for n in 1..=50 {
        publish(&developer, "workflow:42", json!(n)).await;
    }
    let mut socket = live.socket(&developer).await;
    socket.send(json!({ "op": "subscribe", "channel": "workflow:42", "since": first })).await;
    for _ in 0..10 {
        socket.send(json!({ "op": "ping" })).await;
    }
    let (mut had, mut pongs) = (first, 0);
    while pongs < 10 {
        let frame = socket.next().await;
        match frame["op"].as_str() {
            Some("pong") => {
                pongs += 1;
                assert!(frame["id"].as_i64().is_some_and(|id| id <= had), "{frame} after {had}");
            }
            Some(_) => {}
            None => had = frame["id"].as_i64().unwrap(),
        }
    }
}
