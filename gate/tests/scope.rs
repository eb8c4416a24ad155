//! Where a request acts: the header, private workspaces, what the caller may do there, and keys that
//! are good in one place.

use crate::{
    keys::{KEYS, ME, make as make_key, path, with},
    workspaces::{WORKSPACES, make},
};
use doorward_gate::{
    config::Config,
    testing::{Answer, Caller, Door},
};
use serde_json::{Value, json};

const HEADER: &str = "x-doorward-environment";

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
}

/// The caller, acting there.
fn at(caller: &Caller, scope: &str) -> Caller {
    caller.clone().with(HEADER, scope)
}

/// What the caller may do there.
async fn scope(caller: &Caller, scope: &str) -> Value {
    let answer = at(caller, scope).get(ME).await;
    assert_eq!(answer.status, 200, "{scope}: {}", answer.text);
    answer.body["scope"].clone()
}

/// Somebody with this role and these grants, signed in.
async fn member(door: &Door, name: &str, role: &str, grants: Value) -> Caller {
    let person = door.named(name, role).await;
    let answer = door.admin().await.put(&format!("/api/v1/users/{}/grants", person.id), json!({ "grants": grants })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    door.nobody().signed_in(name).await
}

const VIEWER: [&str; 2] = ["read", "subscribe"];
const OPERATOR: [&str; 3] = ["read", "subscribe", "run"];
const DEVELOPER: [&str; 5] = ["read", "subscribe", "run", "write", "publish"];

#[tokio::test]
async fn the_environment_s_grant_beats_the_workspace_s_which_beats_the_role() {
    let door = Door::claimed().await;
    make(&door.admin().await, "billing", false).await;
    let grants = json!([
        { "workspace": "billing", "role": "operator" },
        { "workspace": "billing", "environment": "production", "role": "viewer" },
    ]);
    let mara = member(&door, "mara", "developer", grants).await;
    let standing = |place: &str, role: &str, permissions: &[&str]| {
        let (workspace, environment) = place.split_once('/').unwrap();
        json!({ "workspace": workspace, "environment": environment, "role": role, "permissions": permissions })
    };
    assert_eq!(scope(&mara, "billing/production").await, standing("billing/production", "viewer", &VIEWER));
    assert_eq!(scope(&mara, "env_billing_staging").await, standing("billing/staging", "operator", &OPERATOR));
    let plain = mara.get(ME).await;
    assert_eq!(plain.body["scope"], standing("default/default", "developer", &DEVELOPER));
    assert_eq!(plain.body["permissions"], json!(DEVELOPER));
    assert_eq!(
        plain.body["grants"],
        json!([
            { "workspace": "billing", "role": "operator", "permissions": OPERATOR },
            { "workspace": "billing", "environment": "production", "role": "viewer", "permissions": VIEWER },
        ])
    );
    // An admin is admin everywhere.
    let zoe = member(&door, "zoe", "admin", json!([{ "workspace": "billing", "role": "viewer" }])).await;
    assert_eq!(scope(&zoe, "billing/staging").await["role"], "admin");
    assert_eq!(zoe.get(ME).await.body["grants"][0]["role"], "admin");
}

/// WSP-107
#[tokio::test]
async fn an_environment_that_there_is_not_is_404_and_never_another_one() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", false).await;
    let viewer = door.person("viewer").await;
    for wrong in [
        "",
        " ",
        "billing",
        "billing/",
        "/staging",
        "billing/nowhere",
        "nowhere/default",
        "env_other",
        "env_other_x",
        "default",
        "a/b/c",
        "../default/default",
    ] {
        for caller in [&ada, &viewer, &door.key("admin").await] {
            let caller = at(caller, wrong);
            refused(&caller.get(ME).await, 404, "environment_not_found");
            refused(&caller.get("/api/v1/stats/overview").await, 404, "environment_not_found");
            refused(&caller.get(WORKSPACES).await, 404, "environment_not_found");
            assert_eq!(caller.get("/api/v1/capabilities").await.status, 200, "what needs nothing needs no place");
        }
        refused(&at(&door.nobody(), wrong).get(ME).await, 401, "unauthenticated");
    }
    let mut two = at(&viewer, "billing/staging");
    two.headers.append(HEADER, "default/default".parse().unwrap());
    refused(&two.get(ME).await, 400, "bad_request");
    // Gone from the next request on.
    assert_eq!(at(&viewer, "billing/staging").get(ME).await.status, 200);
    assert_eq!(ada.delete(&format!("{WORKSPACES}/billing/environments/staging")).await.status, 204);
    refused(&at(&viewer, "billing/staging").get(ME).await, 404, "environment_not_found");
}

