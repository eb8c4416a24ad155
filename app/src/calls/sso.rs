//! Single sign-on: providers, what their claims give, and whose identity belongs to which account.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    Failure, IdentityId, Page, UserId,
    sso::{Identity, MappingTrial, NewProvider, PresetInfo, Provider, ProviderPatch, TrialResult},
    workspaces::Slug,
};
#[cfg(feature = "ssr")]
use {
    super::bridge,
    gate::{identities, sso},
};

/// Lists OpenID Connect providers, with their state.
#[server(prefix = "/_call", endpoint = "list_providers", input = Json, output = Json, client = Door)]
pub async fn list_providers() -> Result<Page<Provider>, Failure> {
    sso::list(&bridge::ctx()?).await.map_err(bridge::answer)
}

/// Adds a provider; it is offered after a test sign-in.
#[server(prefix = "/_call", endpoint = "create_provider", input = Json, output = Json, client = Door)]
pub async fn create_provider(new: NewProvider) -> Result<Provider, Failure> {
    sso::create(&bridge::ctx()?, new).await.map_err(bridge::answer)
}

/// Lists what is known of providers as people have them.
#[server(prefix = "/_call", endpoint = "list_provider_presets", input = Json, output = Json, client = Door)]
pub async fn list_provider_presets() -> Result<Page<PresetInfo>, Failure> {
    sso::presets(&bridge::ctx()?).await.map_err(bridge::answer)
}

/// Shows a provider.
#[server(prefix = "/_call", endpoint = "get_provider", input = Json, output = Json, client = Door)]
pub async fn get_provider(id: Slug) -> Result<Provider, Failure> {
    sso::get(&bridge::ctx()?, &id).await.map_err(bridge::answer)
}

/// Changes a provider.
#[server(prefix = "/_call", endpoint = "update_provider", input = Json, output = Json, client = Door)]
pub async fn update_provider(id: Slug, patch: ProviderPatch) -> Result<Provider, Failure> {
    sso::update(&bridge::ctx()?, &id, patch).await.map_err(bridge::answer)
}

/// Deletes a provider, and ends the sessions that began by it.
#[server(prefix = "/_call", endpoint = "delete_provider", input = Json, output = Json, client = Door)]
pub async fn delete_provider(id: Slug) -> Result<(), Failure> {
    sso::delete(&bridge::ctx()?, &id).await.map_err(bridge::answer)
}

/// Looks whether a provider answers, and what it says of itself.
#[server(prefix = "/_call", endpoint = "check_provider", input = Json, output = Json, client = Door)]
pub async fn check_provider(id: Slug) -> Result<Provider, Failure> {
    sso::check(&bridge::ctx()?, &id).await.map_err(bridge::answer)
}

/// Tells which role claims give, and which line decides.
#[server(prefix = "/_call", endpoint = "try_mapping", input = Json, output = Json, client = Door)]
pub async fn try_mapping(trial: MappingTrial) -> Result<TrialResult, Failure> {
    sso::try_mapping(&bridge::ctx()?, trial).await.map_err(bridge::answer)
}

/// Lists the identities that belong to one's own account.
#[server(prefix = "/_call", endpoint = "list_identities", input = Json, output = Json, client = Door)]
pub async fn list_identities() -> Result<Page<Identity>, Failure> {
    identities::list_own(&bridge::ctx()?).await.map_err(bridge::answer)
}

/// Takes an identity from one's own account.
#[server(prefix = "/_call", endpoint = "unlink_identity", input = Json, output = Json, client = Door)]
pub async fn unlink_identity(id: IdentityId) -> Result<(), Failure> {
    identities::unlink(&bridge::ctx()?, id).await.map_err(bridge::answer)
}

/// Lists the identities of a user.
#[server(prefix = "/_call", endpoint = "list_user_identities", input = Json, output = Json, client = Door)]
pub async fn list_user_identities(id: UserId) -> Result<Page<Identity>, Failure> {
    identities::list_of(&bridge::ctx()?, id).await.map_err(bridge::answer)
}
