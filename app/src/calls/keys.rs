//! API keys.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    Failure, KeyId, Page,
    keys::{ApiKey, ApiKeyPatch, ApiKeyQuery, CreatedKey, NewApiKey, Rotate},
};
#[cfg(feature = "ssr")]
use {super::bridge, gate::keys};

/// Lists one's own personal API keys; with `keys`, everybody's.
#[server(prefix = "/_call", endpoint = "list_api_keys", input = Json, output = Json, client = Door)]
pub async fn list_api_keys(query: ApiKeyQuery) -> Result<Page<ApiKey>, Failure> {
    keys::list(&bridge::ctx()?, query).await.map_err(bridge::answer)
}

/// Makes a personal API key; with `keys`, a service key.
#[server(prefix = "/_call", endpoint = "create_api_key", input = Json, output = Json, client = Door)]
pub async fn create_api_key(new: NewApiKey) -> Result<CreatedKey, Failure> {
    keys::create(&bridge::ctx()?, new).await.map_err(bridge::answer)
}

/// Shows an API key of one's own; with `keys`, anybody's.
#[server(prefix = "/_call", endpoint = "get_api_key", input = Json, output = Json, client = Door)]
pub async fn get_api_key(id: KeyId) -> Result<ApiKey, Failure> {
    keys::get(&bridge::ctx()?, id).await.map_err(bridge::answer)
}

/// Changes an API key of one's own; with `keys`, anybody's.
#[server(prefix = "/_call", endpoint = "update_api_key", input = Json, output = Json, client = Door)]
pub async fn update_api_key(id: KeyId, patch: ApiKeyPatch) -> Result<ApiKey, Failure> {
    keys::update(&bridge::ctx()?, id, patch).await.map_err(bridge::answer)
}

/// Revokes an API key of one's own; with `keys`, anybody's.
#[server(prefix = "/_call", endpoint = "delete_api_key", input = Json, output = Json, client = Door)]
pub async fn delete_api_key(id: KeyId) -> Result<(), Failure> {
    keys::revoke(&bridge::ctx()?, id).await.map_err(bridge::answer)
}

/// Gives an API key another secret.
#[server(prefix = "/_call", endpoint = "rotate_api_key", input = Json, output = Json, client = Door)]
pub async fn rotate_api_key(id: KeyId, rotate: Rotate) -> Result<CreatedKey, Failure> {
    keys::rotate(&bridge::ctx()?, id, rotate).await.map_err(bridge::answer)
}
