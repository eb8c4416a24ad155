//! What an operator does at the shell beside a running server: backup and restore, another secret, keys,
//! roles, sessions, moving in; and whose files they are.

use crate::harness::{PASSWORD, Server, doorward, eventually, folder, run, stderr, stdout};
use serde_json::Value;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap_or_else(|error| panic!("{}: {error}", file.display())).permissions().mode() & 0o777
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    serde_json::from_str(&stdout(&output)).unwrap()
}

#[test]
fn a_backup_goes_into_another_place_while_the_server_runs() {
    let (here, there) = (folder(), folder());
    let server = Server::start(here.path());
    let root = server.set_up();
    server.add(&root, "mara", "viewer");
    let made = run(here.path(), &["backup", "door.jsonl"]);
    assert!(made.status.success() && stdout(&made).contains("signing secret is in it"), "{}", stderr(&made));
    let file = here.path().join("door.jsonl");
    assert_eq!(mode(&file), 0o600);
    assert_eq!(run(here.path(), &["backup", "door.jsonl"]).status.code(), Some(1), "a file that is there stays");
    assert!(run(here.path(), &["backup", "door.jsonl", "--force"]).status.success());
    let piped = run(here.path(), &["backup", "-"]);
    assert!(stdout(&piped).starts_with("{\"doorward\":\"backup\""), "{}", stderr(&piped));
    let name = file.display().to_string();
    let restored = run(there.path(), &["restore", &name]);
    assert!(restored.status.success() && stdout(&restored).contains("Everybody signs in again"), "{}", stderr(&restored));
    let other = Server::start(there.path());
    assert_eq!(other.sign_in("mara", PASSWORD).status, 200);
    // Into the running server, which obeys.
    assert_eq!(run(here.path(), &["restore", &name]).status.code(), Some(1));
    assert_eq!(run(here.path(), &["restore", &name, "--force"]).status.code(), Some(2), "nobody to ask");
    assert!(run(here.path(), &["restore", &name, "--force", "--yes"]).status.success());
    eventually("the session has ended", || server.get("/api/v1/auth/me", Some(&root)).status == 401);
    assert_eq!(server.sign_in("mara", PASSWORD).status, 200);
    assert_eq!(run(here.path(), &["restore", "/no/such/file"]).status.code(), Some(1));
}

#[test]
fn another_secret_takes_its_place_while_the_server_runs() {
    let folder = folder();
    let server = Server::start(folder.path());
    let root = server.set_up();
    let file = folder.path().join("data/.doorward_jwt_secret");
    let before = fs::read_to_string(&file).unwrap();
    assert_eq!(run(folder.path(), &["secret", "rotate"]).status.code(), Some(2), "nobody to ask");
    let done = run(folder.path(), &["secret", "rotate", "--yes"]);
    assert!(done.status.success(), "{}", stderr(&done));
    let after = fs::read_to_string(&file).unwrap();
    assert!(after != before && after.contains(&format!("previous {}", before.trim())), "the old one counts for a while");
    assert_eq!(mode(&file), 0o600);
    eventually("the server shows both keys", || server.get("/.well-known/jwks.json", None).json()["keys"].as_array().unwrap().len() == 2);
    assert_eq!(server.get("/api/v1/auth/me", Some(&root)).status, 200, "nobody is signed out");
    let fresh = server.sign_in("root", PASSWORD).token();
    assert!(run(folder.path(), &["secret", "rotate", "--now", "--yes"]).status.success());
    eventually("all sessions have ended", || server.get("/api/v1/auth/me", Some(&fresh)).status == 401);
    eventually("the server shows the new key alone", || {
        server.get("/.well-known/jwks.json", None).json()["keys"].as_array().unwrap().len() == 1
    });
    let last = server.sign_in("root", PASSWORD).token();
    drop(server);
    let again = Server::start(folder.path());
    assert_eq!(again.get("/api/v1/auth/me", Some(&last)).status, 200, "the file is what the server used");
}

