//! The addresses for watchdogs: is the process alive, and can it serve.

use crate::gate::Gate;
use axum::{Router, routing::get};
use http::StatusCode;

pub(super) fn routes(gate: &Gate) -> Router {
    let gate = gate.clone();
    Router::new().route("/livez", get(|| async { "ok\n" })).route(
        "/readyz",
        get(move || {
            let gate = gate.clone();
            async move {
                match crate::db::bus::last(gate.db().pool()).await {
                    Ok(_) => (StatusCode::OK, "ok\n"),
                    Err(error) => {
                        tracing::warn!(%error, "not ready: the database does not answer");
                        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
                    }
                }
            }
        }),
    )
}
