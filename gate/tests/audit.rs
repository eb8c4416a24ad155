//! The audit log: who reads it, what is in it, and why somebody was turned away.

use doorward_gate::testing::{Caller, Door, PASSWORD};
use serde_json::{Value, json};

const AUDIT: &str = "/api/v1/audit";

/// All events of a list, page by page.
async fn walk(admin: &Caller, query: &str, limit: usize) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = admin.get(&format!("{AUDIT}?limit={limit}&{query}{cursor}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        rows.extend(answer.body["items"].as_array().unwrap().clone());
        match answer.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["action"].as_str().unwrap()).collect()
}

/// A few deeds, a second apart: leo is added, changed and disabled by ada, kim by nobody's password.
async fn deeds() -> (Door, Caller, String) {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    door.wait(1000);
    let leo = admin.post("/api/v1/users", json!({ "username": "leo", "password": PASSWORD })).await.body["id"].as_str().unwrap().to_owned();
    door.wait(1000);
    admin.patch(&format!("/api/v1/users/{leo}"), json!({ "role": "operator" })).await;
    door.wait(1000);
    door.nobody().from_afar([203, 0, 113, 7]).post("/api/v1/auth/login", json!({ "username": "leo", "password": "wrong wrong" })).await;
    door.wait(1000);
    admin.patch(&format!("/api/v1/users/{leo}"), json!({ "isDisabled": true })).await;
    door.events().await;
    (door, admin, leo)
}

#[tokio::test]
async fn the_log_is_read_newest_first_a_page_at_a_time() {
    let (_door, admin, _) = deeds().await;
    let all = walk(&admin, "", 200).await;
    assert_eq!(actions(&all)[..4], ["user.disable", "session.start", "user.role", "user.create"]);
    for limit in [1, 2, 3] {
        assert_eq!(walk(&admin, "", limit).await, all, "{limit}");
    }
    let mut backwards = walk(&admin, "order=asc", 2).await;
    backwards.reverse();
    assert_eq!(backwards, all);
}

#[tokio::test]
async fn every_filter_keeps_what_it_names() {
    let (door, admin, leo) = deeds().await;
    let times: Vec<String> = walk(&admin, "action=user.", 200).await.iter().map(|e| e["at"].as_str().unwrap().to_owned()).collect();
    let ada = &admin.id;
    for (query, expected) in [
        ("action=user.create".to_owned(), vec!["user.create"]),
        ("action=user.".into(), vec!["user.disable", "user.role", "user.create"]),
        ("action=user.role,user.create".into(), vec!["user.role", "user.create"]),
        (format!("actor={ada}&action=user."), vec!["user.disable", "user.role", "user.create"]),
        (format!("target={leo}&outcome=success"), vec!["user.disable", "user.role", "user.create"]),
        ("outcome=denied".into(), vec!["session.start"]),
        ("ip=203.0.113.7".into(), vec!["session.start"]),
        ("ip=203.0.113.8".into(), vec![]),
        (format!("from={}&action=user.", times[1]), vec!["user.disable", "user.role"]),
        (format!("to={}&action=user.", times[0]), vec!["user.role", "user.create"]),
        (format!("from={}&to={}", times[2], times[1]), vec!["user.create"]),
        ("query=LEO&action=user.".into(), vec!["user.disable", "user.role", "user.create"]),
        ("query=user.d".into(), vec!["user.disable"]),
        ("query=%25".into(), vec![]),
        ("query=%27%20OR%201=1--".into(), vec![]),
        (format!("actor={leo}"), vec![]),
    ] {
        for limit in [1, 50] {
            assert_eq!(actions(&walk(&admin, &query, limit).await), expected, "{query}");
        }
    }
    let session = walk(&admin, "action=user.create", 1).await[0]["sessionId"].as_str().unwrap().to_owned();
    for query in [format!("session={session}&action=user."), format!("session={session}&actor={ada}&action=user.")] {
        assert_eq!(actions(&walk(&admin, &query, 2).await), ["user.disable", "user.role", "user.create"], "{query}");
    }
    assert_eq!(walk(&admin, &format!("session={leo}"), 50).await, [] as [Value; 0]);
    let request = admin.get(AUDIT).await.body["items"][0]["requestId"].as_str().unwrap().to_owned();
    let of_request = walk(&admin, &format!("query={request}"), 50).await;
    assert_eq!(actions(&of_request), ["user.disable"]);
    assert_eq!(door.another().await.admin().await.get(AUDIT).await.status, 200);
}

