//! A disk that is full, and one that is read-only: the failure names it, nothing is done by half, and all
//! goes on when there is room again.

use crate::{
    crash::check,
    harness::{PASSWORD, Server, doorward, eventually, finish, folder, run, stderr},
    power::quiet,
};
use gate::testing::postgres::Postgres;
use serde_json::json;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A small disk of the test's own.
struct Disk(PathBuf);

impl Disk {
    /// One of this size; nothing, and a line that says so, where no disk can be mounted.
    fn new(at: &Path, size: &str) -> Option<Self> {
        let disk = Self(at.join("disk"));
        fs::create_dir(&disk.0).unwrap();
        let options = format!("size={size},mode=0755");
        let is_there =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "doorward-test"]).arg(&disk.0).stderr(Stdio::null()).status();
        if is_there.is_ok_and(|status| status.success()) {
            return Some(disk);
        }
        eprintln!("skipped: only the superuser mounts a small disk");
        // There is nothing to unmount.
        std::mem::forget(disk);
        None
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    /// Leaves so many bytes free.
    fn fill(&self, free: u64) {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(self.ballast()).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(free)).unwrap();
    }

    fn make_room(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn remount(&self, how: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.0).status().unwrap();
        assert!(status.success(), "remount {how}");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Adds people until one can not be added any more; gives those who were, and the failure.
fn until_it_fails(server: &Server, token: &str, prefix: &str) -> (Vec<(String, bool)>, String) {
    let mut added = Vec::new();
    for count in 0..5_000 {
        let name = format!("{prefix}{count}");
        // Much text, so that it does not take long.
        let new = json!({ "username": name, "role": "viewer", "password": PASSWORD, "displayName": "x".repeat(90) });
        let answer = server.post("/api/v1/users", Some(token), new);
        if answer.status != 201 {
            assert_eq!(answer.status, 503, "{answer:?}");
            return (added, answer.json()["detail"].as_str().unwrap().to_owned());
        }
        added.push((name, false));
    }
    panic!("the disk does not fill");
}

fn adds_again(server: &Server, token: &str, name: &str) {
    let new = json!({ "username": name, "role": "viewer", "password": PASSWORD });
    eventually("people can be added again", || server.post("/api/v1/users", Some(token), new.clone()).status == 201);
}

#[test]
fn a_full_disk_is_named_and_nothing_is_half_done_on_sqlite() {
    let folder = folder();
    let Some(disk) = Disk::new(folder.path(), "6m") else { return };
    let start = || {
        let mut command = doorward(folder.path());
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(disk.0.join("data"));
        command
    };
    let server = Server::spawn_with(start(), Stdio::null());
    let token = server.set_up();
    disk.fill(64 * 1024);
    let (mut added, failure) = until_it_fails(&server, &token, "u");
    assert!(failure.contains("disk is full") && failure.contains("Nothing was changed"), "{failure}");
    assert_eq!(server.get("/api/v1/auth/me", Some(&token)).status, 200, "who is known is served");
    assert_eq!(server.get("/api/v1/users", Some(&token)).status, 200, "and reads");
    let name = format!("u{}", added.len());
    let found = server.get(&format!("/api/v1/users?query={name}"), Some(&token)).json();
    assert!(!found["items"].as_array().unwrap().iter().any(|user| user["username"] == name.as_str()), "not by half: {found}");
    disk.make_room();
    adds_again(&server, &token, "later");
    added.push(("later".into(), false));
    check(&server, &added);
    // A start on a full disk says so, and what there is stays as it is.
    server.stop();
    disk.fill(0);
    let output = finish(&mut start());
    if output.status.code() == Some(0) {
        panic!("{}", stderr(&output));
    }
    assert!(!stderr(&output).contains("panicked") && stderr(&output).contains("full"), "{}", stderr(&output));
    disk.make_room();
    check(&Server::spawn(start()), &added);
}

#[test]
fn a_full_disk_is_outlived_on_postgresql() {
    let folder = folder();
    let Some(disk) = Disk::new(folder.path(), "160m") else { return };
    let Some(mut postgres) = Postgres::start_in(&disk.0) else { return };
    let server = quiet(folder.path(), &postgres);
    let token = server.set_up();
    disk.fill(16 * 1024);
    let (mut added, failure) = until_it_fails(&server, &token, "u");
    // What its log needs, or what a table needs: it refuses, or goes away until there is room.
    let is_named = failure.contains("disk is full") || failure.contains("does not answer");
    assert!(is_named && failure.contains("Nothing was changed"), "{failure}");
    assert_eq!(server.get("/livez", None).status, 200);
    disk.make_room();
    postgres.resume();
    eventually("the server heals", || server.get("/readyz", None).status == 200);
    adds_again(&server, &token, "later");
    added.push(("later".into(), false));
    check(&server, &added);
}

#[test]
fn a_read_only_disk_is_refused_and_not_touched() {
    let folder = folder();
    let Some(disk) = Disk::new(folder.path(), "16m") else { return };
    let data = disk.0.join("data");
    let start = || {
        let mut command = doorward(folder.path());
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
        command
    };
    let server = Server::spawn(start());
    server.set_up();
    server.stop();
    let before = fs::read(data.join("doorward.db")).unwrap();
    disk.remount("ro");
    let output = finish(&mut start());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("can not be written") && stderr(&output).contains("read-only"), "{}", stderr(&output));
    assert_eq!(stderr(&output).lines().count(), 1, "one sentence: {}", stderr(&output));
    let place = data.display().to_string();
    let output = run(folder.path(), &["user", "add", "mara", "--role", "viewer", "--data", &place]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(fs::read(data.join("doorward.db")).unwrap(), before);
    disk.remount("rw");
    let server = Server::spawn(start());
    assert_eq!(server.sign_in("root", PASSWORD).status, 200);
}

#[test]
fn a_postgresql_that_became_read_only_is_named() {
    let folder = folder();
    let Some(postgres) = Postgres::start() else { return };
    let server = quiet(folder.path(), &postgres);
    let token = server.set_up();
    let becomes =
        |how: &str| postgres.tell(&[&format!("ALTER SYSTEM SET default_transaction_read_only = {how}"), "SELECT pg_reload_conf()"]);
    becomes("on");
    let new = json!({ "username": "mara", "role": "viewer", "password": PASSWORD });
    let mut failure = String::new();
    eventually("it refuses", || {
        let answer = server.post("/api/v1/roles", Some(&token), json!({ "name": "night", "permissions": ["read"] }));
        if answer.status == 503 {
            failure = answer.json()["detail"].as_str().unwrap().to_owned();
        } else {
            _ = server.send("DELETE", "/api/v1/roles/night", Some(&token), None);
        }
        answer.status == 503
    });
    assert!(failure.contains("read-only") && failure.contains("Nothing was changed"), "{failure}");
    assert_eq!(server.get("/api/v1/auth/me", Some(&token)).status, 200, "who is known is served");
    let ready = server.get("/readyz", None);
    assert!(ready.status == 503 && ready.body.contains("it is read-only"), "{ready:?}");
    becomes("off");
    eventually("people can be added again", || server.post("/api/v1/users", Some(&token), new.clone()).status == 201);
}
