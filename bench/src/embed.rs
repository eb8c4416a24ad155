//! What the layer of an embedded door costs, against the way of the binary's own requests.

use crate::{
    Effort, Result, Row,
    client::{Make, Turns, get, in_turns},
    rates::Running,
};
use axum::{Router, routing::get as on_get};
use doorward::serve;
use std::{net::SocketAddr, sync::Arc};

/// Measures a route behind the layer, with a token.
pub async fn measure(effort: Effort) -> Result<Vec<Row>> {
    let running = Running::start().await?;
    let door = &running.door;
    let route = || Router::new().route("/bench", on_get(async || "done"));
    let layered = listen(route().layer(door.layer())).await?;
    let own = listen(door.gate().routes_with(route())).await?;
    let open = listen(route()).await?;
    let token = running.token.clone();
    let with: Make = Arc::new(move |_| get("/bench", Some(&token)));
    let without: Make = Arc::new(|_| get("/bench", None));
    let against_own = in_turns(effort, (layered, &with), (own, &with)).await?;
    let against_open = in_turns(effort, (layered, &with), (open, &without)).await?;
    door.close().await;
    let told = |Turns { ratio, tail, rate }: Turns| format!("{ratio:.2} (p99 {tail:.2}×, {rate:.0}/s)");
    Ok(vec![
        Row::new("a route behind an embedded door's layer ÷ the same among the binary's own, with a token", told(against_own), "≥ 0.95"),
        Row::new("a route behind an embedded door's layer, with a token ÷ the same with no door", told(against_open), "–"),
    ])
}

async fn listen(router: Router) -> Result<SocketAddr> {
    let listener = serve::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = listener.local_addr()?;
    tokio::spawn(serve::serve(listener, router, serve::Limits::default(), std::future::pending()));
    Ok(address)
}
