//! A small HTTP client on connections that stay, and a load made of a few of them.

use crate::{Effort, Result, median};
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::net::TcpStream;

/// How many connections a load has.
pub const CONNECTIONS: usize = 16;

/// A request that can be made again and again.
pub type Make = Arc<dyn Fn(u64) -> Request<Full<Bytes>> + Send + Sync>;

/// One connection.
pub struct Client {
    sender: http1::SendRequest<Full<Bytes>>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender })
    }

    /// Sends a request and reads the answer to its end.
    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>> {
        self.sender.ready().await?;
        let (parts, body) = self.sender.send_request(request).await?.into_parts();
        Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
    }

    /// Sends a request that must succeed, and counts the lines of a body that is never held whole;
    /// `seen` is called now and then.
    pub async fn lines(&mut self, request: Request<Full<Bytes>>, mut seen: impl FnMut()) -> Result<u64> {
        self.sender.ready().await?;
        let (parts, mut body) = self.sender.send_request(request).await?.into_parts();
        if !parts.status.is_success() {
            return Err(parts.status.to_string().into());
        }
        let (mut lines, mut pieces) = (0, 0_u64);
        while let Some(frame) = body.frame().await {
            lines += frame?.data_ref().map_or(0, |data| data.iter().filter(|byte| **byte == b'\n').count() as u64);
            pieces += 1;
            if pieces.is_multiple_of(8) {
                seen();
            }
        }
        Ok(lines)
    }

    /// Sends a request that must succeed, and reads the JSON.
    pub async fn json(&mut self, request: Request<Full<Bytes>>) -> Result<Value> {
        let response = self.send(request).await?;
        if !response.status().is_success() {
            return Err(format!("{}: {}", response.status(), String::from_utf8_lossy(response.body())).into());
        }
        Ok(serde_json::from_slice(response.body())?)
    }
}

/// A GET; with a token where there is one.
pub fn get(path: &str, token: Option<&str>) -> Request<Full<Bytes>> {
    request("GET", path, token, None)
}

/// A request with a body in JSON.
pub fn request(method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Request<Full<Bytes>> {
    let mut builder = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
    if let Some(token) = token {
        builder = builder.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if body.is_some() {
        builder = builder.header(header::CONTENT_TYPE, "application/json");
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    builder.body(Full::new(body.into())).expect("all parts are ours")
}

/// What a load came to.
pub struct Load {
    /// Answers in a second.
    pub rate: f64,
    /// What 99 of 100 answers stayed below, in milliseconds.
    pub p99: f64,
}

/// Sends one kind of request from several connections at once, for a while. Every answer must succeed.
pub async fn load(address: SocketAddr, connections: usize, duration: Duration, make: &Make) -> Result<Load> {
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(Client::connect(address).await?);
    }
    let begun = Instant::now();
    let workers = clients.into_iter().enumerate().map(|(worker, mut client)| {
        let make = make.clone();
        tokio::spawn(async move {
            let mut times = Vec::new();
            let mut count = worker as u64;
            while begun.elapsed() < duration {
                let sent = Instant::now();
                let response = client.send(make(count)).await?;
                if !response.status().is_success() {
                    return Err(format!("{}: {}", response.status(), String::from_utf8_lossy(response.body())).into());
                }
                times.push(sent.elapsed().as_secs_f64() * 1000.0);
                count += connections as u64;
            }
            Result::Ok(times)
        })
    });
    let mut times = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        times.extend(worker.await??);
    }
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or(f64::NAN);
    Ok(Load { rate, p99 })
}

/// What two loads in turns came to: the medians of the rounds.
pub struct Turns {
    /// The rate of the first one ÷ that of the second.
    pub ratio: f64,
    /// What 99 of 100 answers stayed below, of the first one ÷ of the second.
    pub tail: f64,
    /// Answers of the first one in a second.
    pub rate: f64,
}

/// Two loads in turns, each with its address.
pub async fn in_turns(effort: Effort, a: (SocketAddr, &Make), b: (SocketAddr, &Make)) -> Result<Turns> {
    for (address, make) in [b, a] {
        _ = load(address, CONNECTIONS, effort.half, make).await?;
    }
    let (mut ratios, mut tails, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..effort.rounds {
        // Whoever comes second finds a warmer machine; so they change places.
        let (first, second) = if round % 2 == 0 { (a, b) } else { (b, a) };
        let first = load(first.0, CONNECTIONS, effort.half, first.1).await?;
        let second = load(second.0, CONNECTIONS, effort.half, second.1).await?;
        let (a, b) = if round % 2 == 0 { (first, second) } else { (second, first) };
        ratios.push(a.rate / b.rate);
        tails.push(a.p99 / b.p99);
        rates.push(a.rate);
    }
    Ok(Turns { ratio: median(ratios), tail: median(tails), rate: median(rates) })
}
