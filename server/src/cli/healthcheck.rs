//! `doorward healthcheck`: whether a server is ready; for containers that have no curl.

use super::{Trouble, print};
use clap::Args;
use doorward::gate::net::split_host;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Asks a running server whether it is ready.
#[derive(Debug, Args)]
pub struct Healthcheck {
    /// The server's address, instead of the configured one: http://127.0.0.1:8080
    url: Option<String>,
}

impl Healthcheck {
    /// Whether the address was given.
    pub fn has_url(&self) -> bool {
        self.url.is_some()
    }
}

/// Runs the command.
pub async fn run(command: &Healthcheck, listen: SocketAddr) -> Result<(), Trouble> {
    let (authority, path) = match &command.url {
        Some(url) => parse(url)?,
        None => (reachable(listen).to_string(), "/readyz".to_owned()),
    };
    match timeout(Duration::from_secs(5), status(&authority, &path)).await {
        Ok(Ok(200)) => {
            print::line("ready");
            Ok(())
        }
        Ok(Ok(status)) => Err(Trouble::failed(format!("http://{authority}{path} answers {status}."))),
        Ok(Err(error)) => Err(Trouble::failed(format!("http://{authority}{path} can not be reached: {error}."))),
        Err(_) => Err(Trouble::failed(format!("http://{authority}{path} does not answer within 5 seconds."))),
    }
}

/// The address at which a server that listens there is reached from its own machine.
pub fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// The authority, with a port, and the path; `/readyz` where none is given.
fn parse(url: &str) -> Result<(String, String), Trouble> {
    let expected = || Trouble::usage(format!("Expected an address like http://127.0.0.1:8080, not {url}."));
    let rest = url.strip_prefix("http://").ok_or_else(expected)?;
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) if !path.is_empty() => (authority, format!("/{path}")),
        Some((authority, _)) => (authority, "/readyz".into()),
        None => (rest, "/readyz".into()),
    };
    let is_plain = url.chars().all(|c| c.is_ascii_graphic());
    let (host, port) = split_host(authority).filter(|_| is_plain).ok_or_else(expected)?;
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    Ok((format!("{host}:{}", port.unwrap_or(80)), path))
}

/// Asks, and reads the status alone.
async fn status(authority: &str, path: &str) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect(authority).await?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut line = [0; 12];
    stream.read_exact(&mut line).await?;
    let status = std::str::from_utf8(&line).ok().and_then(|line| line.strip_prefix("HTTP/1.1 ")).and_then(|status| status.parse().ok());
    status.ok_or_else(|| std::io::Error::other("the answer is not HTTP"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let read = |url: &str| parse(url).ok();
        assert_eq!(read("http://127.0.0.1:8080"), Some(("127.0.0.1:8080".into(), "/readyz".into())));
        assert_eq!(read("http://[::1]:8080/livez"), Some(("[::1]:8080".into(), "/livez".into())));
        assert_eq!(read("http://door/"), Some(("door:80".into(), "/readyz".into())));
        for url in ["", "https://door", "door", "http://", "http://a:b", "http://a/\r\nX: y"] {
            assert!(read(url).is_none(), "{url}");
        }
    }
}
