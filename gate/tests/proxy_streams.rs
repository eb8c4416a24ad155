//! What stays open: WebSockets and streams of events, and their end when the right to them ends.

use crate::proxy_kit::{Front, Manner, read_to_end, read_until, upstream};
use serde_json::json;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const ASKS: &str =
    "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
/// A text frame of a client, masked with zeros.
const HELLO: &[u8] = b"\x81\x85\0\0\0\0hello";

/// Asks for a WebSocket with these headers.
async fn ask(front: &Front, headers: &[(&str, &str)]) -> TcpStream {
    let mut stream = TcpStream::connect(front.address).await.unwrap();
    stream.write_all(format!("{}{ASKS}\r\n", front.head("GET /ws", headers)).as_bytes()).await.unwrap();
    stream
}

/// An open WebSocket.
async fn open(front: &Front, headers: &[(&str, &str)]) -> TcpStream {
    let mut stream = ask(front, headers).await;
    let head = String::from_utf8(read_until(&mut stream, b"\r\n\r\n").await).unwrap();
    assert!(head.starts_with("HTTP/1.1 101") && head.to_lowercase().contains("upgrade: websocket"), "{head}");
    stream
}

async fn status(front: &Front, headers: &[(&str, &str)]) -> u16 {
    let mut stream = ask(front, headers).await;
    let head = String::from_utf8(read_until(&mut stream, b"\r\n").await).unwrap();
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_websocket_carries_bytes_both_ways() {
    let echo = upstream(Manner::Upgrade).await;
    let front = Front::to(echo.address, json!([])).await;
    let key = front.key("viewer").await;
    let mut stream = open(&front, &[("X-API-Key", &key), ("X-Doorward-User", "root")]).await;
    stream.write_all(HELLO).await.unwrap();
    let back = read_until(&mut stream, b"hello").await;
    assert_eq!(back, HELLO);
    let big = vec![b'x'; 3_000_000];
    let (mut read, mut write) = stream.split();
    let mut got = vec![0; big.len()];
    let (sent, read) = tokio::join!(write.write_all(&big), timeout(Duration::from_secs(20), read.read_exact(&mut got)));
    sent.unwrap();
    read.unwrap().unwrap();
    assert_eq!(got, big);
    let seen = echo.text().to_lowercase();
    assert!(
        seen.contains("connection: upgrade")
            && seen.contains("x-doorward-user: key@viewer key")
            && !seen.contains("root")
            && !seen.contains(&key.to_lowercase()),
        "{seen}"
    );
}

/// PRX-152
#[tokio::test]
async fn no_upgrade_leads_to_requests_that_nobody_judged() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([{ "allow": "public" }])).await;
    for protocol in ["h2c", "H2C", "HTTP/2.0", "TLS/1.2", "h2c, http/1.1"] {
        let headers = [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", protocol), ("HTTP2-Settings", "AAMAAABkAAQCAAAAAAIAAAAA")];
        let reply = front.send("GET /", &headers).await;
        assert_eq!(reply.status, 200, "{protocol}");
        assert!(!reply.text.to_lowercase().contains("upgrade") && !reply.text.to_lowercase().contains("http2-settings"), "{}", reply.text);
    }
    let reply = front.send("GET /", &[("Connection", "Upgrade"), ("Upgrade", "h2c, websocket")]).await;
    assert!(reply.text.contains("upgrade: websocket\r\n"), "{}", reply.text);
}

/// WSS-177
#[tokio::test]
async fn a_websocket_of_another_site_is_refused_before_it_opens() {
    let echo = upstream(Manner::Upgrade).await;
    let front = Front::to(echo.address, json!([])).await;
    let cookie = front.app_cookie("ada").await;
    let (host, port) = (front.host(), front.address.port());
    for origin in [
        "http://evil.example".to_owned(),
        "null".to_owned(),
        format!("http://{host}.evil.example"),
        format!("http://evil{host}"),
        format!("http://tasks.localhost:{}", port - 1),
        format!("https://{host}"),
        format!("http://localhost:{port}"),
    ] {
        assert_eq!(status(&front, &[("Cookie", &cookie), ("Origin", &origin)]).await, 403, "{origin}");
        assert_eq!(status(&front, &[("Origin", &origin)]).await, 403, "{origin}");
    }
    assert_eq!(status(&front, &[("Cookie", &cookie)]).await, 403, "a browser always says where it comes from");
    assert_eq!(status(&front, &[("Cookie", &cookie), ("Origin", &format!("http://{host}"))]).await, 101);
    assert_eq!(echo.seen.lock().unwrap().len(), 1);
}

