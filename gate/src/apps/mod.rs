//! Apps: what Doorward guards. Those of the configuration stand beside those of the dashboard; both
//! are in memory, and a change counts from the next request on, on all nodes.

mod change;
pub(crate) mod configured;
mod explain;
pub(crate) mod health;
pub(crate) mod http;
pub(crate) mod judge;
pub(crate) mod live;
mod own;
mod presets;
pub(crate) mod probe;
pub(crate) mod sealed;
mod store;
pub(crate) mod traffic;
mod view;

pub use change::{create, delete, update};
pub use explain::check;
pub use health::look;
pub use presets::presets;
pub use probe::probe;
pub use traffic::traffic;

use crate::{
    Result,
    change::Change,
    ctx::Ctx,
    gate::Gate,
    outbound::is_allowed,
    place::{Actor, Part},
    workspaces,
};
use judge::Entry;
use live::LiveApp;
use std::{net::IpAddr, sync::Arc};
use wire::{
    Code, Failure, Page, Permission, Permissions,
    apps::{App, AppQuery, AppTile, AppView, HealthState, Upstream},
    policy,
    workspaces::Slug,
};

/// Said of an upstream at an address where clouds keep their secrets.
const NOT_THERE: &str = "Nothing is ever sent to this address. Choose the upstream's own.";

/// The most apps that Home tells of.
const MOST_TILES: usize = 100;

/// Lists the apps that the caller may open, by slug: those of which some rule would let a request of
/// the caller through. With `apps` all, but those of private workspaces in which the caller is no
/// member.
///
/// # Errors
/// 403 without `read`.
pub async fn list(ctx: &Ctx, query: AppQuery) -> Result<Page<AppView>> {
    ctx.may(&policy::LIST_APPS)?;
    let hours = traffic::hours(ctx.gate(), ctx.now()).await?;
    let mut items = Vec::new();
    for live in ctx.gate().apps().every() {
        if query.workspace.as_ref().is_some_and(|wanted| *wanted != live.app.workspace) {
            continue;
        }
        if let Some(entry) = seen_by(ctx, &live).await? {
            let hour = hours.get(&live.app.slug).cloned().unwrap_or_default();
            items.push(view::of(ctx, &live, &entry, hour));
        }
    }
    let total = u64::try_from(items.len()).ok();
    Ok(Page { items, next_cursor: None, total })
}

/// The apps of Home: those that the caller may open, what needs a look first, then by name.
///
/// # Errors
/// 403 without `read`.
pub(crate) async fn tiles(ctx: &Ctx) -> Result<Vec<AppTile>> {
    let mut tiles: Vec<AppTile> = list(ctx, AppQuery::default()).await?.items.into_iter().map(AppTile::from).collect();
    let rank = |tile: &AppTile| match tile.state {
        _ if !tile.enabled => 3,
        HealthState::Down => 0,
        HealthState::Slow => 1,
        HealthState::Up | HealthState::Unknown => 2,
    };
    tiles.sort_by_cached_key(|tile| (rank(tile), tile.name.to_lowercase()));
    tiles.truncate(MOST_TILES);
    Ok(tiles)
}

/// Whether there is an app at all, whoever may open it.
pub(crate) fn any(gate: &Gate) -> bool {
    !gate.apps().every().is_empty()
}

/// Shows an app that the caller may open; with `apps` any.
///
/// # Errors
/// 403 without `read`; 404 where there is no such app, or the caller may not open it.
pub async fn get(ctx: &Ctx, slug: &Slug) -> Result<AppView> {
    ctx.may(&policy::GET_APP)?;
    show(ctx, slug).await
}

/// An app as the caller may see it.
async fn show(ctx: &Ctx, slug: &Slug) -> Result<AppView> {
    let (live, entry) = visible(ctx, slug).await?;
    let hours = traffic::hours(ctx.gate(), ctx.now()).await?;
    Ok(view::of(ctx, &live, &entry, hours.get(slug).cloned().unwrap_or_default()))
}

