//! Bodies of gigabytes through the door, both ways, and a client that reads nothing: what the shipped
//! binary's process takes for them.

use crate::{
    Effort, Result, Row, process,
    proxy::add_app,
    rates::{first_admin, viewer_key},
    sockets::read_head,
};
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
    time::{sleep, timeout},
};

const PIECE: usize = 64 * 1024;
/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How long one body may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a client reads nothing.
const STILL: Duration = Duration::from_secs(5);

pub async fn measure(effort: Effort) -> Result<Vec<Row>> {
    let Some(binary) = process::binary() else {
        return Ok(vec![Row::new("long bodies through the door", "not built; see `make build`", "flat")]);
    };
    let folder = tempfile::tempdir()?;
    let (server, address, _) = process::start(&binary, folder.path()).await?;
    let token = first_admin(address).await?;
    let written = Arc::new(AtomicU64::new(0));
    add_app(address, &token, upstream(effort.bytes, written.clone()).await?).await?;
    let key = viewer_key(address, &token).await?;
    let host = format!("Host: tasks.localhost:{}", address.port());
    let down = format!("GET /down HTTP/1.1\r\n{host}\r\nX-Api-Key: {}\r\n\r\n", key.to_str()?);
    // A viewer may look; to change something takes the admin's own token.
    let up = format!("PUT /up HTTP/1.1\r\n{host}\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n", effort.bytes);
    let gigabytes = effort.bytes as f64 / 1e9;
    let mut rows = Vec::new();
    for (way, head, sent) in [("down", down.clone(), 0), ("up", up, effort.bytes)] {
        // The first bytes make the connection and its buffers.
        let before = process::resident(server.id())?;
        let begun = Instant::now();
        let carried = tokio::spawn(timeout(PATIENCE, carry(address, head, sent)));
        let mut most = before;
        while !carried.is_finished() {
            most = most.max(process::resident(server.id())?);
            sleep(LOOK).await;
        }
        carried.await???;
        let rate = gigabytes / begun.elapsed().as_secs_f64();
        let grown = format!("{:.1} MB over {before:.1} MB ({rate:.2} GB/s)", most - before);
        rows.push(Row::new(format!("a body of {gigabytes:.1} GB {way}, memory at the most over that before"), grown, "flat"));
    }
    written.store(0, Ordering::SeqCst);
    let before = process::resident(server.id())?;
    let mut still = TcpStream::connect(address).await?;
    still.write_all(down.as_bytes()).await?;
    sleep(STILL).await;
    let ahead = written.load(Ordering::SeqCst) as f64 / 1e6;
    let grown = process::resident(server.id())? - before;
    let measured = format!("{ahead:.1} MB, with the sockets' own buffers; memory {grown:.1} MB");
    rows.push(Row::new("what an upstream could send to a client that reads nothing", measured, "bounded"));
    Ok(rows)
}

/// Sends a request with a body of so many bytes, and reads the answer to its end.
async fn carry(address: SocketAddr, head: String, sent: u64) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(head.as_bytes()).await?;
    pour(&mut stream, sent, &AtomicU64::new(0)).await?;
    let answer = read_head(&mut stream).await?;
    if !answer.starts_with("HTTP/1.1 200") {
        return Err(answer.into());
    }
    drain(&mut stream, length(&answer)).await
}

/// An upstream that answers `/down` with so many bytes, and reads all of whatever is sent to it.
async fn upstream(bytes: u64, written: Arc<AtomicU64>) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let written = written.clone();
            tokio::spawn(async move {
                let head = read_head(&mut stream).await?;
                drain(&mut stream, length(&head)).await?;
                let bytes = if head.starts_with("GET /down ") { bytes } else { 0 };
                stream.write_all(format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {bytes}\r\n\r\n").as_bytes()).await?;
                pour(&mut stream, bytes, &written).await
            });
        }
    });
    Ok(address)
}

/// The length that a head says.
fn length(head: &str) -> u64 {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).find_map(|(_, value)| value.trim().parse().ok()).unwrap_or(0)
}

async fn pour(stream: &mut TcpStream, bytes: u64, written: &AtomicU64) -> Result<()> {
    let piece = vec![b'x'; PIECE];
    let mut left = bytes;
    while left > 0 {
        let count = stream.write(&piece[..PIECE.min(usize::try_from(left)?)]).await?;
        left -= count as u64;
        written.fetch_add(count as u64, Ordering::Relaxed);
    }
    Ok(())
}

async fn drain(stream: &mut TcpStream, bytes: u64) -> Result<()> {
    let mut piece = vec![0; PIECE];
    let mut left = bytes;
    while left > 0 {
        match stream.read(&mut piece).await? {
            0 => return Err(format!("{left} bytes of a body are missing").into()),
            count => left = left.saturating_sub(count as u64),
        }
    }
    Ok(())
}
