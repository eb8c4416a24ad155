//! What becomes of API keys: changed, given another secret, revoked, silent with their owner.

use crate::keys::{KEYS, ME, make, path, with};
use doorward_gate::{
    config::Config,
    testing::{Answer, Door},
};
use serde_json::json;
use std::time::Duration;

const HOUR: i64 = 60 * 60 * 1000;

fn is_no_key(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (401, "invalid_api_key"), "{}", answer.text);
}

#[tokio::test]
async fn another_secret_is_good_at_once_and_the_old_one_for_the_grace() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let first = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
    let rotate = format!("{}/rotate", path(&first));
    let second = ada.post(&rotate, json!({ "grace": "1h" })).await;
    assert_eq!(second.status, 200, "{}", second.text);
    assert_eq!(second.body["apiKey"]["prefix"], first.body["apiKey"]["prefix"]);
    assert_ne!(second.body["key"], first.body["key"]);
    let (old, new) = (with(&door, &first), with(&door, &second));
    assert_eq!((old.get(ME).await.status, new.get(ME).await.status), (200, 200));
    door.wait(HOUR - 1);
    assert_eq!(old.get(ME).await.status, 200);
    door.wait(1);
    is_no_key(&old.get(ME).await);
    assert_eq!(new.get(ME).await.status, 200);

    let ada = door.admin().await;
    let third = ada.post(&rotate, json!({ "grace": "0s" })).await;
    is_no_key(&new.get(ME).await);
    assert_eq!(with(&door, &third).get(ME).await.status, 200);

    // A day when nothing is said; and who was replaced before ends with the next one.
    let fourth = ada.post(&rotate, json!({})).await;
    assert_eq!(with(&door, &third).get(ME).await.status, 200);
    let fifth = ada.post(&rotate, json!({ "grace": "168h" })).await;
    is_no_key(&with(&door, &third).get(ME).await);
    door.wait(168 * HOUR - 1);
    assert_eq!(with(&door, &fourth).get(ME).await.status, 200);
    door.wait(1);
    is_no_key(&with(&door, &fourth).get(ME).await);
    assert_eq!(with(&door, &fifth).get(ME).await.status, 200);
    assert!(door.events().await.contains(&"api_key.rotate success by ada".to_owned()));
}

#[tokio::test]
async fn a_grace_is_a_week_at_most_and_an_ended_key_gets_no_secret() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = make(&ada, json!({ "name": "a", "role": "viewer", "expiresIn": "1h" })).await;
    let rotate = format!("{}/rotate", path(&made));
    for grace in [json!("168h1s"), json!("7d"), json!("-1s"), json!(5), json!(null)] {
        let answer = ada.post(&rotate, json!({ "grace": grace })).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!("grace")), "{grace}: {}", answer.text);
    }
    door.wait(HOUR);
    let ada = door.admin().await;
    let answer = ada.post(&rotate, json!({})).await;
    assert_eq!((answer.status, answer.code()), (409, "key_not_active"));
    assert_eq!(ada.patch(&path(&made), json!({ "expiresAt": null })).await.body["status"], "active");
    assert_eq!(ada.post(&rotate, json!({})).await.status, 200);
    assert_eq!(ada.delete(&path(&made)).await.status, 204);
    for answer in [ada.post(&rotate, json!({})).await, ada.patch(&path(&made), json!({ "name": "b" })).await] {
        assert_eq!((answer.status, answer.code()), (409, "key_not_active"));
    }
    assert_eq!(ada.delete(&path(&made)).await.status, 204, "again it changes nothing");
    let revokes = door.events().await.into_iter().filter(|event| event.starts_with("api_key.revoke")).count();
    assert_eq!(revokes, 1);
}

#[tokio::test]
async fn a_change_counts_from_the_next_request_on() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
    let key = with(&door, &made);
    assert_eq!(key.get("/api/v1/users").await.status, 403);
    assert_eq!(ada.patch(&path(&made), json!({ "role": "admin" })).await.status, 200);
    assert_eq!(key.get("/api/v1/users").await.status, 200);
    assert_eq!(ada.patch(&path(&made), json!({ "allowedIps": ["10.0.0.0/8"] })).await.body["allowedIps"], json!(["10.0.0.0/8"]));
    is_no_key(&key.get(ME).await);
    assert_eq!(key.clone().from_afar([10, 1, 1, 1]).get(ME).await.status, 200);
    let changed = ada.patch(&path(&made), json!({ "allowedIps": null, "name": "b", "description": "c" })).await;
    assert_eq!((&changed.body["allowedIps"], &changed.body["description"]), (&json!(null), &json!("c")));
    assert_eq!(key.get(ME).await.body["apiKey"]["name"], "b");
    let ends = door.now().plus(5);
    assert_eq!(ada.patch(&path(&made), json!({ "expiresAt": ends })).await.body["expiresAt"], ends.to_string());
    door.wait(4);
    assert_eq!(key.get(ME).await.status, 200);
    door.wait(1);
    is_no_key(&key.get(ME).await);
    for (patch, field) in [
        (json!({ "kind": "personal" }), "kind"),
        (json!({ "expiresAt": door.now().plus(-1) }), "expiresAt"),
        (json!({ "name": "" }), "name"),
        (json!({ "scope": { "apps": [] } }), "scope.apps"),
        (json!({ "allowedIps": ["x"] }), "allowedIps"),
    ] {
        let answer = ada.patch(&path(&made), patch).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!(field)), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_change_is_for_the_version_that_was_seen() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
    let tag = |answer: &Answer| answer.headers["etag"].to_str().unwrap().to_owned();
    let first = tag(&ada.get(&path(&made)).await);
    let second = tag(&ada.clone().with("if-match", &first).patch(&path(&made), json!({ "name": "b" })).await);
    assert_ne!(first, second);
    let late = ada.clone().with("if-match", &first);
    for answer in [late.patch(&path(&made), json!({ "name": "c" })).await, late.delete(&path(&made)).await] {
        assert_eq!((answer.status, answer.code()), (412, "precondition_failed"), "{}", answer.text);
    }
    assert_eq!(tag(&ada.patch(&path(&made), json!({ "name": "b" })).await), second, "what changes nothing makes no version");
    assert_eq!(ada.clone().with("if-match", &second).delete(&path(&made)).await.status, 204);
}

