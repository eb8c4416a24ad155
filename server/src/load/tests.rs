use super::*;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use std::time::Duration;

const SECRET: &str = "8f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea2543";

/// Loads a file of this text, with these variables.
pub(super) fn load_text(yaml: &str, variables: &[(&str, &str)]) -> Result<Loaded, LoadError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("doorward.yaml");
    std::fs::write(&file, yaml).unwrap();
    let flags = Flags { config: Some(file.clone()), ..Flags::default() };
    load(&flags, &Environment::of(variables))
        .map_err(|error| LoadError(error.0.iter().map(|p| p.replace(&file.display().to_string(), "doorward.yaml")).collect()))
}

pub(super) fn problems(yaml: &str, variables: &[(&str, &str)]) -> Vec<String> {
    load_text(yaml, variables).unwrap_err().0
}

#[test]
fn without_anything_there_are_defaults() {
    let loaded = load_text("", &[]).unwrap();
    assert_eq!(loaded.settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(loaded.settings.gate.auth.access_ttl, Duration::from_secs(3600));
    assert!(loaded.show().iter().all(|line| line.source == "default"), "{:?}", loaded.show());
}

#[test]
fn a_flag_beats_a_variable_beats_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.yaml");
    std::fs::write(&file, "listen: 127.0.0.1:1\ndata: /from/file\nauth:\n  access_ttl: 1m\n  refresh_ttl: 2h\n").unwrap();
    let flags = Flags { listen: Some("127.0.0.1:3".into()), ..Flags::default() };
    let environment = Environment::of(&[
        ("DOORWARD_CONFIG", file.to_str().unwrap()),
        ("DOORWARD_LISTEN", "127.0.0.1:2"),
        ("DOORWARD_AUTH__ACCESS_TTL", "2m"),
    ]);
    let loaded = load(&flags, &environment).unwrap();
    assert_eq!(loaded.settings.listen.port(), 3);
    assert_eq!(loaded.settings.gate.auth.access_ttl, Duration::from_secs(120));
    assert_eq!(loaded.settings.gate.auth.refresh_ttl, Duration::from_secs(7200));
    let source = |key: &str| loaded.show().into_iter().find(|line| line.key == key).unwrap().source;
    assert_eq!(source("listen"), "--listen");
    assert_eq!(source("auth.access_ttl"), "DOORWARD_AUTH__ACCESS_TTL");
    assert_eq!(source("data"), format!("{}:2", file.display()));
    assert_eq!(source("auth.browser_ttl"), "default");
}

#[test]
fn a_variable_may_be_written_in_several_ways() {
    for name in ["DOORWARD_AUTH__JWT_SECRET", "DOORWARD_AUTH_JWT_SECRET", "DOORWARD_JWT_SECRET"] {
        let loaded = load_text("", &[(name, SECRET)]).unwrap();
        assert_eq!(loaded.settings.gate.auth.jwt_secret.unwrap().expose_secret(), SECRET, "{name}");
    }
    let two = problems("", &[("DOORWARD_JWT_SECRET", SECRET), ("DOORWARD_AUTH_JWT_SECRET", SECRET)]);
    assert_eq!(two, ["DOORWARD_JWT_SECRET: auth.jwt_secret is set by DOORWARD_AUTH_JWT_SECRET as well; keep one of the two"]);
    let empty = load_text("", &[("DOORWARD_JWT_SECRET", "")]).unwrap();
    assert!(empty.settings.gate.auth.jwt_secret.is_none());
}

#[test]
fn a_secret_comes_from_a_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let place = file.to_str().unwrap();
    for (yaml, variables) in [("", vec![("DOORWARD_JWT_SECRET_FILE", place)]), (&*format!("auth: {{ jwt_secret_file: {place} }}"), vec![])]
    {
        let loaded = load_text(yaml, &variables).unwrap();
        assert_eq!(loaded.settings.gate.auth.jwt_secret.unwrap().expose_secret(), SECRET);
    }
    let missing = problems("", &[("DOORWARD_JWT_SECRET_FILE", "/no/such/file")]);
    assert!(missing[0].starts_with("DOORWARD_JWT_SECRET_FILE: auth.jwt_secret: the file /no/such/file can not be read: "), "{missing:?}");
    assert_eq!(problems("", &[("DOORWARD_LISTEN_FILE", "x")]).len(), 1);
}

