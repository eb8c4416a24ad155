//! Apps while they run: how their upstreams are, what passes through, and who hears of a change.

use crate::apps::{APPS, make};
use doorward_gate::{
    config::Config,
    testing::{Answer, Door},
};
use serde_json::{Value, json};
use std::{sync::Arc, sync::Mutex, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// An upstream that answers every request with this text, and keeps what it was asked.
async fn upstream(answer: impl Fn(&str) -> String + Send + 'static) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut piece = [0; 4096];
            let count = stream.read(&mut piece).await.unwrap_or(0);
            let request = String::from_utf8_lossy(&piece[..count]).into_owned();
            let body = answer(request.split(' ').nth(1).unwrap_or_default());
            heard.lock().unwrap().push(request);
            _ = stream.write_all(body.as_bytes()).await;
        }
    });
    (address, asked)
}

fn page(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
}

#[tokio::test]
async fn an_upstream_is_looked_at_by_its_pause() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let (address, asked) = upstream(|_| page("404 Not Found", "")).await;
    let (broken, _) = upstream(|_| page("503 Service Unavailable", "")).await;
    let auth = json!({ "header": { "name": "X-API-Key", "value": "canary" } });
    make(&ada, "tasks", json!({ "upstream": address, "health": { "path": "/healthz?x=1", "every": "15s" }, "upstreamAuth": auth })).await;
    make(&ada, "broken", json!({ "upstream": broken })).await;
    make(&ada, "gone", json!({ "upstream": "http://127.0.0.1:1" })).await;
    make(&ada, "off", json!({ "upstream": broken, "enabled": false })).await;
    door.look_after_apps().await;
    let health = |answer: &Answer| answer.body["health"].clone();
    let of = |slug: &str| format!("{APPS}/{slug}");
    let up = health(&ada.get(&of("tasks")).await);
    assert_eq!((&up["state"], &up["status"]), (&json!("up"), &json!(404)), "any answer below 500 is one: {up}");
    assert_eq!(up["checkedAt"], door.now().to_string());
    assert!(
        asked.lock().unwrap()[0].starts_with("GET /healthz?x=1 HTTP/1.1\r\n") && asked.lock().unwrap()[0].contains("x-api-key: canary")
    );
    let down = health(&ada.get(&of("broken")).await);
    assert_eq!((&down["state"], &down["cause"]), (&json!("down"), &json!("it answers 503")));
    let gone = health(&ada.get(&of("gone")).await);
    assert_eq!((&gone["state"], &gone["cause"]), (&json!("down"), &json!("it refuses connections")));
    assert_eq!(health(&ada.get(&of("off")).await)["state"], "unknown");
    let viewer = door.person("viewer").await;
    assert_eq!(health(&viewer.get(&of("gone")).await)["cause"], Value::Null, "why is for those who manage apps");
    door.look_after_apps().await;
    assert_eq!(asked.lock().unwrap().len(), 1, "not due yet");
    door.wait(15_000);
    door.look_after_apps().await;
    assert_eq!(asked.lock().unwrap().len(), 2);
    assert_eq!(health(&ada.get(&of("tasks")).await)["since"], up["since"], "it is as it was");
    ada.patch(&of("tasks"), json!({ "health": { "path": "/other" } })).await;
    assert_eq!(health(&ada.get(&of("tasks")).await)["state"], "unknown", "of another address nothing is known");
}

