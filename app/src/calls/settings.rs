//! What an admin sets for the whole installation.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    Failure,
    sessions::Tokens,
    settings::{AuthSettings, AuthSettingsPatch, Settings, SettingsPatch},
};
#[cfg(feature = "ssr")]
use {super::bridge, gate::settings};

/// Shows how signing in is set.
#[server(prefix = "/_call", endpoint = "get_auth_settings", input = Json, output = Json, client = Door)]
pub async fn get_auth_settings() -> Result<AuthSettings, Failure> {
    settings::auth(&bridge::ctx()?).await.map_err(bridge::answer)
}

/// Turns sign-in on or off; the first admin, made in place, is signed in.
#[server(prefix = "/_call", endpoint = "update_auth_settings", input = Json, output = Json, client = Door)]
pub async fn update_auth_settings(patch: AuthSettingsPatch) -> Result<(AuthSettings, Option<Tokens>), Failure> {
    settings::update_auth(&bridge::ctx()?, patch)
        .await
        .map(|(settings, opened)| (settings, opened.map(bridge::opened)))
        .map_err(bridge::answer)
}

/// Shows the general settings.
#[server(prefix = "/_call", endpoint = "get_settings", input = Json, output = Json, client = Door)]
pub async fn get_settings() -> Result<Settings, Failure> {
    settings::general(&bridge::ctx()?).await.map_err(bridge::answer)
}

/// Changes the general settings.
#[server(prefix = "/_call", endpoint = "update_settings", input = Json, output = Json, client = Door)]
pub async fn update_settings(patch: SettingsPatch) -> Result<Settings, Failure> {
    settings::update_general(&bridge::ctx()?, patch).await.map_err(bridge::answer)
}
