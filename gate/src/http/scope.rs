//! The environment that a request names: `X-Doorward-Environment: billing/staging`, or by whatever
//! name the header is configured.

use crate::{Result, gate::Gate, place::Place, workspaces};
use http::HeaderMap;
use wire::{Code, Failure, workspaces::Scope};

/// Where a request acts; what can not be read names nothing that there is.
///
/// # Errors
/// 400 for two that differ; when the database does not answer.
pub(crate) async fn place(gate: &Gate, headers: &HeaderMap) -> Result<Place> {
    let mut named = headers.get_all(&gate.config().http.scope_header).iter();
    let Some(first) = named.next() else { return Ok(Place::default()) };
    if named.any(|other| other != first) {
        return Err(Failure::new(Code::BadRequest, "The request names two environments. Send one.").into());
    }
    match first.to_str().ok().and_then(|text| text.trim().parse::<Scope>().ok()) {
        Some(scope) => workspaces::place(gate, scope).await,
        None => Ok(Place::Nowhere),
    }
}
