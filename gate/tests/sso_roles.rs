//! The role that a provider gives, at the first sign-in and at each that follows.

use crate::sso_kit::{Kit, opens, problem};
use doorward_gate::{
    testing::PASSWORD,
    wire::{
        RoleName,
        sso::{GroupMapping, NewProvider},
    },
};
use serde_json::json;
use tokio::task::JoinSet;

fn mapped(provider: &mut NewProvider) {
    let line = |group: &str, role: &str| GroupMapping { group: group.into(), role: RoleName(role.into()) };
    provider.role_mapping.group_mappings = vec![line("devs", "developer"), line("admins", "admin")];
}

/// OID-129
#[tokio::test]
async fn a_group_gives_a_role_exactly() {
    let kit = Kit::with(mapped).await;
    for (at, (groups, role)) in [
        (json!(["devs"]), "developer"),
        (json!(["devs", "admins"]), "admin"),
        (json!("admins"), "admin"),
        (json!(["Admins", "admins ", "/admins"]), "viewer"),
        (json!({ "admins": true }), "viewer"),
        (json!([["admins"]]), "viewer"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("p{at}");
        assert!(opens(&kit.sign_in_as(json!({ "sub": name, "preferred_username": name, "groups": groups })).await));
        assert_eq!(kit.user(&name).await["role"], role, "{groups}");
    }
}

/// OID-129
#[tokio::test]
async fn a_strict_mapping_lets_nobody_in_without_a_role() {
    let kit = Kit::with(|provider| {
        mapped(provider);
        provider.role_mapping.role_attribute_strict = true;
    })
    .await;
    assert_eq!(problem(&kit.sign_in_as(json!({ "groups": ["others"] })).await), "not_allowed");
    assert_eq!(kit.reason("session.start").await, "the mapping gives no role");
    assert!(opens(&kit.sign_in_as(json!({ "groups": ["devs"] })).await));
}

/// OID-130
#[tokio::test]
async fn the_role_follows_the_provider_unless_it_is_told_not_to() {
    for (skips, wanted) in [(false, "viewer"), (true, "admin")] {
        let kit = Kit::with(|provider| {
            mapped(provider);
            provider.role_mapping.skip_org_role_sync = skips;
        })
        .await;
        kit.idp.says(json!({ "preferred_username": "mara", "groups": ["admins"] }));
        let before = kit.person(&kit.signed_in().await).await;
        assert_eq!(before.get("/api/v1/users").await.status, 200);
        assert!(opens(&kit.sign_in_as(json!({ "preferred_username": "mara", "groups": [] })).await));
        assert_eq!(kit.user("mara").await["role"], wanted);
        let status = before.get("/api/v1/users").await.status;
        assert_eq!(status, if skips { 200 } else { 401 }, "a token of the old role is worth nothing at once");
    }
}

/// OID-130, ROL-097
#[tokio::test]
async fn the_last_admin_and_a_break_glass_account_keep_their_role() {
    let kit = Kit::with(|provider| {
        mapped(provider);
        provider.link_by_email = true;
    })
    .await;
    let admin = kit.door.admin().await;
    let ada = admin.get("/api/v1/auth/me").await.body["user"]["id"].as_str().unwrap().to_owned();
    kit.door.meddle("UPDATE users SET email = 'ada@example.com', email_key = 'ada@example.com'").await;
    let says = json!({ "sub": "ada", "email": "ada@example.com", "email_verified": true, "groups": ["devs"] });
    assert!(opens(&kit.sign_in_as(says.clone()).await));
    assert_eq!(kit.user("ada").await["role"], "admin", "she is the last one");
    assert!(kit.door.events().await.iter().any(|event| event == "user.role_sync_refused denied by okta"));
    admin.post("/api/v1/users", json!({ "username": "bob", "password": PASSWORD, "role": "admin" })).await;
    let bob = kit.door.nobody().signed_in("bob").await;
    let marked = bob.patch(&format!("/api/v1/users/{ada}"), json!({ "isBreakGlass": true })).await;
    assert_eq!((marked.status, &marked.body["isBreakGlass"]), (200, &json!(true)), "{}", marked.text);
    assert!(opens(&kit.sign_in_as(says.clone()).await));
    assert_eq!(kit.user("ada").await["role"], "admin", "she is marked");
    bob.patch(&format!("/api/v1/users/{ada}"), json!({ "isBreakGlass": false })).await;
    assert!(opens(&kit.sign_in_as(says).await));
    let demoted = bob.get(&format!("/api/v1/users/{ada}")).await.body;
    assert_eq!(demoted["role"], "developer", "now there is another admin");
}

#[tokio::test]
async fn only_an_admin_marks_an_account() {
    let kit = Kit::new().await;
    let role = json!({ "name": "people", "permissions": ["read", "subscribe", "users"] });
    assert_eq!(kit.door.admin().await.post("/api/v1/roles", role).await.status, 201);
    let manager = kit.door.person("people").await;
    let viewer = kit.door.person("viewer").await;
    let answer = manager.patch(&format!("/api/v1/users/{}", viewer.id), json!({ "isBreakGlass": true })).await;
    assert_eq!((answer.status, answer.code()), (403, "role_exceeds_own"));
}

#[tokio::test]
async fn who_was_made_here_keeps_their_role_where_the_mapping_is_the_same_for_all() {
    let kit = Kit::with(|provider| provider.link_by_email = true).await;
    kit.door
        .admin()
        .await
        .post("/api/v1/users", json!({ "username": "bob", "email": "bob@example.com", "password": PASSWORD, "role": "manager" }))
        .await;
    assert!(opens(&kit.sign_in_as(json!({ "sub": "bob", "email": "BOB@example.com", "email_verified": true })).await));
    assert_eq!(kit.user("bob").await["role"], "manager");
    assert_eq!(kit.count().await, 2, "it is his account");
}

/// OID-122
#[tokio::test]
async fn who_writes_the_address_of_another_into_their_profile_is_not_that_one() {
    let kit = Kit::with(|provider| {
        mapped(provider);
        provider.link_by_email = true;
    })
    .await;
    let eve = kit.door.named("eve", "viewer").await;
    assert_eq!(eve.patch("/api/v1/auth/me", json!({ "email": "boss@example.com" })).await.status, 200);
    let boss = json!({ "sub": "boss", "email": "boss@example.com", "email_verified": true, "groups": ["admins"] });
    assert_eq!(problem(&kit.sign_in_as(boss).await), "not_allowed");
    assert_eq!(kit.user("eve").await["role"], "viewer");
}

#[tokio::test]
async fn the_list_of_admins_goes_before_the_mapping() {
    let kit = Kit::configured(mapped, |config| config.auth.admins = vec!["Boss@Example.com".into(), "subject-7".into()]).await;
    for (at, (sub, email, verified, role)) in [
        ("a", "boss@example.com", true, "admin"),
        ("b", "other@example.com", true, "viewer"),
        ("subject-7", "c@example.com", false, "admin"),
        ("Subject-7", "d@example.com", true, "viewer"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("p{at}");
        let claims = json!({ "sub": sub, "preferred_username": name, "email": email, "email_verified": verified });
        assert!(opens(&kit.sign_in_as(claims).await), "{sub}");
        assert_eq!(kit.user(&name).await["role"], role, "{sub}");
    }
    let unverified = json!({ "sub": "e", "preferred_username": "e", "email": "Boss@example.com" });
    assert_eq!(problem(&kit.sign_in_as(unverified).await), "not_allowed", "the address is another’s");
}

/// WSP-112
#[tokio::test]
async fn two_hundred_strangers_of_one_identity_are_one_user_with_one_workspace() {
    let kit = Kit::configured(|_| {}, |config| config.personal_workspaces = true).await;
    kit.idp.says(json!({ "preferred_username": "mara" }));
    let mut begun = Vec::new();
    for _ in 0..200 {
        begun.push(kit.idp.begin(&kit.browser(), crate::sso_kit::LOGIN).await);
    }
    let mut all = JoinSet::new();
    for one in begun {
        let (browser, back) = (kit.browser().with_cookies(&one.cookies), kit.idp.way_back(&one));
        all.spawn(async move { opens(&browser.get(&back).await) });
    }
    assert!(all.join_all().await.into_iter().all(|opened| opened));
    assert_eq!(kit.count().await, 2);
    let workspaces = kit.door.admin().await.get("/api/v1/workspaces").await.body;
    let slugs: Vec<_> = workspaces["items"].as_array().unwrap().iter().map(|one| one["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs, ["default", "mara"]);
    let mara = kit.user("mara").await;
    assert_eq!(mara["grants"][0]["workspace"], "mara");
}
