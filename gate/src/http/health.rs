//! The addresses for watchdogs: is the process alive, and can it serve.

use super::Reply;
use crate::{ctx::Ctx, db::newest_schema, gate::Gate};
use axum::{Router, response::IntoResponse, routing::get};
use http::StatusCode;
use std::time::Instant;
use wire::Permission;

pub(super) fn routes(gate: &Gate) -> Router {
    let gate = gate.clone();
    Router::new().route("/livez", get(|| async { "ok\n" })).route("/readyz", get(move |ctx: Ctx| ready(gate.clone(), ctx)))
}

/// Whether it can serve; who may see the settings is told more.
async fn ready(gate: Gate, ctx: Ctx) -> Reply {
    let begun = Instant::now();
    let away = (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer".to_owned());
    let (status, word) = match crate::db::bus::last(gate.db().pool()).await {
        Ok(_) => match gate.db().unwritable().await {
            None => (StatusCode::OK, "ok".to_owned()),
            Some(cause) => {
                tracing::warn!("not ready: the database can not be written: {cause}");
                (StatusCode::SERVICE_UNAVAILABLE, format!("the database can not be written: {cause}"))
            }
        },
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            away
        }
    };
    if !ctx.has(Permission::Settings) {
        return (status, format!("{word}\n")).into_response();
    }
    let bearable = gate.config().auth.stale_revocation;
    let details = [
        ("database", format!("{word}, {} ms", begun.elapsed().as_millis())),
        ("schema", newest_schema().to_string()),
        ("last heard", format!("{} s ago", gate.heard().silence().as_secs())),
        ("lets in from memory", if gate.heard().is_too_long(bearable) { "no: too long unheard" } else { "yes" }.to_owned()),
        ("configuration", configuration(&gate)),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("up since", gate.0.started_at.to_string()),
    ];
    let lines: String = details.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    (status, format!("{word}\n{lines}")).into_response()
}

/// Whether the configuration file is in force as it is on the disk.
fn configuration(gate: &Gate) -> String {
    match gate.configuration_file() {
        None => "no file is followed".into(),
        Some(file) => match (file.problem, file.needs_restart.join(", ")) {
            (Some(problem), _) => format!("as of {}; the file on the disk is not in force: {}", file.read_at, problem.replace('\n', "; ")),
            (None, keys) if keys.is_empty() => format!("as of {}", file.read_at),
            (None, keys) => format!("as of {}; a restart is needed for {keys}", file.read_at),
        },
    }
}
