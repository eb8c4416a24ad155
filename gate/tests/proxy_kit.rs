//! Real sockets for the tests of the proxy: the door on a port, upstreams that tell what they saw, and
//! a client that sends bytes as they are.

use axum::body::Body;
use doorward_gate::{
    OwnPort, Peer,
    config::Config,
    sessions,
    testing::{Caller, Door, PASSWORD},
    wire::{sessions::SessionKind, workspaces::Slug},
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tower::ServiceExt;

/// The door on a port of its own, with an app called `tasks`.
pub struct Front {
    pub door: Door,
    pub address: SocketAddr,
}

/// Serves the door's router on any port.
pub async fn serve(door: &Door, own_port: Option<&str>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = door.gate.routes();
    let own_port = own_port.map(|slug| OwnPort(Slug(slug.into())));
    tokio::spawn(async move {
        loop {
            let (stream, peer) = listener.accept().await.unwrap();
            let (router, own_port) = (router.clone(), own_port.clone());
            tokio::spawn(async move {
                let service = service_fn(move |request: hyper::Request<Incoming>| {
                    let mut request = request.map(Body::new);
                    request.extensions_mut().insert(Peer(peer));
                    if let Some(own) = own_port.clone() {
                        request.extensions_mut().insert(own);
                    }
                    router.clone().oneshot(request)
                });
                _ = auto::Builder::new(TokioExecutor::new()).serve_connection_with_upgrades(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

/// Adds an app in front of this upstream.
pub async fn add_app(admin: &Caller, slug: &str, upstream: SocketAddr, rules: Value) {
    let new = json!({ "slug": slug, "name": format!("{slug} for all"), "upstream": format!("http://{upstream}"), "rules": rules });
    let answer = admin.post("/api/v1/apps", new).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}

impl Front {
    /// The door, set up by `ada`, with `tasks` in front of this upstream.
    pub async fn to(upstream: SocketAddr, rules: Value) -> Self {
        Self::with(Config::for_testing(), upstream, rules).await
    }

    pub async fn with(config: Config, upstream: SocketAddr, rules: Value) -> Self {
        let is_open = config.dev;
        let door = if is_open { Door::with(config).await } else { Door::claimed_with(config).await };
        let admin = if is_open { door.nobody() } else { door.admin().await };
        add_app(&admin, "tasks", upstream, rules).await;
        let address = serve(&door, None).await;
        Self { door, address }
    }

    /// Another port, for this app alone.
    pub async fn own_port(&self, slug: &str) -> SocketAddr {
        serve(&self.door, Some(slug)).await
    }

    /// The host of the app, with the port.
    pub fn host(&self) -> String {
        format!("tasks.localhost:{}", self.address.port())
    }

    /// A key of this role, to be sent as `X-API-Key`.
    pub async fn key(&self, role: &str) -> String {
        self.door.key(role).await.headers["x-api-key"].to_str().unwrap().to_owned()
    }

    /// The head of a request to the app, without the empty line at its end.
    pub fn head(&self, line: &str, headers: &[(&str, &str)]) -> String {
        let rest: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{line} HTTP/1.1\r\nHost: {}\r\n{rest}", self.host())
    }

    /// Sends a request without a body to the app, and reads the answer.
    pub async fn send(&self, line: &str, headers: &[(&str, &str)]) -> Reply {
        let text = format!("{}Connection: close\r\n\r\n", self.head(line, headers));
        Reply::read(&self.raw(text.as_bytes()).await)
    }

    /// Sends bytes, and reads until the connection ends or nothing comes for a while.
    pub async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        raw(self.address, bytes).await
    }

    /// The cookie of a browser in which somebody signed in to the dashboard, as it is at `localhost`.
    pub async fn dashboard_cookie(&self, name: &str) -> String {
        let who = serde_json::from_value(json!({ "username": name, "password": PASSWORD })).unwrap();
        let opened = sessions::sign_in(&self.door.gate.system("test"), who, SessionKind::Browser).await.unwrap();
        opened.cookies[0].split(';').next().unwrap().replace("__Host-doorward", "doorward")
    }

    /// Walks the way from the app over the dashboard and back; gives the app's cookie.
    pub async fn app_cookie(&self, name: &str) -> String {
        let dashboard = self.dashboard_cookie(name).await;
        let begun = self.send("GET /", &[("Accept", "text/html")]).await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        let left = self.at_dashboard(&begun.place(), &[("Accept", "text/html"), ("Cookie", &dashboard)]).await;
        assert_eq!(left.status, 303, "{}", left.text);
        let path = left.place().split_once(&self.host()).unwrap().1.to_owned();
        let entered = self.send(&format!("GET {path}"), &[("Accept", "text/html"), ("Cookie", &begun.cookies())]).await;
        assert_eq!(entered.status, 303, "{}", entered.text);
        entered.cookies().split("; ").find(|pair| pair.starts_with("doorward-app-tasks=")).unwrap().to_owned()
    }

    /// Asks the dashboard for a whole address at `localhost`.
    pub async fn at_dashboard(&self, place: &str, headers: &[(&str, &str)]) -> Reply {
        let host = format!("localhost:{}", self.address.port());
        let path = place.strip_prefix("http://").and_then(|rest| rest.strip_prefix(&host)).unwrap_or(place);
        let rest: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let text = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{rest}Connection: close\r\n\r\n");
        Reply::read(&self.raw(text.as_bytes()).await)
    }
}

/// Sends bytes, and reads until the connection ends or nothing comes for a while.
pub async fn raw(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    read_on(&mut stream, Duration::from_secs(3)).await
}

/// Reads until the connection ends or nothing comes for so long.
async fn read_on(stream: &mut TcpStream, pause: Duration) -> Vec<u8> {
    let (mut all, mut piece) = (Vec::new(), vec![0; 65_536]);
    while let Ok(Ok(count)) = timeout(pause, stream.read(&mut piece)).await {
        if count == 0 {
            break;
        }
        all.extend_from_slice(&piece[..count]);
    }
    all
}

/// Reads until the connection ends.
pub async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    timeout(Duration::from_secs(10), stream.read_to_end(&mut all)).await.expect("it ends").unwrap();
    all
}

/// Reads until this text has come.
pub async fn read_until(stream: &mut TcpStream, end: &[u8]) -> Vec<u8> {
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    while !all.windows(end.len()).any(|window| window == end) {
        let count = timeout(Duration::from_secs(10), stream.read(&mut piece)).await.expect("it comes").unwrap();
        assert!(count > 0, "it ended early: {}", String::from_utf8_lossy(&all));
        all.extend_from_slice(&piece[..count]);
    }
    all
}

/// An answer as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub text: String,
}

impl Reply {
    pub fn read(bytes: &[u8]) -> Self {
        let all = String::from_utf8_lossy(bytes).into_owned();
        let (head, text) = all.split_once("\r\n\r\n").unwrap_or((&all, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_owned(), text: text.to_owned() }
    }

    /// The values of a header.
    pub fn all(&self, name: &str) -> Vec<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).collect()
    }

    pub fn place(&self) -> String {
        self.all("location").first().cloned().unwrap_or_default()
    }

    /// The cookies that are set, as `name=value` of a request.
    pub fn cookies(&self) -> String {
        let kept: Vec<String> = self
            .all("set-cookie")
            .iter()
            .filter(|line| !line.contains("Max-Age=0"))
            .map(|line| line.split(';').next().unwrap().to_owned())
            .collect();
        kept.join("; ")
    }

    /// The code of a failure.
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.text).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// An upstream, and what it saw.
pub struct Upstream {
    pub address: SocketAddr,
    pub seen: Arc<Mutex<Vec<String>>>,
}

impl Upstream {
    /// All that it saw, as one text.
    pub fn text(&self) -> String {
        self.seen.lock().unwrap().join("\n----\n")
    }
}

/// What an upstream does with a request, once it has its head.
#[derive(Clone)]
pub enum Manner {
    /// Answers the head as it came, and what came of the body within a moment.
    Echo,
    /// Answers these bytes.
    Says(&'static [u8]),
    /// Never answers.
    Silent,
    /// Agrees to any upgrade, and sends back what it gets.
    Upgrade,
    /// Sends an event now and then, without end.
    Events,
    /// Writes as fast as it can, without end.
    Endless(&'static [u8], &'static [u8]),
}

/// An upstream on a port of its own.
pub async fn upstream(manner: Manner) -> Upstream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = seen.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(attend(stream, manner.clone(), log.clone()));
        }
    });
    Upstream { address, seen }
}

async fn attend(mut stream: TcpStream, manner: Manner, log: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let mut all = Vec::new();
    loop {
        let mut piece = [0; 65_536];
        while !all.windows(4).any(|window| window == b"\r\n\r\n") {
            match stream.read(&mut piece).await {
                Ok(count) if count > 0 => all.extend_from_slice(&piece[..count]),
                _ => return None,
            }
        }
        match &manner {
            Manner::Echo => {
                while let Ok(Ok(count)) = timeout(Duration::from_millis(60), stream.read(&mut piece)).await {
                    if count == 0 {
                        break;
                    }
                    all.extend_from_slice(&piece[..count]);
                }
                let text = String::from_utf8_lossy(&all).into_owned();
                log.lock().unwrap().push(text.clone());
                let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n", text.len());
                stream.write_all(format!("{head}{text}").as_bytes()).await.ok()?;
            }
            Manner::Says(bytes) => {
                log.lock().unwrap().push(String::from_utf8_lossy(&all).into_owned());
                stream.write_all(bytes).await.ok()?;
                return stream.shutdown().await.ok();
            }
            Manner::Silent => {
                log.lock().unwrap().push(String::from_utf8_lossy(&all).into_owned());
                while stream.read(&mut piece).await.is_ok_and(|count| count > 0) {}
                return None;
            }
            Manner::Upgrade => {
                log.lock().unwrap().push(String::from_utf8_lossy(&all).into_owned());
                stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n").await.ok()?;
                loop {
                    let count = stream.read(&mut piece).await.ok().filter(|count| *count > 0)?;
                    stream.write_all(&piece[..count]).await.ok()?;
                }
            }
            Manner::Events => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n").await.ok()?;
                loop {
                    stream.write_all(b"8\r\ndata: x\n\r\n1\r\n\n\r\n").await.ok()?;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            Manner::Endless(first, again) => {
                stream.write_all(first).await.ok()?;
                loop {
                    stream.write_all(again).await.ok()?;
                }
            }
        }
        all.clear();
    }
}
