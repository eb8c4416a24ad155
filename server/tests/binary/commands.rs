//! Commands, their output and their exit codes.

use crate::harness::{PASSWORD, Server, folder, run, run_with_input, stderr, stdout};
use serde_json::Value;

#[test]
fn a_wrong_command_line_is_exit_code_two() {
    let folder = folder();
    for arguments in [&["fly"][..], &["serve", "--nope"], &["user", "add", "bob"], &[]] {
        assert_eq!(run(folder.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
    assert_eq!(run(folder.path(), &["--help"]).status.code(), Some(0));
    assert!(stdout(&run(folder.path(), &["--version"])).starts_with("doorward "));
}

#[test]
fn people_come_and_go() {
    let folder = folder();
    Server::start(folder.path()).stop();
    let added = run_with_input(
        folder.path(),
        &["user", "add", "mara", "--role", "admin", "--email", "mara@example.com", "--password-stdin"],
        &format!("{PASSWORD}\n"),
    );
    assert!(added.status.success(), "{}", stderr(&added));
    let again = run(folder.path(), &["user", "add", "MARA", "--role", "viewer"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("username already"), "{}", stderr(&again));
    let invited = run(folder.path(), &["user", "add", "joe", "--role", "viewer"]);
    assert!(stdout(&invited).contains("/reset/"), "{} {}", stdout(&invited), stderr(&invited));
    let list: Value = serde_json::from_str(&stdout(&run(folder.path(), &["user", "list", "--json"]))).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 2, "{list}");
    let table = stdout(&run(folder.path(), &["user", "list"]));
    assert!(table.starts_with("NAME") && table.contains("invited") && table.contains("active"), "{table}");
    let shown: Value = serde_json::from_str(&stdout(&run(folder.path(), &["user", "show", "mara@example.com", "--json"]))).unwrap();
    assert_eq!(shown["username"], "mara");
    assert_eq!(run(folder.path(), &["user", "delete", "joe"]).status.code(), Some(2), "nobody to ask");
    assert_eq!(run(folder.path(), &["user", "delete", "joe", "--yes"]).status.code(), Some(0));
    assert_eq!(run(folder.path(), &["user", "show", "joe"]).status.code(), Some(1));
    assert_eq!(run(folder.path(), &["user", "disable", "mara"]).status.code(), Some(1), "the last admin stays");
}

#[test]
fn a_command_in_the_wrong_folder_makes_no_database() {
    let folder = folder();
    let output = run(folder.path(), &["user", "list"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("There is no database at data/doorward.db"), "{}", stderr(&output));
    assert!(!folder.path().join("data").exists());
}

#[test]
fn the_configuration_is_shown_without_secrets() {
    let folder = folder();
    std::fs::write(folder.path().join("doorward.yaml"), "auth:\n  jwt_secret: 8f14e45fceea167a5a36dedd4bea2543\n").unwrap();
    let shown = stdout(&run(folder.path(), &["config", "show"]));
    assert!(shown.contains("auth.jwt_secret") && shown.contains("doorward.yaml:2") && !shown.contains("8f14e45f"), "{shown}");
    assert_eq!(run(folder.path(), &["config", "check"]).status.code(), Some(0));
}

#[test]
fn health_is_told_by_the_exit_code() {
    let folder = folder();
    let server = Server::start(folder.path());
    let url = format!("http://127.0.0.1:{}", server.port);
    assert_eq!(run(folder.path(), &["healthcheck", &url]).status.code(), Some(0));
    server.stop();
    let output = run(folder.path(), &["healthcheck", &url]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output).lines().count(), 1);
}

#[test]
fn the_interface_describes_itself() {
    let folder = folder();
    let document: Value = serde_json::from_str(&stdout(&run(folder.path(), &["openapi"]))).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["paths"].as_object().is_some_and(|paths| paths.len() > 10));
    for shell in ["bash", "zsh", "fish"] {
        assert!(stdout(&run(folder.path(), &["completions", shell])).contains("doorward"), "{shell}");
    }
}

#[test]
fn the_audit_log_is_exported_and_checked_at_the_shell() {
    let folder = folder();
    Server::start(folder.path()).stop();
    for name in ["mara", "joe"] {
        assert!(run(folder.path(), &["user", "add", name, "--role", "viewer"]).status.success());
    }
    let whole = run(folder.path(), &["audit", "verify"]);
    assert!(whole.status.success() && stdout(&whole).contains("events, unbroken from 2"), "{} {}", stdout(&whole), stderr(&whole));
    let lines = stdout(&run(folder.path(), &["audit", "export", "--action", "user."]));
    let names: Vec<String> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["target"]["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["mara", "joe"]);
    let csv = stdout(&run(folder.path(), &["audit", "export", "--format", "csv", "--to", "2020-01-01T00:00:00Z"]));
    assert!(csv.starts_with("id,at,action") && csv.lines().count() == 1, "{csv}");
    assert_eq!(run(folder.path(), &["audit", "export", "--from", "yesterday"]).status.code(), Some(2));
    assert_eq!(run(folder.path(), &["audit", "export", "--action", "fly"]).status.code(), Some(1));
    // Somebody with the file of the database hides a line.
    let database = format!("sqlite:{}", folder.path().join("data/doorward.db").display());
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
        sqlx::query("UPDATE events SET target_name = 'eve' WHERE target_name = 'mara'").execute(&pool).await.unwrap();
        pool.close().await;
    });
    let broken = run(folder.path(), &["audit", "verify"]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(stderr(&broken).contains("event 0") && stderr(&broken).contains("altered"), "{}", stderr(&broken));
}

#[test]
fn the_rules_of_an_app_are_tried_out_at_the_shell() {
    let folder = folder();
    let yaml = "apps:\n  dags:\n    upstream: http://127.0.0.1:1\n    rules:\n      - { path: /healthz, allow: public }\n      - { methods: [POST], path: /dags/*/start, allow: run }\n";
    std::fs::write(folder.path().join("doorward.yaml"), yaml).unwrap();
    Server::start(folder.path()).stop();
    for (name, role) in [("mara", "viewer"), ("joe", "operator")] {
        assert!(run(folder.path(), &["user", "add", name, "--role", role]).status.success());
    }
    let explain = |more: &[&str]| run(folder.path(), &[&["app", "explain", "--app", "dags"], more].concat());
    let start = ["--method", "POST", "--path", "/dags/a/start"];
    for (more, code) in [
        (&["--path", "/healthz"][..], 0),
        (&["--path", "/x"], 1),
        (&[&start[..], &["--user", "mara"]].concat(), 1),
        (&[&start[..], &["--user", "joe"]].concat(), 0),
        (&[&start[..], &["--role", "admin"]].concat(), 0),
        (&["--path", "/a%2fb", "--role", "admin"], 1),
        (&[&start[..], &["--user", "nobody"]].concat(), 2),
        (&[&start[..], &["--key", "aaaaaaaa"]].concat(), 2),
        (&[&start[..], &["--user", "joe", "--role", "admin"]].concat(), 2),
        (&[], 2),
    ] {
        let output = explain(more);
        assert_eq!(output.status.code(), Some(code), "{more:?}: {} {}", stdout(&output), stderr(&output));
    }
    let told = stdout(&explain(&[&start[..], &["--user", "mara"]].concat()));
    assert!(told.contains("needs the permission “run”") && told.contains("rule"), "{told}");
    let json: Value = serde_json::from_str(&stdout(&explain(&[&start[..], &["--user", "mara", "--json"]].concat()))).unwrap();
    assert_eq!((&json["answer"], &json["rule"], &json["status"]), (&"denied".into(), &2.into(), &403.into()), "{json}");
    assert_eq!(run(folder.path(), &["app", "explain", "--app", "nowhere", "--path", "/"]).status.code(), Some(2));
    let list = stdout(&run(folder.path(), &["app", "list"]));
    assert!(list.starts_with("APP") && list.contains("dags") && list.contains("configuration"), "{list}");
    let all: Value = serde_json::from_str(&stdout(&run(folder.path(), &["app", "list", "--json"]))).unwrap();
    assert_eq!(all[0]["slug"], "dags");
    let down = run(folder.path(), &["app", "check"]);
    assert_eq!(down.status.code(), Some(1));
    assert!(stdout(&down).contains("refuses connections"), "{}", stdout(&down));
    assert_eq!(run(folder.path(), &["app", "check", "nowhere"]).status.code(), Some(2));
}