/// WSP-107
#[tokio::test]
async fn a_private_workspace_lets_its_members_act_and_nobody_else() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", true).await;
    let grants = json!([{ "workspace": "billing", "environment": "staging", "role": "operator" }]);
    let mara = member(&door, "mara", "viewer", grants).await;
    let stranger = door.person("manager").await;
    for answer in [
        at(&stranger, "billing/staging").get(ME).await,
        at(&stranger, "billing/staging").get("/api/v1/stats/overview").await,
        at(&mara, "billing/production").get(ME).await,
        at(&door.key("developer").await, "billing/staging").get(ME).await,
    ] {
        refused(&answer, 403, "not_a_member");
    }
    let answer = at(&stranger, "billing/staging").get(ME).await;
    assert!(answer.body["detail"].as_str().unwrap().contains("Ask ada for one"), "{}", answer.text);
    door.events().await;
    let event = ada.get(&format!("/api/v1/audit/{}", answer.body["decisionId"].as_str().unwrap())).await;
    assert_eq!((&event.body["workspace"], &event.body["environment"]), (&json!("billing"), &json!("staging")), "{}", event.text);
    assert_eq!(scope(&mara, "billing/staging").await["permissions"], json!(OPERATOR));
    assert_eq!(scope(&ada, "billing/staging").await["role"], "admin");
    assert_eq!(scope(&door.key("admin").await, "billing/staging").await["role"], "admin");
    // Made private while somebody is there.
    make(&ada, "wiki", false).await;
    assert_eq!(at(&stranger, "wiki/staging").get(ME).await.status, 200);
    assert_eq!(ada.patch(&format!("{WORKSPACES}/wiki"), json!({ "isPrivate": true })).await.status, 200);
    refused(&at(&stranger, "wiki/staging").get(ME).await, 403, "not_a_member");
}

/// ROL-095
#[tokio::test]
async fn a_grant_of_admin_in_a_workspace_is_no_right_over_doorward() {
    let door = Door::claimed().await;
    make(&door.admin().await, "billing", false).await;
    let mara = member(&door, "mara", "viewer", json!([{ "workspace": "billing", "role": "admin" }])).await;
    let there = at(&mara, "billing/staging");
    let me = there.get(ME).await;
    assert_eq!(me.body["permissions"], json!(VIEWER), "with Doorward itself: {}", me.text);
    assert_eq!((&me.body["scope"]["role"], me.body["scope"]["permissions"].as_array().unwrap().len()), (&json!("admin"), 11));
    for caller in [&mara, &there] {
        for path in ["/api/v1/users", "/api/v1/settings", "/api/v1/audit", &format!("/api/v1/users/{}", mara.id)] {
            refused(&caller.get(path).await, 403, "forbidden");
        }
        refused(&caller.post(WORKSPACES, json!({ "slug": "mine" })).await, 403, "forbidden");
        refused(&caller.post("/api/v1/roles", json!({ "name": "mine", "permissions": ["read"] })).await, 403, "forbidden");
        refused(&caller.post(KEYS, json!({ "name": "a", "role": "viewer" })).await, 403, "forbidden");
        refused(&caller.post(KEYS, json!({ "name": "a", "role": "admin", "kind": "personal" })).await, 403, "role_exceeds_own");
        refused(&caller.patch("/api/v1/workspaces/billing", json!({ "name": "Mine" })).await, 403, "forbidden");
    }
}

#[tokio::test]
async fn a_grant_takes_nothing_from_what_one_may_do_with_doorward() {
    let door = Door::claimed().await;
    let mara = member(&door, "mara", "manager", json!([{ "workspace": "default", "role": "viewer" }])).await;
    assert_eq!(mara.get("/api/v1/audit").await.status, 200);
    assert_eq!(scope(&mara, "default/default").await["permissions"], json!(VIEWER));
}

#[tokio::test]
async fn the_header_has_the_name_that_is_configured() {
    let mut config = Config::for_testing();
    config.http.scope_header = "x-ironflow-environment".parse().unwrap();
    let door = Door::claimed_with(config).await;
    let ada = door.admin().await;
    make(&ada, "billing", false).await;
    let there = ada.clone().with("X-Ironflow-Environment", "env_billing_staging").get(ME).await;
    assert_eq!((&there.body["scope"]["workspace"], &there.body["scope"]["environment"]), (&json!("billing"), &json!("staging")));
    assert_eq!(at(&ada, "nowhere/at-all").get(ME).await.body["scope"]["workspace"], "default", "the other name means nothing");
}

