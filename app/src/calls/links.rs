//! One-time links: to set a password without the old one.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    Failure, UserId,
    links::{Link, LinkCheck, LinkInfo, LinkUse},
    users::NewInvitation,
};
#[cfg(feature = "ssr")]
use {super::bridge, gate::links};

/// Tells what a one-time link is for.
#[server(prefix = "/_call", endpoint = "check_link", input = Json, output = Json, client = Door)]
pub async fn check_link(link: LinkCheck) -> Result<LinkInfo, Failure> {
    links::check(&bridge::ctx()?, link).await.map_err(bridge::answer)
}

/// Sets a password by a one-time link.
#[server(prefix = "/_call", endpoint = "use_link", input = Json, output = Json, client = Door)]
pub async fn use_link(link: LinkUse) -> Result<LinkInfo, Failure> {
    links::redeem(&bridge::ctx()?, link).await.map_err(bridge::answer)
}

/// Adds a user without a password, and makes a link to set one.
#[server(prefix = "/_call", endpoint = "invite_user", input = Json, output = Json, client = Door)]
pub async fn invite_user(new: NewInvitation) -> Result<Link, Failure> {
    links::invite(&bridge::ctx()?, new).await.map_err(bridge::answer)
}

/// Makes a one-time link to set a password.
#[server(prefix = "/_call", endpoint = "create_reset_link", input = Json, output = Json, client = Door)]
pub async fn create_reset_link(id: UserId) -> Result<Link, Failure> {
    links::reset(&bridge::ctx()?, id).await.map_err(bridge::answer)
}
