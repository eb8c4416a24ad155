//! Serves a router over HTTP, plain or encrypted, with a limit for everything that a client could drag out.

use crate::{
    framing::{Followed, Framing},
    patience::Patient,
    tls::{self, Tls},
};
use axum::{Router, body::Body, response::Response};
use gate::{Encrypted, Peer, problem};
use http::{HeaderValue, StatusCode, header};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    fmt, io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};
use tower::ServiceExt;
use wire::{Code, Failure};

/// What a client may drag out, and how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long the head of a request may take, and how long a connection may idle between two.
    pub head: Duration,
    /// How long a client may leave an answer unread.
    pub unread: Duration,
    /// How many connections there are at once; more wait until one ends.
    pub connections: usize,
    /// How long requests may go on after the server was told to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { head: seconds(10), unread: seconds(30), connections: 16_384, grace: seconds(30) }
    }
}

/// Why an address can not be listened on: a sentence for the operator.
#[derive(Debug)]
pub struct BindError(String);

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BindError {}

/// Listens on an address.
///
/// # Errors
/// When it is taken, not ours, or not allowed; it says how to choose another.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|error| {
        let other = SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(8080));
        let choose = format!("Choose another address with --listen, for example --listen {other}.");
        BindError(match error.kind() {
            io::ErrorKind::AddrInUse => format!("{address} is in use by another program. {choose}"),
            io::ErrorKind::AddrNotAvailable => format!("{address} is not an address of this machine. {choose}"),
            io::ErrorKind::PermissionDenied => format!("{address} can not be listened on: ports below 1024 need more rights. {choose}"),
            _ => format!("{address} can not be listened on: {error}. {choose}"),
        })
    })
}

/// Serves until `stop` resolves; then accepts nothing more and lets the requests end that have
/// begun, within the grace period.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    serve_with(listener, None, router, limits, stop).await;
}

/// The same, encrypted where there is a certificate.
pub async fn serve_with(listener: TcpListener, tls: Option<Arc<Tls>>, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let builders = Arc::new(Builders::new(limits));
    let seats = Arc::new(Semaphore::new(limits.connections));
    let (closing, closed) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &seats) => accepted,
        };
        let Some((stream, peer, seat)) = accepted else {
            // Out of descriptors, most likely: the connections that are open will end.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let talk = Talk { builders: builders.clone(), router: router.clone(), limits, peer, closed: closed.clone() };
        let tls = tls.clone();
        tokio::spawn(async move {
            let outcome = match tls {
                None => talk.plain(stream).await,
                // Apart, so that what is not encrypted does not keep the room for it.
                Some(tls) => Box::pin(talk.encrypted(stream, &tls)).await,
            };
            if let Err(error) = outcome {
                tracing::debug!(%peer, error = %error, "a connection ended early");
            }
            drop(seat);
        });
    }
    drop((listener, closed));
    _ = closing.send(());
    // Each connection holds its end until it is over.
    if timeout(limits.grace, closing.closed()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// What is needed to talk with one client.
struct Talk {
    builders: Arc<Builders>,
    router: Router,
    limits: Limits,
    peer: SocketAddr,
    /// Changes when the server stops.
    closed: watch::Receiver<()>,
}

impl Talk {
    /// Answers requests until the connection ends, once the client's first bytes have told in which protocol.
    async fn plain(mut self, stream: TcpStream) -> Outcome {
        let first = tokio::select! {
            first = timeout(self.limits.head, begins_http2(&stream)) => first,
            _ = self.closed.changed() => return Ok(()),
        };
        // Who says nothing is hung up on.
        let Ok(first) = first else { return Ok(()) };
        let (is_http2, stream) = (first?, Patient::new(stream, self.limits.unread));
        self.run(stream, false, is_http2).await
    }

    /// The same over an encrypted connection, where the protocol has been agreed on.
    async fn encrypted(self, stream: TcpStream, tls: &Tls) -> Outcome {
        let stream = Patient::new(stream, self.limits.unread);
        match timeout(self.limits.head, tls.accept(stream)).await {
            Ok(Ok(Some(stream))) => {
                let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2".as_slice());
                self.run(stream, true, is_http2).await
            }
            Ok(Ok(None)) => Ok(()),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(tls::too_slow().into()),
        }
    }

    async fn run<S>(self, stream: S, is_encrypted: bool, is_http2: bool) -> Outcome
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { builders, router, limits, peer, closed } = self;
        let (has_asked, framing) = (Arc::new(AtomicBool::new(false)), Framing::default());
        let service = service_fn({
            let (has_asked, framing) = (has_asked.clone(), framing.clone());
            move |request: hyper::Request<Incoming>| {
                has_asked.store(true, Ordering::Relaxed);
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(Peer(peer));
                if is_encrypted {
                    request.extensions_mut().insert(Encrypted);
                }
                let answer = (!framing.is_ambiguous()).then(|| router.clone().oneshot(request));
                let framing = framing.clone();
                async move {
                    let Some(answer) = answer else { return Ok(ambiguous()) };
                    let answer = answer.await?;
                    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
                        framing.end();
                    }
                    Ok::<_, Infallible>(answer)
                }
            }
        });
        let io = TokioIo::new(Followed::new(stream, framing));
        if !is_http2 {
            let connection = builders.http1.serve_connection(io, service).with_upgrades();
            return Ok(conclude(connection, closed, http1::UpgradeableConnection::graceful_shutdown).await?);
        }
        let connection = builders.http2.serve_connection(io, service);
        let mut connection = Box::pin(conclude(connection, closed, http2::Connection::graceful_shutdown));
        // There is no limit by itself for the first request.
        match timeout(limits.head, &mut connection).await {
            Err(_) if !has_asked.load(Ordering::Relaxed) => Ok(()),
            Err(_) => Ok(connection.await?),
            Ok(outcome) => Ok(outcome?),
        }
    }
}

