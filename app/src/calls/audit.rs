//! The audit log.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    EventId, Failure, Page,
    audit::{Event, EventQuery},
};
#[cfg(feature = "ssr")]
use {super::bridge, gate::audit};

/// Lists events, the newest first.
#[server(prefix = "/_call", endpoint = "list_events", input = Json, output = Json, client = Door)]
pub async fn list_events(query: EventQuery) -> Result<Page<Event>, Failure> {
    audit::list(&bridge::ctx()?, query).await.map_err(bridge::answer)
}

/// Shows an event, with before and after.
#[server(prefix = "/_call", endpoint = "get_event", input = Json, output = Json, client = Door)]
pub async fn get_event(id: EventId) -> Result<Event, Failure> {
    audit::get(&bridge::ctx()?, id).await.map_err(bridge::answer)
}
