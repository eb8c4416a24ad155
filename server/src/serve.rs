//! Serves a router over HTTP, plain or encrypted, with a limit for everything that a client could drag out.

use crate::{
    framing::{Followed, Framing},
    patience::Patient,
    tls::{self, Tls},
};
use axum::{Router, body::Body, response::Response};
use gate::{Encrypted, Peer, problem};
use http::{HeaderValue, StatusCode, header};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
};
use std::{
    convert::Infallible,
    fmt, io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
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
    let builder = Arc::new(builder(limits));
    let graceful = GracefulShutdown::new();
    let seats = Arc::new(Semaphore::new(limits.connections));
    let mut stop = std::pin::pin!(stop);
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
        let talk = Talk { builder: builder.clone(), router: router.clone(), limits, peer, watcher: graceful.watcher() };
        let tls = tls.clone();
        tokio::spawn(async move {
            let stream = Patient::new(stream, limits.unread);
            let outcome = match tls {
                None => talk.run(stream, false).await,
                Some(tls) => match timeout(limits.head, tls.accept(stream)).await {
                    Ok(Ok(Some(stream))) => talk.run(stream, true).await,
                    Ok(Ok(None)) => Ok(()),
                    Ok(Err(error)) => Err(error.into()),
                    Err(_) => Err(tls::too_slow().into()),
                },
            };
            if let Err(error) = outcome {
                tracing::debug!(%peer, error = %error, "a connection ended early");
            }
            drop(seat);
        });
    }
    drop(listener);
    if timeout(limits.grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}

/// What is needed to talk with one client.
struct Talk {
    builder: Arc<auto::Builder<TokioExecutor>>,
    router: Router,
    limits: Limits,
    peer: SocketAddr,
    watcher: Watcher,
}

impl Talk {
    /// Answers requests until the connection ends.
    async fn run<S>(self, stream: S, is_encrypted: bool) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { builder, router, limits, peer, watcher } = self;
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
        let connection = watcher.watch(builder.serve_connection_with_upgrades(io, service).into_owned());
        let mut connection = std::pin::pin!(connection);
        // The builder waits without limit for the first bytes, by which it tells HTTP/1 from HTTP/2.
        match timeout(limits.head, &mut connection).await {
            Ok(outcome) => outcome,
            Err(_) if has_asked.load(Ordering::Relaxed) => connection.await,
            Err(_) => Ok(()),
        }
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

fn builder(limits: Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(64 * 1024).max_headers(100);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(128)
        .max_header_list_size(32 * 1024)
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(128)
        .max_send_buf_size(256 * 1024)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(limits.head);
    builder
}

#[cfg(test)]
mod tests;
