//! Apps: making, changing and deleting them, who sees which, and what becomes of a request.

use crate::{
    keys::{KEYS, make as make_key, path as key_path, with},
    workspaces::{WORKSPACES, make as make_workspace},
};
use doorward_gate::{
    config::Config,
    testing::{Answer, Caller, Door},
    wire::apps::NewApp,
};
use serde_json::{Value, json};

pub(crate) const APPS: &str = "/api/v1/apps";

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
}

fn field(answer: &Answer) -> &str {
    assert_eq!(answer.status, 422, "{}", answer.text);
    answer.body["errors"][0]["field"].as_str().unwrap()
}

/// Makes an app with this upstream, and what is given besides.
pub(crate) async fn make(admin: &Caller, slug: &str, more: Value) -> Answer {
    let mut new = json!({ "slug": slug, "upstream": "http://127.0.0.1:9" });
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = admin.post(APPS, new).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer
}

fn slugs(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["items"].as_array().unwrap().iter().map(|item| item["slug"].as_str().unwrap()).collect()
}

/// What becomes of a request: the rule's number, and the status.
async fn tried(admin: &Caller, slug: &str, asked: Value) -> (Value, Value) {
    let answer = admin.post(&format!("{APPS}/{slug}/check"), asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    (answer.body["rule"].clone(), answer.body["status"].clone())
}

/// A Doorward whose configuration has these apps.
async fn configured(apps: Value) -> Door {
    let apps: Vec<NewApp> = serde_json::from_value(apps).unwrap();
    Door::claimed_with(Config { apps, ..Config::for_testing() }).await
}

#[tokio::test]
async fn an_app_is_made_changed_and_deleted_and_each_is_an_event() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = make(&ada, "tasks", json!({ "name": " Task queue ", "hosts": ["tasks.example.com"], "preset": "fastapi-taskflow" })).await;
    let definition = &made.body["definition"];
    assert_eq!(
        (&made.body["name"], &made.body["role"], &made.body["source"]),
        (&json!("Task queue"), &json!("admin"), &json!("dashboard"))
    );
    assert_eq!(definition["rules"][2], json!({ "methods": ["POST"], "path": "/tasks/*/retry", "allow": "run" }), "the preset's");
    assert_eq!(definition["health"], json!({ "path": "/tasks/metrics", "every": "15s" }));
    assert_eq!(made.body["urls"], json!(["http://tasks.example.com:8080", "http://tasks.localhost:8080"]));
    assert_eq!(made.body["health"]["state"], "unknown");
    let path = format!("{APPS}/tasks");
    let version = made.headers["etag"].to_str().unwrap().to_owned();
    door.wait(1);
    let changed = ada.patch(&path, json!({ "enabled": false, "hosts": ["a.example.com", "b.example.com"] })).await;
    assert_eq!((&changed.body["enabled"], &changed.body["definition"]["hosts"][1]), (&json!(false), &json!("b.example.com")));
    refused(&ada.clone().with("if-match", &version).patch(&path, json!({ "name": "x" })).await, 412, "precondition_failed");
    refused(&ada.clone().with("if-match", &version).delete(&path).await, 412, "precondition_failed");
    assert_eq!(ada.get(&path).await.body["definition"]["hosts"], json!(["a.example.com", "b.example.com"]));
    let same = ada.patch(&path, json!({ "enabled": false })).await;
    assert_eq!(same.body["updatedAt"], changed.body["updatedAt"], "nothing changed");
    door.wait(1);
    let other = ada.patch(&path, json!({ "preset": "dagu" })).await;
    assert_eq!(other.body["definition"]["rules"][0]["path"], "/api/*/health", "another preset brings its rules");
    door.wait(1);
    assert_eq!(ada.delete(&path).await.status, 204);
    refused(&ada.get(&path).await, 404, "not_found");
    refused(&ada.delete(&path).await, 404, "not_found");
    let mut events = door.events().await;
    events.retain(|event| event.starts_with("app."));
    assert_eq!(
        events,
        ["app.create success by ada", "app.update success by ada", "app.update success by ada", "app.delete success by ada"]
    );
    let log = ada.get("/api/v1/audit?action=app.update&order=asc").await;
    let detail = &log.body["items"][0]["detail"];
    assert_eq!((&detail["before"]["enabled"], &detail["after"]["enabled"]), (&json!(true), &json!(false)), "{detail}");
    assert!(detail["after"].get("name").is_none(), "only what changed");
}

