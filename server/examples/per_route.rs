//! Routes that need permissions, and a question in code: `cargo run --example per_route`.

use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    routing::{get, post},
};
use doorward::{Doorward, Permission, Principal, Scope, StaticUser, wire::Failure};
use std::{error::Error, net::SocketAddr};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    serve(TcpListener::bind("127.0.0.1:3000").await?).await
}

/// Serves the app for as long as it runs.
pub async fn serve(listener: TcpListener) -> Result<(), Box<dyn Error + Send + Sync>> {
    let users = ["viewer", "operator", "developer"].map(|role| StaticUser::new(role, "the same for all").role(role));
    let door = Doorward::builder().users(users).build().await?;
    let app = Router::new()
        .route("/jobs", get(async || "no jobs").layer(door.require(Permission::Read)))
        .route("/jobs/run", post(async || "running").layer(door.require(Permission::Run)))
        .route("/jobs/in/{workspace}/{environment}", post(add).layer(door.layer()))
        .merge(door.routes());
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
}

/// Which environment it is about stands in the address, so the question is asked here.
async fn add(principal: Principal, Path((workspace, environment)): Path<(String, String)>) -> Result<&'static str, (StatusCode, String)> {
    let scope: Scope = format!("{workspace}/{environment}").parse().map_err(|_| (StatusCode::NOT_FOUND, "no such place".to_owned()))?;
    let away = |error: doorward::Error| {
        let Failure { status, detail, .. } = error.into_failure("");
        (StatusCode::from_u16(status).unwrap_or_default(), detail)
    };
    match principal.can(Permission::Write, &scope).await.map_err(away)? {
        true => Ok("added"),
        false => Err((StatusCode::FORBIDDEN, format!("{} may not write in {scope}", principal.name()))),
    }
}
