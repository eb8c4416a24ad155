//! The numbers for a watchdog on a listener of their own, to which the network lets nobody else.

use axum::{Router, http::header, routing::get};
use gate::{Gate, metrics};

/// The routes of that listener.
pub fn routes(gate: Gate) -> Router {
    let show = move || {
        let gate = gate.clone();
        async move { ([(header::CONTENT_TYPE, metrics::MEDIA)], metrics::write(&gate).await) }
    };
    Router::new().route("/metrics", get(show))
}