#[test]
fn the_database_has_its_customary_variable() {
    let loaded = load_text("", &[("DATABASE_URL", "postgres://u:hunter2@db/door")]).unwrap();
    let line = loaded.show().into_iter().find(|line| line.key == "database_url").unwrap();
    assert_eq!(line.value, "postgres://db/door");
    let both = load_text("", &[("DATABASE_URL", "postgres://a/x"), ("DOORWARD_DATABASE_URL", "postgres://b/y")]).unwrap();
    assert_eq!(both.settings.database_url.unwrap().expose_secret(), "postgres://b/y");
    assert_eq!(problems("", &[("DATABASE_URL", "mysql://root:hunter2@db")]).len(), 1);
    assert!(!problems("", &[("DATABASE_URL", "mysql://root:hunter2@db")])[0].contains("hunter2"));
}

#[test]
fn an_unknown_key_names_its_line_and_the_nearest_one() {
    assert_eq!(
        problems("listen: 127.0.0.1:1\nauth:\n  acess_ttl: 1h\n", &[]),
        ["doorward.yaml:3: auth.acess_ttl: there is no such key; did you mean auth.access_ttl?"]
    );
    assert_eq!(problems("access_ttl: 1h\n", &[]), ["doorward.yaml:1: access_ttl: there is no such key; did you mean auth.access_ttl?"]);
    assert_eq!(
        problems("colours: {a: 1}\n", &[]),
        ["doorward.yaml:1: colours: there is no such key; docs/configuration.md lists all of them"]
    );
    assert_eq!(
        problems("", &[("DOORWARD_LISTENN", "x")]),
        ["DOORWARD_LISTENN: there is no setting for this variable; did you mean DOORWARD_LISTEN?"]
    );
}

#[test]
fn a_bad_value_says_what_was_expected() {
    for (yaml, problem) in [
        ("listen: here", "doorward.yaml:1: listen: expected an address and a port, like 127.0.0.1:8080, not here"),
        ("auth:\n  access_ttl: 1d", "doorward.yaml:2: auth.access_ttl: 1d: write hours instead, 24h"),
        ("auth:\n  access_ttl: 0", "doorward.yaml:2: auth.access_ttl: expected a duration longer than 0, like 1h30m"),
        (
            "scope_header: X-API-Key",
            "doorward.yaml:1: scope_header: expected the name of a header of your own, like X-Ironflow-Environment, not X-API-Key",
        ),
        (
            "scope_header: a b",
            "doorward.yaml:1: scope_header: expected the name of a header of your own, like X-Ironflow-Environment, not a b",
        ),
        ("insecure_http: yes", "doorward.yaml:1: insecure_http: expected true or false, not yes"),
        ("auth: {password_min: 7}", "doorward.yaml:1: auth.password_min: expected a number from 8 to 64, not 7"),
        ("log: {format: xml}", "doorward.yaml:1: log.format: expected one of auto, human, json, not xml"),
        ("trusted_proxies:\n  - 10.0.0.0/33", "doorward.yaml:1: trusted_proxies: 10.0.0.0/33: 10.0.0.0 has 32 bits, not 33"),
        (
            "public_url: https://a.example/door",
            "doorward.yaml:1: public_url: expected an address without a path, like https://door.example.com, not https://a.example/door",
        ),
        ("listen: [a]", "doorward.yaml:1: listen: expected an address and a port, like 127.0.0.1:8080, not a list"),
        ("listen: {a: b}", "doorward.yaml:1: listen: expected an address and a port, like 127.0.0.1:8080"),
        ("auth: 5", "doorward.yaml:1: auth: expected keys below it"),
        ("- a", "doorward.yaml:1: expected keys, like listen: 127.0.0.1:8080"),
        (
            "auth: {argon2: {memory_kib: 8, parallelism: 4}}",
            "doorward.yaml:1: auth.argon2.memory_kib: expected at least 8 for each lane, so 32, not 8",
        ),
    ] {
        assert_eq!(problems(yaml, &[]), [problem], "{yaml}");
    }
}

#[test]
fn a_bad_secret_is_never_repeated() {
    for secret in ["hunter2hunter2hunter2hunter2hunter2", "abcdef"] {
        let problem = &problems("", &[("DOORWARD_JWT_SECRET", secret)])[0];
        assert!(problem.contains("openssl rand -hex 32") && !problem.contains(secret), "{problem}");
    }
    let loaded = load_text("auth: {admin: {username: root, password: hunter2hunter2}}", &[("DOORWARD_JWT_SECRET", SECRET)]).unwrap();
    let shown = format!("{loaded:?} {:?}", loaded.show());
    assert!(!shown.contains("hunter2") && !shown.contains(SECRET), "{shown}");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    assert_eq!(problems("listen: x\ndta: y\n", &[("DOORWARD_LOG_LEVEL", "loud")]).len(), 3);
}

