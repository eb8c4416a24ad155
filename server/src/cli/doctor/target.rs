//! The installation that is looked at: where it is, and how one speaks with it. Nothing secret is ever
//! sent, no redirect is followed, and nothing is waited for longer than five seconds.

use super::tls;
use doorward::gate::net::{is_loopback_name, split_host};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use http_body_util::{BodyExt, Empty};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

/// For everything that is sent: from the connection to the end of the answer.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of an answer that are read.
const MOST: usize = 64 * 1024;

/// An installation, at one of its host names.
#[derive(Clone)]
pub struct Target {
    /// Whether it is spoken with by https.
    pub is_encrypted: bool,
    /// The host that is asked for, without its port.
    pub host: String,
    /// The port that is connected to.
    pub port: u16,
    /// Where that is.
    pub addresses: Vec<SocketAddr>,
    tls: TlsConnector,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Ask {
    method: Method,
    path: String,
    host: Option<String>,
    headers: Vec<(String, String)>,
}

impl Ask {
    /// One that reads.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), host: None, headers: Vec::new() }
    }

    /// The same for another host than the target's.
    pub fn of_host(self, host: impl Into<String>) -> Self {
        Self { host: Some(host.into()), ..self }
    }

    /// The same with one more header, spelled as it is here but for the case of its letters.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// An answer.
#[derive(Debug)]
pub struct Came {
    pub status: u16,
    pub headers: HeaderMap,
    /// The beginning of the body.
    pub body: String,
    /// Between the first and the last piece of the body.
    pub spread: Duration,
}

impl Came {
    /// A header; nothing where it is absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A field of the JSON that it is.
    pub fn field(&self, name: &str) -> serde_json::Value {
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        json.get(name).cloned().unwrap_or_default()
    }

    /// Whether a field of the JSON is true.
    pub fn says(&self, name: &str) -> bool {
        self.field(name) == true
    }

    /// Whether this text stands in a header or in the body.
    pub fn repeats(&self, text: &str) -> bool {
        self.body.contains(text) || self.headers.values().any(|value| String::from_utf8_lossy(value.as_bytes()).contains(text))
    }

    /// The status, and where it leads.
    pub fn shown(&self) -> String {
        match self.header("location") {
            Some(place) => format!("{} to {place}", self.status),
            None => self.status.to_string(),
        }
    }
}

impl Target {
    /// Reads an address like `https://door.example.com`, and looks its name up.
    ///
    /// # Errors
    /// A sentence, when it is no such address or its name leads nowhere.
    pub async fn open(url: &str, tls: TlsConnector) -> Result<Self, String> {
        let expected = || format!("Expected an address like https://door.example.com, not {url}.");
        let (scheme, rest) = url.split_once("://").ok_or_else(expected)?;
        let is_encrypted = match scheme {
            "https" => true,
            "http" => false,
            _ => return Err(expected()),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        let (host, port) = split_host(authority).filter(|_| authority.chars().all(is_plain)).ok_or_else(expected)?;
        let port = port.unwrap_or(if is_encrypted { 443 } else { 80 });
        // A name of this very machine needs nobody to know it.
        let place = if is_loopback_name(host) && host.ends_with("localhost") { "localhost" } else { host };
        let found = timeout(PATIENCE, lookup_host((place, port))).await.map_err(|_| format!("Nobody says where {host} is."))?;
        let addresses: Vec<SocketAddr> = found.map_err(|error| format!("{host} can not be found: {error}."))?.collect();
        Ok(Self { is_encrypted, host: host.to_ascii_lowercase(), port, addresses, tls })
    }

    /// The same place, asked for another host.
    pub fn at(&self, host: &str) -> Self {
        Self { host: host.to_ascii_lowercase(), ..self.clone() }
    }

    /// The same place and host, on another port without encryption.
    pub fn plain(&self, port: u16) -> Self {
        let addresses = self.addresses.iter().map(|address| SocketAddr::new(address.ip(), port)).collect();
        Self { is_encrypted: false, port, addresses, ..self.clone() }
    }

    /// The same, with other certificates that count.
    pub fn believing(&self, tls: TlsConnector) -> Self {
        Self { tls, ..self.clone() }
    }

    /// Whether it is on this machine, as far as its addresses tell.
    pub fn is_loopback(&self) -> bool {
        self.addresses.iter().all(|address| address.ip().to_canonical().is_loopback())
    }

    /// The host, and the port where it is not the usual one.
    pub fn authority(&self) -> String {
        self.with_port(&self.host)
    }

    fn with_port(&self, host: &str) -> String {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let usual = if self.is_encrypted { 443 } else { 80 };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }

    /// The address, as one would type it.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.is_encrypted { "https" } else { "http" }, self.authority())
    }

