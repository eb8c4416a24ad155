//! `doorward config check` on files that are wrong: each is told with its line, its key and the way out.

use crate::harness::{doorward, folder, run, stderr, stdout};
use serde_json::Value;

/// A file, and what is said of it: the line, the key, and a word of the way out.
type Broken = (&'static str, usize, &'static str, &'static str);

const ALL: &[Broken] = &[
    ("lsiten: 127.0.0.1:8080\n", 1, "lsiten", "did you mean listen?"),
    ("auth:\n  acces_ttl: 1h\n", 2, "auth.acces_ttl", "did you mean auth.access_ttl?"),
    ("auth:\n  argon2:\n    memory: 8\n", 3, "auth.argon2.memory", "did you mean auth.argon2.memory_kib?"),
    ("access_ttl: 1h\n", 1, "access_ttl", "did you mean auth.access_ttl?"),
    ("colours: blue\n", 1, "colours", "docs/configuration.md lists all of them"),
    ("# how it is reached\n\nlisten: here\n", 3, "listen", "like 127.0.0.1:8080"),
    ("listen: [127.0.0.1:1, 127.0.0.1:2]\n", 1, "listen", "not a list"),
    ("listen:\n  host: a\n", 1, "listen", "like 127.0.0.1:8080"),
    ("public_url: door.example.com\n", 1, "public_url", "like https://door.example.com"),
    ("public_url: https://door.example.com/door\n", 1, "public_url", "without a path"),
    ("hosts: ['a b']\n", 1, "hosts", "a b"),
    ("trusted_proxies:\n  - 10.0.0.0/33\n", 1, "trusted_proxies", "has 32 bits"),
    ("insecure_http: yes\n", 1, "insecure_http", "expected true or false"),
    ("scope_header: Host\n", 1, "scope_header", "like X-Ironflow-Environment"),
    ("auth:\n  access_ttl: 1d\n", 2, "auth.access_ttl", "write hours instead, 24h"),
    ("auth:\n  refresh_ttl: 0\n", 2, "auth.refresh_ttl", "longer than 0"),
    ("auth:\n  password_min: 7\n", 2, "auth.password_min", "from 8 to 64"),
    ("auth:\n  jwt_secret: hunter2\n", 2, "auth.jwt_secret", "openssl rand -hex 32"),
    ("auth:\n  jwt_secret: 8f14e45fceea\n", 2, "auth.jwt_secret", "16 is the least"),
    ("auth:\n  jwt_secret_file: /no/such/file\n", 2, "auth.jwt_secret", "can not be read"),
    ("auth:\n  argon2:\n    memory_kib: 8\n    parallelism: 4\n", 3, "auth.argon2.memory_kib", "so 32"),
    ("auth:\n  admin:\n    password: hunter2hunter2\n", 3, "auth.admin.password", "Set auth.admin.username"),
    ("auth:\n  admin:\n    username: two words\n", 3, "auth.admin.username", "username"),
    ("auth: on\n", 1, "auth", "expected keys below it"),
    ("log: { format: xml }\n", 1, "log.format", "one of auto, human, json"),
    ("audit:\n  retention: 1h\n", 2, "audit.retention", "24h at least"),
    ("audit:\n  sinks: [file:audit.jsonl]\n", 2, "audit.sinks", "a whole path"),
    ("audit:\n  webhook:\n    url: https://collector.example.com/\n", 3, "audit.webhook", "set both"),
    ("tls:\n  cert: /etc/hostname\n", 2, "tls", "set both"),
    ("metrics:\n  listen: 9464\n", 2, "metrics.listen", "like 127.0.0.1:8080"),
    ("data: ${NOWHERE_SET}/door\n", 1, "data", "NOWHERE_SET is not set"),
    ("data: a\ndata: b\n", 2, "data", "there twice"),
    ("listen: 127.0.0.1:1\n  data: x\n", 2, "", "not valid YAML"),
    ("- listen\n", 1, "", "expected keys"),
    ("apps:\n  tasks:\n    name: Tasks\n", 2, "apps.tasks", "upstream"),
    (
        "apps:\n  tasks:\n    upstream: http://a:1\n    rules:\n      - { path: /x, alow: read }\n",
        5,
        "apps.tasks.rules[0]",
        "did you mean allow?",
    ),
    ("apps:\n  tasks:\n    upstraem: http://a:1\n", 3, "apps.tasks.upstraem", "did you mean upstream?"),
    ("apps: [tasks]\n", 1, "apps", "a section for each app"),
];

#[test]
fn a_broken_file_is_told_with_its_line_its_key_and_the_way_out() {
    assert!(ALL.len() >= 30);
    let folder = folder();
    for (text, line, key, way_out) in ALL {
        std::fs::write(folder.path().join("doorward.yaml"), text).unwrap();
        // The harness makes hashing cheap by variables, which would count before the file.
        let mut command = doorward(folder.path());
        command.env_remove("DOORWARD_AUTH_ARGON2_MEMORY_KIB").env_remove("DOORWARD_AUTH_ARGON2_ITERATIONS");
        let output = command.args(["config", "check"]).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}: {said}");
        assert!(said.contains(&format!("doorward.yaml:{line}: {key}")), "{text}: {said}");
        assert!(said.contains(way_out), "{text}: {said}");
        assert!(!said.contains("hunter2") && !said.contains("panicked"), "{text}: {said}");
    }
}

#[test]
fn the_schema_is_printed_for_editors() {
    let folder = folder();
    // It is of use just when the file is wrong.
    std::fs::write(folder.path().join("doorward.yaml"), "lsiten: x\n").unwrap();
    let schema: Value = serde_json::from_str(&stdout(&run(folder.path(), &["config", "schema"]))).unwrap();
    assert_eq!(schema["properties"]["listen"]["type"][0], "string");
}
