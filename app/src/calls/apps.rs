//! Apps.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    Failure, Page,
    apps::{AppCheck, AppDecision, AppPatch, AppProbe, AppQuery, AppTraffic, AppView, NewApp, PresetInfo, ProbeReport},
    workspaces::Slug,
};
#[cfg(feature = "ssr")]
use {super::bridge, gate::apps};

/// Lists the apps that one may open.
#[server(prefix = "/_call", endpoint = "list_apps", input = Json, output = Json, client = Door)]
pub async fn list_apps(query: AppQuery) -> Result<Page<AppView>, Failure> {
    apps::list(&bridge::ctx()?, query).await.map_err(bridge::answer)
}

/// Adds an app.
#[server(prefix = "/_call", endpoint = "create_app", input = Json, output = Json, client = Door)]
pub async fn create_app(new: NewApp) -> Result<AppView, Failure> {
    apps::create(&bridge::ctx()?, new).await.map_err(bridge::answer)
}

/// Lists ready rules.
#[server(prefix = "/_call", endpoint = "list_presets", input = Json, output = Json, client = Door)]
pub async fn list_presets() -> Result<Page<PresetInfo>, Failure> {
    apps::presets(&bridge::ctx()?).map_err(bridge::answer)
}

/// Looks whether an upstream answers, and what it is.
#[server(prefix = "/_call", endpoint = "probe_upstream", input = Json, output = Json, client = Door)]
pub async fn probe_upstream(asked: AppProbe) -> Result<ProbeReport, Failure> {
    apps::probe(&bridge::ctx()?, asked).await.map_err(bridge::answer)
}

/// Shows an app that one may open.
#[server(prefix = "/_call", endpoint = "get_app", input = Json, output = Json, client = Door)]
pub async fn get_app(slug: Slug) -> Result<AppView, Failure> {
    apps::get(&bridge::ctx()?, &slug).await.map_err(bridge::answer)
}

/// Changes an app.
#[server(prefix = "/_call", endpoint = "update_app", input = Json, output = Json, client = Door)]
pub async fn update_app(slug: Slug, patch: AppPatch) -> Result<AppView, Failure> {
    apps::update(&bridge::ctx()?, &slug, patch).await.map_err(bridge::answer)
}

/// Deletes an app.
#[server(prefix = "/_call", endpoint = "delete_app", input = Json, output = Json, client = Door)]
pub async fn delete_app(slug: Slug) -> Result<(), Failure> {
    apps::delete(&bridge::ctx()?, &slug).await.map_err(bridge::answer)
}

/// Tells which rule of an app a request meets, and what becomes of it.
#[server(prefix = "/_call", endpoint = "check_app", input = Json, output = Json, client = Door)]
pub async fn check_app(slug: Slug, asked: AppCheck) -> Result<AppDecision, Failure> {
    apps::check(&bridge::ctx()?, &slug, asked).await.map_err(bridge::answer)
}

/// Shows an app's last hour.
#[server(prefix = "/_call", endpoint = "get_app_traffic", input = Json, output = Json, client = Door)]
pub async fn get_app_traffic(slug: Slug) -> Result<AppTraffic, Failure> {
    apps::traffic(&bridge::ctx()?, &slug).await.map_err(bridge::answer)
}