#[tokio::test]
async fn only_those_with_apps_change_them() {
    let door = Door::claimed().await;
    make(&door.admin().await, "tasks", json!({})).await;
    for role in ["viewer", "operator", "developer", "manager"] {
        let person = door.person(role).await;
        for answer in [
            person.post(APPS, json!({ "slug": "mine", "upstream": "http://127.0.0.1:9" })).await,
            person.patch(&format!("{APPS}/tasks"), json!({ "rules": [{ "allow": "public" }] })).await,
            person.delete(&format!("{APPS}/tasks")).await,
            person.post(&format!("{APPS}/tasks/check"), json!({ "method": "GET", "path": "/" })).await,
            person.post(&format!("{APPS}/probe"), json!({ "upstream": "http://127.0.0.1:9" })).await,
            person.get(&format!("{APPS}/presets")).await,
        ] {
            refused(&answer, 403, "forbidden");
        }
        let seen = person.get(&format!("{APPS}/tasks")).await;
        assert_eq!((seen.status, &seen.body["role"]), (200, &json!(role)));
        assert!(seen.body.get("definition").is_none() && !seen.text.contains("127.0.0.1:9"), "how it is set up is the admins' own");
    }
}

#[tokio::test]
async fn one_sees_the_apps_that_one_may_open() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make_workspace(&ada, "billing", true).await;
    make(&ada, "tasks", json!({})).await;
    make(&ada, "metrics", json!({ "rules": [{ "path": "/healthz", "allow": "public" }, { "allow": "settings" }] })).await;
    make(&ada, "secrets", json!({ "rules": [{ "allow": "settings" }] })).await;
    make(&ada, "bills", json!({ "workspace": "billing" })).await;
    make(&ada, "off", json!({ "enabled": false })).await;
    let viewer = door.person("viewer").await;
    assert_eq!(slugs(&ada.get(APPS).await), ["bills", "metrics", "off", "secrets", "tasks"]);
    assert_eq!(slugs(&viewer.get(APPS).await), ["metrics", "tasks"], "some rule lets a viewer through");
    for hidden in ["secrets", "bills", "off", "nowhere"] {
        refused(&viewer.get(&format!("{APPS}/{hidden}")).await, 404, "not_found");
        refused(&viewer.get(&format!("{APPS}/{hidden}/traffic")).await, 404, "not_found");
    }
    let mara = door.named("mara", "viewer").await;
    let grants = json!({ "grants": [{ "workspace": "billing", "role": "operator" }] });
    assert_eq!(ada.put(&format!("/api/v1/users/{}/grants", mara.id), grants).await.status, 200);
    let mara = door.nobody().signed_in("mara").await;
    assert_eq!(slugs(&mara.get(APPS).await), ["bills", "metrics", "tasks"]);
    assert_eq!(slugs(&mara.get(&format!("{APPS}?workspace=billing")).await), ["bills"]);
    assert_eq!(mara.get(&format!("{APPS}/bills")).await.body["role"], "operator");
    // Whoever manages apps, and is no member, does not manage those of a private workspace.
    let role = json!({ "name": "app-keeper", "permissions": ["read", "apps"] });
    assert_eq!(ada.post("/api/v1/roles", role).await.status, 201);
    let keeper = door.named("kim", "app-keeper").await;
    assert_eq!(slugs(&keeper.get(APPS).await), ["metrics", "off", "secrets", "tasks"]);
    refused(&keeper.patch(&format!("{APPS}/bills"), json!({ "name": "x" })).await, 404, "not_found");
    refused(&keeper.delete(&format!("{APPS}/bills")).await, 404, "not_found");
    assert_eq!(field(&keeper.post(APPS, json!({ "slug": "x", "upstream": "http://a:1", "workspace": "billing" })).await), "workspace");
}

