//! The files in `deploy/`, in the real servers: what they ask, what they pass on, what they keep.

use crate::proxy_kit::{Front, Manner, Reply, Upstream, raw, read_until, upstream};
use doorward_gate::config::Config;
use serde_json::json;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

/// A server that runs until it is dropped.
struct Server {
    child: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let found =
        ["/usr/sbin", "/usr/bin", "/usr/local/bin"].map(|folder| Path::new(folder).join(name)).into_iter().find(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: {name} is not on this machine; install it to run this test");
    }
    found
}

fn deployed(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(file)).unwrap()
}

async fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

async fn start(mut command: Command, address: SocketAddr, folder: tempfile::TempDir) -> Server {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap();
    let server = Server { child, address, _folder: folder };
    for _ in 0..200 {
        if TcpStream::connect(address).await.is_ok() {
            return server;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server does not listen");
}

async fn nginx(front: &Front, upstream: &Upstream) -> Option<Server> {
    let program = program("nginx")?;
    let (folder, address) = (tempfile::tempdir().unwrap(), free().await);
    let site: String = deployed("nginx.conf")
        .replace("listen 443 ssl;", &format!("listen {address};"))
        .replace("127.0.0.1:8080", &front.address.to_string())
        .replace("127.0.0.1:8000", &upstream.address.to_string())
        .lines()
        .filter(|line| !line.contains("ssl_certificate"))
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(folder.path().join("site.conf"), site).unwrap();
    let place = folder.path().display();
    let temporary: String =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|what| format!("{what}_temp_path {place}/{what};")).concat();
    let main = format!(
        "daemon off; master_process off; pid {place}/pid; error_log stderr error; events {{}} http {{ access_log off; {temporary} include {place}/site.conf; }}"
    );
    std::fs::write(folder.path().join("nginx.conf"), main).unwrap();
    let mut command = Command::new(program);
    command.arg("-p").arg(folder.path()).arg("-c").arg(folder.path().join("nginx.conf"));
    Some(start(command, address, folder).await)
}

async fn caddy(front: &Front, upstream: &Upstream) -> Option<Server> {
    let program = program("caddy")?;
    let (folder, address) = (tempfile::tempdir().unwrap(), free().await);
    let site = deployed("Caddyfile")
        .replace("tasks.example.com {", &format!("http://tasks.example.com:{} {{\n\tbind 127.0.0.1", address.port()))
        .replace("door.example.com {", &format!("http://door.example.com:{} {{\n\tbind 127.0.0.1", address.port()))
        .replace("127.0.0.1:8080", &front.address.to_string())
        .replace("127.0.0.1:8000", &upstream.address.to_string());
    let file = folder.path().join("Caddyfile");
    std::fs::write(&file, format!("{{\n\tadmin off\n\tauto_https off\n\tlog {{\n\t\tlevel ERROR\n\t}}\n}}\n{site}")).unwrap();
    let mut command = Command::new(program);
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file).env("HOME", folder.path()).env("XDG_DATA_HOME", folder.path());
    command.env("XDG_CONFIG_HOME", folder.path());
    Some(start(command, address, folder).await)
}

/// A door that believes the proxy on this machine, and the upstream behind both.
async fn door(manner: Manner) -> (Front, Upstream) {
    let behind = upstream(manner).await;
    let mut config = Config::for_testing();
    config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    config.http.public_url = Some("http://door.example.com".into());
    let rules = json!([{ "path": "/open/**", "allow": "public" }, { "methods": ["GET", "HEAD"], "allow": "read" }, { "allow": "run" }]);
    let front = Front::with(config, behind.address, rules).await;
    let hosts = json!({ "hosts": ["tasks.example.com"] });
    assert_eq!(front.door.admin().await.patch("/api/v1/apps/tasks", hosts).await.status, 200);
    (front, behind)
}

async fn send(server: &Server, line: &str, headers: &[(&str, &str)]) -> Reply {
    let rest: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let host =
        if line.contains("http://") { "tasks.example.com".to_owned() } else { format!("tasks.example.com:{}", server.address.port()) };
    Reply::read(&raw(server.address, format!("{line} HTTP/1.1\r\nHost: {host}\r\n{rest}Connection: close\r\n\r\n").as_bytes()).await)
}

fn value<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    lines
        .filter(|(own, value)| own.replace(['_', '.'], "-").eq_ignore_ascii_case(name) && !value.is_empty())
        .map(|(_, value)| value)
        .collect()
}

