//! A stream of events as a client reads it, which goes on elsewhere when a node is gone.

use crate::harness::head;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpStream},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread::spawn,
    time::Duration,
};

/// What comes on a stream.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// It is open, from after this id: whether nothing is missing, where that was asked.
    Open(i64, Option<bool>),
    /// A message, with its id.
    Message(i64, Value),
    /// From where to resume, with nothing new.
    Position(i64),
    /// It is over, and the server says why.
    End(u64, String),
    /// It is over, and nobody says why; or it was refused, with this status.
    Gone(u16),
}

/// A stream that is open.
pub struct Stream {
    heard: Receiver<Heard>,
    socket: Option<TcpStream>,
}

impl Stream {
    /// Asks for one at a port, as who proves it by these headers.
    pub fn open(port: u16, path: &str, headers: &[(&str, &str)]) -> Self {
        let (tell, heard) = channel();
        let Ok(mut socket) = TcpStream::connect(("127.0.0.1", port)) else {
            _ = tell.send(Heard::Gone(0));
            return Self { heard, socket: None };
        };
        let ask = head(port, "GET", path, headers) + "\r\n";
        let own = socket.try_clone().unwrap();
        // Where that fails, reading does too.
        _ = socket.write_all(ask.as_bytes());
        spawn(move || {
            let status = read(BufReader::new(socket), &tell).unwrap_or(0);
            _ = tell.send(Heard::Gone(status));
        });
        Self { heard, socket: Some(own) }
    }

    /// What comes next; nothing when nothing comes for so long.
    pub fn next(&self, patience: Duration) -> Option<Heard> {
        match self.heard.recv_timeout(patience) {
            Ok(heard) => Some(heard),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Heard::Gone(0)),
        }
    }

    /// How it ends, whatever comes before; nothing when it does not within so long.
    pub fn end(&self, patience: Duration) -> Option<Heard> {
        loop {
            match self.next(patience)? {
                end @ (Heard::End(..) | Heard::Gone(_)) => return Some(end),
                Heard::Open(..) | Heard::Message(..) | Heard::Position(_) => {}
            }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Some(socket) = &self.socket {
            _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// Reads a stream to its end; gives the status of its answer.
fn read(mut from: BufReader<TcpStream>, tell: &Sender<Heard>) -> Option<u16> {
    let mut line = String::new();
    from.read_line(&mut line).ok()?;
    let status: u16 = line.split(' ').nth(1)?.parse().ok()?;
    while line != "\r\n" {
        line.clear();
        if from.read_line(&mut line).ok()? == 0 {
            return Some(status);
        }
    }
    if status != 200 {
        return Some(status);
    }
    let mut text = String::new();
    loop {
        line.clear();
        from.read_line(&mut line).ok()?;
        let Ok(size) = usize::from_str_radix(line.trim(), 16) else { break };
        let mut piece = vec![0; size + 2];
        if size == 0 || from.read_exact(&mut piece).is_err() {
            break;
        }
        text.push_str(std::str::from_utf8(&piece[..size]).ok()?);
        while let Some(end) = text.find("\n\n") {
            let block: String = text.drain(..end + 2).collect();
            if let Some(heard) = event(&block)
                && tell.send(heard).is_err()
            {
                return Some(status);
            }
        }
    }
    Some(status)
}

fn event(block: &str) -> Option<Heard> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let id = field("id").and_then(|id| id.parse::<i64>().ok());
    let data = field("data").and_then(|data| serde_json::from_str::<Value>(data).ok());
    match (field("event"), id, data) {
        (Some("subscribed"), _, Some(data)) => Some(Heard::Open(data["id"].as_i64()?, data["recovered"].as_bool())),
        (Some("end"), _, Some(data)) => Some(Heard::End(data["code"].as_u64()?, data["reason"].as_str()?.to_owned())),
        (None, Some(id), Some(data)) => Some(Heard::Message(id, data["data"].clone())),
        (None, Some(id), None) => Some(Heard::Position(id)),
        _ => None,
    }
}

/// Watches a channel wherever it can: resumes at whatever node takes it, until it is told to stop. Gives the
/// messages as they came, and how often it had to begin again.
pub struct Follower {
    pub messages: Vec<(i64, Value)>,
    pub resumed: usize,
    stream: Option<Stream>,
    last: Option<i64>,
    port: u16,
    path: String,
    token: String,
}

impl Follower {
    /// Begins, and returns once it watches.
    pub fn begin(port: u16, channel: &str, token: &str) -> Self {
        let path = format!("/api/v1/live?channel={channel}");
        let mut follower =
            Self { messages: Vec::new(), resumed: 0, stream: None, last: None, port, path, token: format!("Bearer {token}") };
        while follower.stream.is_none() {
            follower.step();
        }
        follower
    }

    /// Takes what comes next, or comes back where the stream has ended for a while.
    ///
    /// # Panics
    /// When it is told not to come back, or that something is missing.
    pub fn step(&mut self) {
        let Some(stream) = &self.stream else { return self.open() };
        match stream.next(Duration::from_millis(200)) {
            None => {}
            Some(Heard::Message(id, data)) => {
                self.last = Some(id);
                self.messages.push((id, data));
            }
            Some(Heard::Position(id)) => self.last = Some(id),
            Some(Heard::End(1012 | 1013, _) | Heard::Gone(_)) => {
                self.stream = None;
                self.resumed += 1;
            }
            Some(other) => panic!("after {:?}: {other:?}", self.last),
        }
    }

    fn open(&mut self) {
        let last = self.last.map(|id| id.to_string());
        let mut headers = vec![("Authorization", self.token.as_str())];
        headers.extend(last.as_deref().map(|last| ("Last-Event-ID", last)));
        let stream = Stream::open(self.port, &self.path, &headers);
        match stream.next(Duration::from_secs(10)) {
            Some(Heard::Open(_, Some(false))) => panic!("something is missing since {:?}", self.last),
            Some(Heard::Open(id, _)) => {
                self.last = Some(id);
                self.stream = Some(stream);
            }
            Some(Heard::Gone(401 | 403)) => panic!("turned away"),
            // The node, or its database, is away for the moment.
            _ => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}
