//! An app as a caller may see it: where it is, how it is, and what the caller may do there; how it is
//! set up is for those who manage apps.

use super::{
    judge::Entry,
    live::{LiveApp, public_host},
};
use crate::{
    ctx::Ctx,
    net::{is_loopback_name, split_host},
};
use std::net::SocketAddr;
use wire::{
    Permission,
    apps::{AppHealth, AppHour, AppView},
};

/// The app as this caller may see it.
pub(super) fn of(ctx: &Ctx, live: &LiveApp, entry: &Entry, hour: AppHour) -> AppView {
    let app = &live.app;
    let manages = ctx.has(Permission::Apps);
    let health = ctx.gate().watch().of(live);
    AppView {
        slug: app.slug.clone(),
        name: app.name.clone(),
        workspace: app.workspace.clone(),
        source: app.source,
        enabled: app.enabled,
        urls: urls(ctx, live),
        role: entry.role.clone(),
        permissions: entry.permissions(),
        // Why it is down may name what lies inside.
        health: if manages { health } else { AppHealth { cause: None, ..health } },
        hour,
        updated_at: app.updated_at,
        definition: manages.then(|| app.clone()),
    }
}

/// Where people reach an app, the best address first. What leads to loopback is told on the server's
/// own machine alone, or where there is nothing else.
fn urls(ctx: &Ctx, live: &LiveApp) -> Vec<String> {
    let base = ctx.gate().config().http.public_url.as_deref().unwrap_or(&ctx.origin().base_url);
    let (scheme, authority) = base.split_once("://").unwrap_or(("http", base));
    let (name, port) = split_host(authority).unwrap_or((authority, None));
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    let public = public_host(ctx.gate());
    let (own, loopback): (Vec<_>, Vec<_>) = live.hosts.iter().partition(|host| !is_loopback_name(host));
    let (by_slug, named): (Vec<_>, Vec<_>) =
        own.into_iter().partition(|host| public.as_ref().is_some_and(|public| host.strip_suffix(public.as_str()).is_some()));
    let mut urls: Vec<String> = named.into_iter().chain(by_slug).map(|host| format!("{scheme}://{host}{port}")).collect();
    if let Some(listen) = live.app.listen.as_deref().and_then(|text| text.parse::<SocketAddr>().ok()) {
        let host = if listen.ip().is_unspecified() { SocketHost::Name(name) } else { SocketHost::Address(listen) };
        urls.push(match host {
            SocketHost::Name(name) => format!("{scheme}://{name}:{}", listen.port()),
            SocketHost::Address(address) => format!("{scheme}://{address}"),
        });
    }
    urls.extend(live.app.path.iter().map(|path| format!("{base}{path}/")));
    if ctx.origin().is_local || urls.is_empty() {
        let (_, port) = split_host(ctx.origin().base_url.rsplit('/').next().unwrap_or_default()).unwrap_or(("", None));
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        urls.extend(loopback.into_iter().map(|host| format!("http://{host}{port}")));
    }
    urls
}

/// What an address of a port of its own is called by.
enum SocketHost<'a> {
    /// The name by which Doorward is reached, where every address is listened on.
    Name(&'a str),
    /// The address itself.
    Address(SocketAddr),
}