#[tokio::test]
async fn a_request_is_tried_without_being_sent() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let rules = json!([
        { "path": "/healthz", "allow": "public" },
        { "methods": ["POST"], "path": "/api/v1/dags/*/start", "allow": "run" },
        { "path": "/internal/**", "allow": "deny" },
        { "path": "/me", "allow": "authenticated" },
    ]);
    make(&ada, "tasks", json!({ "rules": rules })).await;
    let start = |more: Value| {
        let mut asked = json!({ "method": "POST", "path": "/api/v1/dags/a/start" });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        asked
    };
    assert_eq!(tried(&ada, "tasks", start(json!({}))).await, (json!(2), json!(401)));
    assert_eq!(tried(&ada, "tasks", start(json!({ "role": "viewer" }))).await, (json!(2), json!(403)));
    assert_eq!(tried(&ada, "tasks", start(json!({ "role": "operator" }))).await, (json!(2), json!(200)));
    assert_eq!(tried(&ada, "tasks", json!({ "method": "GET", "path": "/healthz/?x=1" })).await, (json!(1), json!(200)));
    assert_eq!(tried(&ada, "tasks", json!({ "method": "GET", "path": "/internal", "role": "admin" })).await, (json!(3), json!(403)));
    assert_eq!(
        tried(&ada, "tasks", json!({ "method": "GET", "path": "/x", "role": "viewer" })).await,
        (json!(null), json!(200)),
        "by default"
    );
    assert_eq!(tried(&ada, "tasks", json!({ "method": "DELETE", "path": "/x", "role": "operator" })).await, (json!(null), json!(403)));
    for path in ["/internal/../healthz", "/%2e%2e/x", "/a%2fb", "//healthz", "/healthz;x", "/a%252fb"] {
        assert_eq!(
            tried(&ada, "tasks", json!({ "method": "GET", "path": path, "role": "admin" })).await,
            (json!(null), json!(400)),
            "{path}"
        );
    }
    // As somebody, and as a key.
    let mara = door.named("mara", "viewer").await;
    assert_eq!(tried(&ada, "tasks", start(json!({ "user": "MARA" }))).await, (json!(2), json!(403)));
    let grants = json!({ "grants": [{ "workspace": "default", "role": "operator" }] });
    assert_eq!(ada.put(&format!("/api/v1/users/{}/grants", mara.id), grants).await.status, 200);
    assert_eq!(tried(&ada, "tasks", start(json!({ "user": "mara" }))).await, (json!(2), json!(200)), "by her grant");
    assert_eq!(ada.patch(&format!("/api/v1/users/{}", mara.id), json!({ "isDisabled": true })).await.status, 200);
    assert_eq!(tried(&ada, "tasks", start(json!({ "user": "mara" }))).await, (json!(2), json!(401)));
    assert_eq!(field(&ada.post(&format!("{APPS}/tasks/check"), start(json!({ "user": "nobody" }))).await), "user");
    assert_eq!(field(&ada.post(&format!("{APPS}/tasks/check"), start(json!({ "role": "none" }))).await), "role");
    let answer = ada.post(&format!("{APPS}/tasks/check"), start(json!({ "role": "viewer" }))).await;
    let looked: Vec<_> = answer.body["trail"].as_array().unwrap().iter().map(|step| step["looked"].as_str().unwrap()).collect();
    assert_eq!(looked, ["principal", "app", "scope", "role", "permissions", "path", "rule", "needs", "result"]);
    assert!(answer.body["reason"].as_str().unwrap().contains("needs the permission “run”"), "{}", answer.text);
}

