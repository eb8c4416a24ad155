//! Clients of live channels for tests: a stream of events and a WebSocket, over real sockets.

use crate::proxy_kit::{read_until, serve};
use doorward_gate::{
    config::Config,
    testing::{Caller, Door},
    wire::live::ChannelRule,
};
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Empty};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(10);

/// A configuration in which `workflow:` and `build:` channels are open.
pub fn config() -> Config {
    let rule = |rule: Value| serde_json::from_value::<ChannelRule>(rule).unwrap();
    let mut config = Config::for_testing();
    config.live.channels = vec![
        rule(json!({ "channel": "workflow:secret", "subscribe": "settings" })),
        rule(json!({ "channel": "workflow:*" })),
        rule(json!({ "channel": "build:*", "subscribe": "read", "publish": "run", "workspace": "billing" })),
    ];
    config
}

/// A door on a port.
pub struct Live {
    pub door: Door,
    pub address: SocketAddr,
}

impl Live {
    pub async fn new() -> Self {
        Self::of(Door::claimed_with(config()).await).await
    }

    pub async fn of(door: Door) -> Self {
        let address = serve(&door, None).await;
        Self { door, address }
    }

    /// Another node on the same database.
    pub async fn another(&self) -> Self {
        Self::of(self.door.another().await).await
    }

    /// The headers with which a caller proves who it is.
    pub fn proof(caller: &Caller) -> Vec<(String, String)> {
        let own = |name: &str| Some((name.to_owned(), caller.headers.get(name)?.to_str().ok()?.to_owned()));
        ["authorization", "x-api-key"].into_iter().filter_map(own).collect()
    }

    /// Asks for a stream of events; gives the status where there is none.
    pub async fn ask(&self, path: &str, headers: &[(String, String)]) -> Result<Events, (u16, Value)> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::get(path).header("host", format!("localhost:{}", self.address.port()));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        if parts.status.is_success() {
            return Ok(Events { body, text: String::new(), headers: parts.headers });
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        Err((parts.status.as_u16(), serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    /// A stream of these channels, past its first event.
    pub async fn watch(&self, caller: &Caller, query: &str) -> Events {
        let mut events = self.ask(&format!("/api/v1/live?{query}"), &Self::proof(caller)).await.unwrap();
        assert_eq!(events.next().await.name, "subscribed");
        events
    }

    /// Asks for a WebSocket; gives the status where there is none.
    pub async fn dial(&self, path: &str, headers: &[(String, String)]) -> Result<Socket, u16> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let rest: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let ask = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{rest}\r\n",
            self.address.port()
        );
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut head = read_until(&mut stream, b"\r\n\r\n").await;
        let end = head.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
        let rest = head.split_off(end);
        let status: u16 = String::from_utf8_lossy(&head).split(' ').nth(1).unwrap().parse().unwrap();
        if status == 101 { Ok(Socket { stream, rest }) } else { Err(status) }
    }

    /// A WebSocket of this caller.
    pub async fn socket(&self, caller: &Caller) -> Socket {
        self.dial("/api/v1/live/ws", &Self::proof(caller)).await.unwrap()
    }
}

/// Publishes, and gives the id.
pub async fn publish(caller: &Caller, channel: &str, data: Value) -> i64 {
    let answer = caller.post(&format!("/api/v1/channels/{channel}/messages"), json!({ "type": "step", "data": data })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.body["channel"], channel);
    answer.body["id"].as_i64().unwrap()
}

/// A stream of events.
pub struct Events {
    body: Incoming,
    text: String,
    pub headers: HeaderMap,
}

/// An event as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub name: String,
    pub id: Option<i64>,
    pub data: Value,
}

impl Events {
    /// The next event that is no sign of life; nothing at the end.
    pub async fn maybe(&mut self) -> Option<Event> {
        loop {
            if let Some(at) = self.text.find("\n\n") {
                let block: String = self.text.drain(..at + 2).collect();
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                let Some(data) = field("data").filter(|_| field("event") != Some("beat")) else { continue };
                return Some(Event {
                    name: field("event").unwrap_or("message").to_owned(),
                    id: field("id").and_then(|id| id.parse().ok()),
                    data: serde_json::from_str(data).unwrap(),
                });
            }
            let frame = timeout(PATIENCE, self.body.frame()).await.expect("something comes")?;
            self.text.push_str(std::str::from_utf8(frame.ok()?.data_ref()?).unwrap());
        }
    }