/// WSS-178
#[tokio::test]
async fn a_ticket_opens_one_stream_once_and_soon() {
    let echo = upstream(Manner::Upgrade).await;
    let front = Front::to(echo.address, json!([])).await;
    let ada = front.door.admin().await;
    let ticket = async || ada.post("/api/v1/auth/ticket", json!({})).await.body["ticket"].as_str().unwrap().to_owned();
    let try_it = async |ticket: &str, asks: &str| {
        let mut stream = TcpStream::connect(front.address).await.unwrap();
        let head = front.head(&format!("GET /ws?token={ticket}&a=b"), &[("Accept", "application/json")]);
        stream.write_all(format!("{head}{asks}\r\n").as_bytes()).await.unwrap();
        let head = String::from_utf8(read_until(&mut stream, b"\r\n").await).unwrap();
        head.split(' ').nth(1).unwrap().parse::<u16>().unwrap()
    };
    let first = ticket().await;
    assert_eq!(try_it(&first, ASKS).await, 101);
    assert_eq!(try_it(&first, ASKS).await, 401, "it was used");
    let late = ticket().await;
    front.door.wait(31_000);
    assert_eq!(try_it(&late, ASKS).await, 401, "it is too old");
    assert_eq!(try_it("dwt_nonsense", ASKS).await, 401);
    assert_eq!(try_it(&ticket().await, "").await, 401, "it opens streams alone");
    assert_eq!(try_it("", ASKS).await, 401);
    assert!(echo.text().starts_with("GET /ws?a=b HTTP/1.1"), "{}", echo.text());
}

/// Waits for the last frame of a WebSocket, and the end behind it; gives its code and reason.
async fn last_frame(stream: &mut TcpStream) -> (u16, String) {
    let rest = read_to_end(stream).await;
    assert!(rest.len() >= 4 && rest[0] == 0x88, "{rest:?}");
    (u16::from_be_bytes([rest[2], rest[3]]), String::from_utf8_lossy(&rest[4..]).into_owned())
}

/// WSS-179
#[tokio::test]
async fn what_is_open_ends_when_the_right_to_it_ends() {
    let echo = upstream(Manner::Upgrade).await;
    let front = Front::to(echo.address, json!([])).await;
    let ada = front.door.admin().await;
    let origin = format!("http://{}", front.host());
    for (name, words) in [
        ("signed-out", "session ended"),
        ("disabled", "session ended"),
        ("demoted", "no longer allowed"),
        ("password", "session ended"),
        ("everywhere", "session ended"),
    ] {
        let person = front.door.named(name, "viewer").await;
        let cookie = front.app_cookie(name).await;
        let mut stream = open(&front, &[("Cookie", &cookie), ("Origin", &origin)]).await;
        stream.write_all(HELLO).await.unwrap();
        read_until(&mut stream, b"hello").await;
        let user = format!("/api/v1/users/{}", person.id);
        let done = match name {
            "disabled" => ada.patch(&user, json!({ "isDisabled": true })).await.status,
            "demoted" => {
                ada.post("/api/v1/roles", json!({ "name": "none", "permissions": ["subscribe"] })).await;
                ada.patch(&user, json!({ "role": "none" })).await.status
            }
            "password" => ada.put(&format!("{user}/password"), json!({ "newPassword": "quiet lamp harbour 9" })).await.status,
            _ => person.post("/api/v1/auth/logout-all", json!({})).await.status,
        };
        assert!((200..300).contains(&done), "{name}: {done}");
        assert_eq!(last_frame(&mut stream).await, (4401, words.to_owned()), "{name}");
    }
    // Another person's is not touched by any of it, nor by signing in again.
    front.door.named("stays", "viewer").await;
    let cookie = front.app_cookie("stays").await;
    let mut stays = open(&front, &[("Cookie", &cookie), ("Origin", &origin)]).await;
    front.app_cookie("stays").await;
    ada.post("/api/v1/roles", json!({ "name": "other", "permissions": ["read"] })).await;
    stays.write_all(HELLO).await.unwrap();
    read_until(&mut stays, b"hello").await;
    let rules = json!({ "rules": [{ "path": "/ws", "allow": "write" }] });
    assert_eq!(ada.patch("/api/v1/apps/tasks", rules).await.status, 200);
    assert_eq!(last_frame(&mut stays).await, (4401, "no longer allowed".to_owned()), "the rules changed");
}

