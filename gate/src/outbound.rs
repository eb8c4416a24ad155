//! The one client for what Doorward sends to others: it looks an address up, judges it, and connects
//! to the very address that it judged. It follows no redirect and waits no longer than it says.

use crate::{trace, trust::Trust};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

/// From the look-up of the name to the head of the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// An address to send to, of http or https.
#[derive(Clone)]
pub(crate) struct Target {
    host: String,
    port: u16,
    is_encrypted: bool,
    authority: HeaderValue,
    path: String,
}

impl Target {
    /// Reads an address.
    ///
    /// # Errors
    /// What is expected, without repeating the address: it may hold a secret.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let expected = || "expected an address like https://collector.example.com/events".to_owned();
        let uri: Uri = text.parse().map_err(|_| expected())?;
        let is_encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(expected()),
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(expected)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(expected());
        }
        Ok(Self {
            host,
            port: authority.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 }),
            is_encrypted,
            authority: HeaderValue::from_str(authority.as_str()).map_err(|_| expected())?,
            path: uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        })
    }
}

/// The client.
#[derive(Clone)]
pub(crate) struct Outbound {
    tls: TlsConnector,
}

impl Outbound {
    /// A client that believes these.
    pub(crate) fn new(trust: &Trust) -> Self {
        Self { tls: trust.connector() }
    }

    /// Sends a body, and waits for the head of the answer.
    ///
    /// # Errors
    /// When it was not taken with a status of 200 to 299 in ten seconds.
    pub(crate) async fn post(&self, target: &Target, headers: HeaderMap, body: Vec<u8>) -> io::Result<()> {
        let answer = timeout(PATIENCE, self.send(target, Method::POST, headers, body, 0))
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "it did not answer in ten seconds"))??;
        let status = answer.status;
        if (200..300).contains(&status) { Ok(()) } else { Err(io::Error::other(format!("it answered {status}"))) }
    }

    /// Asks for something, and reads at most so many bytes of the answer's body. What is longer is cut
    /// off; a redirect is an answer.
    ///
    /// # Errors
    /// When there is no whole answer in this time.
    pub(crate) async fn ask(
        &self,
        target: &Target,
        method: Method,
        headers: HeaderMap,
        most: usize,
        patience: Duration,
    ) -> io::Result<Answer> {
        self.submit(target, method, headers, Vec::new(), most, patience).await
    }

    /// The same, with a body.
    ///
    /// # Errors
    /// When there is no whole answer in this time.
    pub(crate) async fn submit(
        &self,
        target: &Target,
        method: Method,
        headers: HeaderMap,
        body: Vec<u8>,
        most: usize,
        patience: Duration,
    ) -> io::Result<Answer> {
        timeout(patience, self.send(target, method, headers, body, most))
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "it did not answer in time"))?
    }

    async fn send(&self, target: &Target, method: Method, headers: HeaderMap, body: Vec<u8>, most: usize) -> io::Result<Answer> {
        let found: Vec<SocketAddr> = lookup_host((target.host.as_str(), target.port)).await?.collect();
        let allowed: Vec<SocketAddr> = found.into_iter().filter(|address| is_allowed(address.ip())).collect();
        if allowed.is_empty() {
            return Err(io::Error::other("its name leads to no address that may be connected to"));
        }
        let stream = TcpStream::connect(allowed.as_slice()).await?;
        if !target.is_encrypted {
            return exchange(stream, target, method, headers, body, most).await;
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|_| io::Error::other("its name can have no certificate"))?;
        exchange(self.tls.connect(name, stream).await?, target, method, headers, body, most).await
    }
}

/// An answer, as far as it was read.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The beginning of the body.
    pub(crate) body: Vec<u8>,
}

/// One request on a connection of its own.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    target: &Target,
    method: Method,
    headers: HeaderMap,
    body: Vec<u8>,
    most: usize,
) -> io::Result<Answer> {
    let mut request = Request::new(Full::new(Bytes::from(body)));
    *request.method_mut() = method;
    *request.uri_mut() = target.path.parse().map_err(io::Error::other)?;
    *request.headers_mut() = headers;
    request.headers_mut().insert(header::HOST, target.authority.clone());
    trace::onto(request.headers_mut());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let connection = tokio::spawn(connection);
    let answer = match sender.send_request(request).await {
        Ok(answer) => Ok(read(answer, most).await),
        Err(error) => Err(io::Error::other(error)),
    };
    // Nobody reads the rest of the body, however long it is.
    connection.abort();
    answer
}

/// Reads the beginning of an answer's body; what breaks off ends there.
async fn read(answer: http::Response<hyper::body::Incoming>, most: usize) -> Answer {
    let (parts, mut body) = answer.into_parts();
    let mut read = Vec::new();
    while read.len() < most
        && let Some(Ok(frame)) = body.frame().await
    {
        if let Ok(data) = frame.into_data() {
            read.extend_from_slice(&data[..data.len().min(most - read.len())]);
        }
    }
    Answer { status: parts.status.as_u16(), headers: parts.headers, body: read }
}

