//! Live channels: how fast messages go out to many, beside a bare hub, and the memory that many take.

use crate::{
    Effort, Result, Row,
    client::{self, CONNECTIONS, Client},
    median, process,
    rates::{Running, first_admin},
    sockets::{OTHER_FILES, most_files, read_head},
};
use serde_json::json;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, broadcast},
    time::{sleep, timeout},
};

const SUBSCRIBERS: u64 = 1_000;
/// Messages of a round.
const MESSAGES: u64 = 400;
/// In each message once, and nowhere else.
const MARK: u8 = b'@';
const PATH: &str = "/api/v1/channels/status:bench/messages";
const PATIENCE: Duration = Duration::from_secs(60);
/// How many are opened at once.
const AT_ONCE: usize = 50;

pub async fn measure(effort: Effort) -> Result<Vec<Row>> {
    Ok(vec![fan_out(effort).await?, many(effort).await?])
}

/// What all subscribers have got so far.
#[derive(Clone, Default)]
struct Got(Arc<(AtomicU64, Notify)>);

impl Got {
    /// Counts what arrives on a stream, until it ends.
    async fn count(self, mut stream: TcpStream) {
        let mut piece = vec![0; 16 * 1024];
        while let Ok(read) = stream.read(&mut piece).await
            && read > 0
        {
            let marks = piece[..read].iter().filter(|byte| **byte == MARK).count() as u64;
            self.0.0.fetch_add(marks, Ordering::Relaxed);
            self.0.1.notify_one();
        }
    }

    /// Returns when so many have arrived.
    async fn reach(&self, count: u64) -> Result<()> {
        let waiting = async {
            while self.0.0.load(Ordering::Relaxed) < count {
                self.0.1.notified().await;
            }
        };
        timeout(PATIENCE, waiting).await.map_err(|_| {
            let got = self.0.0.load(Ordering::Relaxed);
            format!("{got} of {count} deliveries within a minute").into()
        })
    }
}

/// Opens streams of events, and counts what arrives on them.
async fn subscribe(address: SocketAddr, token: &str, count: u64, got: &Got) -> Result<()> {
    let mut left = count;
    while left > 0 {
        let some = left.min(AT_ONCE as u64);
        let opening: Vec<_> = (0..some).map(|_| tokio::spawn(open(address, token.to_owned()))).collect();
        for stream in opening {
            tokio::spawn(got.clone().count(stream.await??));
        }
        left -= some;
    }
    Ok(())
}

async fn open(address: SocketAddr, token: String) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    let ask = format!("GET /api/v1/live?channel=status:bench HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(ask.as_bytes()).await?;
    let head = timeout(PATIENCE, read_head(&mut stream)).await??;
    if head.starts_with("HTTP/1.1 200") { Ok(stream) } else { Err(head.into()) }
}

/// Publishes over a few connections at once.
async fn publish(address: SocketAddr, token: &str, count: u64) -> Result<()> {
    let share = count / CONNECTIONS as u64;
    let publishers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let token = token.to_owned();
            tokio::spawn(async move {
                let mut client = Client::connect(address).await?;
                let body = json!({ "type": "bench", "data": "@ and a little more, as messages have it" });
                for _ in 0..share {
                    client.json(client::request("POST", PATH, Some(&token), Some(&body))).await?;
                }
                Result::Ok(())
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await??;
    }
    Ok(())
}

/// The barest hub: a broadcast channel, and a task for each subscriber that writes what comes.
async fn bare() -> Result<(SocketAddr, broadcast::Sender<Arc<[u8]>>)> {
    let (sender, _) = broadcast::channel::<Arc<[u8]>>(64 * 1024);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let hub = sender.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut inbox = hub.subscribe();
            tokio::spawn(async move {
                read_head(&mut stream).await?;
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n").await?;
                while let Ok(message) = inbox.recv().await {
                    stream.write_all(&message).await?;
                }
                Result::Ok(())
            });
        }
    });
    Ok((address, sender))
}

/// Deliveries in a second, in turns.
async fn fan_out(effort: Effort) -> Result<Row> {
    let running = Running::start().await?;
    let (address, hub) = bare().await?;
    let (ours, theirs) = (Got::default(), Got::default());
    subscribe(running.address, &running.token, SUBSCRIBERS, &ours).await?;
    subscribe(address, "", SUBSCRIBERS, &theirs).await?;
    let message = r#"{"channel":"status:bench","id":1000,"at":"2026-11-21T12:00:00.000Z","type":"bench","data":"@ and a little more, as messages have it"}"#;
    let event = format!("id: 1000\ndata: {message}\n\n");
    let chunk: Arc<[u8]> = format!("{:x}\r\n{event}\r\n", event.len()).into_bytes().into();
    let (mut ratios, mut rates) = (Vec::new(), Vec::new());
    let (mut had_ours, mut had_theirs) = (0, 0);
    let deliveries = MESSAGES * SUBSCRIBERS;
    // The first round warms up, and does not count.
    for round in 0..=effort.rounds {
        let begun = Instant::now();
        had_ours += deliveries;
        let all = ours.reach(had_ours);
        let (published, arrived) = tokio::join!(publish(running.address, &running.token, MESSAGES), all);
        published?;
        arrived?;
        let own = deliveries as f64 / begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        had_theirs += deliveries;
        for _ in 0..MESSAGES {
            _ = hub.send(chunk.clone());
        }
        theirs.reach(had_theirs).await?;
        let bare = deliveries as f64 / begun.elapsed().as_secs_f64();
        if round > 0 {
            ratios.push(own / bare);
            rates.push(own);
        }
    }
    running.door.close().await;
    let what = format!("messages to {SUBSCRIBERS} streams of events, deliveries/s ÷ those of a bare hub");
    Ok(Row::new(what, format!("{:.2} ({:.0}/s)", median(ratios), median(rates)), "≥ 0.5"))
}

/// The memory that many idle subscribers take.
async fn many(effort: Effort) -> Result<Row> {
    const BAR: &str = "≤ 300 MB for 10,000";
    let Some(binary) = process::binary() else {
        return Ok(Row::new("subscribers of live channels", "not built; see `make build`", BAR));
    };
    let files = most_files(effort.sockets + OTHER_FILES);
    let count = effort.sockets.min(files.saturating_sub(OTHER_FILES));
    let folder = tempfile::tempdir()?;
    let (server, address, _) = process::start(&binary, folder.path()).await?;
    let token = first_admin(address).await?;
    let got = Got::default();
    subscribe(address, &token, 1, &got).await?;
    sleep(Duration::from_secs(2)).await;
    let base = process::resident(server.id())?;
    subscribe(address, &token, count - 1, &got).await?;
    sleep(Duration::from_secs(2)).await;
    // All of them get what is published.
    publish(address, &token, CONNECTIONS as u64).await?;
    got.reach(count * CONNECTIONS as u64).await?;
    let memory = process::resident(server.id())? - base;
    let what = format!("{count} subscribers of a live channel, memory over that with one");
    Ok(Row::new(what, format!("{memory:.1} MB over {base:.1} MB ({:.1} KB each)", memory * 1000.0 / count as f64), BAR))
}