/// PRX-144, PRX-149, PRX-150, PRX-164, FWD-168 through a proxy that asks.
async fn holds(server: &Server, front: &Front, behind: &Upstream) {
    let key = front.key("viewer").await;
    let lies = [
        ("X-Doorward-User", "root"),
        ("X_Doorward_Role", "root"),
        ("X.Doorward.Role", "root"),
        ("X-Doorward-Email", "root"),
        ("X-Doorward-Assertion", "root"),
        ("Remote-User", "root"),
        ("X-WEBAUTH-USER", "root"),
        ("X-Auth-Request-User", "root"),
        ("X-Forwarded-User", "root"),
        ("X-Forwarded-Uri", "/open/x"),
        ("X-Forwarded-Method", "OPTIONS"),
        ("X-Original-URL", "http://tasks.example.com/open/x"),
        ("X-Original-Method", "GET"),
        ("X-Forwarded-Prefix", "/open"),
    ];
    let mut headers = lies.to_vec();
    assert_eq!(send(server, "GET /a", &headers).await.status, 401, "what a client says of its request is not believed");
    assert_eq!(send(server, "POST /open/../a", &headers).await.status / 100, 4);
    assert_eq!(behind.text(), "", "nothing got through");
    headers.extend([("X-Api-Key", key.as_str()), ("Cookie", "theirs=1; doorward=x; __Host-doorward-app-tasks=y")]);
    let reply = send(server, "GET /a?b=c", &headers).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(!reply.text.contains("root"), "{}", reply.text);
    assert!(reply.text.starts_with("GET /a?b=c HTTP/1.1"), "{}", reply.text);
    assert_eq!(value(&reply.text, "x-doorward-user"), ["key@viewer key"]);
    assert_eq!(value(&reply.text, "x-doorward-role"), ["viewer"]);
    assert_eq!(value(&reply.text, "x-doorward-email"), Vec::<&str>::new());
    assert_eq!(value(&reply.text, "x-doorward-assertion").len(), 1);
    assert_eq!(value(&reply.text, "cookie"), ["theirs=1"]);
    assert!(!reply.text.contains(&key) && !reply.text.contains("doorward=x"), "{}", reply.text);
    assert_eq!(send(server, "POST /a", &[("X-Api-Key", &key), ("Content-Length", "0")]).await.status, 403);
    let open = send(server, "GET /open/x", &[("X-Doorward-User", "root"), ("Cookie", "doorward=x")]).await;
    assert_eq!((open.status, value(&open.text, "x-doorward-user").len(), value(&open.text, "cookie").len()), (200, 0, 0), "{}", open.text);
    let away = send(server, "GET /a?b=c", &[("Accept", "text/html")]).await;
    assert_eq!(away.status, 303, "{} {}", away.head, away.text);
    let start = match away.place().split_once("/.doorward/") {
        Some((_, rest)) => send(server, &format!("GET /.doorward/{rest}"), &[("Accept", "text/html")]).await,
        None => away,
    };
    assert_eq!(start.status, 303, "{} {}", start.head, start.text);
    let begins = "http://door.example.com/auth/app?app=tasks&host=tasks.example.com";
    assert!(start.place().starts_with(begins) && start.place().ends_with("&next=/a%3Fb%3Dc"), "{}", start.place());
    assert!(start.cookies().starts_with("__Host-doorward-way-tasks="), "{}", start.head);
}

/// The dashboard's name leads to Doorward, and nobody asks there about an app.
async fn is_shut(server: &Server, front: &Front) {
    let key = front.key("viewer").await;
    let host = format!("door.example.com:{}", server.address.port());
    let ask = async |path: &str| {
        let text = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Api-Key: {key}\r\nX-Original-Method: GET\r\nX-Original-URL: http://tasks.example.com/a\r\n\
             X-Forwarded-Method: GET\r\nX-Forwarded-Host: tasks.example.com\r\nX-Forwarded-Uri: /a\r\nConnection: close\r\n\r\n"
        );
        Reply::read(&raw(server.address, text.as_bytes()).await)
    };
    let me = ask("/api/v1/auth/me").await;
    assert_eq!(me.status, 200, "{} {}", me.head, me.text);
    for path in
        ["/api/v1/auth/forward", "/api/v1/auth/%66orward", "/api/v1/auth/forward?x=y", "//api/v1/auth/forward", "/api/v1/auth/forward/"]
    {
        let answer = ask(path).await;
        assert!(
            (400..500).contains(&answer.status) && !answer.head.to_lowercase().contains("x-doorward-assertion"),
            "{path}: {}",
            answer.head
        );
    }
    assert_eq!(ask("/api/v1/auth/forward").await.status, 404);
}

/// A WebSocket through both doors.
async fn upgrades(server: &Server, front: &Front) {
    let key = front.key("viewer").await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "GET /ws HTTP/1.1\r\nHost: tasks.example.com:{}\r\nX-Api-Key: {key}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.address.port()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, b"\r\n\r\n").await;
    assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
    stream.write_all(b"hello").await.unwrap();
    read_until(&mut stream, b"hello").await;
}

/// FWD-173
#[tokio::test]
async fn nginx_with_our_file_holds() {
    let (front, behind) = door(Manner::Echo).await;
    let Some(server) = nginx(&front, &behind).await else { return };
    holds(&server, &front, &behind).await;
    is_shut(&server, &front).await;
    let (front, behind) = door(Manner::Upgrade).await;
    let Some(server) = nginx(&front, &behind).await else { return };
    upgrades(&server, &front).await;
}

/// FWD-173
#[tokio::test]
async fn caddy_with_our_file_holds() {
    let (front, behind) = door(Manner::Echo).await;
    let Some(server) = caddy(&front, &behind).await else { return };
    holds(&server, &front, &behind).await;
    is_shut(&server, &front).await;
    let (front, behind) = door(Manner::Upgrade).await;
    let Some(server) = caddy(&front, &behind).await else { return };
    upgrades(&server, &front).await;
}
