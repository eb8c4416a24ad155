//! `kill -9`: what was acknowledged is there afterwards, nothing is there by half.

use crate::harness::{PASSWORD, Server, doorward, folder, run, stderr};
use serde_json::json;
use std::{
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::Duration,
};

const ROUNDS: u64 = 20;

#[test]
fn what_was_acknowledged_survives_kill_nine() {
    let folder = folder();
    let mut server = Some(Server::start(folder.path()));
    server.as_ref().unwrap().set_up();
    let mut acknowledged: Vec<(String, bool)> = Vec::new();
    for round in 0..ROUNDS {
        let running = server.take().unwrap();
        let token = running.sign_in("root", PASSWORD).token();
        let done = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let running = Arc::new(running);
        let writer = std::thread::spawn({
            let (running, done, stop) = (running.clone(), done.clone(), stop.clone());
            move || write(&running, &token, round, &done, &stop)
        });
        // However busy the machine is, something was acknowledged; no two rounds end at the same moment after it.
        while done.lock().unwrap().is_empty() && !writer.is_finished() {
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_millis((round * 37) % 160));
        stop_hard(&running);
        stop.store(true, Ordering::SeqCst);
        writer.join().unwrap();
        drop(running);
        acknowledged.append(&mut done.lock().unwrap());
        let next = Server::start(folder.path());
        check(&next, &acknowledged);
        server = Some(next);
    }
    assert!(acknowledged.len() as u64 >= ROUNDS, "only {} changes were acknowledged", acknowledged.len());
}

/// DUR-223: the file of the signing secret is whole at every moment, and what is sealed opens.
#[test]
fn a_rotation_that_was_killed_leaves_one_whole_secret() {
    let folder = folder();
    let running = Server::start(folder.path());
    let token = running.set_up();
    let app =
        json!({ "slug": "tasks", "name": "Tasks", "upstream": "http://127.0.0.1:1", "upstreamAuth": { "bearer": { "token": "canary" } } });
    assert_eq!(running.post("/api/v1/apps", Some(&token), app).status, 201);
    running.stop();
    for round in 0..8_u64 {
        let mut command = doorward(folder.path());
        let mut child =
            command.args(["secret", "rotate", "--yes"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_millis(60 + round * 45));
        child.kill().unwrap();
        child.wait().unwrap();
        let listed = run(folder.path(), &["app", "list", "--json"]);
        assert!(listed.status.success(), "{round}: {}", stderr(&listed));
        assert!(!stderr(&listed).contains("can not be read"), "{round}: {}", stderr(&listed));
    }
    assert_eq!(Server::start(folder.path()).sign_in("root", PASSWORD).status, 200);
}

fn stop_hard(server: &Server) {
    let status = std::process::Command::new("kill").args(["-KILL", &server.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// Adds and disables people until the server is gone; writes down what it acknowledged.
fn write(server: &Server, token: &str, round: u64, done: &Mutex<Vec<(String, bool)>>, stop: &AtomicBool) {
    for count in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let name = format!("u{round}x{count}");
        let new = json!({ "username": name, "role": "viewer", "password": PASSWORD });
        let Ok(answer) = server.try_send("POST", "/api/v1/users", Some(token), Some(new)) else { return };
        assert_eq!(answer.status, 201, "{answer:?}");
        done.lock().unwrap().push((name, false));
        if count % 2 == 0 {
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            let disable = Some(json!({ "isDisabled": true }));
            let Ok(answer) = server.try_send("PATCH", &format!("/api/v1/users/{id}"), Some(token), disable) else { return };
            assert_eq!(answer.status, 200, "{answer:?}");
            done.lock().unwrap().last_mut().unwrap().1 = true;
        }
    }
}

/// Everybody who was acknowledged is there, and disabled where that was acknowledged.
pub fn check(server: &Server, acknowledged: &[(String, bool)]) {
    let token = server.sign_in("root", PASSWORD).token();
    let mut found = std::collections::HashMap::new();
    let mut cursor = String::new();
    loop {
        let answer = server.get(&format!("/api/v1/users?limit=200{cursor}"), Some(&token));
        let page = answer.json();
        for user in page["items"].as_array().unwrap() {
            found.insert(user["username"].as_str().unwrap().to_owned(), user["isDisabled"].as_bool().unwrap());
        }
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    for (name, is_disabled) in acknowledged {
        match found.get(name) {
            Some(now) => assert!(*now || !is_disabled, "{name} was disabled and is not"),
            None => panic!("{name} was acknowledged and is lost"),
        }
    }
}
