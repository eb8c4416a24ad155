//! The export of the audit log.

use doorward_gate::testing::{Caller, Door, PASSWORD};
use serde_json::{Value, json};

const AUDIT: &str = "/api/v1/audit";

/// A door with many events besides its own.
async fn many(count: u32) -> (Door, Caller) {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let sql = format!(
        "INSERT INTO events (id, at, action, outcome, actor_kind, actor_id, actor_name, target_kind, target_id, target_name,
                             ip, user_agent, request_id, detail)
         WITH RECURSIVE numbers (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < {count})
         SELECT '00000000-0000-7000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2), 1000 + i / 3, 'user.update', 'success', 'user',
                'u' || CAST(i % 5 AS TEXT), '=mara', 'user', 't', 'a \"b\", c', '10.0.0.1', 'test', 'r', '{{\"n\":' || CAST(i AS TEXT) || '}}'
         FROM numbers"
    );
    assert_eq!(door.meddle(&sql).await, u64::from(count));
    (door, admin)
}

#[tokio::test]
async fn json_lines_are_the_events_of_the_list() {
    let (door, admin) = many(30).await;
    admin.post("/api/v1/users", json!({ "username": "leo", "password": PASSWORD })).await;
    door.events().await;
    for query in ["", "action=user.", "outcome=success&order=asc", "actor=u3", "query=%3Dmar"] {
        let list = admin.get(&format!("{AUDIT}?limit=200&{query}")).await;
        let answer = admin.get(&format!("{AUDIT}/export?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/x-ndjson");
        assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"doorward-audit-2027-01-15.jsonl\"");
        let lines: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let without_exports =
            |events: &[Value]| events.iter().filter(|event| event["action"] != "audit.export").cloned().collect::<Vec<_>>();
        assert_eq!(without_exports(&lines), without_exports(list.body["items"].as_array().unwrap()), "{query}");
    }
}

#[tokio::test]
async fn an_export_of_many_pieces_is_whole() {
    let (_door, admin) = many(9_500).await;
    for (query, count) in [("action=user.update", 9_500), ("action=user.update&actor=u3", 1_900), ("query=%3Dmara&order=asc", 9_500)] {
        let text = admin.get(&format!("{AUDIT}/export?{query}")).await.text;
        let mut ids: Vec<String> =
            text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), count, "{query}");
        if !query.contains("asc") {
            ids.reverse();
        }
        assert!(ids.is_sorted_by(|a, b| a < b), "{query}");
    }
    let csv = admin.get(&format!("{AUDIT}/export?format=csv&action=user.update")).await.text;
    assert_eq!(csv.matches("\r\n").count(), 9_501);
}

#[tokio::test]
async fn csv_is_for_spreadsheets_and_holds_no_formula() {
    let (_door, admin) = many(1).await;
    let answer = admin.get(&format!("{AUDIT}/export?format=csv&action=user.update")).await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    let head = "id,at,action,outcome,actorKind,actorId,actorName,targetKind,targetId,targetName,ip,userAgent,requestId,sessionId,workspace,environment,detail";
    let row = "\"00000000-0000-7000-8000-000000000001\",\"1970-01-01T00:00:01.000Z\",\"user.update\",\"success\",\"user\",\"u1\",\"'=mara\",\"user\",\"t\",\"a \"\"b\"\", c\",\"10.0.0.1\",\"test\",\"r\",\"\",\"\",\"\",\"{\"\"n\"\":1}\"";
    assert_eq!(answer.text, format!("{head}\r\n{row}\r\n"));
    let nothing = admin.get(&format!("{AUDIT}/export?format=csv&action=user.role")).await;
    assert_eq!((nothing.status, nothing.text), (200, format!("{head}\r\n")));
    assert_eq!(admin.get(&format!("{AUDIT}/export?action=user.role")).await.text, "");
}

#[tokio::test]
async fn an_export_is_an_event() {
    let (_door, admin) = many(1).await;
    admin.get(&format!("{AUDIT}/export?format=csv&outcome=denied")).await;
    let event = &admin.get(&format!("{AUDIT}?action=audit.export")).await.body["items"][0];
    assert_eq!(
        (&event["actor"]["name"], &event["detail"]),
        (&json!("ada"), &json!({ "format": "csv", "filter": { "outcome": "denied", "order": "desc" } }))
    );
    for (query, field) in [("format=xml", "format"), ("limit=5", "limit"), ("cursor=x", "cursor"), ("ip=x", "ip")] {
        let answer = admin.get(&format!("{AUDIT}/export?{query}")).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!(field)), "{query}: {}", answer.text);
    }
    assert_eq!(admin.get(&format!("{AUDIT}?action=audit.export")).await.body["items"].as_array().unwrap().len(), 1);
}

/// AUD-205
#[tokio::test]
async fn no_secret_is_in_the_export() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let canary = "canary lantern tide 42";
    let made = admin.post("/api/v1/users", json!({ "username": "leo", "password": canary })).await;
    let leo = made.body["id"].as_str().unwrap();
    let link = admin.post(&format!("/api/v1/users/{leo}/reset-link"), json!({})).await;
    let secret = link.body["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    door.nobody().post("/api/v1/auth/login", json!({ "username": "leo", "password": "canary wrong one" })).await;
    door.nobody().with("authorization", "Bearer canary.token.here").get("/api/v1/users").await;
    let tokens = door.nobody().post("/api/v1/auth/login", json!({ "username": "leo", "password": canary })).await;
    let (access, refresh) = (tokens.body["token"].as_str().unwrap(), tokens.body["refreshToken"].as_str().unwrap());
    for format in ["jsonl", "csv"] {
        let text = admin.get(&format!("{AUDIT}/export?format={format}")).await.text;
        assert!(text.contains("user.create"));
        for word in ["canary", secret.as_str(), access, refresh, "$argon2"] {
            assert!(!text.contains(word), "{format} has {word}");
        }
    }
}
