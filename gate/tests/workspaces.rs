//! Workspaces and their environments: who makes them, who sees them, and how they go.

use doorward_gate::{
    testing::{Answer, Caller, Door},
    wire::workspaces::MOST_ENVIRONMENTS,
};
use serde_json::{Value, json};

pub(crate) const WORKSPACES: &str = "/api/v1/workspaces";

/// Makes a workspace, besides `default` with the environments `staging` and `production`.
pub(crate) async fn make(admin: &Caller, slug: &str, is_private: bool) {
    let answer = admin.post(WORKSPACES, json!({ "slug": slug, "name": slug.to_uppercase(), "isPrivate": is_private })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    for environment in ["staging", "production"] {
        let answer = admin.post(&format!("{WORKSPACES}/{slug}/environments"), json!({ "slug": environment })).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    }
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
}

fn slugs(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["items"].as_array().unwrap().iter().map(|item| item["slug"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_default_workspace_is_there_from_the_start_and_stays() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let answer = ada.get(&format!("{WORKSPACES}/default")).await;
    assert_eq!((&answer.body["environments"], &answer.body["isPrivate"]), (&json!(["default"]), &json!(false)), "{}", answer.text);
    refused(&ada.delete(&format!("{WORKSPACES}/default")).await, 409, "default_stays");
    refused(&ada.delete(&format!("{WORKSPACES}/default/environments/default")).await, 409, "default_stays");
    refused(&ada.patch(&format!("{WORKSPACES}/default"), json!({ "isPrivate": true })).await, 409, "default_stays");
    assert_eq!(ada.patch(&format!("{WORKSPACES}/default"), json!({ "name": "Everything" })).await.body["name"], "Everything");
}

#[tokio::test]
async fn a_workspace_is_made_changed_and_deleted_and_each_is_an_event() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", false).await;
    let path = format!("{WORKSPACES}/billing");
    let made = ada.get(&path).await;
    assert_eq!(made.body["environments"], json!(["default", "production", "staging"]), "{}", made.text);
    let version = made.headers["etag"].to_str().unwrap().to_owned();
    let changed = ada.patch(&path, json!({ "name": " Bills ", "isPrivate": true })).await;
    assert_eq!((&changed.body["name"], &changed.body["isPrivate"]), (&json!("Bills"), &json!(true)), "{}", changed.text);
    refused(&ada.clone().with("if-match", &version).delete(&path).await, 412, "precondition_failed");
    refused(&ada.post(WORKSPACES, json!({ "slug": "billing" })).await, 409, "workspace_taken");
    refused(&ada.post(&format!("{path}/environments"), json!({ "slug": "staging" })).await, 409, "environment_taken");
    assert_eq!(ada.delete(&format!("{path}/environments/staging")).await.status, 204);
    refused(&ada.delete(&format!("{path}/environments/staging")).await, 404, "not_found");
    let environments = ada.get(&format!("{path}/environments")).await;
    assert_eq!(slugs(&environments), ["default", "production"]);
    assert_eq!(ada.delete(&path).await.status, 204);
    refused(&ada.get(&path).await, 404, "not_found");
    refused(&ada.get(&format!("{path}/environments")).await, 404, "not_found");
    let events = door.events().await;
    let mut of_them: Vec<_> = events.iter().filter_map(|event| event.split(' ').next()).collect();
    of_them.retain(|action| action.starts_with("workspace.") || action.starts_with("environment."));
    of_them.sort_unstable();
    let expected =
        ["environment.create", "environment.create", "environment.delete", "workspace.create", "workspace.delete", "workspace.update"];
    assert_eq!(of_them, expected);
}

#[tokio::test]
async fn only_those_with_settings_change_workspaces() {
    let door = Door::claimed().await;
    make(&door.admin().await, "billing", false).await;
    for role in ["viewer", "operator", "developer", "manager"] {
        let person = door.person(role).await;
        let path = format!("{WORKSPACES}/billing");
        for answer in [
            person.post(WORKSPACES, json!({ "slug": "mine" })).await,
            person.patch(&path, json!({ "name": "Mine" })).await,
            person.delete(&path).await,
            person.post(&format!("{path}/environments"), json!({ "slug": "mine" })).await,
            person.delete(&format!("{path}/environments/staging")).await,
        ] {
            refused(&answer, 403, "forbidden");
        }
        assert_eq!(person.get(&path).await.status, 200, "{role}");
    }
}

/// ROL-099
#[tokio::test]
async fn a_private_workspace_is_there_for_its_members_alone() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", true).await;
    make(&ada, "wiki", false).await;
    let stranger = door.person("manager").await;
    let mara = door.named("mara", "viewer").await;
    let grants = json!({ "grants": [{ "workspace": "billing", "environment": "staging", "role": "viewer" }] });
    assert_eq!(ada.put(&format!("/api/v1/users/{}/grants", mara.id), grants).await.status, 200);
    let mara = door.nobody().signed_in("mara").await;
    assert_eq!(slugs(&stranger.get(WORKSPACES).await), ["default", "wiki"]);
    assert_eq!(slugs(&mara.get(WORKSPACES).await), ["billing", "default", "wiki"]);
    assert_eq!(slugs(&ada.get(WORKSPACES).await), ["billing", "default", "wiki"]);
    for below in ["", "/environments", "/members"] {
        let (there, nowhere) =
            (stranger.get(&format!("{WORKSPACES}/billing{below}")).await, stranger.get(&format!("{WORKSPACES}/nowhere{below}")).await);
        refused(&there, 404, "not_found");
        assert_eq!(there.body["detail"], nowhere.body["detail"], "it looks as if there were none");
        assert_eq!(mara.get(&format!("{WORKSPACES}/billing{below}")).await.status, 200, "{below}");
    }
    // A key that is nobody's sees what is open.
    assert_eq!(slugs(&door.key("viewer").await.get(WORKSPACES).await), ["default", "wiki"]);
    // Opened, everybody sees it; closed again, from the next request on nobody else does.
    assert_eq!(ada.patch(&format!("{WORKSPACES}/billing"), json!({ "isPrivate": false })).await.status, 200);
    assert_eq!(stranger.get(&format!("{WORKSPACES}/billing")).await.status, 200);
    assert_eq!(ada.patch(&format!("{WORKSPACES}/billing"), json!({ "isPrivate": true })).await.status, 200);
    refused(&stranger.get(&format!("{WORKSPACES}/billing")).await, 404, "not_found");
}

/// WSP-109
#[tokio::test]
async fn what_lies_in_one_workspace_is_not_found_in_another() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make(&ada, "billing", false).await;
    assert_eq!(ada.post(WORKSPACES, json!({ "slug": "wiki" })).await.status, 201);
    refused(&ada.delete(&format!("{WORKSPACES}/wiki/environments/staging")).await, 404, "not_found");
    refused(&ada.delete(&format!("{WORKSPACES}/Billing/environments/staging")).await, 404, "not_found");
    refused(&ada.delete(&format!("{WORKSPACES}/billing/environments/..%2Fwiki")).await, 404, "not_found");
    assert_eq!(slugs(&ada.get(&format!("{WORKSPACES}/billing/environments")).await), ["default", "production", "staging"]);
    let cursor = |answer: &Answer| answer.body["nextCursor"].as_str().unwrap().to_owned();
    let first = ada.get(&format!("{WORKSPACES}?limit=1")).await;
    refused(&ada.get(&format!("{WORKSPACES}/wiki/members?cursor={}", cursor(&first))).await, 400, "bad_cursor");
    let viewer = door.person("viewer").await;
    refused(&viewer.get(&format!("{WORKSPACES}?cursor={}", cursor(&first))).await, 400, "bad_cursor");
}

