//! An app below `/tasks`, and the door with its dashboard below `/tasks/auth`:
//! `cargo run --example nested_prefix`, with another address than the usual one behind `--`.

use axum::{Router, routing::get};
use doorward::{Doorward, Principal};
use std::{error::Error, net::SocketAddr};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(address).await?;
    eprintln!("The tasks are at http://{}/tasks", listener.local_addr()?);
    serve(listener).await
}

/// Serves the app for as long as it runs.
pub async fn serve(listener: TcpListener) -> Result<(), Box<dyn Error + Send + Sync>> {
    let users = [doorward::StaticUser::new("admin", "secret").role("admin")];
    let door = Doorward::builder().users(users).prefix("/tasks/auth").build().await?;
    let tasks = Router::new().route("/", get(list)).layer(door.layer());
    let app = Router::new().route("/", get(async || "Nothing to sign in to here")).nest("/tasks", tasks.nest("/auth", door.routes()));
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
}

async fn list(principal: Principal) -> String {
    format!("No tasks for {}", principal.name())
}
