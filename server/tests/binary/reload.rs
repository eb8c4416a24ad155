//! The configuration file is changed while the server runs.

use crate::harness::{PASSWORD, Server, eventually, folder};
use serde_json::json;
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// An upstream that agrees to a WebSocket, and answers all else with the credentials that it got.
fn upstream() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut piece = [0; 4096];
                let count = stream.read(&mut piece).unwrap_or(0);
                let head = String::from_utf8_lossy(&piece[..count]).to_lowercase();
                if head.contains("upgrade: websocket") {
                    _ = stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
                    while stream.read(&mut piece).is_ok_and(|count| count > 0) {}
                    return;
                }
                let text = head.lines().find(|line| line.starts_with("authorization:")).unwrap_or("nobody").to_owned();
                _ = stream
                    .write_all(format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
            });
        }
    });
    port
}

/// Sends a request to an app, without waiting for the answer.
fn dial(server: &Server, app: &str, more: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(format!("GET / HTTP/1.1\r\nHost: {app}.localhost:{}\r\n{more}\r\n", server.port).as_bytes()).unwrap();
    stream
}

/// The answer of an app, whole.
fn ask(server: &Server, app: &str) -> String {
    let mut text = String::new();
    dial(server, app, "Connection: close\r\n").read_to_string(&mut text).unwrap();
    text
}

fn is_served(server: &Server, app: &str) -> bool {
    ask(server, app).starts_with("HTTP/1.1 200")
}

/// A section of the file.
fn app(slug: &str, upstream: u16, rest: &str) -> String {
    format!("  {slug}:\n    upstream: http://127.0.0.1:{upstream}\n    rules: [{{ allow: public }}]\n{rest}")
}

fn write(folder: &Path, text: &str) {
    fs::write(folder.join("doorward.yaml"), text).unwrap();
}

fn start(folder: &Path) -> Server {
    Server::start_with(folder, &[("DOORWARD_LOG_LEVEL", "warn")])
}

#[test]
fn an_app_comes_and_goes_with_the_file_and_a_broken_one_changes_nothing() {
    let folder = folder();
    let (at, upstream) = (folder.path(), upstream());
    let tasks = app("tasks", upstream, "");
    write(at, &format!("apps:\n{tasks}"));
    let server = start(at);
    let root = server.set_up();
    assert!(is_served(&server, "tasks"));
    let file = |server: &Server| server.get("/api/v1/settings", Some(&root)).json()["configuration"].clone();
    assert!(file(&server)["path"].as_str().unwrap().ends_with("doorward.yaml"), "{}", file(&server));
    write(at, &format!("apps:\n{tasks}{}", app("dags", upstream, "")));
    eventually("the new app is served", || is_served(&server, "dags"));
    let mut socket = dial(
        &server,
        "tasks",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    );
    let mut head = [0; 12];
    socket.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 101");
    write(at, "apps:\n  dags:\n    upstraem: http://127.0.0.1:1\n");
    eventually("the broken file is told", || file(&server)["problem"].is_string());
    let problem = file(&server)["problem"].as_str().unwrap().to_owned();
    assert!(problem.contains("doorward.yaml:3: apps.dags.upstraem: there is no such key; did you mean upstream?"), "{problem}");
    assert!(is_served(&server, "tasks") && is_served(&server, "dags"), "what was read before stays in force");
    assert!(server.get("/readyz", Some(&root)).body.contains("is not in force: "), "the watchdog's address says so");
    write(at, &format!("listen: 127.0.0.1:1\nlog: {{ format: json }}\napps:\n{}", app("dags", upstream, "")));
    let begun = Instant::now();
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).unwrap();
    assert!(String::from_utf8_lossy(&rest).contains("app changed"), "{rest:?}");
    assert!(begun.elapsed() < Duration::from_secs(15), "it ended by itself");
    assert!(ask(&server, "tasks").starts_with("HTTP/1.1 421"), "{}", ask(&server, "tasks"));
    assert_eq!(server.get("/api/v1/apps/tasks", Some(&root)).status, 404);
    let told = file(&server);
    assert_eq!((&told["problem"], &told["needsRestart"]), (&json!(null), &json!(["log.format"])), "a flag counts before the file: {told}");
    let events = server.get("/api/v1/audit?action=app.", Some(&root)).json();
    let all: Vec<_> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["action"].as_str().unwrap(), event["actor"]["name"].as_str().unwrap()))
        .collect();
    assert_eq!(all, [("app.delete", "configuration"), ("app.create", "configuration")]);
    fs::remove_file(at.join("doorward.yaml")).unwrap();
    eventually("a file that is gone is told", || file(&server)["problem"].is_string());
    assert!(is_served(&server, "dags"));
    assert_eq!(server.stop().0, Some(0));
}

#[test]
fn a_secret_in_a_file_of_its_own_is_followed_and_sighup_does_not_end_it() {
    let folder = folder();
    let (at, upstream) = (folder.path(), upstream());
    let auth = format!("    upstream_auth: {{ bearer: {{ token_file: {} }} }}\n", at.join("token").display());
    fs::write(at.join("token"), "one\n").unwrap();
    write(at, &format!("apps:\n{}", app("tasks", upstream, &auth)));
    let mut server = start(at);
    server.set_up();
    assert!(ask(&server, "tasks").contains("bearer one"), "{}", ask(&server, "tasks"));
    fs::write(at.join("token"), "three\n").unwrap();
    eventually("the new token is sent", || ask(&server, "tasks").contains("bearer three"));
    write(at, &format!("apps:\n{}", app("dags", upstream, "")));
    assert!(Command::new("kill").args(["-HUP", &server.id().to_string()]).status().unwrap().success());
    eventually("the new app is served", || is_served(&server, "dags"));
    assert!(server.is_running());
    assert_eq!(server.sign_in("root", PASSWORD).status, 200);
}
