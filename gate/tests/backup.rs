//! Backup and restore, from each engine to each; and what does not come alive by it.

use aws_lc_rs::digest;
use doorward_gate::{
    Gate, Secret, Store,
    audit::{self, Verdict},
    backup::{self, Restore, Restored},
    config::Config,
    testing::{Caller, Door, PASSWORD},
    wire::workspaces::WorkspaceQuery,
};
use serde_json::{Value, json};
use std::{io::Cursor, path::Path};

const FORCE: Restore = Restore { is_forced: true, keeps_keys: false };

async fn write(gate: &Gate) -> Vec<u8> {
    let mut file = Vec::new();
    backup::write(&gate.system("command line"), &mut file).await.unwrap();
    file
}

async fn restore(gate: &Gate, file: &[u8], how: Restore) -> Result<Restored, String> {
    let done = backup::restore(&gate.system("command line"), &mut Cursor::new(file), how).await;
    done.map_err(|error| error.into_failure("").detail)
}

/// SQLite in memory, whatever the other database of the test is.
async fn sqlite(folder: &Path) -> Gate {
    let secret = folder.join("secret");
    Gate::builder().store(Store::Memory).config(Config::for_testing()).secret(Secret::file(secret)).build().await.unwrap()
}

/// A door with something of everything in it.
async fn furnished() -> (Door, Caller) {
    let door = Door::with_own_secret(Config::for_testing()).await;
    let answer = door.nobody().post("/api/v1/setup", json!({ "username": "ada", "password": PASSWORD })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let ada = door.admin().await;
    assert_eq!(ada.post("/api/v1/roles", json!({ "name": "night", "permissions": ["read"] })).await.status, 201);
    assert_eq!(ada.post("/api/v1/workspaces", json!({ "slug": "billing", "name": "Billing ünïcode" })).await.status, 201);
    let app = json!({ "slug": "tasks", "name": "Tasks", "upstream": "http://127.0.0.1:1", "hosts": ["tasks.example.com"],
        "upstreamAuth": { "bearer": { "token": "canary-of-the-upstream" } } });
    let made = ada.post("/api/v1/apps", app).await;
    assert_eq!(made.status, 201, "{}", made.text);
    door.named("joe", "night").await;
    let grant = json!({ "grants": [{ "workspace": "billing", "role": "operator" }] });
    let joe = ada.get("/api/v1/users?query=joe").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ada.put(&format!("/api/v1/users/{joe}/grants"), grant).await.status, 200);
    (door, ada)
}

/// Everything that a backup holds, but for its head and what is written down by the backup itself.
fn tables(file: &[u8]) -> Vec<String> {
    let text = String::from_utf8(file.to_vec()).unwrap();
    let lines: Vec<_> = text.lines().skip(1).map(str::to_owned).collect();
    lines.into_iter().filter(|line| !line.contains("backup.") && !line.contains("audit.restart") && !line.contains("\"end\"")).collect()
}

/// The lines of one table.
fn rows_of(file: &[u8], table: &str) -> Vec<String> {
    let all = tables(file);
    let from = all.iter().position(|line| line.starts_with(&format!("{{\"table\":\"{table}\""))).unwrap();
    all[from + 1..].iter().take_while(|line| line.starts_with('[')).cloned().collect()
}

#[tokio::test]
async fn everything_comes_back_on_either_engine() {
    let (door, ada) = furnished().await;
    let key = door.key("viewer").await;
    assert_eq!(key.get("/api/v1/auth/me").await.status, 200);
    let file = write(&door.gate).await;
    let text = String::from_utf8(file.clone()).unwrap();
    assert!(!text.contains("canary-of-the-upstream") && !text.contains(PASSWORD), "what is sealed stays sealed");
    // There and back again: the second engine is SQLite, the first is the test's.
    let folder = tempfile::tempdir().unwrap();
    let other = sqlite(folder.path()).await;
    let how = Restore { keeps_keys: true, ..Restore::default() };
    let done = restore(&other, &file, how).await.unwrap();
    assert!(done.rows > 20 && done.revoked_keys == 0 && !done.has_replaced, "{done:?}");
    let again = write(&other).await;
    for table in ["roles", "workspaces", "environments", "grants", "apps", "app_hosts", "api_keys"] {
        let (mut before, mut after) = (rows_of(&file, table), rows_of(&again, table));
        before.sort();
        after.sort();
        if table == "apps" {
            // The same credentials, sealed with the other's key.
            assert_eq!(before.len(), after.len());
        } else {
            assert_eq!(before, after, "{table}");
        }
    }
    assert_eq!(rows_of(&file, "users").len(), rows_of(&again, "users").len());
    let done = restore(&door.gate, &again, FORCE).await.unwrap();
    assert!(done.has_replaced && done.revoked_keys == 0 && done.disabled_users == 0, "{done:?}");
    assert_eq!(ada.get("/api/v1/auth/me").await.status, 401, "all sessions end");
    assert_eq!(key.get("/api/v1/auth/me").await.status, 200, "the key was good in what was replaced");
    let ada = door.admin().await;
    assert_eq!(ada.get("/api/v1/roles/night").await.status, 200);
    assert_eq!(door.credentials_of("tasks").as_deref(), Some("Bearer canary-of-the-upstream"));
    assert!(door.events().await.iter().any(|event| event.starts_with("backup.restore success by command line")));
}

