//! From a revocation to the end of what it was about: a stream that the session or the key had open, at the
//! same node or at another one, also while the nodes find their way back to the database.

use crate::{
    Effort, Result, Row,
    client::{Client, request},
    process::{self, Server},
    rates::{first_admin, text},
    sockets::read_head,
};
use doorward::gate::testing::postgres::{Goodbye, Postgres};
use serde_json::json;
use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::{sleep, timeout},
};

const PASSWORD: &str = "three-quiet-otters-sing";
/// A stream that is still open then never ends.
const PATIENCE: Duration = Duration::from_secs(30);
const ONE: &str = "p100 ≤ 1 s";
const THREE: &str = "p100 ≤ 3 s";

pub async fn measure(effort: Effort) -> Result<Vec<Row>> {
    let what = "from a revocation to the end of its stream";
    let Some(binary) = process::binary() else {
        return Ok(vec![Row::new(what, "not built; see `make build`", THREE)]);
    };
    let alone = Nodes::start(&binary, 1, None).await?;
    let mut rows = vec![row(what, "one node", alone.trials(effort.revocations).await?, ONE)];
    drop(alone);
    let Some(mut postgres) = Postgres::start() else {
        rows.push(Row::new(format!("{what}, three nodes"), "PostgreSQL is not on this machine", THREE));
        return Ok(rows);
    };
    let nodes = Nodes::start(&binary, 3, Some(&postgres)).await?;
    rows.push(row(what, "three nodes", nodes.trials(effort.revocations).await?, THREE));
    let each = effort.revocations / effort.outages;
    let mut times = Vec::new();
    for outage in 0..effort.outages {
        let open = nodes.open(each).await?;
        let goodbye = if outage.is_multiple_of(2) { Goodbye::Fast } else { Goodbye::Immediate };
        // Both wait for processes; nothing else goes on meanwhile.
        postgres.stop(goodbye);
        sleep(Duration::from_millis(outage as u64 * 37 % 1500)).await;
        postgres.resume();
        for revocable in open {
            times.extend(nodes.revoke(revocable).await?);
        }
    }
    rows.push(row(what, "three nodes that come back to a database that was away", times, THREE));
    Ok(rows)
}

fn row(what: &str, place: &str, mut times: Vec<f64>, bar: &'static str) -> Row {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times.get(((times.len() - 1) as f64 * share).round() as usize).copied().unwrap_or(f64::NAN);
    let measured = format!("p50 {:.0} ms, p99 {:.0} ms, p100 {:.0} ms", at(0.5), at(0.99), at(1.0));
    Row::new(format!("{what}, {place}, {} trials", times.len()), measured, bar)
}

/// Nodes of one database.
struct Nodes {
    addresses: Vec<SocketAddr>,
    /// The admin's access token.
    root: String,
    _servers: Vec<Server>,
    _folders: Vec<TempDir>,
}

/// What can be revoked, and the stream that it has open.
struct Revocable {
    /// Where it is revoked.
    at: SocketAddr,
    path: String,
    stream: JoinHandle<Result<Option<Instant>>>,
}

impl Nodes {
    async fn start(binary: &Path, count: usize, postgres: Option<&Postgres>) -> Result<Self> {
        let environment: Vec<_> = postgres.map(|postgres| ("DOORWARD_DATABASE_URL", postgres.url())).into_iter().collect();
        let (mut addresses, mut servers, mut folders) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..count {
            let folder = tempfile::tempdir()?;
            let (server, address, _) = process::start_with(binary, folder.path(), &environment).await?;
            addresses.push(address);
            servers.push(server);
            folders.push(folder);
        }
        let root = first_admin(addresses[0]).await?;
        let vera = json!({ "username": "vera", "role": "viewer", "password": PASSWORD });
        Client::connect(addresses[0]).await?.json(request("POST", "/api/v1/users", Some(&root), Some(&vera))).await?;
        Ok(Self { addresses, root, _servers: servers, _folders: folders })
    }