#[tokio::test]
async fn the_role_counts_where_the_app_is_and_nowhere_else() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make_workspace(&ada, "billing", false).await;
    make_workspace(&ada, "wiki", false).await;
    make(&ada, "bills", json!({ "workspace": "billing" })).await;
    let mara = door.named("mara", "viewer").await;
    let grants = json!({ "grants": [
        { "workspace": "billing", "environment": "staging", "role": "developer" }, { "workspace": "wiki", "role": "admin" },
    ] });
    assert_eq!(ada.put(&format!("/api/v1/users/{}/grants", mara.id), grants).await.status, 200);
    let write = json!({ "method": "POST", "path": "/x", "user": "mara" });
    for (scope, status, why) in [
        (None, 403, "her own role"),
        (Some("billing/staging"), 200, "her grant"),
        (Some("billing/production"), 403, "her own role"),
        (Some("wiki/default"), 404, "an admin elsewhere is nobody here"),
        (Some("billing/nowhere"), 404, "there is no such place"),
    ] {
        let caller = scope.map_or_else(|| ada.clone(), |scope| ada.clone().with("x-doorward-environment", scope));
        let answer = caller.post(&format!("{APPS}/bills/check"), write.clone()).await;
        let got = if answer.status == 200 { answer.body["status"].as_u64().unwrap() } else { u64::from(answer.status) };
        assert_eq!(got, status, "{scope:?}: {why}: {}", answer.text);
    }
    // A private workspace lets its members in.
    assert_eq!(ada.patch(&format!("{WORKSPACES}/billing"), json!({ "isPrivate": true })).await.status, 200);
    door.named("zoe", "manager").await;
    let read = json!({ "method": "GET", "path": "/x", "user": "zoe" });
    assert_eq!(tried(&ada, "bills", read).await.1, 403);
}

#[tokio::test]
async fn what_is_wrong_with_an_app_is_named() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let new = |more: Value| {
        let mut new = json!({ "slug": "tasks", "upstream": "http://127.0.0.1:9" });
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        new
    };
    for (more, wrong) in [
        (json!({ "slug": "Tasks" }), "slug"),
        (json!({ "slug": "presets" }), "slug"),
        (json!({ "upstream": "http://user:pw@a" }), "upstream"),
        (json!({ "upstream": "http://169.254.169.254" }), "upstream"),
        (json!({ "upstream": "http://[fe80::1]:80" }), "upstream"),
        (json!({ "upstream": "file:///etc/passwd" }), "upstream"),
        (json!({ "hosts": ["x.localhost"] }), "hosts[0]"),
        (json!({ "path": "/admin/x" }), "trusted"),
        (json!({ "path": "/api/x", "trusted": true }), "path"),
        (json!({ "workspace": "nowhere" }), "workspace"),
        (json!({ "preset": "nothing" }), "preset"),
        (json!({ "rules": [{ "path": "/{id}", "allow": "read" }] }), "rules[0].path"),
        (json!({ "rules": [{ "allow": "everybody" }] }), "rules[0].allow"),
        (json!({ "rules": [{ "allow": "read", "roles": [] }] }), "rules[0].roles"),
        (json!({ "health": { "every": "1s" } }), "health.every"),
        (json!({ "upstreamAuth": { "basic": { "username": "a:b", "password": "canary" } } }), "upstreamAuth.basic.username"),
        (json!({ "owner": "ada" }), "owner"),
    ] {
        let answer = ada.post(APPS, new(more.clone())).await;
        assert_eq!(field(&answer), wrong, "{more}");
        assert!(!answer.text.contains("canary"));
    }
    refused(&ada.clone().with("if-match", "\"1\"").patch(&format!("{APPS}/tasks"), json!({})).await, 404, "not_found");
}

