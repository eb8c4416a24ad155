//! `doorward healthcheck`: whether a server is ready; for containers that have no curl.

use super::{Trouble, doctor::trusting_anybody, print};
use clap::Args;
use doorward::gate::net::split_host;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::rustls::pki_types::ServerName;

/// Asks a running server whether it is ready.
#[derive(Debug, Args)]
pub struct Healthcheck {
    /// The server's address, instead of the configured one: http://127.0.0.1:8080; of https the certificate is not looked at
    url: Option<String>,
}

impl Healthcheck {
    /// Whether the address was given.
    pub fn has_url(&self) -> bool {
        self.url.is_some()
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    is_encrypted: bool,
    host: String,
    port: u16,
    path: String,
}

impl Asked {
    fn authority(&self) -> String {
        if self.host.contains(':') { format!("[{}]:{}", self.host, self.port) } else { format!("{}:{}", self.host, self.port) }
    }
}

/// Runs the command, by default on the server that listens there.
pub async fn run(command: &Healthcheck, listen: SocketAddr, is_encrypted: bool) -> Result<(), Trouble> {
    let asked = match &command.url {
        Some(url) => parse(url)?,
        None => {
            let at = reachable(listen);
            Asked { is_encrypted, host: at.ip().to_string(), port: at.port(), path: "/readyz".into() }
        }
    };
    let scheme = if asked.is_encrypted { "https" } else { "http" };
    let (authority, path) = (asked.authority(), &asked.path);
    match timeout(Duration::from_secs(5), status(&asked)).await {
        Ok(Ok(200)) => {
            print::line("ready");
            Ok(())
        }
        Ok(Ok(status)) => Err(Trouble::failed(format!("{scheme}://{authority}{path} answers {status}."))),
        Ok(Err(error)) => Err(Trouble::failed(format!("{scheme}://{authority}{path} can not be reached: {error}."))),
        Err(_) => Err(Trouble::failed(format!("{scheme}://{authority}{path} does not answer within 5 seconds."))),
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

/// What an address asks for; `/readyz` where it has no path.
fn parse(url: &str) -> Result<Asked, Trouble> {
    let expected = || Trouble::usage(format!("Expected an address like http://127.0.0.1:8080, not {url}."));
    let (is_encrypted, rest) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
        (Some(rest), _) => (false, rest),
        (None, Some(rest)) => (true, rest),
        (None, None) => return Err(expected()),
    };
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) if !path.is_empty() => (authority, format!("/{path}")),
        Some((authority, _)) => (authority, "/readyz".into()),
        None => (rest, "/readyz".into()),
    };
    let is_plain = url.chars().all(|c| c.is_ascii_graphic());
    let (host, port) = split_host(authority).filter(|_| is_plain).ok_or_else(expected)?;
    Ok(Asked { is_encrypted, host: host.to_owned(), port: port.unwrap_or(if is_encrypted { 443 } else { 80 }), path })
}

/// Asks, and reads the status alone. Whose certificate it is does not matter: nothing secret is sent.
async fn status(asked: &Asked) -> std::io::Result<u16> {
    let stream = TcpStream::connect((asked.host.as_str(), asked.port)).await?;
    if !asked.is_encrypted {
        return exchange(stream, asked).await;
    }
    let name = ServerName::try_from(asked.host.clone()).map_err(std::io::Error::other)?;
    exchange(trusting_anybody().connect(name, stream).await?, asked).await
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, asked: &Asked) -> std::io::Result<u16> {
    let (path, authority) = (&asked.path, asked.authority());
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
        let read = |url: &str| parse(url).ok().map(|asked| (asked.is_encrypted, asked.authority(), asked.path));
        assert_eq!(read("http://127.0.0.1:8080"), Some((false, "127.0.0.1:8080".into(), "/readyz".into())));
        assert_eq!(read("http://[::1]:8080/livez"), Some((false, "[::1]:8080".into(), "/livez".into())));
        assert_eq!(read("http://door/"), Some((false, "door:80".into(), "/readyz".into())));
        assert_eq!(read("https://door"), Some((true, "door:443".into(), "/readyz".into())));
        for url in ["", "ftp://door", "door", "http://", "http://a:b", "http://a/\r\nX: y"] {
            assert!(read(url).is_none(), "{url}");
        }
    }
}