#[tokio::test]
async fn a_key_is_good_where_its_scope_says_and_nowhere_else() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", true).await;
    make(&ada, "wiki", false).await;
    let made =
        make_key(&ada, json!({ "name": "ci", "role": "operator", "scope": { "workspace": "billing", "environment": "staging" } })).await;
    let key = with(&door, &made);
    assert_eq!(scope(&key, "billing/staging").await["permissions"], json!(OPERATOR), "a key of a private workspace is at home there");
    assert_eq!(at(&key, "billing/staging").get("/api/v1/stats/overview").await.status, 200);
    for elsewhere in ["billing/production", "wiki/staging", "default/default"] {
        let there = at(&key, elsewhere);
        let me = there.get(ME).await;
        assert_eq!((me.status, &me.body["permissions"], &me.body["scope"]["permissions"]), (200, &json!([]), &json!([])), "{}", me.text);
        let answer = there.get("/api/v1/stats/overview").await;
        refused(&answer, 403, "forbidden");
        assert!(answer.body["detail"].as_str().unwrap().contains("good in billing/staging alone"), "{}", answer.text);
    }
    refused(&key.get("/api/v1/stats/overview").await, 403, "forbidden");
    let seen = at(&key, "billing/staging").get(WORKSPACES).await;
    assert_eq!((seen.body["items"].as_array().unwrap().len(), &seen.body["items"][0]["slug"]), (1, &json!("billing")), "{}", seen.text);
    refused(&at(&key, "billing/staging").get(&format!("{WORKSPACES}/wiki")).await, 404, "not_found");
    // Widened, it is good in all of the workspace from the next request on.
    assert_eq!(ada.patch(&path(&made), json!({ "scope": { "workspace": "billing" } })).await.status, 200);
    assert_eq!(scope(&key, "billing/production").await["permissions"], json!(OPERATOR));
    assert_eq!(at(&key, "wiki/staging").get(ME).await.body["permissions"], json!([]));
}

/// KEY-083
#[tokio::test]
async fn a_key_of_one_workspace_never_administers_doorward() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", false).await;
    let made = make_key(&ada, json!({ "name": "ci", "role": "admin", "scope": { "workspace": "billing" } })).await;
    let key = with(&door, &made);
    for caller in [&key, &at(&key, "billing/staging"), &at(&key, "default/default")] {
        for path in ["/api/v1/users", "/api/v1/settings", "/api/v1/audit", KEYS] {
            refused(&caller.get(path).await, 403, "forbidden");
        }
        refused(&caller.post(WORKSPACES, json!({ "slug": "mine" })).await, 403, "forbidden");
    }
    assert_eq!(scope(&key, "billing/staging").await["role"], "admin");
}

#[tokio::test]
async fn a_personal_key_is_worth_no_more_than_its_owner_in_each_place() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", true).await;
    let mara = member(&door, "mara", "developer", json!([{ "workspace": "billing", "environment": "staging", "role": "viewer" }])).await;
    let made = make_key(&mara, json!({ "name": "mine", "role": "operator", "kind": "personal" })).await;
    let key = with(&door, &made);
    assert_eq!(key.get(ME).await.body["scope"]["permissions"], json!(OPERATOR));
    assert_eq!(scope(&key, "billing/staging").await["permissions"], json!(VIEWER));
    refused(&at(&key, "billing/production").get(ME).await, 403, "not_a_member");
    // Without the grant the owner is out, and so is the key.
    assert_eq!(ada.delete(&format!("/api/v1/users/{}/grants", mara.id)).await.status, 204);
    refused(&at(&key, "billing/staging").get(ME).await, 403, "not_a_member");
    assert_eq!(key.get(ME).await.status, 200);
}

#[tokio::test]
async fn a_key_s_scope_is_a_place_that_its_maker_knows() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", true).await;
    let person = door.person("developer").await;
    for (caller, scope, wrong) in [
        (&ada, json!({ "workspace": "nowhere" }), "scope.workspace"),
        (&ada, json!({ "workspace": "No-Slug" }), "scope.workspace"),
        (&ada, json!({ "workspace": "billing", "environment": "nowhere" }), "scope.environment"),
        (&ada, json!({ "environment": "staging" }), "scope.workspace"),
        (&person, json!({ "workspace": "billing" }), "scope.workspace"),
    ] {
        let answer = caller.post(KEYS, json!({ "name": "a", "role": "viewer", "kind": "personal", "scope": scope })).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!(wrong)), "{scope}: {}", answer.text);
    }
    let made = make_key(&ada, json!({ "name": "a", "role": "viewer" })).await;
    let answer = ada.patch(&path(&made), json!({ "scope": { "workspace": "nowhere" } })).await;
    assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!("scope.workspace")), "{}", answer.text);
}

#[tokio::test]
async fn a_place_that_goes_takes_its_keys_along() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", false).await;
    let scoped = |name: &str, scope: Value| json!({ "name": name, "role": "viewer", "scope": scope });
    let staging = make_key(&ada, scoped("staging", json!({ "workspace": "billing", "environment": "staging" }))).await;
    let whole = make_key(&ada, scoped("whole", json!({ "workspace": "billing" }))).await;
    let other = make_key(&ada, scoped("other", json!({ "workspace": "default" }))).await;
    assert_eq!(ada.delete(&format!("{WORKSPACES}/billing/environments/staging")).await.status, 204);
    refused(&with(&door, &staging).get(ME).await, 401, "invalid_api_key");
    assert_eq!(with(&door, &whole).get(ME).await.status, 200);
    assert_eq!(ada.delete(&format!("{WORKSPACES}/billing")).await.status, 204);
    refused(&with(&door, &whole).get(ME).await, 401, "invalid_api_key");
    assert_eq!(with(&door, &other).get(ME).await.status, 200);
    make(&ada, "billing", false).await;
    refused(&at(&with(&door, &whole), "billing/staging").get(ME).await, 401, "invalid_api_key");
}
