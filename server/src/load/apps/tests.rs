use crate::load::{
    LoadError, Loaded,
    tests::{load_text, problems},
};
use wire::{
    apps::{NewApp, UpstreamCredentials},
    rules::Allow,
};

fn apps(yaml: &str) -> Vec<NewApp> {
    load_text(yaml, &[("NAME", "tasks")]).unwrap().settings.gate.apps
}

const WHOLE: &str = r#"
apps:
  taskflow:
    name: Task queue
    upstream: http://127.0.0.1:8000
    workspace: default
    preset: fastapi-taskflow
    hosts: ["${NAME}.example.com"]
    listen: 127.0.0.1:9001
    rules:
      - { path: /healthz, allow: public }
      - { methods: [POST], path: "/api/v1/dags/*/start", allow: run }
      - { methods: GET, allow: read }
      - { allow: write }
    identity: { headers: remote-user }
    upstream_auth: { basic: { username: admin, password: canary } }
    health: { path: /healthz, every: 30s }
  plain:
    upstream: http://127.0.0.1:8001
    enabled: false
"#;

#[test]
fn apps_are_read_with_their_rules() {
    let apps = apps(WHOLE);
    let [taskflow, plain] = apps.as_slice() else { panic!("{apps:?}") };
    assert_eq!((taskflow.slug.0.as_str(), taskflow.name.as_deref()), ("taskflow", Some("Task queue")));
    assert_eq!(
        (taskflow.hosts.as_slice(), taskflow.listen.as_deref()),
        (["tasks.example.com".to_owned()].as_slice(), Some("127.0.0.1:9001"))
    );
    let rules = taskflow.rules.as_ref().unwrap();
    assert_eq!((rules.len(), rules[0].allow, rules[2].methods.as_slice()), (4, Allow::Public, ["GET".to_owned()].as_slice()));
    assert_eq!(taskflow.health.as_ref().unwrap().every, "30s");
    assert!(matches!(&taskflow.upstream_auth, Some(UpstreamCredentials::Basic { username, .. }) if username == "admin"));
    assert_eq!((plain.upstream.as_str(), plain.enabled, plain.rules.as_ref()), ("http://127.0.0.1:8001", Some(false), None));
}

#[test]
fn what_is_shown_of_apps_holds_no_secret() {
    let loaded: Result<Loaded, LoadError> = load_text(WHOLE, &[("NAME", "tasks")]);
    let loaded = loaded.unwrap();
    let shown = loaded.show().into_iter().find(|line| line.key == "apps.taskflow").unwrap();
    assert!(shown.value == "http://127.0.0.1:8000" && shown.source.ends_with("/doorward.yaml:3"), "{shown:?}");
    assert!(!format!("{loaded:?} {:?}", loaded.show()).contains("canary"));
}

#[test]
fn a_secret_of_an_app_comes_from_a_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "from-a-file\n").unwrap();
    let yaml = format!("apps:\n  a:\n    upstream: http://a:1\n    upstream_auth: {{ bearer: {{ token_file: {} }} }}\n", file.display());
    assert!(matches!(&apps(&yaml)[0].upstream_auth, Some(UpstreamCredentials::Bearer { token }) if token == "from-a-file"));
    let missing = problems("apps:\n  a:\n    upstream: http://a:1\n    upstream_auth: { bearer: { token_file: /no/such } }\n", &[]);
    assert!(
        missing[0].starts_with("doorward.yaml:4: apps.a.upstream_auth.bearer.token: the file /no/such can not be read: "),
        "{missing:?}"
    );
}

#[test]
fn what_is_wrong_with_an_app_names_its_line_and_its_key() {
    for (yaml, problem) in [
        ("apps: x", "doorward.yaml:1: apps: expected a section for each app, below its slug"),
        ("apps:\n  a: x", "doorward.yaml:2: apps.a: expected keys below it"),
        ("apps:\n  a:\n    upstrem: http://a:1", "doorward.yaml:3: apps.a.upstrem: there is no such key; did you mean upstream?"),
        (
            "apps:\n  a:\n    upstream: http://a:1\n    health: { evry: 5s }",
            "doorward.yaml:4: apps.a.health.evry: there is no such key; did you mean health.every?",
        ),
        ("apps:\n  a:\n    upstream: http://a:1\n    enabled: maybe", "doorward.yaml:4: apps.a.enabled: expected true or false, not maybe"),
        (
            "apps:\n  a:\n    upstream: http://a:1\n    identity: { headers: basic }",
            "doorward.yaml:4: apps.a.identity.headers: expected one of doorward, remote-user, forwarded, none, not basic",
        ),
        (
            "apps:\n  a:\n    upstream: http://a:1\n    rules:\n      - { path: / , alow: read }",
            "doorward.yaml:5: apps.a.rules[0]: alow: there is no such key; did you mean allow?",
        ),
        (
            "apps:\n  a:\n    upstream: http://a:1\n    rules:\n      - { path: / }",
            "doorward.yaml:5: apps.a.rules[0]: a rule says what it allows, like allow: read",
        ),
        (
            "apps:\n  a:\n    upstream: [http://a:1]",
            "doorward.yaml:3: apps.a.upstream: expected an address without a path, like http://127.0.0.1:8000",
        ),
        (
            "apps:\n  a:\n    upstream: http://a:1\n    upstream_auth: { basic: { username: x } }",
            "doorward.yaml:2: apps.a.upstream_auth: expected one way: basic with username and password, bearer with token, or header with name and value",
        ),
        // What the browser would say as well, with the app's place.
        (
            "apps:\n  a: {}",
            "doorward.yaml:2: apps.a.upstream: Write the address without a path and without a password, like http://127.0.0.1:8000.",
        ),
        (
            "apps:\n  a:\n    upstream: http://a:1\n    rules: [{ path: '/x/{id}', allow: read }]",
            "doorward.yaml:2: apps.a.rules[0].path: For a part that varies write *, for any number of segments **.",
        ),
        (
            "apps:\n  a:\n    upstream: http://169.254.169.254",
            "doorward.yaml:2: apps.a.upstream: Nothing is ever sent to this address. Choose the upstream's own.",
        ),
        (
            "apps:\n  Tasks:\n    upstream: http://a:1",
            "doorward.yaml:2: apps.Tasks.slug: This has 1 to 32 lower-case letters, digits and hyphens, and starts with a letter.",
        ),
        ("app:\n  a: x", "doorward.yaml:1: app: there is no such key; did you mean apps?"),
    ] {
        assert_eq!(problems(yaml, &[]), [problem], "{yaml}");
    }
    let allow = problems("apps:\n  a:\n    upstream: http://a:1\n    rules: [{ allow: everybody }]", &[]);
    assert!(allow[0].starts_with("doorward.yaml:4: apps.a.rules[0]: allow: expected one of public, authenticated, read"), "{allow:?}");
}
