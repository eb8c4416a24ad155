use super::*;
use crate::rights::RoleName;
use serde_json::json;

fn new(value: serde_json::Value) -> NewApp {
    serde_json::from_value(value).unwrap()
}

fn fields(app: &impl Check) -> Vec<String> {
    app.problems().into_iter().map(|problem| problem.field).collect()
}

fn good() -> NewApp {
    new(json!({ "slug": "taskflow", "upstream": "http://127.0.0.1:8000" }))
}

#[test]
fn little_is_enough_for_an_app() {
    assert_eq!(fields(&good()), Vec::<String>::new());
    let app = good().app(Source::Dashboard, Timestamp(7));
    assert_eq!((app.name.as_str(), app.workspace.0.as_str(), app.enabled), ("taskflow", "default", true));
    assert_eq!((app.health.path.as_str(), app.health.pause()), ("/", Duration::from_secs(15)));
}

#[test]
fn each_bad_field_is_named() {
    let bad = new(json!({
        "slug": "Task", "name": " ", "upstream": "ftp://x", "hosts": ["UP.example", "a.example", "a.example", "x.localhost"], "listen": "9001",
        "path": "/settings", "workspace": "No", "rules": [{ "path": "x", "allow": "read" }], "health": { "path": "x", "every": "1s" },
        "upstreamAuth": { "basic": { "username": "a:b", "password": "x\n" } },
    }));
    assert_eq!(
        fields(&bad),
        [
            "slug",
            "name",
            "upstream",
            "hosts[0]",
            "hosts[2]",
            "hosts[3]",
            "listen",
            "path",
            "trusted",
            "workspace",
            "health.path",
            "health.every",
            "rules[0].path",
            "upstreamAuth.basic.username",
            "upstreamAuth.basic.password"
        ]
    );
    assert_eq!(fields(&NewApp { slug: Slug("probe".into()), ..good() }), ["slug"], "it is a word in addresses");
}

#[test]
fn an_upstream_is_an_address_alone() {
    for (text, host, port) in [
        ("http://127.0.0.1:8000", "127.0.0.1", 8000),
        ("http://tasks.internal", "tasks.internal", 80),
        ("https://tasks.internal/", "tasks.internal", 443),
        ("http://[::1]:9", "::1", 9),
        ("http://my_service:1", "my_service", 1),
    ] {
        let upstream = Upstream::parse(text).unwrap();
        assert_eq!((upstream.host, upstream.port), (host, port), "{text}");
    }
    for text in [
        "",
        "x",
        "127.0.0.1:8000",
        "http://",
        "http://:80",
        "http://a:0",
        "http://a:99999",
        "http://a:+1",
        "http://a:",
        "http://u:p@a",
        "http://a/b",
        "http://a?b",
        "http://a#b",
        "http://a b",
        "http://[::1",
        "http://[x]:1",
        "http://ä",
        "file:///etc/passwd",
        "http://a\r\nX: y",
    ] {
        assert!(upstream_problem(text).is_some(), "{text}");
    }
}

#[test]
fn a_path_on_the_dashboard_s_origin_is_never_one_of_its_own() {
    for path in ["/admin/centrifugo", "/x"] {
        assert_eq!(mount_problem(path), None, "{path}");
    }
    for path in ["", "/", "x", "/x/", "/x/../y", "/%78", "/api", "/api/v1/x", "/settings/x", "/login", "/_call/x", "/pkg", "/.well-known/x"]
    {
        assert!(mount_problem(path).is_some(), "{path}");
    }
}

#[test]
fn the_slug_makes_host_names() {
    let app = NewApp { hosts: vec!["tasks.example.com".into()], ..good() }.app(Source::Config, Timestamp(0));
    assert_eq!(app.all_hosts(None), ["taskflow.localhost", "tasks.example.com"]);
    assert_eq!(app.all_hosts(Some("door.example.com")), ["taskflow.localhost", "taskflow.door.example.com", "tasks.example.com"]);
    assert_eq!(app.all_hosts(Some("10.0.0.1")), ["taskflow.localhost", "tasks.example.com"], "an address has nothing below it");
}

#[test]
fn secrets_are_shown_nowhere() {
    for credentials in [
        json!({ "basic": { "username": "admin", "password": "canary" } }),
        json!({ "bearer": { "token": "canary" } }),
        json!({ "header": { "name": "X-API-Key", "value": "canary" } }),
    ] {
        let new = NewApp { upstream_auth: Some(serde_json::from_value(credentials).unwrap()), ..good() };
        assert_eq!(fields(&new), Vec::<String>::new());
        let app = new.app(Source::Dashboard, Timestamp(0));
        assert!(app.upstream_auth.is_some());
        let seen = format!("{new:?} {app:?} {}", serde_json::to_string(&app).unwrap());
        assert!(!seen.contains("canary"), "{seen}");
    }
    for name in ["Host", "Cookie", "X-Forwarded-For", "X-Doorward-User", "a b", "", "Transfer-Encoding"] {
        let credentials = UpstreamCredentials::Header { name: name.into(), value: "x".into() };
        assert_eq!(credentials.problems().len(), 1, "{name}");
    }
}

#[test]
fn a_patch_changes_what_it_names() {
    let app = NewApp { listen: Some("127.0.0.1:9001".into()), ..good() }.app(Source::Dashboard, Timestamp(0));
    assert_eq!(AppPatch::default().on(&app), app);
    let patch: AppPatch = serde_json::from_value(json!({ "name": " Tasks ", "listen": null, "enabled": false })).unwrap();
    let changed = patch.on(&app);
    assert_eq!((changed.name.as_str(), changed.listen, changed.enabled, changed.upstream), ("Tasks", None, false, app.upstream));
}

#[test]
fn a_try_is_as_one_alone() {
    let check = AppCheck { method: "GET".into(), path: "/".into(), ..AppCheck::default() };
    assert!(check.check().is_ok());
    assert_eq!(fields(&AppCheck { role: Some(RoleName::admin()), user: Some("ada".into()), ..check.clone() }), ["user"]);
    assert_eq!(fields(&AppCheck { method: "G T".into(), path: "x".into(), ..check }), ["method", "path"]);
}

#[test]
fn a_name_makes_a_slug() {
    for (name, slug) in [
        ("Task queue", Some("task-queue")),
        ("  Flower (Celery) ", Some("flower-celery")),
        ("2nd – app", Some("nd-app")),
        ("Café", Some("caf")),
        ("42", None),
        ("", None),
        ("Ω", None),
        (&"long name ".repeat(9), Some("long-name-long-name-long-name-lo")),
    ] {
        assert_eq!(slug_of(name).map(|slug| slug.0).as_deref(), slug, "{name}");
    }
}

#[test]
fn the_wizard_s_app_has_a_slug_whatever_is_typed() {
    let slug = |name, preset| NewApp::first("http://127.0.0.1:8000 ", name, preset).slug.0;
    assert_eq!(slug("Task queue", Some("flower")), "task-queue");
    assert_eq!(slug(" ", Some("flower")), "flower");
    assert_eq!(slug("42", None), "app");
    assert_eq!(fields(&NewApp::first("http://127.0.0.1:8000 ", "", None)), Vec::<String>::new());
}
