//! The shipped binary: its size, its start, what it takes when nobody asks anything.

use crate::{
    Result, Row,
    client::{Client, get},
    median,
};
use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::time::sleep;

const STARTS: usize = 9;

/// A process that ends with this value.
pub struct Server(Child);

impl Server {
    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

pub async fn measure() -> Result<Vec<Row>> {
    let Some(binary) = binary() else {
        return Ok(vec![Row::new("the binary", "not built; see `make build`", "≤ 30 MB, ≤ 40 MB, ≤ 150 ms")]);
    };
    let size = std::fs::metadata(&binary)?.len();
    let folder = tempfile::tempdir()?;
    let (mut starts, mut memory) = (Vec::new(), 0.0);
    for round in 0..=STARTS {
        let (server, _, millis) = start(&binary, folder.path()).await?;
        // The first one makes the database; the others find it.
        if round > 0 {
            starts.push(millis);
        }
        if round == STARTS {
            sleep(Duration::from_secs(2)).await;
            memory = resident(server.id())?;
        }
    }
    let megabytes = |bytes: u64| bytes as f64 / 1_000_000.0;
    Ok(vec![
        Row::new("the binary, dashboard inside", format!("{:.1} MB", megabytes(size)), "≤ 30 MB"),
        Row::new("resident memory, idle", format!("{memory:.1} MB"), "≤ 40 MB"),
        Row::new("from start to the first answer", format!("{:.0} ms", median(starts)), "≤ 150 ms"),
    ])
}

/// The binary that was built beside this one, unless the caller names another.
pub fn binary() -> Option<PathBuf> {
    let named = std::env::var_os("DOORWARD_BIN").map(PathBuf::from);
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join("doorward")));
    named.or(beside).filter(|path| path.is_file())
}

/// Starts it, and waits for the first answer; gives its address and the milliseconds that took.
pub async fn start(binary: &Path, folder: &Path) -> Result<(Server, SocketAddr, f64)> {
    start_with(binary, folder, &[]).await
}

/// The same, with more environment.
pub async fn start_with(binary: &Path, folder: &Path, environment: &[(&str, String)]) -> Result<(Server, SocketAddr, f64)> {
    let address: SocketAddr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut command = Command::new(binary);
    command.args(["serve", "--listen", &address.to_string(), "--data", "data"]).current_dir(folder).env_clear().env("HOME", folder);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let begun = Instant::now();
    let server = Server(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    while begun.elapsed() < Duration::from_secs(20) {
        if let Ok(mut client) = Client::connect(address).await
            && client.send(get("/readyz", None)).await.is_ok_and(|answer| answer.status().is_success())
        {
            return Ok((server, address, begun.elapsed().as_secs_f64() * 1000.0));
        }
        sleep(Duration::from_millis(1)).await;
    }
    Err(format!("{} did not answer within 20 seconds", binary.display()).into())
}

/// The resident memory of a process in megabytes.
pub fn resident(id: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kilobytes * 1024.0 / 1_000_000.0)
}
