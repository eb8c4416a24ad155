//! Grants: whose role is another one where, who may give that out, and what becomes of it.

use crate::workspaces::{WORKSPACES, make};
use doorward_gate::{
    testing::{Answer, Caller, Door, PASSWORD},
    wire::workspaces::MOST_GRANTS,
};
use serde_json::{Value, json};

fn path(of: &Caller) -> String {
    format!("/api/v1/users/{}/grants", of.id)
}

/// Replaces the grants of somebody.
async fn give(admin: &Caller, of: &Caller, grants: Value) -> Answer {
    admin.put(&path(of), json!({ "grants": grants })).await
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
}

async fn role(admin: &Caller, name: &str, permissions: &[&str]) {
    let answer = admin.post("/api/v1/roles", json!({ "name": name, "permissions": permissions })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}

#[tokio::test]
async fn grants_are_given_shown_and_taken_away() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", false).await;
    let mara = door.named("mara", "developer").await;
    assert_eq!(ada.get(&path(&mara)).await.body, json!({ "grants": [] }));
    let grants = json!([
        { "workspace": "billing", "environment": "production", "role": "viewer" },
        { "workspace": "billing", "role": "operator" },
    ]);
    let answer = give(&ada, &mara, grants).await;
    let kept = json!([
        { "workspace": "billing", "role": "operator" },
        { "workspace": "billing", "environment": "production", "role": "viewer" },
    ]);
    assert_eq!((answer.status, &answer.body["grants"]), (200, &kept), "{}", answer.text);
    let user = ada.get(&format!("/api/v1/users/{}", mara.id)).await;
    assert_eq!(user.body["grants"], kept);
    assert_eq!(ada.get(&path(&mara)).await.body["grants"], kept);
    let listed = ada.get("/api/v1/users?query=mara").await;
    assert_eq!(listed.body["items"][0]["grants"], kept);
    let everybody = ada.get("/api/v1/users").await;
    assert_eq!(everybody.body["items"][0]["grants"], json!([]), "ada has none: {}", everybody.text);

    let members = ada.get(&format!("{WORKSPACES}/billing/members")).await;
    let first = &members.body["items"][0];
    assert_eq!((&first["username"], &first["role"], &first["environment"]), (&json!("mara"), &json!("operator"), &Value::Null));
    assert_eq!(members.body["items"][1]["environment"], "production");
    let page = ada.get(&format!("{WORKSPACES}/billing/members?limit=1")).await;
    let next = ada.get(&format!("{WORKSPACES}/billing/members?limit=1&cursor={}", page.body["nextCursor"].as_str().unwrap())).await;
    assert_eq!((&next.body["items"][0], next.body["nextCursor"].is_null()), (&members.body["items"][1], true), "{}", next.text);

    let listed = ada.get(&format!("{WORKSPACES}?query=billing")).await;
    assert_eq!(listed.body["items"][0]["members"], 1, "one person with two grants: {}", listed.text);
    let mara_again = door.nobody().signed_in("mara").await;
    let seen = mara_again.get(&format!("{WORKSPACES}?query=billing")).await;
    assert_eq!(seen.body["items"][0]["members"], Value::Null, "{}", seen.text);

    assert_eq!(ada.delete(&format!("{}?workspace=billing&environment=production", path(&mara))).await.status, 204);
    assert_eq!(ada.get(&path(&mara)).await.body["grants"], json!([{ "workspace": "billing", "role": "operator" }]));
    assert_eq!(ada.delete(&path(&mara)).await.status, 204);
    assert_eq!(ada.delete(&path(&mara)).await.status, 204, "again it changes nothing");
    assert_eq!(ada.get(&path(&mara)).await.body["grants"], json!([]));
    let events = door.events().await;
    assert_eq!(events.iter().filter(|event| *event == "grant.update success by ada").count(), 3, "{events:?}");
    let list = ada.get("/api/v1/audit?action=grant.update").await;
    let event = list.body["items"].as_array().unwrap().iter().find(|event| event["detail"]["before"] == json!([])).unwrap();
    assert_eq!((&event["target"]["name"], &event["detail"]), (&json!("mara"), &json!({ "before": [], "after": kept })));
}

#[tokio::test]
async fn a_change_of_grants_ends_the_tokens_from_before() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let mara = door.named("mara", "viewer").await;
    let version = ada.get(&format!("/api/v1/users/{}", mara.id)).await.headers["etag"].clone();
    let grants = json!([{ "workspace": "default", "role": "operator" }]);
    assert_eq!(give(&ada, &mara, grants.clone()).await.status, 200);
    assert_eq!(mara.get("/api/v1/auth/me").await.status, 401);
    let mara = door.nobody().signed_in("mara").await;
    assert_eq!(give(&ada, &mara, grants).await.status, 200);
    assert_eq!(mara.get("/api/v1/auth/me").await.status, 200, "the same again is no change");
    assert_eq!(ada.delete(&path(&mara)).await.status, 204);
    assert_eq!(mara.get("/api/v1/auth/me").await.status, 401);
    assert_ne!(ada.get(&format!("/api/v1/users/{}", mara.id)).await.headers["etag"], version);
}

