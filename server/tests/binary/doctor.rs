//! `doorward doctor` against the real server: one that stands well, and one behind a proxy that does
//! everything wrong.

use crate::harness::{Server, folder, run, stderr, stdout};
use serde_json::Value;
use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Output,
    thread::spawn,
    time::Duration,
};

/// Serves connections of a port of the system's choice, each in a thread of its own; they end with
/// the tests.
fn listen(serve: impl Fn(TcpStream) -> std::io::Result<()> + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = serve.clone();
            spawn(move || _ = stream.set_read_timeout(Some(Duration::from_secs(20))).and_then(|()| serve(stream)));
        }
    });
    port
}

/// Reads the head of a request: its lines, without the empty one.
fn head(stream: &mut TcpStream) -> std::io::Result<Vec<String>> {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        text.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&text).lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn name(line: &str) -> String {
    line.split(':').next().unwrap_or_default().to_ascii_lowercase()
}

/// An app that tells what it was sent.
fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    let body = head(&mut stream)?.join("\n");
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A proxy that says the truth and passes everything on as it comes.
fn good_front(mut client: TcpStream, door: u16) -> std::io::Result<()> {
    let mut lines = head(&mut client)?;
    if lines[0].contains(" /api/v1/auth/forward ") {
        return client.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let is_made_up = |line: &String| {
        let name = name(line).replace(['_', '.'], "-");
        name.starts_with("x-forwarded-") || name == "forwarded"
    };
    lines.retain(|line| !is_made_up(line));
    if !lines.iter().any(|line| name(line) == "upgrade") {
        lines.push("Connection: close".into());
    }
    lines.push("X-Forwarded-For: 198.51.100.7".into());
    lines.push("X-Forwarded-Proto: http".into());
    let mut server = TcpStream::connect(("127.0.0.1", door))?;
    server.write_all(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes())?;
    std::io::copy(&mut server, &mut client).map(drop)
}

/// A proxy that sends the app's name to the app, and else puts its own Host in place, believes what
/// clients say, tidies paths, loses upgrades, gathers answers, takes headers away and widens cookies.
fn wrong_front(mut client: TcpStream, door: u16, app: u16) -> std::io::Result<()> {
    let mut lines = head(&mut client)?;
    let is_app = lines.iter().any(|line| line.to_ascii_lowercase().starts_with("host: tasks."));
    lines[0] = lines[0].replace(" /x/../", " /").replace(" //", " /");
    lines.retain(|line| !matches!(name(line).as_str(), "host" | "connection" | "upgrade"));
    lines.push(format!("Host: 127.0.0.1:{door}"));
    lines.push("Connection: close".into());
    let mut server = TcpStream::connect(("127.0.0.1", if is_app { app } else { door }))?;
    server.write_all(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes())?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    let (answered, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let kept = answered.lines().filter(|line| name(line) != "x-frame-options");
    let kept: Vec<String> =
        kept.map(|line| if name(line) == "set-cookie" { format!("{line}; Domain=example.com") } else { line.to_owned() }).collect();
    client.write_all(format!("{}\r\n\r\n{body}", kept.join("\r\n")).as_bytes())
}

/// Writes a configuration with an app, and starts a server that was set up.
fn start(folder: &Path, more: &str) -> (Server, u16) {
    let app = listen(echo);
    std::fs::write(folder.join("doorward.yaml"), format!("{more}\napps:\n  tasks:\n    upstream: http://127.0.0.1:{app}\n")).unwrap();
    let server = Server::start(folder);
    server.set_up();
    (server, app)
}

fn doctor(folder: &Path, port: u16, more: &[&str]) -> Output {
    let url = format!("http://127.0.0.1:{port}");
    run(folder, &[&["doctor", &url, "--json"], more].concat())
}

/// Each check with what came of it, and each finding that is no good one.
fn read(output: &Output) -> (Vec<(String, String)>, Vec<Value>) {
    let all: Value = serde_json::from_str(&stdout(output)).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let text = |finding: &Value, field: &str| finding[field].as_str().unwrap().to_owned();
    let all = all.as_array().unwrap();
    let shown = all.iter().map(|finding| (text(finding, "check"), text(finding, "verdict"))).collect();
    (shown, all.iter().filter(|finding| finding["verdict"] == "bad" || finding["verdict"] == "warn").cloned().collect())
}

#[test]
fn a_server_that_stands_well_gets_a_clean_bill() {
    let folder = folder();
    let (server, _) = start(folder.path(), "");
    let output = doctor(folder.path(), server.port, &["--app", "tasks"]);
    let (all, wrong) = read(&output);
    assert_eq!(wrong, Vec::<Value>::new());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for check in [
        "health",
        "unknown host",
        "identity",
        "path",
        "websocket",
        "events",
        "cookie",
        "direct reach",
        "app: page",
        "app: cookie",
        "app: path",
    ] {
        assert!(all.iter().any(|(name, verdict)| name == check && verdict == "ok"), "{check}: {all:?}");
    }
    let text = run(folder.path(), &["doctor", &format!("http://127.0.0.1:{}", server.port)]);
    assert_eq!(text.status.code(), Some(0));
    assert!(stdout(&text).lines().last().is_some_and(|line| line.contains("0 warn, 0 bad")), "{}", stdout(&text));
}

#[test]
fn a_front_proxy_that_says_the_truth_is_no_finding() {
    let folder = folder();
    let (server, _) = start(folder.path(), "trusted_proxies: [127.0.0.1]");
    let door = server.port;
    let front = listen(move |client| good_front(client, door));
    let output = doctor(folder.path(), front, &["--host", "tasks.localhost"]);
    assert_eq!(read(&output).1, Vec::<Value>::new());
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn whatever_a_front_proxy_does_wrong_is_found() {
    let folder = folder();
    let (server, app) = start(folder.path(), "trusted_proxies: [127.0.0.1]");
    let door = server.port;
    let front = listen(move |client| wrong_front(client, door, app));
    let output = doctor(folder.path(), front, &["--host", "tasks.localhost"]);
    assert_eq!(output.status.code(), Some(1));
    let (all, wrong) = read(&output);
    let bad = |check: &str| wrong.iter().filter(|finding| finding["check"] == check).collect::<Vec<_>>();
    for check in [
        "unknown host",
        "headers",
        "cookie",
        "forward-auth",
        "forwarding",
        "path",
        "websocket",
        "events",
        "client address",
        "app: page",
        "app: program",
        "app: other site",
        "app: identity",
        "app: forwarding",
        "app: path",
    ] {
        assert!(!bad(check).is_empty(), "{check} is not found: {all:?}");
    }
    assert!(wrong.iter().all(|finding| finding["change"].as_array().is_some_and(|change| !change.is_empty())), "{wrong:?}");
    let forged = bad("forwarding").iter().map(|finding| finding["sent"].to_string()).collect::<String>();
    for header in ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"] {
        assert!(forged.contains(header), "{header}: {forged}");
    }
    assert!(bad("identity").is_empty(), "the dashboard itself believes none: {wrong:?}");
    assert_eq!(bad("app: identity").len(), 6, "every family reached the app");
}

#[test]
fn a_wrong_question_is_exit_code_two_and_a_silent_door_one() {
    let folder = folder();
    for arguments in [
        &["doctor", "door.example.com"][..],
        &["doctor", "ftp://door.example.com"],
        &["doctor", "http://127.0.0.1:1", "--app", "nothing"],
        &["doctor", "http://127.0.0.1:1", "--host", "a b"],
        &["doctor", "http://127.0.0.1:1", "--ca", "no-such-file"],
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {}", stderr(&output));
    }
    let output = doctor(folder.path(), 1, &[]);
    assert_eq!(output.status.code(), Some(1));
    let (_, wrong) = read(&output);
    assert_eq!(wrong.len(), 1, "{wrong:?}");
}