    pub async fn next(&mut self) -> Event {
        self.maybe().await.expect("an event before the end")
    }

    /// The next message's data.
    pub async fn data(&mut self) -> Value {
        let event = self.next().await;
        assert_eq!((event.name.as_str(), event.id), ("message", event.data["id"].as_i64()), "{event:?}");
        event.data["data"].clone()
    }

    /// The reason with which the stream ends, whatever comes before.
    pub async fn end(&mut self) -> String {
        loop {
            let event = self.next().await;
            if event.name == "end" {
                assert_eq!(self.maybe().await, None);
                return event.data["reason"].as_str().unwrap().to_owned();
            }
        }
    }
}

/// A WebSocket.
pub struct Socket {
    pub stream: TcpStream,
    rest: Vec<u8>,
}

impl Socket {
    /// Sends a frame with this opcode.
    pub async fn send_raw(&mut self, opcode: u8, payload: &[u8]) {
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            short @ 0..=125 => frame.push(0x80 | u8::try_from(short).unwrap()),
            middle @ 126..=65_535 => {
                frame.push(0x80 | 126);
                frame.extend_from_slice(&u16::try_from(middle).unwrap().to_be_bytes());
            }
            long => {
                frame.push(0x80 | 127);
                frame.extend_from_slice(&(long as u64).to_be_bytes());
            }
        }
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(payload);
        self.stream.write_all(&frame).await.unwrap();
    }

    pub async fn send(&mut self, ask: Value) {
        self.send_raw(1, ask.to_string().as_bytes()).await;
    }

    /// Sends a frame, and gives what is answered to it; messages that come before are left out.
    pub async fn call(&mut self, ask: Value) -> Value {
        self.send(ask).await;
        self.answer().await
    }

    pub async fn answer(&mut self) -> Value {
        loop {
            let answer = self.next().await;
            if answer.get("op").is_some() {
                return answer;
            }
        }
    }

    /// The same, with a text that may be anything.
    pub async fn say(&mut self, text: &str) -> Value {
        self.send_raw(1, text.as_bytes()).await;
        self.answer().await
    }

    async fn take(&mut self, count: usize) -> Vec<u8> {
        while self.rest.len() < count {
            let mut piece = [0; 65_536];
            let read = timeout(PATIENCE, self.stream.read(&mut piece)).await.expect("something comes").unwrap();
            assert!(read > 0, "it ended early");
            self.rest.extend_from_slice(&piece[..read]);
        }
        self.rest.drain(..count).collect()
    }

    /// The next frame: opcode and payload.
    pub async fn frame(&mut self) -> (u8, Vec<u8>) {
        let head = self.take(2).await;
        let length = match head[1] {
            126 => u16::from_be_bytes(self.take(2).await.try_into().unwrap()) as usize,
            127 => u64::from_be_bytes(self.take(8).await.try_into().unwrap()) as usize,
            short => short as usize,
        };
        (head[0] & 0x0f, self.take(length).await)
    }

    /// The next frame of text.
    pub async fn next(&mut self) -> Value {
        loop {
            let (opcode, payload) = self.frame().await;
            match opcode {
                1 => return serde_json::from_slice(&payload).unwrap(),
                9 | 10 => {}
                other => panic!("a frame of the kind {other}: {}", String::from_utf8_lossy(&payload)),
            }
        }
    }

    /// The code and the reason with which the socket is closed, whatever comes before.
    pub async fn close(&mut self) -> (u16, String) {
        loop {
            let (opcode, payload) = self.frame().await;
            if opcode == 8 {
                return (u16::from_be_bytes([payload[0], payload[1]]), String::from_utf8_lossy(&payload[2..]).into_owned());
            }
        }
    }
}
