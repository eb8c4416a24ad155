//! A door in front of an axum app, for one user: `cargo run --example minimal`, then open
//! <http://127.0.0.1:3000> and sign in as `admin` with `secret`.

use axum::{Router, routing::get};
use doorward::{Doorward, Principal};
use std::{error::Error, net::SocketAddr};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    serve(TcpListener::bind("127.0.0.1:3000").await?).await
}

/// Serves the app for as long as it runs.
pub async fn serve(listener: TcpListener) -> Result<(), Box<dyn Error + Send + Sync>> {
    let door = Doorward::open("admin", "secret").await?;
    let app = Router::new().route("/", get(hello)).layer(door.layer()).merge(door.routes());
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
}

async fn hello(principal: Principal) -> String {
    format!("Hello {}", principal.name())
}