#[tokio::test]
async fn an_address_leads_to_one_app() {
    let mut config = Config::for_testing();
    config.http.public_url = Some("https://door.example.com".into());
    let door = Door::claimed_with(config).await;
    let ada = door.admin().await;
    make(&ada, "tasks", json!({ "hosts": ["tasks.example.com"], "listen": "127.0.0.1:9001", "path": "/admin/x", "trusted": true })).await;
    for (new, code, wrong) in [
        (json!({ "slug": "tasks" }), "app_taken", "slug"),
        (json!({ "slug": "b", "hosts": ["tasks.example.com"] }), "address_taken", "hosts"),
        (json!({ "slug": "b", "hosts": ["tasks.door.example.com"] }), "address_taken", "hosts"),
        (json!({ "slug": "b", "listen": "127.0.0.1:9001" }), "address_taken", "listen"),
        (json!({ "slug": "b", "path": "/admin/x", "trusted": true }), "address_taken", "path"),
    ] {
        let mut new = new;
        new["upstream"] = json!("http://127.0.0.1:9");
        let answer = ada.post(APPS, new).await;
        refused(&answer, 409, code);
        assert_eq!(answer.body["errors"][0]["field"], wrong);
    }
    let own = ada.post(APPS, json!({ "slug": "b", "upstream": "http://a:1", "hosts": ["door.example.com"] })).await;
    assert_eq!(field(&own), "hosts[0]", "the dashboard's own name is no app's");
    make(&ada, "c", json!({ "hosts": ["d.door.example.com"] })).await;
    refused(&ada.post(APPS, json!({ "slug": "d", "upstream": "http://a:1" })).await, 409, "address_taken");
    let urls = ada.get(&format!("{APPS}/tasks")).await.body["urls"].clone();
    assert_eq!(urls[0], "https://tasks.example.com");
    assert!(urls.as_array().unwrap().contains(&json!("https://tasks.door.example.com")), "{urls}");
}

#[tokio::test]
async fn credentials_go_to_the_upstream_they_were_given_for() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let auth = json!({ "upstreamAuth": { "basic": { "username": "admin", "password": "canary-upstream" } } });
    let made = make(&ada, "tasks", auth.clone()).await;
    assert_eq!(made.body["definition"]["upstreamAuth"], json!({ "kind": "basic", "name": "admin" }));
    let path = format!("{APPS}/tasks");
    assert_eq!(field(&ada.patch(&path, json!({ "upstream": "http://evil.example" })).await), "upstreamAuth");
    let moved =
        ada.patch(&path, json!({ "upstream": "http://127.0.0.1:10", "upstreamAuth": { "bearer": { "token": "canary-token" } } })).await;
    assert_eq!(moved.body["definition"]["upstreamAuth"], json!({ "kind": "bearer" }), "{}", moved.text);
    let kept = ada.patch(&path, json!({ "name": "Tasks" })).await;
    assert_eq!(kept.body["definition"]["upstreamAuth"], json!({ "kind": "bearer" }));
    let everything = door.all_text().await;
    for text in [&made.text, &moved.text, &everything, &ada.get(APPS).await.text] {
        assert!(!text.contains("canary"), "a secret is shown");
    }
    let gone = ada.patch(&path, json!({ "upstream": "http://127.0.0.1:11", "upstreamAuth": null })).await;
    assert_eq!(gone.body["definition"]["upstreamAuth"], Value::Null, "{}", gone.text);
}

#[tokio::test]
async fn an_app_of_the_configuration_is_changed_there_alone() {
    let door = configured(json!([
        { "slug": "dags", "upstream": "http://127.0.0.1:9", "preset": "dagu", "hosts": ["dags.example.com"] },
        { "slug": "lost", "upstream": "http://127.0.0.1:9", "workspace": "nowhere" },
    ]))
    .await;
    let ada = door.admin().await;
    let seen = ada.get(&format!("{APPS}/dags")).await;
    assert_eq!((&seen.body["source"], seen.body["definition"]["rules"].as_array().unwrap().len()), (&json!("config"), 13));
    refused(&ada.patch(&format!("{APPS}/dags"), json!({ "name": "x" })).await, 409, "app_configured");
    refused(&ada.delete(&format!("{APPS}/dags")).await, 409, "app_configured");
    let new = |slug: &str, host: &str| json!({ "slug": slug, "upstream": "http://127.0.0.1:9", "hosts": [host] });
    refused(&ada.post(APPS, new("dags", "x.example.com")).await, 409, "app_taken");
    refused(&ada.post(APPS, new("other", "dags.example.com")).await, 409, "address_taken");
    let viewer = door.person("viewer").await;
    assert_eq!(slugs(&viewer.get(APPS).await), ["dags"], "whose workspace is not there is nobody's");
    assert_eq!(tried(&ada, "lost", json!({ "method": "GET", "path": "/", "role": "admin" })).await.1, 403);
}

