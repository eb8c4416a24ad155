//! `doorward doctor`: attacks an installation from outside, and tells what to change.
//!
//! Each check is a function that gives a finding: what was sent, what came, how good that is, and the
//! lines of configuration that lead out. It never sends anything secret, and changes nothing.

mod answers;
mod app;
mod finding;
mod front;
mod paths;
mod spoof;
mod target;
mod tls;
mod upstreams;

use super::{Absent, Shop, Trouble, healthcheck::reachable, place, print};
use crate::load::Settings;
use clap::Args;
use doorward::{
    gate::{
        Store, apps,
        net::{is_loopback_name, split_host},
    },
    wire::apps::AppQuery,
};
use finding::{Finding, has_findings, sent, tell};
use std::path::PathBuf;
use target::Target;
pub use tls::trusting_anybody;
use upstreams::Guarded;

/// Attacks an installation from outside, and tells what to change.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The address that people type, instead of the configured one: https://door.example.com
    url: Option<String>,
    /// Looks at this app's address as well: its slug
    #[arg(long, value_name = "SLUG")]
    app: Option<String>,
    /// Looks at the app of this host name as well: tasks.example.com
    #[arg(long, value_name = "NAME", conflicts_with = "app")]
    host: Option<String>,
    /// Believes the certificates of this authority too: a file in PEM form
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub async fn run(command: &Doctor, settings: &Settings) -> Result<(), Trouble> {
    let url = match (&command.url, &settings.gate.http.public_url) {
        (Some(url), _) | (None, Some(url)) => url.clone(),
        (None, None) => format!("http://{}", reachable(settings.listen)),
    };
    let target = target::open(&url, command.ca.as_deref()).await.map_err(Trouble::usage)?;
    let known = guarded(settings).await;
    let host = host(command, &target, known.as_deref().unwrap_or_default())?;
    let mut all = look(&target, host.as_deref()).await;
    match known {
        Ok(known) => all.extend(upstreams::reach(&known).await),
        Err(why) => all.push(sent("direct reach", "the apps of this installation").skipped(why)),
    }
    if command.json {
        print::json(&all)?;
    } else {
        tell(&all);
    }
    if has_findings(&all) { Err(Trouble::refused()) } else { Ok(()) }
}

/// Everything that is seen from outside. Where nobody answers, that is all there is to tell.
async fn look(target: &Target, host: Option<&str>) -> Vec<Finding> {
    let (first, target) = tls::certificate(target).await;
    let mut all = vec![first];
    let Some(target) = target else { return all };
    all.extend(front::health(&target).await);
    all.extend(tls::kept(&target).await);
    all.push(front::sign_in(&target).await);
    all.push(front::client(&target).await);
    all.push(front::unknown_host(&target).await);
    all.extend(answers::headers(&target).await);
    all.push(answers::cookie(&target).await);
    all.push(front::forward_auth(&target).await);
    all.extend(spoof::identity(&target, "identity", "/api/v1/auth/me").await);
    all.extend(spoof::forwarding(&target, "forwarding", "/livez/front").await);
    all.extend(paths::dashboard(&target).await);
    all.push(front::websocket(&target).await);
    all.push(front::events(&target).await);
    if let Some(host) = host {
        all.extend(app::look(&target.at(host)).await);
    }
    all
}

/// The host name of the app that is to be looked at.
fn host(command: &Doctor, target: &Target, known: &[Guarded]) -> Result<Option<String>, Trouble> {
    if let Some(host) = &command.host {
        let is_plain = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '[' | ']' | ':'));
        // The port is the door's: an app's name leads to the same place.
        let name = split_host(host).filter(|_| is_plain).map(|(name, _)| name.to_owned());
        return name.map(Some).ok_or_else(|| Trouble::usage(format!("--host: expected a name like tasks.example.com, not {host}.")));
    }
    let Some(slug) = &command.app else { return Ok(None) };
    let Some(app) = known.iter().find(|app| app.slug.0 == *slug) else {
        return Err(Trouble::usage(format!(
            "There is no app called {slug} in the installation here. Name its host instead: --host tasks.example.com"
        )));
    };
    if let Some(own) = app.hosts.iter().find(|name| is_loopback_name(name) == target.is_loopback()) {
        return Ok(Some(own.clone()));
    }
    let base = if is_loopback_name(&target.host) { "localhost" } else { &target.host };
    Ok(Some(format!("{slug}.{base}")))
}

/// The apps of the installation that this is run beside; those of the configuration where there is no
/// database.
async fn guarded(settings: &Settings) -> Result<Vec<Guarded>, String> {
    let (store, _) = place(settings).map_err(|trouble| trouble.text)?;
    if let Store::Sqlite(file) = &store
        && !file.exists()
    {
        let all = &settings.gate.apps;
        if all.is_empty() {
            return Err("no installation here: run it beside one, with its --data and --config".into());
        }
        return Ok(all
            .iter()
            .map(|app| Guarded { slug: app.slug.clone(), upstream: app.upstream.clone(), hosts: app.hosts.clone() })
            .collect());
    }
    let shop = Shop::open(settings, Absent::Refuse).await.map_err(|trouble| trouble.text)?;
    let listed = apps::list(&shop.ctx(), AppQuery::default()).await;
    shop.door.close().await;
    let all = listed.map_err(|error| error.into_failure("").detail)?.items;
    let apps = all.into_iter().filter(|view| view.enabled).filter_map(|view| view.definition);
    Ok(apps.map(|app| Guarded { slug: app.slug, upstream: app.upstream, hosts: app.hosts }).collect())
}