#[test]
fn roles_keys_and_sessions_are_managed_at_the_shell() {
    let folder = folder();
    let server = Server::start(folder.path());
    let root = server.set_up();
    let at = folder.path();
    assert_eq!(run(at, &["role", "create", "night", "--permission", "read,fly"]).status.code(), Some(2));
    assert!(run(at, &["role", "create", "night", "--permission", "read,run"]).status.success());
    let roles = json(at, &["role", "list", "--json"]);
    assert!(roles.as_array().unwrap().iter().any(|role| role["name"] == "night"), "{roles}");
    let made = run(at, &["key", "create", "ci", "--role", "night", "--expires-in", "720h"]);
    let key = stdout(&made).trim().to_owned();
    assert!(key.starts_with("dw_") && !stderr(&made).contains(&key), "{}", stderr(&made));
    let me = server.raw("GET", "/api/v1/auth/me", &[("X-API-Key", &key)], "");
    assert_eq!(me.status, 200, "{me:?}");
    assert_eq!(run(at, &["role", "delete", "night", "--yes"]).status.code(), Some(1), "a key has it");
    assert_eq!(run(at, &["role", "delete", "viewer", "--yes"]).status.code(), Some(1));
    assert!(run(at, &["role", "delete", "night", "--replacement", "viewer", "--yes"]).status.success());
    assert!(!stdout(&run(at, &["key", "list"])).contains(&key), "a text is in no list");
    assert_eq!(run(at, &["key", "revoke", "ci"]).status.code(), Some(2), "nobody to ask");
    assert_eq!(run(at, &["key", "revoke", "nothing", "--yes"]).status.code(), Some(1));
    assert!(run(at, &["key", "revoke", &key, "--yes"]).status.success(), "whoever pastes the whole key means it");
    eventually("the key is refused", || server.raw("GET", "/api/v1/auth/me", &[("X-API-Key", &key)], "").status == 401);
    assert_eq!(json(at, &["key", "list", "--json"])[0]["status"], "revoked");
    let sessions = json(at, &["session", "list", "--json"]);
    assert_eq!(sessions.as_array().unwrap().len(), 1, "{sessions}");
    assert_eq!(json(at, &["session", "list", "--user", "root", "--json"]), sessions);
    assert_eq!(run(at, &["session", "revoke"]).status.code(), Some(2));
    assert_eq!(run(at, &["session", "revoke", "nonsense", "--yes"]).status.code(), Some(2));
    assert!(run(at, &["session", "revoke", "--user", "root", "--yes"]).status.success());
    eventually("the session has ended", || server.get("/api/v1/auth/me", Some(&root)).status == 401);
    let events = json(at, &["audit", "list", "--action", "api_key.", "--json"]);
    let actions: Vec<&str> = events.as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"api_key.revoke") && actions.ends_with(&["api_key.create"]), "{actions:?}");
    let table = stdout(&run(at, &["audit", "list", "--limit", "1"]));
    assert_eq!(table.lines().count(), 2, "{table}");
}

#[test]
fn people_move_in_with_their_passwords() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("htpasswd"), "mara:$2y$04$YKRkxhhAqTVNcqw5XNQvUeqLHJW6cn7HZhcgSZgLz2vuRP3LEtMPO\nold:$apr1$x$y\n").unwrap();
    let told = run(at, &["import", "htpasswd", "htpasswd", "--dry-run"]);
    assert!(stdout(&told).contains("2 of 2 would come. Nothing was changed."), "{} {}", stdout(&told), stderr(&told));
    assert!(stderr(&told).contains("There is no database at") && stderr(&told).lines().count() == 1, "{}", stderr(&told));
    assert!(!at.join("data").exists(), "nothing was made");
    Server::start(at).stop();
    let told = run(at, &["import", "htpasswd", "htpasswd", "--dry-run"]);
    assert_eq!(stderr(&told), "");
    assert!(stdout(&told).contains("2 of 2 would come. Nothing was changed."), "{} {}", stdout(&told), stderr(&told));
    assert_eq!(json(at, &["user", "list", "--json"]).as_array().unwrap().len(), 0);
    let done = run(at, &["import", "htpasswd", "htpasswd", "--role", "operator"]);
    assert!(done.status.success() && stdout(&done).contains("doorward user reset-password old"), "{}", stdout(&done));
    assert_eq!(json(at, &["user", "show", "mara", "--json"])["role"], "operator");
    assert_eq!(run(at, &["import", "dumb", "htpasswd"]).status.code(), Some(1));
    assert_eq!(run(at, &["import", "htpasswd", "nowhere"]).status.code(), Some(1));
    fs::create_dir(at.join("users")).unwrap();
    let user = r#"{ "id": "1", "username": "bolt", "password_hash": "$2a$04$YKRkxhhAqTVNcqw5XNQvUeqLHJW6cn7HZhcgSZgLz2vuRP3LEtMPO", "role": "developer" }"#;
    fs::write(at.join("users/1.json"), user).unwrap();
    fs::write(at.join("users/2.json"), r#"{ "id": "2", "name": "ci", "role": "viewer", "key_hash": "$2a$04$x" }"#).unwrap();
    let done = run(at, &["import", "boltbase", "users"]);
    assert!(done.status.success() && stderr(&done).contains("--new-keys"), "{}", stderr(&done));
    assert_eq!(json(at, &["user", "show", "bolt", "--json"])["role"], "developer");
    let keyed = run(at, &["import", "boltbase", "users/2.json", "--new-keys"]);
    assert!(stdout(&keyed).contains("dw_"), "{}", stderr(&keyed));
}

/// DUR-226
#[test]
fn whatever_the_umask_is_the_files_are_the_owners_alone() {
    let folder = folder();
    let bare = doorward(folder.path());
    let mut command = Command::new("/bin/sh");
    command.env_clear().envs(bare.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(folder.path());
    command.args(["-c", "umask 000; exec \"$0\" serve --listen 127.0.0.1:0 --data data"]).arg(bare.get_program());
    let server = Server::spawn(command);
    server.set_up();
    let data = folder.path().join("data");
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 4, "the database with its two companions, and the secret: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    let script = format!("umask 000; exec \"$0\" backup {}", folder.path().join("b.jsonl").display());
    let status = Command::new("/bin/sh")
        .env_clear()
        .envs(bare.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .current_dir(folder.path())
        .args(["-c", &script])
        .arg(bare.get_program())
        .status();
    assert!(status.unwrap().success());
    assert_eq!(mode(&folder.path().join("b.jsonl")), 0o600);
}