#[test]
fn variables_stand_in_for_values() {
    let loaded = load_text("public_url: https://${NAME}.example.com\nhosts: [\"${NAME}.internal\", plain]\n", &[("NAME", "door")]).unwrap();
    assert_eq!(loaded.settings.gate.http.public_url.as_deref(), Some("https://door.example.com"));
    assert_eq!(loaded.settings.gate.http.hosts, ["door.internal", "plain"]);
    assert_eq!(problems("data: ${NOWHERE}/x", &[]), ["doorward.yaml:1: data: the variable NOWHERE is not set"]);
    assert_eq!(problems("data: ${NOWHERE", &[]).len(), 1);
    assert_eq!(load_text("data: a$${b}", &[]).unwrap().settings.data, Path::new("a${b}"));
    assert_eq!(load_text("data: a$b", &[]).unwrap().settings.data, Path::new("a$b"));
}

#[test]
fn lists_come_with_commas_from_the_environment() {
    let loaded = load_text("", &[("DOORWARD_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"), ("DOORWARD_HOSTS", "a.example")]).unwrap();
    assert_eq!(loaded.settings.gate.http.trusted_proxies.len(), 2);
    assert_eq!(loaded.settings.gate.http.hosts, ["a.example"]);
}

#[test]
fn the_first_admin_needs_a_name() {
    let admin = |variables: &[(&str, &str)]| load_text("", variables).map(|loaded| loaded.settings.gate.auth.admin);
    let given = admin(&[("DOORWARD_ADMIN_EMAIL", "mara@example.com")]).unwrap().unwrap();
    assert_eq!((given.username.as_str(), given.email.as_deref(), given.password.is_none()), ("mara", Some("mara@example.com"), true));
    assert!(admin(&[]).unwrap().is_none());
    assert!(
        admin(&[("DOORWARD_ADMIN_PASSWORD", "hunter2hunter2")]).unwrap_err().0[0]
            .starts_with("DOORWARD_ADMIN_PASSWORD: auth.admin.password: whose password?")
    );
    assert!(admin(&[("DOORWARD_ADMIN_USERNAME", "two words")]).is_err());
}

#[test]
fn dev_stays_on_loopback() {
    let dev = |listen: &str| load(&Flags { dev: true, listen: Some(listen.into()), config: None, data: None }, &Environment::default());
    for listen in ["0.0.0.0:8080", ":8080", "192.168.1.1:80", "[::]:1"] {
        assert!(dev(listen).unwrap_err().to_string().starts_with("--dev lets everybody in, so it listens on loopback only"), "{listen}");
    }
    assert!(dev("[::1]:1").unwrap().settings.gate.dev);
    assert!(dev("localhost:1").is_ok());
}

#[test]
fn what_others_put_into_the_environment_is_left_alone() {
    assert!(
        load_text(
            "",
            &[("DOORWARD_PORT", "tcp://10.0.0.1:80"), ("DOORWARD_SERVICE_HOST", "10.0.0.1"), ("DOORWARD_PORT_80_TCP_ADDR", "10.0.0.1")]
        )
        .is_ok()
    );
}

#[test]
fn a_named_file_must_be_there() {
    let flags = Flags { config: Some("/no/such/doorward.yaml".into()), ..Flags::default() };
    assert!(
        load(&flags, &Environment::default())
            .unwrap_err()
            .to_string()
            .contains("/no/such/doorward.yaml: the configuration file can not be read")
    );
}

#[test]
fn no_two_keys_share_a_variable() {
    let mut names: Vec<String> = all_keys().flat_map(|key| std::iter::once(key.variable()).chain(key.short.map(str::to_owned))).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}

