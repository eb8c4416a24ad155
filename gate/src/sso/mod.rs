//! OpenID Connect providers: by whom people sign in besides a password. Own client on the one way out
//! that Doorward has, so that every check is in sight; the words are those of OpenID Connect Core 1.0.

mod access;
mod begin;
mod bench;
mod callback;
mod change;
pub(crate) mod configured;
pub(crate) mod discovery;
pub(crate) mod http;
pub(crate) mod live;
pub(crate) mod logout;
mod pending;
pub(crate) mod renew;
mod sealed;
pub(crate) mod store;
mod token;
pub(crate) mod watch;

pub(crate) use bench::KEPT;
pub use bench::try_mapping;
pub use change::{create, delete, update};

use crate::{
    Result,
    ctx::Ctx,
    gate::Gate,
    identities::{self, store::Kept},
};
use live::LiveProvider;
use wire::{
    Code, Failure, Page, policy,
    sso::{PRESETS, Preset, PresetInfo, Provider, ProviderState, SignInWay},
    users::Source,
    workspaces::Slug,
};

/// People are counted up to so many.
const COUNTED: i64 = 1_001;

/// Where a browser goes next, and what it keeps.
struct Way {
    place: String,
    cookies: Vec<String>,
}

impl Way {
    fn to(place: &str) -> Self {
        Self { place: place.to_owned(), cookies: Vec::new() }
    }
}

/// The ways in besides the password, as anybody may know them.
pub(crate) fn ways(gate: &Gate) -> Vec<SignInWay> {
    let way = |live: &LiveProvider| SignInWay {
        id: live.id().clone(),
        label: live.settings.button_label.clone(),
        kind: "oidc".into(),
        problem: live.health.now().problem.map(|_| "It does not answer as it should at the moment.".into()),
    };
    gate.providers().all().iter().filter(|live| live.is_offered()).map(|live| way(live)).collect()
}

/// What people call a provider.
pub(crate) fn label_of(gate: &Gate, id: &Slug) -> Option<String> {
    gate.providers().find(id).map(|live| live.settings.button_label.clone())
}

/// Whether people can sign in by this provider.
pub(crate) fn is_offered(gate: &Gate, id: &Slug) -> bool {
    gate.providers().find(id).is_some_and(|live| live.is_offered())
}

/// Whether people can sign in by any provider.
pub(crate) fn is_any_offered(gate: &Gate) -> bool {
    gate.providers().all().iter().any(|live| live.is_offered())
}

/// Whether whoever vouched for somebody at sign-in would still let them in: the provider is there, and its
/// lists have not changed against them. One that has to be tested again ends nobody's session.
pub(crate) fn still_lets_in(gate: &Gate, kept: &Kept) -> bool {
    if kept.source != Source::Oidc {
        return true;
    }
    let live = gate.providers().find(&kept.provider).filter(|live| live.settings.issuer == kept.issuer);
    live.is_some_and(|live| access::judge(&live.settings.allowed_domains, &live.settings.whitelist, kept.email.as_deref()).is_allowed)
}

/// Lists all providers, with their state.
///
/// # Errors
/// 403 without `settings`.
pub async fn list(ctx: &Ctx) -> Result<Page<Provider>> {
    ctx.may(&policy::LIST_PROVIDERS)?;
    let mut items = Vec::new();
    for live in ctx.gate().providers().all().iter() {
        items.push(show(ctx.gate(), live).await?);
    }
    Ok(Page { items, ..Page::default() })
}

/// Shows a provider.
///
/// # Errors
/// 403 without `settings`, 404.
pub async fn get(ctx: &Ctx, id: &Slug) -> Result<Provider> {
    ctx.may(&policy::GET_PROVIDER)?;
    let live = ctx.gate().providers().find(id).ok_or_else(unknown)?;
    show(ctx.gate(), &live).await
}

/// Looks at a provider now, and shows it.
///
/// # Errors
/// 403 without `settings`, 404. That it does not work is no error: its state says so.
pub async fn check(ctx: &Ctx, id: &Slug) -> Result<Provider> {
    ctx.may(&policy::CHECK_PROVIDER)?;
    let live = ctx.gate().providers().find(id).ok_or_else(unknown)?;
    discovery::check(ctx.gate(), &live).await;
    show(ctx.gate(), &live).await
}

/// Lists what is known of providers as people have them.
///
/// # Errors
/// 403 without `settings`.
pub async fn presets(ctx: &Ctx) -> Result<Page<PresetInfo>> {
    ctx.may(&policy::LIST_PROVIDER_PRESETS)?;
    Ok(Page { items: PRESETS.iter().map(Preset::info).collect(), ..Page::default() })
}

fn unknown() -> crate::Error {
    Failure::new(Code::NotFound, "There is no such provider.").into()
}

async fn show(gate: &Gate, live: &LiveProvider) -> Result<Provider> {
    let (settings, health) = (&live.settings, live.health.now());
    let keys = live.keys(gate).map(|source| source.state());
    let notes = store::notes_of(gate.db().pool(), live.id()).await?.unwrap_or_default();
    let people = identities::store::count_people(gate.db().pool(), live.id(), COUNTED).await?;
    let state = match &health.problem {
        _ if !live.is_offered() => ProviderState::Untested,
        Some(_) => ProviderState::Failing,
        None => ProviderState::On,
    };
    let is_kept = |at: &wire::Timestamp| gate.now().0 - at.0 < KEPT;
    Ok(Provider {
        id: settings.id.clone(),
        button_label: settings.button_label.clone(),
        issuer: settings.issuer.clone(),
        client_id: settings.client_id.clone(),
        client_url: live.client_url.clone(),
        callback_url: live.callback_url(),
        backchannel_logout_url: live.at(&format!("/auth/oidc/{}/backchannel-logout", settings.id)),
        scopes: settings.scopes.clone(),
        algorithms: settings.algorithms.clone(),
        auto_signup: settings.auto_signup,
        link_by_email: settings.link_by_email,
        allowed_domains: settings.allowed_domains.clone(),
        whitelist: settings.whitelist.clone(),
        role_mapping: settings.role_mapping.clone(),
        preset: settings.preset.clone(),
        source: live.source,
        state,
        problem: health.problem,
        checked_at: health.checked_at,
        keys_fetched_at: keys.as_ref().and_then(|state| state.fetched_at),
        keys: keys.as_ref().map(|state| state.keys).filter(|count| *count > 0),
        tested_at: notes.tested_at.filter(|_| live.is_tested()),
        test_problem: notes.test_problem,
        last_sign_in_by: notes.claims_of.filter(|_| notes.claims_at.as_ref().is_some_and(is_kept)),
        last_sign_in_at: notes.claims_at.filter(is_kept),
        people: u64::try_from(people).unwrap_or_default(),
        created_at: live.created_at,
        updated_at: live.updated_at,
    })
}