/// ROL-095
#[tokio::test]
async fn nobody_gives_or_takes_a_role_above_their_own() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", false).await;
    role(&ada, "helper", &["read", "subscribe", "run", "users"]).await;
    let helper = door.named("helper", "helper").await;
    let mara = door.named("mara", "viewer").await;
    for above in ["developer", "manager", "admin"] {
        let answer = give(&helper, &mara, json!([{ "workspace": "billing", "role": above }])).await;
        refused(&answer, 403, "role_exceeds_own");
        assert_eq!(answer.body["errors"][0]["field"], "grants[0].role");
    }
    assert_eq!(give(&helper, &mara, json!([{ "workspace": "billing", "role": "operator" }])).await.status, 200);
    // Who has more somewhere is out of reach: for another grant, for losing it, and for a password.
    assert_eq!(give(&ada, &mara, json!([{ "workspace": "billing", "role": "admin" }])).await.status, 200);
    refused(&give(&helper, &mara, json!([])).await, 403, "role_exceeds_own");
    refused(&helper.delete(&path(&mara)).await, 403, "role_exceeds_own");
    let reset = json!({ "newPassword": PASSWORD });
    refused(&helper.put(&format!("/api/v1/users/{}/password", mara.id), reset).await, 403, "role_exceeds_own");
    refused(&helper.patch(&format!("/api/v1/users/{}", mara.id), json!({ "isDisabled": true })).await, 403, "role_exceeds_own");
    assert_eq!(ada.get(&path(&mara)).await.body["grants"][0]["role"], "admin", "nothing was changed");
    for role in ["viewer", "operator", "developer", "manager"] {
        refused(&give(&door.person(role).await, &mara, json!([])).await, 403, "forbidden");
    }
}

#[tokio::test]
async fn a_grant_of_admin_needs_the_password_again() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let mara = door.named("mara", "viewer").await;
    door.wait(11 * 60 * 1000);
    let grants = json!([{ "workspace": "default", "role": "admin" }]);
    refused(&give(&ada, &mara, grants.clone()).await, 403, "confirmation_required");
    assert_eq!(give(&ada, &mara, json!([{ "workspace": "default", "role": "manager" }])).await.status, 200);
    assert_eq!(ada.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(give(&ada, &mara, grants.clone()).await.status, 200);
    door.wait(11 * 60 * 1000);
    let more = json!([{ "workspace": "default", "role": "admin" }, { "workspace": "default", "environment": "default", "role": "viewer" }]);
    assert_eq!(give(&ada, &mara, more).await.status, 200, "what is there already is not given again");
    // A key has no password to give.
    refused(&give(&door.key("admin").await, &door.person("viewer").await, grants).await, 403, "confirmation_required");
}

#[tokio::test]
async fn nobody_changes_their_own_grants() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    refused(&give(&ada, &ada, json!([{ "workspace": "default", "role": "viewer" }])).await, 409, "not_yourself");
    role(&ada, "helper", &["read", "users"]).await;
    let helper = door.named("helper", "helper").await;
    assert_eq!(give(&ada, &helper, json!([{ "workspace": "default", "role": "viewer" }])).await.code(), "");
    let helper = door.nobody().signed_in("helper").await;
    assert_ne!(helper.delete(&path(&helper)).await.status, 204);
}

#[tokio::test]
async fn what_is_wrong_with_grants_is_named() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", false).await;
    let mara = door.named("mara", "viewer").await;
    let good = json!({ "workspace": "billing", "role": "viewer" });
    for (grants, wrong) in [
        (json!([{ "workspace": "nowhere", "role": "viewer" }]), "grants[0].workspace"),
        (json!([good, { "workspace": "default", "environment": "staging", "role": "viewer" }]), "grants[1].environment"),
        (json!([{ "workspace": "billing", "environment": "", "role": "viewer" }]), "grants[0].environment"),
        (json!([{ "workspace": "billing", "role": "nobody-has" }]), "grants[0].role"),
        (json!([{ "workspace": "billing", "role": "Root" }]), "grants[0].role"),
        (json!([good, good]), "grants[1].workspace"),
        (json!([{ "workspace": "billing" }]), "grants[0].role"),
        (json!([{ "workspace": "billing", "role": "viewer", "since": 1 }]), "grants[0].since"),
        (json!(vec![good.clone(); MOST_GRANTS + 1]), "grants"),
    ] {
        let answer = give(&ada, &mara, grants.clone()).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!(wrong)), "{grants}: {}", answer.text);
    }
    refused(&ada.delete(&format!("{}?environment=staging", path(&mara))).await, 422, "invalid");
    let nobody = "/api/v1/users/00000000-0000-7000-8000-000000000000/grants";
    for answer in [ada.get(nobody).await, ada.put(nobody, json!({ "grants": [] })).await, ada.delete(nobody).await] {
        refused(&answer, 404, "not_found");
    }
    // Who may not know of a workspace can not let others in.
    make(&ada, "hidden", true).await;
    role(&ada, "helper", &["read", "subscribe", "users"]).await;
    let helper = door.named("helper", "helper").await;
    let answer = give(&helper, &mara, json!([{ "workspace": "hidden", "role": "viewer" }])).await;
    assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!("grants[0].workspace")), "{}", answer.text);
    // Nor into more of it than they may enter.
    let part = json!([{ "workspace": "hidden", "environment": "staging", "role": "viewer" }]);
    assert_eq!(give(&ada, &helper, part.clone()).await.status, 200);
    let helper = door.nobody().signed_in("helper").await;
    for more in [
        json!([{ "workspace": "hidden", "role": "viewer" }]),
        json!([{ "workspace": "hidden", "environment": "default", "role": "viewer" }]),
    ] {
        refused(&give(&helper, &mara, more).await, 403, "not_a_member");
    }
    assert_eq!(ada.get(&path(&mara)).await.body["grants"], json!([]));
    assert_eq!(give(&helper, &mara, part).await.status, 200);
}