#[tokio::test]
async fn a_workspace_stays_while_there_are_apps_in_it() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    make_workspace(&ada, "billing", false).await;
    make(&ada, "bills", json!({ "workspace": "billing", "name": "Bills" })).await;
    let answer = ada.delete(&format!("{WORKSPACES}/billing")).await;
    refused(&answer, 409, "workspace_in_use");
    assert!(answer.body["detail"].as_str().unwrap().contains("Bills"));
    assert_eq!(ada.patch(&format!("{APPS}/bills"), json!({ "workspace": "default" })).await.status, 200);
    assert_eq!(ada.delete(&format!("{WORKSPACES}/billing")).await.status, 204);
}

#[tokio::test]
async fn a_key_for_some_apps_has_nothing_anywhere_else() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    for slug in ["tasks", "dags"] {
        make(&ada, slug, json!({})).await;
    }
    let made = make_key(&ada, json!({ "name": "ci", "role": "admin", "scope": { "apps": ["tasks"] } })).await;
    let prefix = made.body["apiKey"]["prefix"].as_str().unwrap().to_owned();
    let key = with(&door, &made);
    for path in [APPS, "/api/v1/users", "/api/v1/stats/overview", KEYS, "/api/v1/audit"] {
        refused(&key.get(path).await, 403, "forbidden");
    }
    assert_eq!(key.get("/api/v1/auth/me").await.body["permissions"], json!([]));
    let write = json!({ "method": "POST", "path": "/", "key": prefix });
    assert_eq!(tried(&ada, "tasks", write.clone()).await.1, 200);
    assert_eq!(tried(&ada, "dags", write.clone()).await.1, 403);
    for (apps, wrong) in [(json!([]), "scope.apps"), (json!(["nowhere"]), "scope.apps[0]"), (json!(["tasks", "x y"]), "scope.apps")] {
        let new = json!({ "name": "ci", "role": "viewer", "scope": { "apps": apps } });
        assert_eq!(field(&ada.post(KEYS, new).await), wrong);
    }
    // Another app of the same slug is none of theirs.
    let both = make_key(&ada, json!({ "name": "both", "role": "viewer", "scope": { "apps": ["tasks", "dags"] } })).await;
    assert_eq!(ada.delete(&format!("{APPS}/tasks")).await.status, 204);
    assert_eq!(ada.get(&key_path(&made)).await.body["status"], "revoked");
    assert_eq!(ada.get(&key_path(&both)).await.body["scope"], json!({ "apps": ["dags"] }));
    refused(&key.get("/api/v1/auth/me").await, 401, "invalid_api_key");
}

#[tokio::test]
async fn only_who_may_do_everything_trusts_an_apps_scripts() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = ada.post("/api/v1/roles", json!({ "name": "gardener", "permissions": ["read", "apps"] })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let gil = door.named("gil", "gardener").await;
    make(&gil, "tasks", json!({})).await;
    let (path, trust) = (format!("{APPS}/tasks"), json!({ "trusted": true, "path": "/admin/tasks" }));
    let answer = gil.patch(&path, trust.clone()).await;
    refused(&answer, 403, "role_exceeds_own");
    assert_eq!(answer.body["errors"][0]["field"], "trusted");
    refused(&gil.post(APPS, json!({ "slug": "wiki", "upstream": "http://127.0.0.1:9", "trusted": true })).await, 403, "role_exceeds_own");
    let mounted = ada.patch(&path, trust).await;
    assert_eq!((mounted.status, &mounted.body["definition"]["path"]), (200, &json!("/admin/tasks")), "{}", mounted.text);
    refused(&gil.patch(&path, json!({ "upstream": "http://127.0.0.1:10" })).await, 403, "role_exceeds_own");
    assert_eq!(gil.patch(&path, json!({ "trusted": false, "path": null })).await.status, 200, "less is no danger");
}
