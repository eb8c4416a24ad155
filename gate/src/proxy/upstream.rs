//! The one client for upstreams: connections are kept and used again, and none is waited for without
//! end. Names are looked up and judged here, so that no app leads to where clouds keep their secrets.

use super::body::{Activity, Clock, Flow};
use crate::{outbound, trust::Trust};
use axum::body::Body;
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connected, Connection},
    },
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use std::{
    error::Error as _,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream, rustls::pki_types::ServerName};
use tower::Service;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take to begin, since the request last moved.
const FIRST_BYTE: Duration = Duration::from_secs(60);
/// How long an unused connection is kept.
const KEEP: Duration = Duration::from_secs(60);
/// How many unused connections to one upstream are kept.
const SPARE: usize = 256;
/// The most bytes of the head of an answer, and of what is read ahead of a slow reader.
const AHEAD: usize = 64 * 1024;

/// What becomes of a request that no answer came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// It can not be connected to, hung up, or answered with what is no HTTP.
    Down,
    /// It took too long.
    Slow,
    /// The client's own body broke off, or stood still.
    Client,
}

/// The body of a request on its way to an upstream.
pub(super) type Sent = Flow<Body>;

/// The client.
#[derive(Clone)]
pub(crate) struct Upstreams {
    client: Client<Connector, Sent>,
}

impl Upstreams {
    /// One that believes these.
    pub(crate) fn new(trust: &Trust) -> Self {
        Self::with(Connector { tls: trust.connector() })
    }

    fn with(connector: Connector) -> Self {
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(KEEP)
            .pool_max_idle_per_host(SPARE)
            .http1_max_buf_size(AHEAD)
            .set_host(false);
        Self { client: builder.build(connector) }
    }

    /// Sends a request, and waits for the head of the answer; gives the clock by which it waited, to go on
    /// waiting by. `activity` tells when the request's body last moved, where it has one.
    pub(super) async fn send(&self, request: Request<Sent>, activity: Option<&Activity>) -> Result<(Response<Incoming>, Clock), Silence> {
        let mut answer = std::pin::pin!(self.client.request(request));
        let mut deadline = Box::pin(tokio::time::sleep(FIRST_BYTE));
        loop {
            tokio::select! {
                biased;
                done = &mut answer => return done.map(|answer| (answer, deadline)).map_err(|error| silence(&error)),
                () = &mut deadline => match activity.map(|activity| activity.last() + FIRST_BYTE) {
                    Some(later) if later > tokio::time::Instant::now() => deadline.as_mut().reset(later),
                    _ => return Err(Silence::Slow),
                },
            }
        }
    }
}

/// What an error of the client means. What it says about addresses inside stays in the log.
fn silence(error: &hyper_util::client::legacy::Error) -> Silence {
    let mut cause = error.source();
    let mut silence = Silence::Down;
    while let Some(inner) = cause {
        if inner.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            silence = Silence::Slow;
        }
        if inner.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_user) {
            silence = Silence::Client;
        }
        cause = inner.source();
    }
    tracing::debug!(?error, "an upstream gave no answer");
    silence
}

/// Connects.
#[derive(Clone)]
struct Connector {
    tls: TlsConnector,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<Stream>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let tls = self.tls.clone();
        Box::pin(async move {
            let late = || io::Error::new(io::ErrorKind::TimedOut, "it could not be connected to in time");
            timeout(CONNECT, connect(&tls, &uri)).await.map_err(|_| late())?.map(TokioIo::new)
        })
    }
}

async fn connect(tls: &TlsConnector, uri: &Uri) -> io::Result<Stream> {
    let is_encrypted = uri.scheme_str() == Some("https");
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
    let found = lookup_host((host, port)).await?;
    let allowed: Vec<SocketAddr> = found.filter(|address| outbound::is_allowed(address.ip())).collect();
    if allowed.is_empty() {
        return Err(io::Error::other("its name leads to no address that may be connected to"));
    }
    let stream = TcpStream::connect(allowed.as_slice()).await?;
    stream.set_nodelay(true)?;
    if !is_encrypted {
        return Ok(Stream::Plain(stream));
    }
    let name = ServerName::try_from(host.to_owned()).map_err(|_| io::Error::other("its name can have no certificate"))?;
    Ok(Stream::Encrypted(Box::new(tls.connect(name, stream).await?)))
}

/// A connection to an upstream.
pub(super) enum Stream {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(self: Pin<&mut Self>, context: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Self::Encrypted(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Encrypted(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
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

    /// An upstream with a certificate for `localhost`, and what believes it.
    async fn encrypted() -> (u16, Trust) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(made.cert.der()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            loop {
                // Who does not believe the certificate goes away.
                if let Ok(mut stream) = acceptor.accept(listener.accept().await.unwrap().0).await {
                    _ = stream.read(&mut [0; 4096]).await;
                    _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                    _ = stream.flush().await;
                }
            }
        });
        (port, Trust::public().and(&pem).unwrap())
    }

    async fn get(upstreams: &Upstreams, place: &str) -> Result<u16, Silence> {
        let request = Request::get(place).header("host", "x").body(Flow::new(Body::empty())).unwrap();
        upstreams.send(request, None).await.map(|(answer, _)| answer.status().as_u16())
    }

    /// PRX-165
    #[tokio::test]
    async fn a_certificate_is_believed_for_its_name_and_authority_alone() {
        let (port, trust) = encrypted().await;
        let trusting = Upstreams::new(&trust);
        assert_eq!(get(&trusting, &format!("https://localhost:{port}/")).await, Ok(204));
        assert_eq!(get(&trusting, &format!("https://127.0.0.1:{port}/")).await, Err(Silence::Down), "another name");
        assert_eq!(
            get(&Upstreams::new(&Trust::public()), &format!("https://localhost:{port}/")).await,
            Err(Silence::Down),
            "nobody vouches for it"
        );
    }

    #[tokio::test]
    async fn no_app_leads_to_where_clouds_keep_their_secrets() {
        let upstreams = Upstreams::new(&Trust::public());
        for place in ["http://169.254.169.254/", "http://[fe80::1]/", "http://0.0.0.0:1/", "http://[::ffff:169.254.169.254]/"] {
            assert_eq!(get(&upstreams, place).await, Err(Silence::Down), "{place}");
        }
    }
}