#[tokio::test]
async fn a_filter_that_can_not_be_is_refused_by_its_field() {
    let (_door, admin, _) = deeds().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("action=user.fly", "action"),
        ("action=user", "action"),
        ("outcome=maybe", "outcome"),
        ("ip=localhost", "ip"),
        ("from=yesterday", "from"),
        ("from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z", "to"),
        ("order=up", "order"),
        ("query=a%00b", "query"),
        ("actor=a%0ab", "actor"),
        ("session=mine", "session"),
        ("role=x", "role"),
    ] {
        let answer = admin.get(&format!("{AUDIT}?{query}")).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!(field)), "{query}: {}", answer.text);
    }
    let cursor = admin.get(&format!("{AUDIT}?limit=1")).await.body["nextCursor"].as_str().unwrap().to_owned();
    for other in ["action=user.create", "order=asc", "outcome=success"] {
        let answer = admin.get(&format!("{AUDIT}?{other}&cursor={cursor}")).await;
        assert_eq!((answer.status, answer.code()), (400, "bad_cursor"), "{other}");
    }
    assert_eq!(admin.get(&format!("{AUDIT}?limit=2&cursor={cursor}")).await.status, 200, "the size may change");
    assert_eq!(admin.get(&format!("/api/v1/users?order=desc&cursor={cursor}")).await.code(), "bad_cursor");
}

#[tokio::test]
async fn an_event_shows_before_and_after() {
    let (_door, admin, leo) = deeds().await;
    let id = walk(&admin, "action=user.role", 1).await[0]["id"].as_str().unwrap().to_owned();
    let event = admin.get(&format!("{AUDIT}/{id}")).await;
    assert_eq!(event.status, 200, "{}", event.text);
    assert_eq!((&event.body["detail"]["before"]["role"], &event.body["detail"]["after"]["role"]), (&json!("viewer"), &json!("operator")));
    assert_eq!((&event.body["target"]["id"], &event.body["actor"]["name"]), (&json!(leo), &json!("ada")));
    assert_eq!((&event.body["workspace"], &event.body["environment"]), (&Value::Null, &Value::Null));
    assert_eq!(admin.get(&format!("{AUDIT}/00000000-0000-7000-8000-000000000000")).await.status, 404);
    assert_eq!(admin.get(&format!("{AUDIT}/nothing")).await.status, 404);
}

/// ROL-105
#[tokio::test]
async fn only_who_may_audit_reads_and_nobody_writes_or_deletes() {
    let (door, admin, _) = deeds().await;
    let id = walk(&admin, "", 1).await[0]["id"].as_str().unwrap().to_owned();
    let paths = [AUDIT.to_owned(), format!("{AUDIT}/{id}"), format!("{AUDIT}/export")];
    for (role, status) in [("viewer", 403), ("operator", 403), ("developer", 403), ("manager", 200)] {
        let person = door.person(role).await;
        for path in &paths {
            assert_eq!(person.get(path).await.status, status, "{role} {path}");
        }
    }
    let before = walk(&admin, "action=user.", 200).await;
    for path in &paths {
        assert_eq!(door.nobody().get(path).await.status, 401);
        assert_eq!(admin.get(path).await.status, 200);
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            assert_eq!(admin.send(method, path, Some("{}".into())).await.status, 405, "{method} {path}");
        }
    }
    assert!(walk(&admin, "action=user.", 200).await.ends_with(&before));
}

