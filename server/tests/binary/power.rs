//! DUR-223 on PostgreSQL: the power goes, under the database alone or under both, while changes are written.
//! What was acknowledged is there afterwards, and the server heals by itself.

use crate::{
    crash::check,
    harness::{PASSWORD, Server, doorward, eventually, folder},
};
use gate::testing::postgres::Postgres;
use serde_json::json;
use std::{
    path::Path,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::Duration,
};

const ROUNDS: u64 = 6;

/// A server on a database whose absence it need not write of.
pub fn quiet(folder: &Path, postgres: &Postgres) -> Server {
    let mut command = doorward(folder);
    command.env("DATABASE_URL", postgres.url()).args(["serve", "--listen", "127.0.0.1:0", "--data", "data"]);
    Server::spawn_with(command, Stdio::null())
}

#[test]
fn what_was_acknowledged_survives_the_end_of_postgresql() {
    let folder = folder();
    let Some(mut postgres) = Postgres::start() else { return };
    let mut server = Arc::new(quiet(folder.path(), &postgres));
    server.set_up();
    let mut acknowledged: Vec<(String, bool)> = Vec::new();
    for round in 0..ROUNDS {
        let token = server.sign_in("root", PASSWORD).token();
        let done = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let writer = std::thread::spawn({
            let (server, done, stop) = (server.clone(), done.clone(), stop.clone());
            move || write(&server, &token, round, &done, &stop)
        });
        sleep(Duration::from_millis(120 + (round * 67) % 300));
        postgres.cut();
        let is_whole_machine = round % 2 == 1;
        if is_whole_machine {
            assert!(std::process::Command::new("kill").args(["-KILL", &server.id().to_string()]).status().unwrap().success());
        } else {
            // Nobody gets a half answer: it fails, and says that the database is away.
            let answer = server.sign_in("root", PASSWORD);
            assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some("unavailable")), "{answer:?}");
            assert_eq!(server.get("/livez", None).status, 200);
            assert_eq!(server.get("/readyz", None).status, 503);
        }
        stop.store(true, Ordering::SeqCst);
        writer.join().unwrap();
        postgres.resume();
        if is_whole_machine {
            server = Arc::new(quiet(folder.path(), &postgres));
        } else {
            eventually("the server heals", || server.get("/readyz", None).status == 200);
        }
        acknowledged.append(&mut done.lock().unwrap());
        check(&server, &acknowledged);
    }
    assert!(acknowledged.len() as u64 >= ROUNDS, "only {} changes were acknowledged", acknowledged.len());
}

/// Adds and disables people until told to stop; writes down what was acknowledged.
fn write(server: &Server, token: &str, round: u64, done: &Mutex<Vec<(String, bool)>>, stop: &AtomicBool) {
    for count in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let name = format!("u{round}x{count}");
        let new = json!({ "username": name, "role": "viewer", "password": PASSWORD });
        let Ok(answer) = server.try_send("POST", "/api/v1/users", Some(token), Some(new)) else { return };
        if answer.status != 201 {
            assert!(answer.status >= 500, "{answer:?}");
            sleep(Duration::from_millis(20));
            continue;
        }
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        done.lock().unwrap().push((name, false));
        if count % 2 == 0 {
            let disable = Some(json!({ "isDisabled": true }));
            let Ok(answer) = server.try_send("PATCH", &format!("/api/v1/users/{id}"), Some(token), disable) else { return };
            if answer.status == 200 {
                done.lock().unwrap().last_mut().unwrap().1 = true;
            } else {
                assert!(answer.status >= 500, "{answer:?}");
            }
        }
    }
}