proptest! {
    #[test]
    fn what_is_shown_can_be_given_again(access in 1_u64..100_000, min in 8_usize..=64, port in 1_u16.., insecure in any::<bool>()) {
        let yaml = format!("listen: 127.0.0.1:{port}\ninsecure_http: {insecure}\nauth:\n  access_ttl: {access}s\n  password_min: {min}\n");
        let first = load_text(&yaml, &[]).unwrap();
        let value = |key: &str| first.show().into_iter().find(|line| line.key == key).unwrap().value;
        let again = format!("listen: {}\ninsecure_http: {}\nauth: {{access_ttl: {}, password_min: {}}}", value("listen"), value("insecure_http"), value("auth.access_ttl"), value("auth.password_min"));
        let second = load_text(&again, &[]).unwrap();
        prop_assert_eq!(first.settings.listen, second.settings.listen);
        prop_assert_eq!(first.settings.gate.auth.access_ttl, second.settings.gate.auth.access_ttl);
        prop_assert_eq!(first.settings.gate.auth.password_min, min);
    }

    #[test]
    fn no_file_panics(text in "(listen|auth|log|data|hosts|x|:| |\n|-|\\$\\{|\\}|[a-z0-9]){0,30}") {
        let _ = load_text(&text, &[("HOME", "/nowhere")]);
    }
}

#[test]
fn the_audit_log_is_kept_for_a_day_at_least_and_goes_where_it_is_told() {
    let loaded = load_text("audit:\n  retention: 48h\n  sinks: [stdout, file:/var/log/doorward.jsonl]\n", &[]).unwrap();
    assert_eq!(loaded.settings.gate.audit.retention, Duration::from_secs(48 * 3600));
    let shown = loaded.show().into_iter().find(|line| line.key == "audit.sinks").unwrap();
    assert_eq!(shown.value, "stdout, file:/var/log/doorward.jsonl");
    assert_eq!(load_text("", &[("DOORWARD_AUDIT_SINKS", "stdout")]).unwrap().settings.gate.audit.sinks.len(), 1);
    assert_eq!(problems("audit:\n  retention: 1h\n", &[]), ["doorward.yaml:2: audit.retention: expected 24h at least, not 1h"]);
    assert!(problems("audit:\n  sinks: [file:audit.jsonl]\n", &[])[0].contains("a whole path"));
    let both = "audit:\n  webhook: { url: https://a.example/canary, secret: canary-canary-canary }\n";
    let loaded = load_text(both, &[]).unwrap();
    assert_eq!(loaded.settings.gate.audit.webhook.as_ref().unwrap().url.expose_secret(), "https://a.example/canary");
    assert!(loaded.show().iter().all(|line| !line.value.contains("canary")), "an address may hold a secret");
    let short = problems("audit:\n  webhook: { url: https://a.example/, secret: canary }\n", &[]);
    assert!(short[0].starts_with("doorward.yaml:2: audit.webhook.secret is shorter") && !short[0].contains("canary"), "{short:?}");
    let half = problems("audit:\n  webhook: { url: https://a.example/ }\n", &[]);
    assert_eq!(half, ["doorward.yaml:2: audit.webhook: url and secret belong together; set both"]);
}

#[test]
fn authorities_of_ones_own_are_read_and_what_is_none_is_told() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(made.cert.der()));
    std::fs::write(&file, &pem).unwrap();
    let place = file.display().to_string();
    let loaded = load_text(
        &format!("outbound: {{ ca_file: {place}, public_authorities: false }}\napps:\n  a: {{ upstream: https://a, upstream_ca_file: {place} }}\n"),
        &[],
    )
    .unwrap();
    let outbound = &loaded.settings.gate.outbound;
    assert_eq!((outbound.ca.as_deref(), outbound.public_authorities), (Some(pem.trim_end()), false));
    assert_eq!(loaded.settings.gate.apps[0].upstream_ca.as_deref().map(str::trim_end), Some(pem.trim_end()));
    assert!(load_text("", &[("DOORWARD_OUTBOUND_CA_FILE", &place)]).unwrap().settings.gate.outbound.ca.is_some());
    assert_eq!(
        problems("outbound:\n  public_authorities: false\n", &[]),
        [
            "doorward.yaml:2: outbound.public_authorities: without them and without outbound.ca nobody would be believed; set outbound.ca as well, or leave this out"
        ]
    );
    let bad = problems("outbound:\n  ca: hunter2\napps:\n  a:\n    upstream: https://a\n    upstream_ca: hunter2\n", &[]);
    assert!(bad[0].starts_with("doorward.yaml:2: outbound.ca: expected certificates in PEM"), "{bad:?}");
    assert!(bad[1].starts_with("doorward.yaml:4: apps.a.upstream_ca: Paste certificates in PEM"), "{bad:?}");
    assert!(!bad.concat().contains("hunter2"));
}