/// The app of this slug, if the caller is to know of it, with what the caller has in it.
async fn visible(ctx: &Ctx, slug: &Slug) -> Result<(Arc<LiveApp>, Entry)> {
    let live = ctx.gate().apps().known(slug).ok_or_else(unknown)?;
    let entry = seen_by(ctx, &live).await?.ok_or_else(unknown)?;
    Ok((live, entry))
}

/// What the caller has in an app; nothing when the caller is not to know of it.
async fn seen_by(ctx: &Ctx, live: &LiveApp) -> Result<Option<Entry>> {
    // Where the dashboard acts is no matter of which apps there are.
    let place = match ctx.scope() {
        Some(scope) if scope.workspace == live.app.workspace => ctx.place().clone(),
        _ => crate::place::Place::default(),
    };
    let entry = judge::enter(ctx.gate(), Actor::from(ctx.principal()), &place, &live.app).await?;
    let is_seen = if ctx.has(Permission::Apps) { manages(ctx, live).await? } else { live.app.enabled && entry.may_open(&live.app) };
    Ok(is_seen.then_some(entry))
}

/// What the caller may do in an app, and its workspace; nothing when the caller is not to know of it.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn standing(ctx: &Ctx, slug: &Slug) -> Result<Option<(Slug, Permissions)>> {
    let Some(live) = ctx.gate().apps().known(slug) else { return Ok(None) };
    Ok(seen_by(ctx, &live).await?.map(|entry| (live.app.workspace.clone(), entry.permissions())))
}

/// Whether somebody who manages apps manages this one: a private workspace is its members' alone.
async fn manages(ctx: &Ctx, live: &LiveApp) -> Result<bool> {
    let workspace = workspaces::live::find(ctx.gate(), &live.app.workspace).await?;
    Ok(workspace.is_none_or(|workspace| !workspace.is_private || ctx.is_member(&workspace.slug, Part::Any)))
}

/// Makes sure that there is such an app, and that the caller is to know of it.
///
/// # Errors
/// 422 with the field.
pub(crate) async fn exists(ctx: &Ctx, slug: &Slug, field: &str) -> Result<()> {
    if let Some(live) = ctx.gate().apps().known(slug)
        && seen_by(ctx, &live).await?.is_some()
    {
        return Ok(());
    }
    Err(Failure::field(field, format!("There is no app called {slug}.")).into())
}

/// Makes sure that there is no app in a workspace that is to go.
///
/// # Errors
/// 409 `workspace_in_use`.
pub(crate) async fn none_in(ctx: &Ctx, change: &mut Change, workspace: &Slug) -> Result<()> {
    let mut names = store::names_in(change.db(), workspace).await?;
    let here = ctx.gate().apps().every();
    let configured = here.iter().filter(|live| live.app.workspace == *workspace && ctx.gate().apps().is_configured(&live.app.slug));
    names.extend(configured.map(|live| live.app.name.clone()));
    if names.is_empty() { Ok(()) } else { Err(store::in_use(&names)) }
}

/// The addresses that lead to one app alone, each with its field; those that its slug makes are the
/// slug's own.
fn addresses(app: &App) -> Vec<(&'static str, String)> {
    let slug = [("slug", app.slug.0.clone())];
    let hosts = app.hosts.iter().map(|host| ("hosts", host.clone()));
    let listen = app.listen.iter().map(|listen| ("listen", listen.clone()));
    let path = app.path.iter().map(|path| ("path", path.clone()));
    slug.into_iter().chain(hosts).chain(listen).chain(path).collect()
}

/// Whether an upstream is at an address that is connected to; a name is looked up when it is.
fn may_be_sent_to(app: &App) -> bool {
    let host = Upstream::parse(&app.upstream).map(|upstream| upstream.host);
    host.and_then(|host| host.parse::<IpAddr>().ok()).is_none_or(is_allowed)
}

fn unknown() -> crate::Error {
    Failure::new(Code::NotFound, "There is no such app.").into()
}

fn slug_taken() -> crate::Error {
    Failure::new(Code::AppTaken, "There is an app of this slug already. Choose another one.").at("slug").into()
}

fn address_taken(what: &str, field: &str) -> crate::Error {
    Failure::new(Code::AddressTaken, format!("{what} leads to another app already. Choose another one.")).at(field).into()
}
