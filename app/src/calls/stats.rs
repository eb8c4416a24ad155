//! The numbers of Home.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{Failure, stats::Overview};
#[cfg(feature = "ssr")]
use {super::bridge, gate::stats};

/// Shows the numbers of Home.
#[server(prefix = "/_call", endpoint = "get_overview", input = Json, output = Json, client = Door)]
pub async fn get_overview() -> Result<Overview, Failure> {
    stats::overview(&bridge::ctx()?).await.map_err(bridge::answer)
}
