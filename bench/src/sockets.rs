//! Idle WebSockets through the door, and the memory that its process takes for them.

use crate::{
    Effort, Result, Row, process,
    proxy::add_app,
    rates::{first_admin, viewer_key},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

const BAR: &str = "≤ 150 MB for 10,000";
/// Files that a process has open besides.
const OTHER_FILES: u64 = 500;
/// How many are opened at once: all together would overflow the queue of those that wait to be taken.
const AT_ONCE: usize = 50;

pub async fn measure(effort: Effort) -> Result<Vec<Row>> {
    let Some(binary) = process::binary() else {
        return Ok(vec![Row::new("idle WebSockets through the door", "not built; see `make build`", BAR)]);
    };
    // Each one is two files here and two in the door: the client's side and the upstream's.
    let files = most_files(effort.sockets * 2 + OTHER_FILES);
    let count = effort.sockets.min(files.saturating_sub(OTHER_FILES) / 2);
    let folder = tempfile::tempdir()?;
    let (server, address, _) = process::start(&binary, folder.path()).await?;
    let token = first_admin(address).await?;
    add_app(address, &token, echo().await?).await?;
    let key = viewer_key(address, &token).await?;
    let head = format!(
        "GET /ws HTTP/1.1\r\nHost: tasks.localhost:{}\r\nX-Api-Key: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        address.port(),
        key.to_str()?
    );
    // What the first one brings about stays: it belongs to the base.
    let mut all = vec![open(address, head.clone()).await?];
    sleep(Duration::from_secs(2)).await;
    let base = process::resident(server.id())?;
    while (all.len() as u64) < count {
        let left = usize::try_from(count)?.saturating_sub(all.len());
        let opening: Vec<_> = (0..left.min(AT_ONCE)).map(|_| tokio::spawn(open(address, head.clone()))).collect();
        for socket in opening {
            all.push(socket.await??);
        }
    }
    sleep(Duration::from_secs(2)).await;
    let memory = process::resident(server.id())? - base;
    // All of them still lead through.
    for socket in all {
        carry(socket).await?;
    }
    let fewer = if count < effort.sockets { format!(" (no more than {files} files may be open)") } else { String::new() };
    let what = format!("{count} idle WebSockets through the door{fewer}, memory over that with one");
    Ok(vec![Row::new(what, format!("{memory:.1} MB over {base:.1} MB ({:.1} KB each)", memory * 1000.0 / count as f64), BAR)])
}

/// Asks for so many files that may be open; gives how many may. Processes that are started later have it too.
fn most_files(wanted: u64) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let known = |limit: Option<u64>| limit.unwrap_or(u64::MAX);
    if known(limit.current) < wanted {
        // Whoever may not go over the hard limit may still go up to it.
        let raised = Rlimit { current: Some(wanted), maximum: Some(known(limit.maximum).max(wanted)) };
        let up_to_it = Rlimit { current: Some(wanted.min(known(limit.maximum))), ..limit };
        _ = setrlimit(Resource::Nofile, raised).or_else(|_| setrlimit(Resource::Nofile, up_to_it));
    }
    known(getrlimit(Resource::Nofile).current)
}

/// An upstream that agrees to any upgrade and sends back what it gets.
async fn echo() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let head = read_head(&mut stream).await?;
                let answer = if head.to_ascii_lowercase().contains("upgrade: websocket") {
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                } else {
                    "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
                };
                stream.write_all(answer.as_bytes()).await?;
                if answer.contains("101") {
                    let (mut from, mut to) = stream.split();
                    tokio::io::copy(&mut from, &mut to).await?;
                }
                Result::Ok(())
            });
        }
    });
    Ok(address)
}

/// Opens one; gives it once the other side agreed.
async fn open(address: SocketAddr, head: String) -> Result<TcpStream> {
    let opening = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(head.as_bytes()).await?;
        let answer = read_head(&mut stream).await?;
        // One that never carried anything would be a kind of its own.
        if answer.starts_with("HTTP/1.1 101") { carry(stream).await } else { Err(answer.into()) }
    };
    timeout(Duration::from_secs(30), opening).await.map_err(|_| "a WebSocket did not open within 30 seconds")?
}

/// Sends a message of no length, and waits until it has come back.
async fn carry(mut stream: TcpStream) -> Result<TcpStream> {
    let back = async {
        stream.write_all(b"\x81\x80\0\0\0\0").await?;
        stream.read_exact(&mut [0; 6]).await
    };
    timeout(Duration::from_secs(5), back).await.map_err(|_| "a WebSocket fell silent")??;
    Ok(stream)
}

/// Reads up to the empty line.
pub async fn read_head(stream: &mut TcpStream) -> Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
