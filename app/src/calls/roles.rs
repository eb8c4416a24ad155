//! Roles.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    Failure, Page, RoleName,
    roles::{NewRole, Role, RoleDeletion, RolePatch},
};
#[cfg(feature = "ssr")]
use {super::bridge, gate::roles};

/// Lists roles.
#[server(prefix = "/_call", endpoint = "list_roles", input = Json, output = Json, client = Door)]
pub async fn list_roles() -> Result<Page<Role>, Failure> {
    roles::list(&bridge::ctx()?).await.map_err(bridge::answer)
}

/// Makes a role.
#[server(prefix = "/_call", endpoint = "create_role", input = Json, output = Json, client = Door)]
pub async fn create_role(new: NewRole) -> Result<Role, Failure> {
    roles::create(&bridge::ctx()?, new).await.map_err(bridge::answer)
}

/// Changes a role.
#[server(prefix = "/_call", endpoint = "update_role", input = Json, output = Json, client = Door)]
pub async fn update_role(name: RoleName, patch: RolePatch) -> Result<Role, Failure> {
    roles::update(&bridge::ctx()?, &name, patch).await.map_err(bridge::answer)
}

/// Deletes a role, with a replacement for those who have it.
#[server(prefix = "/_call", endpoint = "delete_role", input = Json, output = Json, client = Door)]
pub async fn delete_role(name: RoleName, deletion: RoleDeletion) -> Result<(), Failure> {
    roles::delete(&bridge::ctx()?, &name, deletion).await.map_err(bridge::answer)
}