#[tokio::test]
async fn an_upstream_is_looked_at_before_it_becomes_an_app() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let probe = |address: String| {
        let ada = ada.clone();
        async move { ada.post(&format!("{APPS}/probe"), json!({ "upstream": address })).await.body }
    };
    let (prefect, _) = upstream(|_| page("200 OK", "<html><title>Prefect Server</title>")).await;
    let found = probe(prefect).await;
    assert_eq!((&found["reachable"], &found["status"], &found["preset"]), (&json!(true), &json!(200), &json!("prefect")), "{found}");
    assert_eq!((&found["title"], &found["asksToSignIn"]), (&json!("Prefect Server"), &json!(false)));
    let (taskflow, asked) = upstream(|path| match path {
        "/tasks/dashboard" => page("200 OK", "<title>Task Dashboard · FastAPI-TaskFlow</title>"),
        _ => page("404 Not Found", "{\"detail\":\"Not Found\"}"),
    })
    .await;
    let found = probe(taskflow).await;
    assert_eq!((&found["preset"], &found["status"]), (&json!("fastapi-taskflow"), &json!(404)), "{found}");
    assert!(asked.lock().unwrap().iter().all(|request| !request.to_lowercase().contains("authorization")));
    let (prometheus, _) = upstream(|path| match path {
        "/-/healthy" => page("200 OK", "Prometheus Server is Healthy.\n"),
        "/" => "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n".into(),
        _ => page("404 Not Found", ""),
    })
    .await;
    assert_eq!(probe(prometheus).await["preset"], "prometheus");
    let (guarded, _) = upstream(|_| page("401 Unauthorized", "")).await;
    let found = probe(guarded).await;
    assert_eq!((&found["asksToSignIn"], &found["preset"]), (&json!(true), &Value::Null), "{found}");
    let gone = probe("http://127.0.0.1:1".into()).await;
    assert!(
        gone["reachable"] == json!(false) && gone["problem"].as_str().unwrap().starts_with("It refuses connections. Is it running"),
        "{gone}"
    );
    for secret in ["http://169.254.169.254", "http://[::ffff:169.254.169.254]", "http://0.0.0.0:8080"] {
        let found = probe(secret.into()).await;
        assert_eq!(found["reachable"], false, "{secret}: {found}");
        assert!(found["problem"].as_str().unwrap().contains("no address that may be connected to"), "{found}");
    }
    assert_eq!(ada.post(&format!("{APPS}/probe"), json!({ "upstream": "http://a/b" })).await.status, 422);
}

#[tokio::test]
async fn the_wizard_looks_at_an_upstream_with_the_code_from_afar() {
    let door = Door::new().await;
    let (address, _) = upstream(|_| page("200 OK", "<title>Flower</title>")).await;
    let path = "/api/v1/setup/check-upstream";
    let asked = json!({ "upstream": address });
    assert_eq!(door.nobody().post(path, asked.clone()).await.body["preset"], "flower");
    let stranger = door.nobody().from_afar([203, 0, 113, 7]);
    refused(&stranger.post(path, asked.clone()).await, 403, "setup_code_required");
    let code = door.gate.setup_code().unwrap();
    let found = stranger.post(path, json!({ "upstream": address, "setupCode": code })).await;
    assert_eq!((found.status, &found.body["reachable"]), (200, &json!(true)), "{}", found.text);
    door.nobody().post("/api/v1/setup", json!({ "username": "ada", "password": doorward_gate::testing::PASSWORD })).await;
    refused(&door.nobody().post(path, asked).await, 409, "setup_done");
}

#[tokio::test]
async fn while_sign_in_is_off_apps_are_changed_here_or_with_the_code() {
    let door = Door::new().await;
    assert_eq!(door.nobody().post("/api/v1/setup/skip", json!({})).await.status, 204);
    let (here, afar) = (door.nobody(), door.nobody().from_afar([203, 0, 113, 7]));
    let new = json!({ "slug": "tasks", "upstream": "http://127.0.0.1:9" });
    refused(&afar.post(APPS, new.clone()).await, 403, "setup_code_required");
    refused(&afar.post(&format!("{APPS}/probe"), json!({ "upstream": "http://127.0.0.1:9" })).await, 403, "setup_code_required");
    assert_eq!(here.post(APPS, new).await.status, 201);
    refused(&afar.patch(&format!("{APPS}/tasks"), json!({ "name": "x" })).await, 403, "setup_code_required");
    refused(&afar.delete(&format!("{APPS}/tasks")).await, 403, "setup_code_required");
    assert_eq!(afar.get(APPS).await.body["items"][0]["slug"], "tasks", "everybody sees everything then");
    let code = door.gate.setup_code().unwrap();
    assert_eq!(afar.with("x-doorward-setup-code", &code).patch(&format!("{APPS}/tasks"), json!({ "name": "x" })).await.status, 200);
}