/// Each 403 for lack of a permission says what is missing and who can help, and an auditor can see why.
#[tokio::test]
async fn a_refusal_can_be_looked_up_by_its_number() {
    let door = Door::claimed().await;
    let viewer = door.person("viewer").await;
    let refusal = viewer.get("/api/v1/users").await;
    assert_eq!((refusal.status, refusal.code()), (403, "forbidden"));
    let detail = refusal.body["detail"].as_str().unwrap();
    assert!(detail.contains("“users”") && detail.contains("“viewer”") && detail.ends_with("Ask ada for it."), "{detail}");
    let id = refusal.body["decisionId"].as_str().unwrap();
    assert_eq!(viewer.get(&format!("{AUDIT}/{id}")).await.status, 403);
    let admin = door.admin().await;
    let event = admin.get(&format!("{AUDIT}/{id}")).await.body;
    assert_eq!((&event["action"], &event["outcome"]), (&json!("access.denied"), &json!("denied")));
    assert_eq!(event["requestId"], refusal.body["requestId"]);
    let steps = event["detail"]["decision"].as_array().unwrap();
    let looked: Vec<&str> = steps.iter().map(|step| step["looked"].as_str().unwrap()).collect();
    assert_eq!(looked, ["principal", "role", "scope", "permissions", "operation", "result"]);
    assert_eq!((&steps[0]["found"]["id"], &steps[1]["found"]), (&json!(viewer.id), &json!("viewer")));
    assert_eq!(steps[4]["found"], json!({ "id": "list_users", "needs": "users" }));
    assert_eq!(door.nobody().get("/api/v1/users").await.body.get("decisionId"), None);
}

#[tokio::test]
async fn who_can_help_is_who_administers_now() {
    let door = Door::claimed().await;
    let viewer = door.person("viewer").await;
    // Those who have been here for longer are named first.
    door.wait(1_000);
    let bea = door.named("bea", "admin").await;
    let asked = async |caller: &Caller| caller.get("/api/v1/users").await.body["detail"].as_str().unwrap().to_owned();
    assert!(asked(&viewer).await.ends_with("Ask ada or bea for it."), "{}", asked(&viewer).await);
    assert!(asked(&door.person("viewer").await).await.contains("ada or bea"));
    let done = door.admin().await.patch(&format!("/api/v1/users/{}", bea.id), json!({ "isDisabled": true })).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert!(asked(&viewer).await.ends_with("Ask ada for it."));
    let nobody = door.nobody().get("/api/v1/users").await;
    assert!(!nobody.text.contains("ada"), "a stranger learns no names: {}", nobody.text);
}

/// AUD-204
#[tokio::test]
async fn text_from_outside_is_one_short_escaped_record() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let nasty = "x\r\n{\"id\":\"forged\"}\u{1b}[31m\u{202e}\"}";
    let long = "y".repeat(8_000);
    let mut intruder = door.nobody().from_afar([203, 0, 113, 9]);
    intruder.headers.insert("user-agent", http::HeaderValue::from_bytes(format!("z\t\u{202e}\"}}{long}").as_bytes()).unwrap());
    intruder.post("/api/v1/auth/login", json!({ "username": nasty, "password": "wrong wrong wrong" })).await;
    intruder.post("/api/v1/auth/login", json!({ "username": long, "password": "wrong wrong wrong" })).await;
    door.events().await;
    let events = walk(&admin, "ip=203.0.113.9", 50).await;
    assert!(!events.is_empty());
    for event in &events {
        assert!(event["userAgent"].as_str().unwrap().len() <= 512);
        let name = event["target"]["name"].as_str().unwrap();
        assert!(name.len() <= 512 && !name.contains(|c: char| c.is_control() || c == '\u{202e}'), "{name:?}");
        assert!(!event["userAgent"].as_str().unwrap().contains(['\t', '\u{202e}']));
    }
    let lines = admin.get(&format!("{AUDIT}/export?ip=203.0.113.9")).await.text;
    assert_eq!(lines.lines().count(), events.len());
    assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).is_ok_and(|event| event["id"] != "forged")), "{lines}");
    assert!(lines.chars().all(|c| c == '\n' || !c.is_control()));
}