#[tokio::test]
async fn a_role_that_goes_takes_its_grants_along() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    role(&ada, "on-call", &["read", "run"]).await;
    let mara = door.named("mara", "viewer").await;
    assert_eq!(give(&ada, &mara, json!([{ "workspace": "default", "role": "on-call" }])).await.status, 200);
    let mara = door.nobody().signed_in("mara").await;
    assert_eq!(ada.get("/api/v1/roles/on-call").await.body["grants"], 1);
    let answer = ada.delete("/api/v1/roles/on-call").await;
    refused(&answer, 409, "role_in_use");
    assert!(answer.body["detail"].as_str().unwrap().starts_with("One grant has"), "{}", answer.text);
    door.named("jonas", "on-call").await;
    let answer = ada.delete("/api/v1/roles/on-call").await;
    assert!(answer.body["detail"].as_str().unwrap().starts_with("One user and one grant have"), "{}", answer.text);
    assert_eq!(ada.delete("/api/v1/roles/on-call?replacement=operator").await.status, 204);
    assert_eq!(mara.get("/api/v1/auth/me").await.status, 401, "tokens from before are refused");
    assert_eq!(ada.get(&path(&mara)).await.body["grants"], json!([{ "workspace": "default", "role": "operator" }]));
}

#[tokio::test]
async fn what_is_deleted_takes_its_grants_along() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", false).await;
    role(&ada, "keeper", &["read", "subscribe", "settings"]).await;
    let mara = door.named("mara", "viewer").await;
    let grants = json!([
        { "workspace": "billing", "role": "operator" },
        { "workspace": "billing", "environment": "staging", "role": "developer" },
        { "workspace": "default", "role": "operator" },
    ]);
    assert_eq!(give(&ada, &mara, grants).await.status, 200);
    let mara = door.nobody().signed_in("mara").await;
    let keeper = door.named("keeper", "keeper").await;
    refused(&keeper.delete(&format!("{WORKSPACES}/billing")).await, 403, "role_exceeds_own");
    refused(&keeper.delete(&format!("{WORKSPACES}/billing/environments/staging")).await, 403, "role_exceeds_own");
    assert_eq!(ada.delete(&format!("{WORKSPACES}/billing/environments/staging")).await.status, 204);
    assert_eq!(mara.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(ada.get(&path(&mara)).await.body["grants"].as_array().unwrap().len(), 2);
    assert_eq!(ada.delete(&format!("{WORKSPACES}/billing")).await.status, 204);
    assert_eq!(ada.get(&path(&mara)).await.body["grants"], json!([{ "workspace": "default", "role": "operator" }]));
    // Another one of the same slug is another one.
    make(&ada, "billing", true).await;
    assert_eq!(door.nobody().signed_in("mara").await.get(&format!("{WORKSPACES}/billing")).await.status, 404);
    assert_eq!(ada.delete(&format!("/api/v1/users/{}", mara.id)).await.status, 204);
    assert_eq!(ada.get(&format!("{WORKSPACES}/default/members")).await.body["items"], json!([]));
}

/// Two who change the same grants at once: one after the other, and nothing is lost between them.
#[tokio::test]
async fn a_workspace_that_goes_while_a_grant_is_given_leaves_none() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let mara = door.named("mara", "viewer").await;
    for round in 0..5 {
        let slug = format!("w{round}");
        make(&ada, &slug, false).await;
        let workspace = format!("{WORKSPACES}/{slug}");
        let (given, gone) = tokio::join!(give(&ada, &mara, json!([{ "workspace": slug, "role": "viewer" }])), ada.delete(&workspace));
        assert_eq!(gone.status, 204, "{}", gone.text);
        assert!(matches!(given.status, 200 | 422), "{}", given.text);
        assert_eq!(ada.get(&path(&mara)).await.body["grants"], json!([]));
    }
}