/// WSS-179
#[tokio::test]
async fn a_key_s_connections_end_with_the_key() {
    let echo = upstream(Manner::Upgrade).await;
    let front = Front::to(echo.address, json!([])).await;
    let ada = front.door.admin().await;
    let made = ada.post("/api/v1/api-keys", json!({ "name": "k", "role": "viewer", "kind": "service", "expiresIn": "1h" })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let key = made.body["key"].as_str().unwrap();
    let mut first = open(&front, &[("X-API-Key", key)]).await;
    let id = made.body["apiKey"]["id"].as_str().unwrap();
    assert_eq!(ada.delete(&format!("/api/v1/api-keys/{id}")).await.status, 204);
    assert_eq!(last_frame(&mut first).await, (4401, "API key no longer good".to_owned()));
    let made = ada.post("/api/v1/api-keys", json!({ "name": "k2", "role": "viewer", "kind": "service", "expiresIn": "1h" })).await;
    let mut second = open(&front, &[("X-API-Key", made.body["key"].as_str().unwrap())]).await;
    front.door.wait(60 * 60 * 1000);
    assert_eq!(last_frame(&mut second).await.0, 4401, "it has expired");
    let key = front.key("viewer").await;
    let mut third = open(&front, &[("X-API-Key", &key)]).await;
    assert_eq!(front.door.admin().await.delete("/api/v1/apps/tasks").await.status, 204);
    assert_eq!(last_frame(&mut third).await, (4401, "app changed".to_owned()));
}

/// WSS-180
#[tokio::test]
async fn nothing_outlasts_the_token_that_opened_it() {
    let echo = upstream(Manner::Upgrade).await;
    let front = Front::to(echo.address, json!([])).await;
    let ada = front.door.admin().await;
    let token = ada.headers["authorization"].to_str().unwrap();
    let mut stream = open(&front, &[("Authorization", token)]).await;
    front.door.wait(61 * 60 * 1000);
    assert_eq!(last_frame(&mut stream).await, (4401, "session ended".to_owned()));
}

/// WSS-179
#[tokio::test]
async fn another_process_s_change_is_heard_here() {
    let echo = upstream(Manner::Upgrade).await;
    let front = Front::to(echo.address, json!([])).await;
    let person = front.door.named("vera", "viewer").await;
    let cookie = front.app_cookie("vera").await;
    let mut stream = open(&front, &[("Cookie", &cookie), ("Origin", &format!("http://{}", front.host()))]).await;
    let other = front.door.another().await;
    assert_eq!(other.admin().await.patch(&format!("/api/v1/users/{}", person.id), json!({ "isDisabled": true })).await.status, 200);
    assert_eq!(last_frame(&mut stream).await.0, 4401);
}

/// WSS-179, WSS-184
#[tokio::test]
async fn events_come_as_they_are_sent_and_end_with_a_reason() {
    let events = upstream(Manner::Events).await;
    let front = Front::to(events.address, json!([])).await;
    assert_eq!(front.send("GET /events", &[("Accept", "text/event-stream"), ("Last-Event-ID", "0")]).await.status, 401);
    let person = front.door.named("vera", "viewer").await;
    let cookie = front.app_cookie("vera").await;
    let mut stream = TcpStream::connect(front.address).await.unwrap();
    stream
        .write_all(format!("{}\r\n", front.head("GET /events", &[("Accept", "text/event-stream"), ("Cookie", &cookie)])).as_bytes())
        .await
        .unwrap();
    read_until(&mut stream, b"data: x").await;
    let ended = person.post("/api/v1/auth/logout-all", json!({})).await;
    assert_eq!(ended.status, 204);
    let rest = String::from_utf8_lossy(&read_until(&mut stream, b"0\r\n\r\n").await).into_owned();
    assert!(rest.contains("event: doorward-closed") && rest.contains("session ended") && rest.ends_with("0\r\n\r\n"), "{rest}");
}

/// WSS-179
#[tokio::test]
async fn a_long_upload_ends_when_the_right_to_it_does() {
    let silent = upstream(Manner::Silent).await;
    let front = Front::to(silent.address, json!([])).await;
    for (name, length) in [("devi", "Content-Length: 50000000"), ("dora", "Transfer-Encoding: chunked")] {
        let person = front.door.named(name, "developer").await;
        let token = person.headers["authorization"].to_str().unwrap();
        let mut stream = TcpStream::connect(front.address).await.unwrap();
        let head = format!("{}{length}\r\n\r\n5\r\nhello\r\n", front.head("PUT /up", &[("Authorization", token)]));
        stream.write_all(head.as_bytes()).await.unwrap();
        timeout(Duration::from_secs(5), async {
            while !silent.text().contains("PUT /up") {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
        .expect("it begins");
        silent.seen.lock().unwrap().clear();
        let demoted = front.door.admin().await.patch(&format!("/api/v1/users/{}", person.id), json!({ "role": "viewer" })).await;
        assert_eq!(demoted.status, 200, "{}", demoted.text);
        let rest = String::from_utf8_lossy(&read_to_end(&mut stream).await).into_owned();
        assert!(rest.starts_with("HTTP/1.1 400"), "{length}: {rest}");
    }
}

#[tokio::test]
async fn when_the_server_stops_what_is_open_is_told() {
    let echo = upstream(Manner::Upgrade).await;
    let front = Front::to(echo.address, json!([])).await;
    let key = front.key("viewer").await;
    let mut stream = open(&front, &[("X-API-Key", &key)]).await;
    front.door.gate.let_go();
    assert_eq!(last_frame(&mut stream).await.0, 1012);
    assert_eq!(status(&front, &[("X-API-Key", &key)]).await, 429);
}