    /// Revokes so often, one after the other.
    async fn trials(&self, count: usize) -> Result<Vec<f64>> {
        let mut times = Vec::new();
        for trial in 0..count {
            let revocable = self.begin(trial).await?;
            times.extend(self.revoke(revocable).await?);
        }
        Ok(times)
    }

    /// Opens so many streams, each of a session or a key of its own.
    async fn open(&self, count: usize) -> Result<Vec<Revocable>> {
        let mut open = Vec::new();
        for number in 0..count {
            open.push(self.begin(number).await?);
        }
        Ok(open)
    }

    /// Makes a session or a key, in turns, and opens a stream with it; it is to be revoked at the next node.
    async fn begin(&self, number: usize) -> Result<Revocable> {
        let here = self.addresses[number % self.addresses.len()];
        let at = self.addresses[(number + 1) % self.addresses.len()];
        let mut client = Client::connect(here).await?;
        let (path, proof) = if number.is_multiple_of(2) {
            let who = json!({ "username": "vera", "password": PASSWORD });
            let token = text(&client.json(request("POST", "/api/v1/auth/login", None, Some(&who))).await?, "token");
            let me = client.json(request("GET", "/api/v1/auth/me", Some(&token), None)).await?;
            (format!("/api/v1/sessions/{}", text(&me, "sessionId")), format!("Authorization: Bearer {token}"))
        } else {
            let new = json!({ "name": format!("bench {number}"), "role": "developer" });
            let made = client.json(request("POST", "/api/v1/api-keys", Some(&self.root), Some(&new))).await?;
            (format!("/api/v1/api-keys/{}", text(&made["apiKey"], "id")), format!("X-API-Key: {}", text(&made, "key")))
        };
        Ok(Revocable { at, path, stream: watch(here, &proof).await? })
    }

    /// Revokes it; gives the milliseconds from the request that did it to the end of the stream. Nothing where the
    /// stream was told before to come back later, because it was to be judged while the database was away.
    async fn revoke(&self, revocable: Revocable) -> Result<Option<f64>> {
        let begun = Instant::now();
        let sent = loop {
            let sent = Instant::now();
            let answer =
                async { Client::connect(revocable.at).await?.send(request("DELETE", &revocable.path, Some(&self.root), None)).await };
            match answer.await {
                Ok(answer) if answer.status().is_success() => break sent,
                // The database was away.
                Ok(answer) if answer.status() == 503 && begun.elapsed() < PATIENCE => sleep(Duration::from_millis(10)).await,
                other => return Err(format!("{}: {other:?}", revocable.path).into()),
            }
        };
        let ended = timeout(PATIENCE, revocable.stream).await.map_err(|_| "a stream never ended")???;
        Ok(ended.map(|ended| ended.saturating_duration_since(sent).as_secs_f64() * 1000.0))
    }
}

/// Opens a stream; gives the task that waits for its end.
async fn watch(address: SocketAddr, proof: &str) -> Result<JoinHandle<Result<Option<Instant>>>> {
    let mut stream = TcpStream::connect(address).await?;
    let ask = format!("GET /api/v1/live?channel=status:bench HTTP/1.1\r\nHost: localhost\r\n{proof}\r\n\r\n");
    stream.write_all(ask.as_bytes()).await?;
    let head = timeout(PATIENCE, read_head(&mut stream)).await??;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(head.into());
    }
    Ok(tokio::spawn(async move {
        let (mut all, mut piece) = (Vec::new(), [0; 4096]);
        loop {
            let read = stream.read(&mut piece).await?;
            all.extend_from_slice(&piece[..read]);
            let said = String::from_utf8_lossy(&all);
            if let Some((_, end)) = said.split_once("event: end").filter(|(_, end)| end.contains('}')) {
                return Ok(end.contains("4401").then(Instant::now));
            }
            if read == 0 {
                return Err(format!("a stream ended by itself: {said}").into());
            }
        }
    }))
}