/// Whether an address may be connected to. Link-local ones are where clouds keep their secrets.
pub(crate) fn is_allowed(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            !(v4.is_unspecified() || v4.is_broadcast() || v4.is_multicast() || v4.is_link_local() || v4.octets() == [100, 100, 100, 200])
        }
        IpAddr::V6(v6) => {
            !(v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unicast_link_local()
                || v6.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::STANDARD};
    use std::sync::Arc;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };
    use tokio_rustls::{
        TlsAcceptor,
        rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
    };

    const TAKEN: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

    async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &[u8]) -> String {
        let mut text = Vec::new();
        let mut piece = [0; 1024];
        while !text.ends_with(b"the body") {
            match stream.read(&mut piece).await {
                Ok(0) | Err(_) => break,
                Ok(count) => text.extend_from_slice(&piece[..count]),
            }
        }
        // Who was not believed has gone already.
        _ = stream.write_all(answer).await;
        _ = stream.shutdown().await;
        String::from_utf8_lossy(&text).into_owned()
    }

    async fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    #[test]
    fn an_address_is_whole_and_holds_no_password() {
        for text in ["https://a.example", "http://[::1]:8080/x?y=z", "https://10.0.0.1/"] {
            assert!(Target::parse(text).is_ok(), "{text}");
        }
        for text in ["", "a.example", "ftp://a.example", "/x", "https://", "https://user:secret@a.example/"] {
            let problem = Target::parse(text).err().unwrap();
            assert!(!problem.contains("secret"), "{problem}");
        }
    }

    #[test]
    fn addresses_where_clouds_keep_secrets_are_refused() {
        for text in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fe80::1",
            "fd00:ec2::254",
            "100.100.100.200",
            "0.0.0.0",
            "::",
            "224.0.0.1",
            "ff02::1",
        ] {
            assert!(!is_allowed(text.parse().unwrap()), "{text}");
        }
        for text in ["127.0.0.1", "10.0.0.1", "::1", "203.0.113.7", "2001:db8::1"] {
            assert!(is_allowed(text.parse().unwrap()), "{text}");
        }
    }

    #[tokio::test]
    async fn what_is_not_taken_is_an_error() {
        for (reply, is_good) in [
            (TAKEN, true),
            (b"HTTP/1.1 500 Oh\r\n\r\n".as_slice(), false),
            (b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n", false),
            (b"nonsense\r\n\r\n", false),
        ] {
            let (listener, port) = listener().await;
            let target = Target::parse(&format!("http://localhost:{port}/hook?x=1")).unwrap();
            let server = async { answer(listener.accept().await.unwrap().0, reply).await };
            let outbound = Outbound::new(&Trust::public());
            let (text, done) = tokio::join!(server, outbound.post(&target, HeaderMap::new(), b"the body".to_vec()));
            assert_eq!(done.is_ok(), is_good, "{done:?}");
            assert!(text.starts_with("POST /hook?x=1 HTTP/1.1\r\n") && text.contains(&format!("host: localhost:{port}")), "{text}");
        }
    }

    #[tokio::test]
    async fn of_an_answer_no_more_is_read_than_was_asked_for() {
        for (most, reply, wanted) in [
            (100, "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 4\r\n\r\nbody", "body"),
            (0, "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 4\r\n\r\nbody", ""),
            (100, "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 40\r\n\r\nbody", "body"),
        ] {
            let (listener, port) = listener().await;
            let target = Target::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
            let server = async {
                let mut stream = listener.accept().await.unwrap().0;
                _ = stream.read(&mut [0; 1024]).await;
                _ = stream.write_all(reply.as_bytes()).await;
            };
            let outbound = Outbound::new(&Trust::public());
            let asking = outbound.ask(&target, Method::GET, HeaderMap::new(), most, PATIENCE);
            let ((), answer) = tokio::join!(server, asking);
            let answer = answer.unwrap();
            assert_eq!((answer.status, String::from_utf8(answer.body).unwrap().as_str()), (302, wanted));
            assert_eq!(answer.headers["location"], "/x", "it is not followed");
        }
    }

    #[tokio::test]
    async fn a_certificate_is_believed_for_its_name_and_authority_alone() {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(made.cert.der()));
        let (trust, public) = (Trust::public().and(&pem).unwrap(), Trust::public());
        for (outbound, host, is_good) in [
            (Outbound::new(&trust), "localhost", true),
            (Outbound::new(&Trust::only(&pem).unwrap()), "localhost", true),
            (Outbound::new(&public), "localhost", false),
            (Outbound::new(&trust), "127.0.0.1", false),
        ] {
            let (listener, port) = listener().await;
            let acceptor = TlsAcceptor::from(Arc::new(config.clone()));
            let target = Target::parse(&format!("https://{host}:{port}/")).unwrap();
            let server = async {
                match acceptor.accept(listener.accept().await.unwrap().0).await {
                    Ok(stream) => answer(stream, TAKEN).await,
                    Err(_) => String::new(),
                }
            };
            let (text, done) = tokio::join!(server, outbound.post(&target, HeaderMap::new(), b"the body".to_vec()));
            assert_eq!((done.is_ok(), text.ends_with("the body")), (is_good, is_good), "{done:?}");
        }
    }
}
