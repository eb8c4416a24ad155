//! People.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    Failure, Page, UserId,
    users::{NewUser, PasswordReset, User, UserPatch, UserQuery},
};
#[cfg(feature = "ssr")]
use {super::bridge, gate::users};

/// Lists users.
#[server(prefix = "/_call", endpoint = "list_users", input = Json, output = Json, client = Door)]
pub async fn list_users(query: UserQuery) -> Result<Page<User>, Failure> {
    users::list(&bridge::ctx()?, query).await.map_err(bridge::answer)
}

/// Adds a user.
#[server(prefix = "/_call", endpoint = "create_user", input = Json, output = Json, client = Door)]
pub async fn create_user(new: NewUser) -> Result<User, Failure> {
    users::create(&bridge::ctx()?, new).await.map_err(bridge::answer)
}

/// Shows a user.
#[server(prefix = "/_call", endpoint = "get_user", input = Json, output = Json, client = Door)]
pub async fn get_user(id: UserId) -> Result<User, Failure> {
    users::get(&bridge::ctx()?, id).await.map_err(bridge::answer)
}

/// Changes a user.
#[server(prefix = "/_call", endpoint = "update_user", input = Json, output = Json, client = Door)]
pub async fn update_user(id: UserId, patch: UserPatch) -> Result<User, Failure> {
    users::update(&bridge::ctx()?, id, patch).await.map_err(bridge::answer)
}

/// Deletes a user, with their sessions.
#[server(prefix = "/_call", endpoint = "delete_user", input = Json, output = Json, client = Door)]
pub async fn delete_user(id: UserId) -> Result<(), Failure> {
    users::delete(&bridge::ctx()?, id).await.map_err(bridge::answer)
}

/// Sets somebody's password, ends their sessions and revokes their personal API keys.
#[server(prefix = "/_call", endpoint = "reset_password", input = Json, output = Json, client = Door)]
pub async fn reset_password(id: UserId, reset: PasswordReset) -> Result<User, Failure> {
    users::reset_password(&bridge::ctx()?, id, reset).await.map_err(bridge::answer)
}
