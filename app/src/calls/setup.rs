//! The first run.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    Failure,
    sessions::Tokens,
    setup::{Capabilities, NewSetup},
};
#[cfg(feature = "ssr")]
use {super::bridge, gate::setup, wire::sessions::SessionKind};

/// Tells what the sign-in side must know.
#[server(prefix = "/_call", endpoint = "get_capabilities", input = Json, output = Json, client = Door)]
pub async fn get_capabilities() -> Result<Capabilities, Failure> {
    setup::capabilities(&bridge::ctx()?).await.map_err(bridge::answer)
}

/// Makes the first account and signs it in.
#[server(prefix = "/_call", endpoint = "set_up", input = Json, output = Json, client = Door)]
pub async fn set_up(new: NewSetup) -> Result<Tokens, Failure> {
    setup::claim(&bridge::ctx()?, new, SessionKind::Browser).await.map(bridge::opened).map_err(bridge::answer)
}

/// Leaves sign-in off.
#[server(prefix = "/_call", endpoint = "skip_setup", input = Json, output = Json, client = Door)]
pub async fn skip_setup(skip: wire::setup::SkipSetup) -> Result<(), Failure> {
    setup::skip(&bridge::ctx()?, skip).await.map_err(bridge::answer)
}