#[tokio::test]
async fn the_last_hour_is_shown_minute_by_minute() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "tasks", json!({})).await;
    let minute = |answer: &Answer, number: usize| {
        let minute = &answer.body["minutes"][number];
        ["requests", "unauthenticated", "denied", "clientErrors", "errors"].map(|name| minute[name].as_u64().unwrap())
    };
    let path = format!("{APPS}/tasks/traffic");
    for (status, by_doorward) in [(200, false), (404, false), (500, false), (401, true), (403, true), (502, true)] {
        door.count_request("tasks", status, by_doorward);
    }
    let now = ada.get(&path).await;
    assert_eq!(now.body["minutes"].as_array().unwrap().len(), 60);
    assert_eq!(minute(&now, 59), [6, 1, 1, 1, 2], "before it is written down");
    door.write_traffic().await;
    assert_eq!(minute(&ada.get(&path).await, 59), [6, 1, 1, 1, 2], "and after");
    door.count_request("tasks", 200, false);
    assert_eq!(minute(&ada.get(&path).await, 59), [7, 1, 1, 1, 2], "both add up");
    door.write_traffic().await;
    door.wait(10 * 60_000);
    door.count_request("tasks", 200, false);
    let later = ada.get(&path).await;
    assert_eq!((minute(&later, 49)[0], minute(&later, 59)[0]), (7, 1));
    let hour = ada.get(&format!("{APPS}/tasks")).await.body["hour"].clone();
    assert_eq!((&hour["requests"], &hour["refused"], &hour["errors"]), (&json!(8), &json!(2), &json!(2)));
    let parts = |name: &str| hour[name].as_array().unwrap().iter().map(|part| part.as_u64().unwrap()).collect::<Vec<_>>();
    let (requests, errors) = (parts("requestsByPart"), parts("errorsByPart"));
    assert_eq!((requests.len(), requests[24], requests[29], errors[24]), (30, 7, 1, 2));
    let home = ada.get("/api/v1/stats/overview").await;
    assert_eq!((&home.body["apps"][0]["slug"], &home.body["apps"][0]["hour"]["requests"]), (&json!("tasks"), &json!(8)));
    door.wait(55 * 60_000);
    let ada = door.admin().await;
    assert_eq!(ada.get(APPS).await.body["items"][0]["hour"]["requests"], 1, "what is older than an hour is not of the hour");
    door.write_traffic().await;
    door.wait(24 * 60 * 60_000);
    door.write_traffic().await;
    assert_eq!(door.meddle("DELETE FROM app_traffic").await, 0, "after a day it is gone");
}

#[tokio::test]
async fn another_process_hears_of_a_change() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let there = door.another().await;
    let far = there.nobody().signed_in("ada").await;
    make(&ada, "tasks", json!({})).await;
    for _ in 0..100 {
        if far.get(&format!("{APPS}/tasks")).await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the other process does not know it");
}

#[tokio::test]
async fn what_is_wrong_in_the_configuration_is_said_before_anything_starts() {
    let config = |apps: Value| Config { apps: serde_json::from_value(apps).unwrap(), ..Config::for_testing() };
    let problems = |apps: Value| config(apps).check_apps().unwrap_err();
    assert!(config(json!([{ "slug": "tasks", "upstream": "http://127.0.0.1:8000" }])).check_apps().is_ok());
    assert_eq!(
        problems(json!([{ "slug": "tasks", "upstream": "x", "upstreamAuth": { "bearer": { "token": "can ary\n" } } }])),
        [
            "apps.tasks.upstream: Write the address without a path and without a password, like http://127.0.0.1:8000.",
            "apps.tasks.upstream_auth.bearer.token: This has 1 to 4096 ASCII characters, without line breaks.",
        ]
    );
    assert!(
        problems(json!([{ "slug": "a", "upstream": "http://a:1", "preset": "x" }]))[0]
            .starts_with("apps.a.preset: There is no such preset.")
    );
    assert_eq!(
        problems(json!([
            { "slug": "a", "upstream": "http://a:1", "hosts": ["x.example"] },
            { "slug": "b", "upstream": "http://b:1", "hosts": ["x.example"] },
        ])),
        ["apps.b.hosts: x.example leads to the app a already."]
    );
}