/// KEY-081
#[tokio::test]
async fn a_dead_key_is_refused_with_the_next_request() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let service = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
    let key = with(&door, &service);
    assert_eq!(key.get(ME).await.status, 200);
    assert_eq!(ada.delete(&path(&service)).await.status, 204);
    is_no_key(&key.get(ME).await);
    let row = ada.get(&path(&service)).await.body;
    assert_eq!((&row["status"], &row["revokedAt"]), (&json!("revoked"), &json!(door.now().to_string())), "it stays in the list");

    let ends = door.now().plus(1);
    let short = with(&door, &make(&ada, json!({ "name": "b", "role": "viewer", "expiresAt": ends })).await);
    assert_eq!(short.get(ME).await.status, 200);
    door.wait(1);
    is_no_key(&short.get(ME).await);

    let leo = door.named("leo", "developer").await;
    let leos_path = format!("/api/v1/users/{}", leo.id);
    let made = make(&leo, json!({ "name": "leo's", "role": "developer", "kind": "personal" })).await;
    let leos = with(&door, &made);
    let may = async |permission: &str| leos.get(ME).await.body["permissions"].as_array().unwrap().contains(&json!(permission));
    assert!(may("write").await);
    assert_eq!(ada.patch(&leos_path, json!({ "role": "viewer" })).await.status, 200);
    assert!(!may("write").await && may("read").await, "never more than its owner");
    assert_eq!(ada.patch(&leos_path, json!({ "role": "admin" })).await.status, 200);
    assert!(may("write").await && !may("users").await, "never more than its role");
    assert_eq!(ada.patch(&leos_path, json!({ "mustChangePassword": true })).await.status, 200);
    assert_eq!(leos.get(ME).await.code(), "password_change_required", "no more than its owner, at no time");
    assert_eq!(ada.patch(&leos_path, json!({ "mustChangePassword": false, "isDisabled": true })).await.status, 200);
    is_no_key(&leos.get(ME).await);
    assert_eq!(ada.patch(&leos_path, json!({ "isDisabled": false })).await.status, 200);
    assert_eq!(leos.get(ME).await.status, 200);
    assert_eq!(ada.delete(&leos_path).await.status, 204);
    is_no_key(&leos.get(ME).await);
    let row = ada.get(&path(&made)).await.body;
    assert_eq!((&row["status"], &row["ownerName"], &row["createdBy"]["name"]), (&json!("revoked"), &json!(null), &json!("leo")));
    assert_eq!(door.events().await.iter().filter(|event| *event == "api_key.revoke success by ada").count(), 2);
}

/// KEY-081
#[tokio::test(flavor = "multi_thread")]
async fn no_request_that_began_after_the_revocation_gets_in() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
    let key = with(&door, &made);
    let burst: Vec<_> = (0..50)
        .map(|_| {
            let key = key.clone();
            tokio::spawn(async move {
                while key.get(ME).await.status == 200 {
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    assert_eq!(ada.delete(&path(&made)).await.status, 204);
    for _ in 0..50 {
        is_no_key(&key.get(ME).await);
    }
    for one in burst {
        one.await.unwrap();
    }
    is_no_key(&key.get(ME).await);
}

#[tokio::test]
async fn other_processes_hear_of_a_change() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
    let other = door.another().await;
    let there = with(&other, &made);
    assert_eq!(there.get(ME).await.status, 200);
    assert_eq!(ada.patch(&path(&made), json!({ "role": "developer" })).await.status, 200);
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert!(there.get(ME).await.body["permissions"].as_array().unwrap().contains(&json!("write")));
    assert_eq!(ada.delete(&path(&made)).await.status, 204);
    tokio::time::sleep(Duration::from_millis(900)).await;
    is_no_key(&there.get(ME).await);
}

#[tokio::test]
async fn personal_keys_go_silent_when_they_are_turned_off() {
    let mut config = Config::for_testing();
    let door = Door::claimed_with(config.clone()).await;
    let leo = door.named("leo", "viewer").await;
    let made = make(&leo, json!({ "name": "a", "role": "viewer", "kind": "personal" })).await;
    config.keys.personal = false;
    let strict = door.another_with(config).await;
    is_no_key(&with(&strict, &made).get(ME).await);
    assert_eq!(with(&door, &made).get(ME).await.status, 200);
    let leo = strict.nobody().signed_in("leo").await;
    assert_eq!(leo.get(KEYS).await.body["total"], 1, "they are seen, and can be revoked");
    assert_eq!(leo.delete(&path(&made)).await.status, 204);
}
