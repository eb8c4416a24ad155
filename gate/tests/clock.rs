//! The machine's clock is set: back and on, by hours and by days. Nobody is signed out for it who need
//! not be, nothing lives longer than it may, and what waits for its time does not wait for ever.

use crate::proxy_kit::{Manner, upstream};
use doorward_gate::{
    config::{Config, Sink},
    sessions,
    testing::{Answer, Caller, Door, PASSWORD},
};
use serde_json::json;
use std::time::Duration;
use tokio::time::sleep;

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

async fn refresh(door: &Door, token: &str) -> Answer {
    door.nobody().post("/api/v1/auth/refresh", json!({ "refreshToken": token })).await
}

async fn me(caller: &Caller) -> u16 {
    caller.get("/api/v1/auth/me").await.status
}

/// Waits until it is so.
async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if is_so().await {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: not within ten seconds");
}

#[tokio::test]
async fn sessions_and_keys_outlive_a_clock_that_is_set() {
    for jump in [-DAY, -2 * HOUR, 2 * HOUR, 11 * HOUR] {
        let door = Door::claimed().await;
        let (ada, key) = (door.admin().await, door.key("viewer").await);
        door.wait(jump);
        assert_eq!(me(&key).await, 200, "{jump}: a key has no clock");
        assert_eq!(me(&ada).await, 401, "{jump}: an access token is good for its own hour alone");
        let next = refresh(&door, &ada.refresh_token).await;
        assert_eq!(next.status, 200, "{jump}: {}", next.text);
        assert!(next.body["expiresIn"].as_u64().unwrap() <= 3600, "{jump}: {}", next.text);
        let ada = door.nobody().with_tokens(&next);
        assert_eq!(me(&ada).await, 200, "{jump}");
        // And right again.
        door.wait(-jump);
        let ada = door.nobody().with_tokens(&refresh(&door, &ada.refresh_token).await);
        assert_eq!(me(&ada).await, 200, "{jump}: back again");
    }
}

#[tokio::test]
async fn a_secret_that_was_spent_long_ago_by_a_clock_since_set_back_is_taken_for_stolen() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    door.wait(5 * HOUR);
    let next = refresh(&door, &ada.refresh_token).await;
    assert_eq!(next.status, 200, "{}", next.text);
    door.wait(-5 * HOUR);
    assert_eq!(refresh(&door, &ada.refresh_token).await.status, 401);
    assert!(door.events().await.iter().any(|event| event.starts_with("session.reuse denied")), "{:?}", door.events().await);
}

#[tokio::test]
async fn what_is_good_for_minutes_is_not_good_for_the_hours_that_a_clock_was_set_back() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    assert_eq!(ada.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await.status, 204);
    let ticket = ada.post("/api/v1/auth/ticket", json!({})).await.body["ticket"].as_str().unwrap().to_owned();
    door.wait(-HOUR);
    assert!(sessions::redeem_ticket(&door.gate.system("test"), &ticket).await.is_err(), "a ticket is for half a minute");
    let ada = door.nobody().with_tokens(&refresh(&door, &ada.refresh_token).await);
    let off = ada.patch("/api/v1/settings/auth", json!({ "enabled": false })).await;
    assert_eq!((off.status, off.code()), (403, "confirmation_required"), "a proof is for ten minutes");
    // By the seconds that clocks are put right all the time nothing ends.
    assert_eq!(ada.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await.status, 204);
    let ticket = ada.post("/api/v1/auth/ticket", json!({})).await.body["ticket"].as_str().unwrap().to_owned();
    door.wait(-2_000);
    assert!(sessions::redeem_ticket(&door.gate.system("test"), &ticket).await.is_ok());
    assert_eq!(ada.patch("/api/v1/settings/auth", json!({ "enabled": false })).await.status, 200);
}

#[tokio::test]
async fn nobody_waits_a_day_for_another_try() {
    let door = Door::claimed().await;
    let wrong = json!({ "username": "ada", "password": "never-was-a-password" });
    let mut last = door.nobody().post("/api/v1/auth/login", wrong.clone()).await;
    for _ in 0..30 {
        last = door.nobody().post("/api/v1/auth/login", wrong.clone()).await;
    }
    assert_eq!(last.status, 429, "{}", last.text);
    door.wait(-DAY);
    let later = door.nobody().post("/api/v1/auth/login", wrong).await;
    let seconds: i64 = later.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!(later.status == 429 && seconds <= 300, "{seconds}");
    door.wait(seconds * 1000);
    door.admin().await;
}

#[tokio::test]
async fn a_sink_goes_on_whoever_held_it_by_whatever_clock() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    let mut config = Config::for_testing();
    config.audit.sinks = vec![Sink::File(file.clone())];
    let door = Door::claimed_with(config).await;
    eventually("the sink is known", async || door.meddle("UPDATE held_cursors SET seq = seq WHERE name LIKE 'audit:%'").await == 1).await;
    // A process that is gone took it when the clock was a day ahead.
    let held = door.now().plus(DAY).0;
    door.meddle(&format!("UPDATE held_cursors SET holder = 'gone', held_until = {held} WHERE name LIKE 'audit:%'")).await;
    door.named("bea", "viewer").await;
    eventually("it arrives", async || std::fs::read_to_string(&file).unwrap_or_default().contains("\"bea\"")).await;
    for jump in [-DAY, 3 * DAY] {
        door.wait(jump);
        let name = format!("after{}", jump.unsigned_abs());
        door.named(&name, "viewer").await;
        eventually("it arrives", async || std::fs::read_to_string(&file).unwrap_or_default().contains(&name)).await;
    }
}

#[tokio::test]
async fn upstreams_are_looked_after_by_a_clock_that_was_set_back() {
    let echo = upstream(Manner::Echo).await;
    let door = Door::claimed().await;
    let new = json!({ "slug": "tasks", "name": "Tasks", "upstream": format!("http://{}", echo.address) });
    assert_eq!(door.admin().await.post("/api/v1/apps", new).await.status, 201);
    let asked = || echo.seen.lock().unwrap().len();
    door.look_after_apps().await;
    let before = asked();
    door.look_after_apps().await;
    assert_eq!(asked(), before, "it is not due");
    door.wait(-DAY);
    door.look_after_apps().await;
    assert_eq!(asked(), before + 1);
}

#[tokio::test]
async fn what_ends_on_one_node_ends_on_the_other_whatever_the_clock() {
    for jump in [-DAY, DAY] {
        let door = Door::claimed().await;
        let other = door.another().await;
        let key = door.key("viewer").await;
        let there = other.nobody().with("x-api-key", key.headers["x-api-key"].to_str().unwrap());
        assert_eq!(me(&there).await, 200);
        door.wait(jump);
        assert_eq!(door.admin().await.delete(&format!("/api/v1/api-keys/{}", key.id)).await.status, 204);
        eventually("it is heard", async || me(&there).await == 401).await;
    }
}
