//! Oneself.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    Failure,
    me::{Me, MePatch},
    users::User,
};
#[cfg(feature = "ssr")]
use {super::bridge, gate::me};

/// Tells who the caller is, and what the caller may do.
#[server(prefix = "/_call", endpoint = "get_me", input = Json, output = Json, client = Door)]
pub async fn get_me() -> Result<Me, Failure> {
    me::get(&bridge::ctx()?).await.map_err(bridge::answer)
}

/// Changes one's own profile.
#[server(prefix = "/_call", endpoint = "update_me", input = Json, output = Json, client = Door)]
pub async fn update_me(patch: MePatch) -> Result<User, Failure> {
    me::update(&bridge::ctx()?, patch).await.map_err(bridge::answer)
}
