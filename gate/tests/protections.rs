//! What must stay true of the people as a whole, also when two try at once.

use doorward_gate::testing::{Answer, Caller, Door, PASSWORD};
use serde_json::json;

const OTHER: &str = "nine copper kettles sing";

fn path(caller: &Caller) -> String {
    format!("/api/v1/users/{}", caller.id)
}

fn refused(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.code()), (409, code), "{}", answer.text);
}

/// How many admins can sign in.
async fn admins(door: &Door) -> usize {
    let mut count = 0;
    for name in ["ada", "bea", "cleo"] {
        let answer = door.nobody().post("/api/v1/auth/login", json!({ "username": name, "password": PASSWORD })).await;
        count += usize::from(answer.body["user"]["role"] == "admin");
    }
    count
}

/// ROL-096
#[tokio::test]
async fn nobody_shuts_themself_out() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    door.named("bea", "admin").await;
    refused(&ada.delete(&path(&ada)).await, "not_yourself");
    refused(&ada.patch(&path(&ada), json!({ "isDisabled": true })).await, "not_yourself");
    refused(&ada.patch(&path(&ada), json!({ "role": "viewer" })).await, "not_yourself");
    refused(&ada.put(&format!("{}/password", path(&ada)), json!({ "newPassword": OTHER })).await, "not_yourself");
    refused(&ada.send("POST", &format!("{}/reset-link", path(&ada)), None).await, "not_yourself");
    let answer = ada.patch(&path(&ada), json!({ "displayName": "Ada", "role": "admin", "isDisabled": false })).await;
    assert_eq!((answer.status, &answer.body["displayName"]), (200, &json!("Ada")), "the rest of oneself one may change");
    assert_eq!(ada.get("/api/v1/auth/me").await.status, 200);
}

/// ROL-097
#[tokio::test]
async fn somebody_can_always_administer() {
    let door = Door::claimed().await;
    let (ada, bea) = (door.admin().await, door.named("bea", "admin").await);
    door.named("leo", "viewer").await;
    // Neither who was invited and never came, nor who is disabled, could do it.
    let cleo = ada.post("/api/v1/users/invitations", json!({ "username": "cleo", "role": "admin" })).await;
    assert_eq!(cleo.status, 201);
    assert_eq!(ada.patch(&path(&bea), json!({ "isDisabled": true })).await.status, 200);
    // The server's own shell is bound by it too, though it is nobody.
    let system = door.gate.system("test");
    let id = ada.id.parse().unwrap();
    let patch = |text: &str| serde_json::from_str(text).unwrap();
    let tries = [
        doorward_gate::users::delete(&system, id).await.map(drop),
        doorward_gate::users::update(&system, id, patch(r#"{"isDisabled":true}"#)).await.map(drop),
        doorward_gate::users::update(&system, id, patch(r#"{"role":"manager"}"#)).await.map(drop),
    ];
    for result in tries {
        assert_eq!(result.unwrap_err().code().as_str(), "last_active_admin");
    }
    // Those who do not count may go.
    assert_eq!(ada.delete(&format!("/api/v1/users/{}", cleo.body["user"]["id"].as_str().unwrap())).await.status, 204);
    assert_eq!(ada.delete(&path(&bea)).await.status, 204);
    assert_eq!(admins(&door).await, 1);
}

#[tokio::test]
async fn somebody_can_always_sign_in() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let leo = door.named("leo", "viewer").await;
    assert_eq!(ada.patch(&path(&leo), json!({ "isDisabled": true })).await.status, 200);
    let system = door.gate.system("test");
    let id = ada.id.parse().unwrap();
    let disable = serde_json::from_str(r#"{"isDisabled":true}"#).unwrap();
    assert_eq!(doorward_gate::users::delete(&system, id).await.unwrap_err().code().as_str(), "last_active_user");
    assert_eq!(doorward_gate::users::update(&system, id, disable).await.unwrap_err().code().as_str(), "last_active_user");
    assert_eq!(ada.get("/api/v1/auth/me").await.status, 200, "what was refused left no trace");
}

/// Who waits for the turn sees what the other did.
async fn both_at_once(what: impl Fn(Caller, String) -> tokio::task::JoinHandle<Answer>) {
    for _ in 0..8 {
        let door = Door::claimed().await;
        let (ada, bea) = (door.admin().await, door.named("bea", "admin").await);
        door.named("leo", "viewer").await;
        let tries = [what(ada.clone(), path(&bea)), what(bea.clone(), path(&ada))];
        let mut statuses = Vec::new();
        for one in tries {
            let answer = one.await.unwrap();
            // Who was faster may have ended the other's session before that request was judged.
            assert!(matches!(answer.status, 200 | 204 | 401) || answer.code() == "last_active_admin", "{}", answer.text);
            statuses.push(answer.status);
        }
        assert_eq!(statuses.iter().filter(|status| matches!(status, 200 | 204)).count(), 1, "{statuses:?}");
        assert_eq!(admins(&door).await, 1, "{statuses:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_admins_who_demote_each_other_at_once_leave_one() {
    both_at_once(|caller, other| tokio::spawn(async move { caller.patch(&other, json!({ "role": "viewer" })).await })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_admins_who_disable_each_other_at_once_leave_one() {
    both_at_once(|caller, other| tokio::spawn(async move { caller.patch(&other, json!({ "isDisabled": true })).await })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_admins_who_delete_each_other_at_once_leave_one() {
    both_at_once(|caller, other| tokio::spawn(async move { caller.delete(&other).await })).await;
}

/// Two processes on one database have no lock in common but the database's.
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_leave_one_admin_too() {
    for _ in 0..4 {
        let door = Door::claimed().await;
        let (ada, bea) = (door.admin().await, door.named("bea", "admin").await);
        let second = door.another().await;
        let demote = |gate: doorward_gate::Gate, id: String| {
            tokio::spawn(async move {
                let patch = serde_json::from_str(r#"{"role":"viewer"}"#).unwrap();
                doorward_gate::users::update(&gate.system("test"), id.parse().unwrap(), patch).await.map(drop)
            })
        };
        let (first, other) = (demote(door.gate.clone(), bea.id.clone()), demote(second.gate.clone(), ada.id.clone()));
        let results = [first.await.unwrap(), other.await.unwrap()];
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert_eq!(admins(&door).await, 1);
    }
}

/// ROL-095
#[tokio::test]
async fn no_role_below_admin_rules_over_anybody() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let leo = door.named("leo", "viewer").await;
    for role in ["viewer", "operator", "developer", "manager"] {
        let caller = door.person(role).await;
        for victim in [&ada, &leo, &caller] {
            let answers = [
                caller.get(&path(victim)).await,
                caller.patch(&path(victim), json!({ "isDisabled": true })).await,
                caller.patch(&path(victim), json!({ "role": "admin" })).await,
                caller.delete(&path(victim)).await,
                caller.put(&format!("{}/password", path(victim)), json!({ "newPassword": OTHER })).await,
                caller.send("POST", &format!("{}/reset-link", path(victim)), None).await,
                caller.post("/api/v1/users", json!({ "username": "eve", "role": "admin", "password": PASSWORD })).await,
                caller.post("/api/v1/users/invitations", json!({ "username": "eve", "role": "viewer" })).await,
                caller.get("/api/v1/users").await,
            ];
            for answer in answers {
                assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{role}: {}", answer.text);
            }
        }
    }
    assert_eq!(ada.get(&path(&leo)).await.body["role"], "viewer");
}