#[tokio::test]
async fn a_list_is_paged_and_found_by_the_beginning_of_a_slug() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    for slug in ["team", "team-a", "team1", "teal", "zoo"] {
        assert_eq!(ada.post(WORKSPACES, json!({ "slug": slug, "isPrivate": slug == "team1" })).await.status, 201);
    }
    for (caller, expected) in [
        (ada.clone(), vec!["default", "teal", "team", "team-a", "team1", "zoo"]),
        (door.person("viewer").await, vec!["default", "teal", "team", "team-a", "zoo"]),
    ] {
        let (mut all, mut next) = (Vec::new(), String::new());
        loop {
            let part = caller.get(&format!("{WORKSPACES}?limit=2{next}")).await;
            all.extend(slugs(&part).into_iter().map(str::to_owned));
            let Some(cursor) = part.body["nextCursor"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        assert_eq!(all, expected);
    }
    assert_eq!(slugs(&ada.get(&format!("{WORKSPACES}?query=team")).await), ["team", "team-a", "team1"]);
    assert_eq!(slugs(&ada.get(&format!("{WORKSPACES}?query=%25")).await), Vec::<&str>::new());
    for wrong in ["limit=0", "limit=201", "name=x"] {
        assert_eq!(ada.get(&format!("{WORKSPACES}?{wrong}")).await.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_workspace_is_named() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let field = |answer: &Answer| -> Value {
        assert_eq!(answer.status, 422, "{}", answer.text);
        answer.body["errors"][0]["field"].clone()
    };
    for (body, wrong) in [
        (json!({ "slug": "Billing" }), "slug"),
        (json!({ "slug": "a_b" }), "slug"),
        (json!({ "slug": "" }), "slug"),
        (json!({ "slug": "x".repeat(33) }), "slug"),
        (json!({ "slug": "a", "name": " " }), "name"),
        (json!({ "slug": "a", "name": "a\u{202e}b" }), "name"),
        (json!({ "slug": "a", "name": "x".repeat(101) }), "name"),
        (json!({ "slug": "a", "owner": "ada" }), "owner"),
        (json!({ "name": "a" }), "slug"),
    ] {
        assert_eq!(field(&ada.post(WORKSPACES, body.clone()).await), wrong, "{body}");
    }
    assert_eq!(field(&ada.patch(&format!("{WORKSPACES}/default"), json!({ "slug": "other" })).await), "slug");
    let environments = format!("{WORKSPACES}/default/environments");
    assert_eq!(field(&ada.post(&environments, json!({ "slug": "a/b" })).await), "slug");
    refused(&ada.post(&format!("{WORKSPACES}/nowhere/environments"), json!({ "slug": "a" })).await, 404, "not_found");
    for number in 1..MOST_ENVIRONMENTS {
        assert_eq!(ada.post(&environments, json!({ "slug": format!("e{number}") })).await.status, 201);
    }
    assert_eq!(field(&ada.post(&environments, json!({ "slug": "one-more" })).await), "slug");
}

#[tokio::test]
async fn another_process_hears_of_it() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    door.named("mara", "viewer").await;
    let there = door.another().await;
    let far = there.nobody().signed_in("mara").await;
    make(&ada, "billing", false).await;
    assert_eq!(far.get(&format!("{WORKSPACES}/billing")).await.status, 200);
    assert_eq!(ada.patch(&format!("{WORKSPACES}/billing"), json!({ "isPrivate": true })).await.status, 200);
    for _ in 0..100 {
        if far.get(&format!("{WORKSPACES}/billing")).await.status == 404 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the other process still shows it");
}
