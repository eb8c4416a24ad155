//! A gRPC service behind the door, on one port with it: `cargo run --example tonic`. A call carries
//! `authorization: Bearer …` or `x-api-key`; without, it is answered with 401, which clients of gRPC read
//! as UNAUTHENTICATED.
//!
//! What is made of a `.proto` file otherwise stands here by hand: one method that takes nothing and says
//! a text.

use bytes::BufMut;
use doorward::{Doorward, Principal};
use std::{
    convert::Infallible,
    error::Error,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    body::Body,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::{Service, http},
    server::{Grpc, NamedService, UnaryService},
    service::Routes,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    serve(TcpListener::bind("127.0.0.1:3000").await?).await
}

/// Serves the app for as long as it runs.
pub async fn serve(listener: TcpListener) -> Result<(), Box<dyn Error + Send + Sync>> {
    let door = Doorward::open("admin", "secret").await?;
    // The dashboard answers what nobody else does; tonic would too, and a router has room for one.
    let greeter = Routes::new(Greeter).into_axum_router().reset_fallback();
    let app = greeter.layer(door.layer()).merge(door.routes());
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
}

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

#[derive(Clone)]
struct Greeter;

impl UnaryService<()> for Greeter {
    type Response = String;
    type Future = Later<Result<Response<String>, Status>>;

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let principal = request.extensions().get::<Principal>().cloned();
        Box::pin(async move {
            let principal = principal.ok_or_else(|| Status::unauthenticated("Sign in first."))?;
            Ok(Response::new(format!("Hello {}", principal.name())))
        })
    }
}

impl NamedService for Greeter {
    const NAME: &'static str = "greeter.Greeter";
}

impl Service<http::Request<Body>> for Greeter {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Later<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async { Ok(Grpc::new(Text).unary(Self, request).await) })
    }
}

/// Messages on the wire: nothing in, a text out.
struct Text;

impl Codec for Text {
    type Encode = String;
    type Decode = ();
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Text {
    type Item = String;
    type Error = Status;

    fn encode(&mut self, item: String, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(item.as_bytes());
        Ok(())
    }
}

impl Decoder for Text {
    type Item = ();
    type Error = Status;

    fn decode(&mut self, _: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
        Ok(Some(()))
    }
}
