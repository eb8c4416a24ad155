//! A disk that takes nothing any more under a running server, and a file that is taken away from it: what is
//! refused says so, reads go on, `/readyz` tells, nothing is written where it would be lost, and it heals.

use crate::harness::{Answer, PASSWORD, Server, doorward, eventually, folder};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::json;
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
};

/// A server that is not ended by the signal of a limit that it runs into: the write fails, as it does on a
/// disk that was mounted read-only for an error of its own. What a kernel lets nobody do is to mount one so
/// while files on it are being written, and to the superuser the modes of files mean nothing.
fn start(folder: &Path) -> Server {
    let bare = doorward(folder);
    let mut command = Command::new("/bin/sh");
    command.env_clear().envs(bare.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(folder);
    command.args(["-c", "trap '' XFSZ; exec \"$0\" serve --listen 127.0.0.1:0 --data data"]).arg(bare.get_program());
    Server::spawn_with(command, Stdio::null())
}

/// Lets a process write into no file, or into all again.
fn let_write(server: &Server, may: bool) {
    let pid = Pid::from_raw(i32::try_from(server.id()).unwrap()).unwrap();
    let limit = Rlimit { current: (!may).then_some(0), maximum: None };
    prlimit(Some(pid), Resource::Fsize, limit).unwrap();
}

fn add(server: &Server, token: &str, name: &str) -> Answer {
    server.post("/api/v1/users", Some(token), json!({ "username": name, "role": "viewer", "password": PASSWORD }))
}

/// That a change is refused with this cause, and everything that is only read is there.
fn is_refused_and_reads(server: &Server, token: &str, cause: &str) {
    let refused = add(server, token, "mara");
    assert_eq!((refused.status, refused.json()["code"].as_str()), (503, Some("unavailable")), "{refused:?}");
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("can not be written") && detail.contains(cause) && detail.contains("Nothing was changed"), "{detail}");
    assert!(refused.head.to_lowercase().contains("\r\nretry-after:"), "{}", refused.head);
    assert_eq!(server.sign_in("root", PASSWORD).status, 503, "a session that would not stay is not begun");
    assert_eq!(server.get("/livez", None).status, 200);
    eventually("reads go on", || {
        let names = server.get("/api/v1/users", Some(token));
        names.status == 200 && names.body.contains("\"root\"") && !names.body.contains("\"mara\"")
    });
    assert_eq!(server.get("/api/v1/auth/me", Some(token)).status, 200);
    let ready = server.get("/readyz", None);
    assert!(ready.status == 503 && ready.body.contains("can not be written") && ready.body.contains(cause), "{ready:?}");
}

fn heals(server: &Server, token: &str, name: &str) {
    eventually("people can be added again", || add(server, token, name).status == 201);
    eventually("it is ready", || server.get("/readyz", None).status == 200);
}

/// DUR-225 under a running server.
#[test]
fn a_disk_that_takes_nothing_any_more_is_told_and_outlived() {
    let folder = folder();
    let mut server = start(folder.path());
    let token = server.set_up();
    assert_eq!(server.get("/readyz", None).status, 200);
    for name in ["mara", "ivo"] {
        let_write(&server, false);
        is_refused_and_reads(&server, &token, "its disk does not take it");
        assert!(server.is_running());
        let_write(&server, true);
        heals(&server, &token, name);
        // Before the next round nobody is called so.
        let found = server.get("/api/v1/users?query=mara", Some(&token)).json();
        for user in found["items"].as_array().unwrap() {
            let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
            assert_eq!(server.send("DELETE", &path, Some(&token), None).status, 204);
        }
    }
    // Nobody has to try a change before the watchdog sees it.
    let_write(&server, false);
    add(&server, &token, "mara");
    assert_eq!(server.get("/readyz", None).status, 503);
    let_write(&server, true);
    eventually("it is ready", || server.get("/readyz", None).status == 200);
    drop(server);
    let server = start(folder.path());
    let token = server.sign_in("root", PASSWORD).token();
    let names = server.get("/api/v1/users", Some(&token)).body;
    assert!(names.contains("\"ivo\"") && !names.contains("\"mara\""), "{names}");
}

#[test]
fn a_file_that_is_taken_away_is_written_no_more_and_no_other_is_made() {
    let folder = folder();
    let server = start(folder.path());
    let token = server.set_up();
    let (file, aside) = (folder.path().join("data/doorward.db"), folder.path().join("data/aside.db"));
    fs::rename(&file, &aside).unwrap();
    is_refused_and_reads(&server, &token, "put it back where it was");
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert_eq!(server.get("/api/v1/users", Some(&token)).status, 200, "many read at once"));
        }
    });
    assert!(!file.exists(), "an empty one would look like a lost database");
    fs::rename(&aside, &file).unwrap();
    heals(&server, &token, "ivo");
    assert_eq!(server.stop().0, Some(0));

    // Somebody puts a copy in its place, as one restores a file by hand.
    let server = start(folder.path());
    let token = server.sign_in("root", PASSWORD).token();
    fs::copy(&file, &aside).unwrap();
    fs::rename(&aside, &file).unwrap();
    is_refused_and_reads(&server, &token, "start the server again");
    drop(server);
    let server = start(folder.path());
    let token = server.sign_in("root", PASSWORD).token();
    assert!(server.get("/api/v1/users", Some(&token)).body.contains("\"ivo\""));
    heals(&server, &token, "mara");
}