/// AUD-206
#[tokio::test]
async fn every_deed_leaves_a_whole_event() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let made = admin.post("/api/v1/users", json!({ "username": "leo", "password": PASSWORD })).await;
    let leo = format!("/api/v1/users/{}", made.body["id"].as_str().unwrap());
    admin.patch(&leo, json!({ "role": "developer" })).await;
    admin.patch(&leo, json!({ "displayName": "Leo" })).await;
    let his = door.nobody().signed_in("leo").await;
    his.get("/api/v1/users").await;
    his.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await;
    his.post("/api/v1/auth/logout-all", json!({})).await;
    door.nobody().post("/api/v1/auth/login", json!({ "username": "leo", "password": "wrong wrong" })).await;
    admin.put(&format!("{leo}/password"), json!({ "newPassword": "quiet otters sing 9" })).await;
    admin.post(&format!("{leo}/reset-link"), json!({})).await;
    admin.patch(&leo, json!({ "isDisabled": true })).await;
    admin.patch(&leo, json!({ "isDisabled": false })).await;
    admin.delete(&leo).await;
    admin.post("/api/v1/users/invitations", json!({ "username": "kim" })).await;
    admin.patch("/api/v1/settings", json!({ "helpContact": "help@example.com" })).await;
    admin.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await;
    admin.get(&format!("{AUDIT}/export")).await;
    door.events().await;
    let events = walk(&admin, "", 200).await;
    for wanted in [
        "setup.complete",
        "session.start",
        "user.create",
        "user.role",
        "user.update",
        "access.denied",
        "session.confirm",
        "session.end_all",
        "password.reset",
        "password.link",
        "user.disable",
        "user.enable",
        "user.delete",
        "user.invite",
        "settings.update",
        "audit.export",
    ] {
        assert!(actions(&events).contains(&wanted), "{wanted} is missing");
    }
    assert!(events.iter().any(|event| event["action"] == "session.start" && event["outcome"] == "denied"));
    for event in &events {
        for field in ["id", "at", "action", "outcome", "ip", "requestId"] {
            assert!(event[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {event}");
        }
        assert!(event["at"].as_str().unwrap().ends_with('Z'));
        assert!(event["actor"]["kind"].as_str().is_some_and(|kind| !kind.is_empty()), "{event}");
        assert!(event["detail"].is_object(), "{event}");
        let action = event["action"].as_str().unwrap();
        if ["user.", "password.", "access."].iter().any(|noun| action.starts_with(noun)) {
            assert!(event["target"]["name"].as_str().is_some_and(|name| !name.is_empty()), "{event}");
        }
    }
}

/// AUD-209
#[tokio::test]
async fn a_broken_database_says_no_more_than_the_number_of_the_request() {
    let (door, admin, _) = deeds().await;
    door.meddle("ALTER TABLE events RENAME TO moved").await;
    for path in [AUDIT.to_owned(), format!("{AUDIT}/export"), format!("{AUDIT}/00000000-0000-7000-8000-000000000000")] {
        let answer = admin.get(&path).await;
        assert_eq!((answer.status, answer.code()), (500, "internal"), "{path}");
        assert!(answer.body["requestId"].as_str().is_some_and(|id| answer.text.contains(id) && !id.is_empty()));
        for word in ["events", "sql", "table", "relation", "SELECT"] {
            assert!(!answer.text.contains(word), "{}", answer.text);
        }
    }
}