/// Serves a connection to its end; once the server stops it takes no more requests.
async fn conclude<C>(connection: C, mut closed: watch::Receiver<()>, end: fn(Pin<&mut C>)) -> hyper::Result<()>
where
    C: Future<Output = hyper::Result<()>>,
{
    let mut connection = pin!(connection);
    tokio::select! {
        biased;
        outcome = connection.as_mut() => return outcome,
        _ = closed.changed() => end(connection.as_mut()),
    }
    connection.await
}

/// Whether a client begins with the words of HTTP/2 (RFC 9113, section 3.4). They stay to be read: handed to hyper in
/// pieces, they would have it take twice the room that heads need, for as long as the connection is open.
async fn begins_http2(stream: &TcpStream) -> io::Result<bool> {
    const BEGINNING: &[u8] = b"PRI * HTTP/2.0";
    let mut first = [0; BEGINNING.len()];
    loop {
        let length = stream.peek(&mut first).await?;
        if length == 0 || !BEGINNING.starts_with(&first[..length]) {
            return Ok(false);
        }
        if length == BEGINNING.len() {
            return Ok(true);
        }
        // So far it could be either, and nothing wakes before something else is read.
        sleep(Duration::from_millis(10)).await;
    }
}

/// What is answered where nobody can be certain what was asked. Nothing more is read.
fn ambiguous() -> Response {
    let mut response = problem(&Failure::new(
        Code::BadRequest,
        "The headers leave open where the body ends. Send one Content-Length, or one Transfer-Encoding: chunked.",
    ));
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Waits for a seat and for somebody to take it.
async fn accept(listener: &TcpListener, seats: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let seat = seats.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Answers are small and are waited for.
            _ = stream.set_nodelay(true);
            keep_alive(&stream);
            Some((stream, peer, seat))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            None
        }
    }
}

/// Asks the other side now and then whether it is still there: an open WebSocket may be silent for
/// days, and who left without a word would hold its place for ever.
fn keep_alive(stream: &TcpStream) {
    use rustix::net::sockopt;
    let asked = sockopt::set_socket_keepalive(stream, true)
        .and_then(|()| sockopt::set_tcp_keepidle(stream, Duration::from_secs(60)))
        .and_then(|()| sockopt::set_tcp_keepintvl(stream, Duration::from_secs(20)))
        .and_then(|()| sockopt::set_tcp_keepcnt(stream, 3));
    if let Err(error) = asked {
        tracing::debug!(%error, "a connection is not looked after");
    }
}

/// How each protocol is spoken.
struct Builders {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Builders {
    fn new(limits: Limits) -> Self {
        let (mut http1, mut http2) = (http1::Builder::new(), http2::Builder::new(TokioExecutor::new()));
        http1.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(64 * 1024).max_headers(100);
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(128)
            .max_header_list_size(32 * 1024)
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(128)
            .max_send_buf_size(256 * 1024)
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(limits.head);
        Self { http1, http2 }
    }
}

#[cfg(test)]
mod tests;