#[tokio::test]
async fn a_new_place_takes_the_secret_and_the_log_stays_whole() {
    let (door, _) = furnished().await;
    door.chain().await;
    let file = write(&door.gate).await;
    let new = Door::with_own_secret(Config::for_testing()).await;
    restore(&new.gate, &file, Restore::default()).await.unwrap();
    new.chain().await;
    let verdict = audit::verify(&new.gate.system("test")).await.unwrap();
    assert!(matches!(&verdict, Verdict::Unbroken(walk) if walk.earlier == 0 && walk.events > 5), "{verdict:?}");
    assert_eq!(new.credentials_of("tasks").as_deref(), Some("Bearer canary-of-the-upstream"));
    new.admin().await;
}

#[tokio::test]
async fn what_ended_after_the_backup_does_not_come_alive() {
    let (door, ada) = furnished().await;
    let joe = door.nobody().signed_in("joe").await;
    let (kept, revoked) = (door.key("viewer").await, door.key("viewer").await);
    let gone = door.named("gone", "viewer").await;
    let file = write(&door.gate).await;
    assert_eq!(ada.delete(&format!("/api/v1/api-keys/{}", revoked.id)).await.status, 204);
    assert_eq!(ada.patch(&format!("/api/v1/users/{}", joe.id), json!({ "isDisabled": true })).await.status, 200);
    assert_eq!(ada.delete(&format!("/api/v1/users/{}", gone.id)).await.status, 204);
    let done = restore(&door.gate, &file, FORCE).await.unwrap();
    assert_eq!((done.revoked_keys, done.disabled_users), (1, 2), "{done:?}");
    assert_eq!(kept.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(revoked.get("/api/v1/auth/me").await.status, 401);
    for (name, caller) in [("joe", &joe), ("gone", &gone)] {
        assert_eq!(caller.get("/api/v1/auth/me").await.status, 401, "{name}");
        let answer = door.nobody().post("/api/v1/auth/login", json!({ "username": name, "password": PASSWORD })).await;
        assert_eq!(answer.status, 401, "{name}");
    }
    let refreshed = joe.post("/api/v1/auth/refresh", json!({ "refreshToken": joe.refresh_token })).await;
    assert_eq!(refreshed.status, 401, "no session is in a backup");
    // Where nobody can tell, no key is good.
    let new = Door::new().await;
    let done = restore(&new.gate, &file, Restore::default()).await.unwrap();
    assert_eq!(done.revoked_keys, 2, "{done:?}");
}

#[tokio::test]
async fn the_last_admin_is_not_shut_out_by_a_restore() {
    let (door, ada) = furnished().await;
    let file = write(&door.gate).await;
    let bea = door.named("bea", "admin").await;
    assert_eq!(bea.delete(&format!("/api/v1/users/{}", ada.id)).await.status, 204);
    let done = restore(&door.gate, &file, FORCE).await.unwrap();
    assert_eq!(done.disabled_users, 0, "ada is the only admin of the backup");
    door.admin().await;
}

#[tokio::test]
async fn nothing_is_replaced_without_force() {
    let (door, ada) = furnished().await;
    let file = write(&door.gate).await;
    let refused = restore(&door.gate, &file, Restore::default()).await.unwrap_err();
    assert!(refused.contains("--force"), "{refused}");
    assert_eq!(ada.get("/api/v1/auth/me").await.status, 200);
}

#[tokio::test]
async fn a_damaged_backup_changes_nothing() {
    let (door, ada) = furnished().await;
    let file = write(&door.gate).await;
    let text = String::from_utf8(file.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without = |at: usize| [&lines[..at], &lines[at + 1..]].concat().join("\n") + "\n";
    let altered = text.replacen("\"joe\"", "\"eve\"", 1);
    let broken = [
        String::new(),
        "a diary\n".into(),
        "{\"doorward\":\"backup\"}\n".into(),
        text.replacen("\"format\":1", "\"format\":2", 1),
        text.replacen("\"table\":\"users\"", "\"table\":\"secrets\"", 1),
        without(lines.len() - 1),
        without(lines.len() / 2),
        altered,
        text[..text.len() / 2].to_owned(),
        format!("{text}[]\n"),
    ];
    for (at, broken) in broken.iter().enumerate() {
        let refused = restore(&door.gate, broken.as_bytes(), FORCE).await.unwrap_err();
        assert!(refused.contains("backup"), "{at}: {refused}");
    }
    let schema: i64 = serde_json::from_str::<Value>(lines[0]).unwrap()["schema"].as_i64().unwrap();
    let newer = text.replacen(&format!("\"schema\":{schema}"), "\"schema\":9999", 1);
    let refused = restore(&door.gate, newer.as_bytes(), FORCE).await.unwrap_err();
    assert!(refused.contains("newer Doorward"), "{refused}");
    assert_eq!(ada.get("/api/v1/auth/me").await.status, 200, "nothing was touched");
}

/// A backup as a Doorward of an older schema would have written it, with one admin, and more.
fn older(schema: i64, more: &[Value]) -> Vec<u8> {
    let at = 1_790_000_000_000_i64;
    let columns = "id username username_key role source password_hash facet created_at updated_at";
    let columns: Vec<&str> = columns.split(' ').collect();
    let id = "01a00000-0000-7000-8000-000000000001";
    let mut lines = vec![
        json!({ "doorward": "backup", "format": 1, "version": "0.0.1", "schema": schema, "at": "2026-09-22T00:00:00.000Z", "kid": "abc" }),
        json!({ "table": "settings", "columns": ["name", "value", "updated_at"] }),
        json!(["setup", "claimed", at]),
        json!(["name", "The old house", at]),
        json!({ "table": "users", "columns": columns }),
        json!([
            id,
            "ada",
            "ada",
            "admin",
            "local",
            "$2b$04$abcdefghijklmnopqrstuuJ0Zg5ZQ0Zc7Zl0Zl0Zl0Zl0Zl0Zl0Zl",
            "admin local active",
            at,
            at
        ]),
    ];
    lines.extend_from_slice(more);
    let rows = lines.iter().filter(|line| line.is_array()).count();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let sum = digest::digest(&digest::SHA256, text.as_bytes());
    let hex: String = sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    lines.push(json!({ "end": rows, "sha256": hex }));
    lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes()
}

#[tokio::test]
async fn a_backup_of_the_first_schema_is_brought_up_to_date() {
    let door = Door::new().await;
    let done = restore(&door.gate, &older(1, &[]), Restore::default()).await.unwrap();
    assert_eq!(done.rows, 3);
    let system = door.gate.system("test");
    let ada = doorward_gate::users::by_name(&system, "ada").await.unwrap();
    assert!(ada.role.is_admin() && ada.has_password);
    assert_eq!(doorward_gate::settings::general(&system).await.unwrap().name, "The old house");
    let all = doorward_gate::workspaces::list(&system, WorkspaceQuery::default()).await.unwrap();
    assert_eq!(all.items.len(), 1, "what later schemas bring is there");
}

#[tokio::test]
async fn what_an_older_backup_has_in_another_table_is_put_in_its_place() {
    let sinks =
        [json!({ "table": "audit_sinks", "columns": ["name", "seq", "holder", "held_until"] }), json!(["file:/var/log/audit", 7, "", 0])];
    let door = Door::new().await;
    assert_eq!(restore(&door.gate, &older(13, &sinks), Restore::default()).await.unwrap().rows, 4);
    let there = "UPDATE held_cursors SET seq = seq WHERE name = 'audit:file:/var/log/audit' AND seq = 7";
    assert_eq!(door.meddle(there).await, 1);
    let newest = backup_schema(&write(&door.gate).await);
    let refused = restore(&Door::new().await.gate, &older(newest, &sinks), Restore::default()).await.unwrap_err();
    assert!(refused.contains("no such column"), "a table that is none any more: {refused}");
}

/// The schema that a backup says it is of.
fn backup_schema(file: &[u8]) -> i64 {
    let head = std::str::from_utf8(file).unwrap().lines().next().unwrap();
    serde_json::from_str::<Value>(head).unwrap()["schema"].as_i64().unwrap()
}

#[tokio::test]
async fn a_backup_is_for_the_shell_alone() {
    let (_, ada) = furnished().await;
    for path in ["/api/v1/backup", "/api/v1/restore", "/backup"] {
        assert_eq!(ada.get(path).await.status, 404, "{path}");
    }
}