    /// Sends a request, and reads the answer as far as it is read.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ask(&self, ask: Ask) -> Result<Came, String> {
        match timeout(PATIENCE, self.exchange(ask)).await {
            Ok(Ok(came)) => Ok(came),
            Ok(Err(error)) => Err(format!("no answer ({error})")),
            Err(_) => Err("no answer within 5 seconds".into()),
        }
    }

    async fn exchange(&self, ask: Ask) -> io::Result<Came> {
        let stream = TcpStream::connect(self.addresses.as_slice()).await?;
        if !self.is_encrypted {
            return self.send(stream, ask).await;
        }
        // Encryption is asked for with the name of the door: a front that knows no other says so there.
        let name = ServerName::try_from(self.host.clone()).map_err(io::Error::other)?;
        self.send(self.tls.connect(name, stream).await?, ask).await
    }

    async fn send(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, ask: Ask) -> io::Result<Came> {
        let host = ask.host.map_or_else(|| self.authority(), |host| self.with_port(&host));
        let mut request = Request::new(Empty::<Bytes>::new());
        *request.method_mut() = ask.method;
        // Relative, as it is written: nothing is made shorter on the way.
        *request.uri_mut() = Uri::builder().path_and_query(ask.path).build().map_err(io::Error::other)?;
        request.headers_mut().insert(header::HOST, HeaderValue::from_str(&host).map_err(io::Error::other)?);
        request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static("doorward-doctor"));
        for (name, value) in ask.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(io::Error::other)?;
            request.headers_mut().append(name, HeaderValue::from_str(&value).map_err(io::Error::other)?);
        }
        let (mut sender, connection) =
            http1::Builder::new().title_case_headers(true).handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        let connection = tokio::spawn(connection.with_upgrades());
        let answer = sender.send_request(request).await.map_err(io::Error::other);
        let came = match answer {
            Ok(answer) => Ok(read(answer).await),
            Err(error) => Err(error),
        };
        // Nobody reads the rest, however long it is.
        connection.abort();
        came
    }
}

/// Reads the beginning of an answer's body; what breaks off ends there.
async fn read(answer: http::Response<hyper::body::Incoming>) -> Came {
    let (parts, mut body) = answer.into_parts();
    let (mut read, mut first, mut last) = (Vec::new(), None, Instant::now());
    while read.len() < MOST
        && let Some(Ok(frame)) = body.frame().await
    {
        if let Ok(data) = frame.into_data() {
            last = Instant::now();
            first.get_or_insert(last);
            read.extend_from_slice(&data[..data.len().min(MOST - read.len())]);
        }
    }
    let spread = first.map_or(Duration::ZERO, |first| last.duration_since(first));
    Came { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8_lossy(&read).into_owned(), spread }
}

/// Opens what is at an address, believing the certificates of public authorities, and of `authority`.
///
/// # Errors
/// A sentence for the one who typed it.
pub async fn open(url: &str, authority: Option<&std::path::Path>) -> Result<Target, String> {
    Target::open(url, tls::trusting(authority)?).await
}
