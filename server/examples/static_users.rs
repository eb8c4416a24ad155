//! A list of users with roles, sessions of an hour, and a page for everybody: `cargo run --example
//! static_users`.

use axum::{Router, routing::get};
use doorward::{Doorward, Lifetimes, Principal, Secret, StaticUser};
use std::{error::Error, net::SocketAddr, time::Duration};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    serve(TcpListener::bind("127.0.0.1:3000").await?).await
}

/// Serves the app for as long as it runs.
pub async fn serve(listener: TcpListener) -> Result<(), Box<dyn Error + Send + Sync>> {
    let door = Doorward::builder()
        .users([StaticUser::new("ada", "three otters").role("admin"), StaticUser::new("bo", "two foxes").role("viewer")])
        .lifetimes(Lifetimes { browser: Duration::from_secs(60 * 60), ..Lifetimes::default() })
        .secret(Secret::ephemeral())
        .build()
        .await?;
    let inside = Router::new().route("/inside", get(inside)).layer(door.layer());
    let app = Router::new().route("/", get(welcome)).layer(door.recognise()).merge(inside).merge(door.routes());
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
}

/// For everybody: whoever signed in is greeted by name.
async fn welcome(principal: Option<Principal>) -> String {
    principal.map_or_else(|| "Welcome, whoever you are".into(), |principal| format!("Welcome, {}", principal.name()))
}

async fn inside(principal: Principal) -> String {
    let role = principal.user().map(|user| user.role.to_string()).unwrap_or_default();
    format!("{} is here as {role}", principal.name())
}
