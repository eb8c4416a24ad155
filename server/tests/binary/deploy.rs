//! What is in deploy/: each file is what its program takes, as far as that can be told here, and every
//! setting in it is one of ours.

use crate::harness::{doorward, folder, run, stderr};
use granit_parser::{Event, Parser};
use std::{path::PathBuf, process::Command};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(file: &str) -> String {
    std::fs::read_to_string(root().join("deploy").join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Every scalar of a YAML text, in order; fails where it is none.
fn scalars(file: &str, text: &str) -> Vec<String> {
    let events = Parser::new_from_str(text).map(|event| event.unwrap_or_else(|error| panic!("{file}: {error}\n{text}")));
    let scalar = |(event, _): (Event<'_>, _)| match event {
        Event::Scalar(text, ..) => Some(text.into_owned()),
        _ => None,
    };
    events.filter_map(scalar).collect()
}

/// The settings that a text names as variables.
fn variables(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("DOORWARD_")).map(str::to_owned).collect()
}

#[test]
fn every_setting_is_one_of_ours() {
    let folder = folder();
    std::fs::write(folder.path().join("secret"), "8f14e45fceea167a5a36dedd4bea2543").unwrap();
    std::fs::write(folder.path().join("url"), "postgres://doorward:x@postgres/doorward").unwrap();
    let files = ["Dockerfile", "compose.yaml", "compose.nodes.yaml", "doorward.service", "chart/templates/workload.yaml"];
    let mut seen = 0;
    for file in files {
        for name in variables(&text(file)) {
            seen += 1;
            let value = match name.as_str() {
                "DOORWARD_DATABASE_URL_FILE" => "url",
                "DOORWARD_JWT_SECRET_FILE" => "secret",
                "DOORWARD_PUBLIC_URL" => "https://door.example.com",
                "DOORWARD_TRUSTED_PROXIES" => "10.0.0.0/8",
                "DOORWARD_LISTEN" | "DOORWARD_METRICS_LISTEN" => "0.0.0.0:8080",
                _ => "/data",
            };
            let output = doorward(folder.path()).env(&name, value).args(["config", "check"]).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{file}: {name}: {}", stderr(&output));
        }
    }
    assert!(seen > 10);
    assert_eq!(run(folder.path(), &["healthcheck", "--help"]).status.code(), Some(0), "the Dockerfile asks it");
}

#[test]
fn the_compose_files_are_yaml_and_name_what_is_there() {
    for file in ["compose.yaml", "compose.nodes.yaml"] {
        let all = scalars(file, &text(file));
        assert!(all.iter().any(|word| word == "read_only") && all.iter().any(|word| word == "deploy/Dockerfile"), "{file}");
        for named in all.iter().filter_map(|word| word.strip_prefix("./")) {
            let path = named.split(':').next().unwrap();
            assert!(path.starts_with("secrets/") || root().join("deploy").join(path).is_file(), "{file}: {path}");
        }
    }
    let image = text("Dockerfile");
    assert!(image.contains("USER nonroot") && image.contains("gcr.io/distroless/"));
}

/// Runs a program that is told a file; nothing where there is no such program.
fn told(program: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let output = Command::new(program).args(arguments).output().ok()?;
    Some((output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()))
}

/// What Helm says, from the tools of the tests or wherever it is; nothing where it is nowhere.
fn helm(arguments: &[&str]) -> Option<String> {
    let ours = root().join("target/tools/python/bin/helm");
    let program = if ours.is_file() { ours.display().to_string() } else { "helm".to_owned() };
    let (is_good, said) = told(&program, arguments)?;
    assert!(is_good, "{said}");
    Some(said)
}

#[test]
fn helm_takes_the_chart_and_renders_it_with_and_without_a_database() {
    let chart = root().join("deploy/chart").display().to_string();
    if helm(&["lint", "--strict", &chart]).is_none() {
        eprintln!("skipped: there is no helm");
        return;
    }
    let all = |set: &str| scalars("chart", &helm(&["template", "door", &chart, "--set", set]).unwrap());
    let plain = all("replicas=1");
    assert!(plain.contains(&"volumeClaimTemplates".to_owned()) && !plain.contains(&"Ingress".to_owned()));
    assert!(plain.contains(&"readOnlyRootFilesystem".to_owned()) && plain.contains(&"doorward:0.1.0".to_owned()));
    let whole = all("databaseSecret=door-secrets,replicas=2,ingressHost=door.example.com,metrics=true");
    assert!(!whole.contains(&"volumeClaimTemplates".to_owned()) && whole.contains(&"DOORWARD_DATABASE_URL_FILE".to_owned()));
    assert!(whole.contains(&"Ingress".to_owned()) && whole.contains(&"DOORWARD_METRICS_LISTEN".to_owned()));
}

#[test]
fn systemd_takes_the_unit() {
    let folder = folder();
    // The binary stands elsewhere on this machine.
    let unit = text("doorward.service").replace("/usr/local/bin/doorward", env!("CARGO_BIN_EXE_doorward"));
    let file = folder.path().join("doorward.service");
    std::fs::write(&file, unit).unwrap();
    match told("systemd-analyze", &["verify", "--man=no", &file.display().to_string()]) {
        Some((is_good, said)) => assert!(is_good && !said.contains("doorward.service"), "{said}"),
        None => eprintln!("skipped: there is no systemd-analyze"),
    }
}

#[test]
fn caddy_takes_the_file_of_two_nodes() {
    let file = root().join("deploy/Caddyfile.nodes").display().to_string();
    match told("caddy", &["validate", "--config", &file, "--adapter", "caddyfile"]) {
        Some((is_good, said)) => assert!(is_good, "{said}"),
        None => eprintln!("skipped: there is no caddy"),
    }
}

#[test]
fn the_dashboard_of_grafana_asks_for_numbers_that_there_are() {
    let dashboard: serde_json::Value = serde_json::from_str(&text("grafana.json")).unwrap();
    let documented = std::fs::read_to_string(root().join("docs/operating.md")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() > 10);
    for expression in panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap()).map(|target| target["expr"].as_str().unwrap()) {
        let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for name in words.filter(|word| word.starts_with("doorward_")) {
            let name = name.trim_end_matches("_bucket");
            assert!(documented.contains(&format!("`{name}`")), "{name} of {expression}");
        }
    }
}
