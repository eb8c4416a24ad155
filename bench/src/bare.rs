//! What the door is compared with: an upstream that costs next to nothing, and the barest proxy to it.

use crate::Result;
use http::{Request, Response, Uri, header::HOST, uri::Authority};
use http_body_util::Full;
use hyper::{
    body::{Body, Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use std::{error::Error, net::SocketAddr};
use tokio::net::TcpListener;

/// Answers `/small` with 1 KB, `/large` with 1 MB, and everything else with nothing at all.
pub async fn upstream() -> Result<SocketAddr> {
    let (small, large) = (Bytes::from(vec![b'x'; 1024]), Bytes::from(vec![b'x'; 1024 * 1024]));
    serve(move |request: Request<Incoming>| {
        let body = match request.uri().path() {
            "/small" => small.clone(),
            "/large" => large.clone(),
            _ => Bytes::new(),
        };
        async move { Ok(Response::new(Full::new(body))) }
    })
    .await
}

/// Sends everything on, on connections that it keeps; bodies stream.
pub async fn proxy(upstream: SocketAddr) -> Result<SocketAddr> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Incoming> = Client::builder(TokioExecutor::new()).build(connector);
    let authority: Authority = upstream.to_string().parse()?;
    serve(move |mut request: Request<Incoming>| {
        let (client, authority) = (client.clone(), authority.clone());
        async move {
            let mut parts = std::mem::take(request.uri_mut()).into_parts();
            parts.scheme = Some(http::uri::Scheme::HTTP);
            parts.authority = Some(authority);
            *request.uri_mut() = Uri::from_parts(parts)?;
            request.headers_mut().remove(HOST);
            Ok(client.request(request).await?)
        }
    })
    .await
}

/// Serves HTTP/1.1 on a port of its own, for as long as this process runs.
async fn serve<F, A, B>(answer: F) -> Result<SocketAddr>
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Result<Response<B>>> + Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            _ = stream.set_nodelay(true);
            let service = service_fn(answer.clone());
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    Ok(address)
}
