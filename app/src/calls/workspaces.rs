//! Workspaces, environments, and grants.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    Failure, Page, UserId,
    workspaces::{Environment, Grants, Member, MemberQuery, NewEnvironment, NewWorkspace, Slug, Workspace, WorkspacePatch, WorkspaceQuery},
};
#[cfg(feature = "ssr")]
use {super::bridge, gate::workspaces};

/// Lists workspaces: those open to all, and those one is a member of.
#[server(prefix = "/_call", endpoint = "list_workspaces", input = Json, output = Json, client = Door)]
pub async fn list_workspaces(query: WorkspaceQuery) -> Result<Page<Workspace>, Failure> {
    workspaces::list(&bridge::ctx()?, query).await.map_err(bridge::answer)
}

/// Makes a workspace with one environment.
#[server(prefix = "/_call", endpoint = "create_workspace", input = Json, output = Json, client = Door)]
pub async fn create_workspace(new: NewWorkspace) -> Result<Workspace, Failure> {
    workspaces::create(&bridge::ctx()?, new).await.map_err(bridge::answer)
}

/// Shows a workspace.
#[server(prefix = "/_call", endpoint = "get_workspace", input = Json, output = Json, client = Door)]
pub async fn get_workspace(slug: Slug) -> Result<Workspace, Failure> {
    workspaces::get(&bridge::ctx()?, &slug).await.map_err(bridge::answer)
}

/// Changes a workspace.
#[server(prefix = "/_call", endpoint = "update_workspace", input = Json, output = Json, client = Door)]
pub async fn update_workspace(slug: Slug, patch: WorkspacePatch) -> Result<Workspace, Failure> {
    workspaces::update(&bridge::ctx()?, &slug, patch).await.map_err(bridge::answer)
}

/// Deletes a workspace, with its grants and the keys that are good there alone.
#[server(prefix = "/_call", endpoint = "delete_workspace", input = Json, output = Json, client = Door)]
pub async fn delete_workspace(slug: Slug) -> Result<(), Failure> {
    workspaces::delete(&bridge::ctx()?, &slug).await.map_err(bridge::answer)
}

/// Adds an environment to a workspace.
#[server(prefix = "/_call", endpoint = "create_environment", input = Json, output = Json, client = Door)]
pub async fn create_environment(workspace: Slug, new: NewEnvironment) -> Result<Environment, Failure> {
    workspaces::create_environment(&bridge::ctx()?, &workspace, new).await.map_err(bridge::answer)
}

/// Deletes an environment, with its grants and the keys that are good there alone.
#[server(prefix = "/_call", endpoint = "delete_environment", input = Json, output = Json, client = Door)]
pub async fn delete_environment(workspace: Slug, environment: Slug) -> Result<(), Failure> {
    workspaces::delete_environment(&bridge::ctx()?, &workspace, &environment).await.map_err(bridge::answer)
}

/// Lists who has a grant in a workspace.
#[server(prefix = "/_call", endpoint = "list_members", input = Json, output = Json, client = Door)]
pub async fn list_members(workspace: Slug, query: MemberQuery) -> Result<Page<Member>, Failure> {
    workspaces::list_members(&bridge::ctx()?, &workspace, query).await.map_err(bridge::answer)
}

/// Shows a user's grants.
#[server(prefix = "/_call", endpoint = "get_grants", input = Json, output = Json, client = Door)]
pub async fn get_grants(id: UserId) -> Result<Grants, Failure> {
    workspaces::get_grants(&bridge::ctx()?, id).await.map_err(bridge::answer)
}

/// Replaces a user's grants.
#[server(prefix = "/_call", endpoint = "put_grants", input = Json, output = Json, client = Door)]
pub async fn put_grants(id: UserId, grants: Grants) -> Result<Grants, Failure> {
    workspaces::put_grants(&bridge::ctx()?, id, grants).await.map_err(bridge::answer)
}
