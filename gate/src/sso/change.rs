//! Making, changing and deleting providers. None is offered before a test sign-in went well, and none
//! goes that is the last way in.

use super::{
    live::client_url,
    sealed::{print, seal_secret, unseal_secret},
    show, still_lets_in, store, unknown,
};
use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::Ctx,
    gate::Gate,
    identities::{
        self,
        store::{Meant, beginning},
    },
    mapping::Mapping,
    net, roles, sessions,
    version::Expect,
};
use serde_json::{Map, Value, json};
use wire::{
    Check, Code, Failure,
    audit::Action,
    policy,
    sso::{MOST_PROVIDERS, NewProvider, Provider, ProviderPatch},
    workspaces::Slug,
};

/// Adds a provider. It is offered from the first test sign-in on that goes well.
///
/// # Errors
/// 403 without `settings` or a fresh proof; 409 `provider_taken`; 422.
pub async fn create(ctx: &Ctx, mut new: NewProvider) -> Result<Provider> {
    ctx.may(&policy::CREATE_PROVIDER)?;
    new.check()?;
    ctx.proved_lately()?;
    complete(ctx.gate(), &mut new)?;
    if ctx.gate().providers().is_configured(&new.id) {
        return Err(taken());
    }
    let id = new.id.clone();
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    may_stand(ctx, &mut change, &new).await?;
    if store::count(change.db()).await? >= MOST_PROVIDERS as i64 {
        return Err(Failure::field("id", format!("There are {MOST_PROVIDERS} providers, the most there can be. Delete one first.")).into());
    }
    let secret_sealed = seal_secret(ctx.gate().keys(), ctx.new_secret().as_bytes(), &new);
    let kept = store::Kept { settings: without_secret(new), secret_sealed, created_at: ctx.now(), updated_at: ctx.now() };
    if !store::insert(change.db(), &id, &kept).await? {
        return Err(taken());
    }
    change.signal(Signal::Provider(id.clone()));
    change.commit(about(Action::ProviderCreate, &kept.settings).with(json!({ "after": seen(&kept.settings) }))).await?;
    shown(ctx, &id).await
}

/// Changes a provider. With another issuer, client, secret or address it is untested again. Sessions end
/// of whom its lists no longer let in.
///
/// # Errors
/// 403 without `settings` or a fresh proof; 404; 409 `provider_configured`, `last_way_in`; 422, also for
/// another issuer without the secret: the old one is sent to nobody else.
pub async fn update(ctx: &Ctx, id: &Slug, patch: ProviderPatch) -> Result<Provider> {
    ctx.may(&policy::UPDATE_PROVIDER)?;
    update_version(ctx, id, patch, &Expect::anything()).await
}

/// The same, for a version of the provider that the caller has seen.
pub(super) async fn update_version(ctx: &Ctx, id: &Slug, patch: ProviderPatch, expect: &Expect) -> Result<Provider> {
    ctx.may(&policy::UPDATE_PROVIDER)?;
    patch.check()?;
    ctx.proved_lately()?;
    let gate = ctx.gate();
    let before = shown(ctx, id).await?;
    expect.check(&before)?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let kept = target(ctx, &mut change, id).await?;
    let mut after = patch.on(&before);
    if patch.client_secret.is_none() {
        if after.issuer != before.issuer {
            let text = "Enter the client secret that goes with the new issuer: what was meant for the old one is not sent to another.";
            return Err(Failure::field("clientSecret", text).into());
        }
        after.client_secret = unseal_secret(gate.keys(), &kept.settings, &kept.secret_sealed)
            .ok_or_else(|| Failure::field("clientSecret", "The secret that is kept can not be read. Enter it again."))?;
    }
    complete(gate, &mut after)?;
    may_stand(ctx, &mut change, &after).await?;
    let url = client_url(gate, &after).unwrap_or_default();
    let live = gate.providers().find(id).ok_or_else(unknown)?;
    let is_another = print(gate.keys(), &after, &url) != live.print;
    if is_another && !gate.is_password_on() {
        identities::admins_stay(&mut change, gate, None, Some(id)).await?;
    }
    let secret_sealed = seal_secret(gate.keys(), ctx.new_secret().as_bytes(), &after);
    // The time is the version too, so it rises even within one millisecond.
    let updated_at = ctx.now().max(kept.updated_at.plus(1));
    let old = seen(&kept.settings);
    let kept = store::Kept { settings: without_secret(after), secret_sealed, created_at: kept.created_at, updated_at };
    store::save(change.db(), id, &kept).await?;
    change.signal(Signal::Provider(id.clone()));
    let new = seen(&kept.settings);
    let (mut from, mut to) = (Map::new(), Map::new());
    for (field, value) in new.as_object().into_iter().flatten().filter(|(field, value)| old[field.as_str()] != **value) {
        from.insert(field.clone(), old[field.as_str()].clone());
        to.insert(field.clone(), value.clone());
    }
    let detail = json!({ "before": from, "after": to, "newSecret": patch.client_secret.is_some(), "untested": is_another });
    change.commit(about(Action::ProviderUpdate, &kept.settings).with(detail)).await?;
    if patch.allowed_domains.is_some() || patch.whitelist.is_some() {
        end_sessions_of_shut_out(ctx, id).await?;
    }
    shown(ctx, id).await
}

/// Deletes a provider. Sessions that began by it end; the identities stay with their accounts.
///
/// # Errors
/// 403 without `settings` or a fresh proof; 404; 409 `provider_configured`, `last_way_in`.
pub async fn delete(ctx: &Ctx, id: &Slug) -> Result<()> {
    ctx.may(&policy::DELETE_PROVIDER)?;
    delete_version(ctx, id, &Expect::anything()).await
}

/// The same, for a version of the provider that the caller has seen.
pub(super) async fn delete_version(ctx: &Ctx, id: &Slug, expect: &Expect) -> Result<()> {
    ctx.may(&policy::DELETE_PROVIDER)?;
    ctx.proved_lately()?;
    expect.check(&shown(ctx, id).await?)?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let kept = target(ctx, &mut change, id).await?;
    if !ctx.gate().is_password_on() {
        identities::admins_stay(&mut change, ctx.gate(), None, Some(id)).await?;
    }
    let mut ended = 0;
    for (session, _) in identities::store::sessions(change.db(), &Meant::Provider(id)).await? {
        sessions::store::end(change.db(), session, "provider deleted", ctx.now()).await?;
        change.signal(Signal::Session(session));
        ended += 1;
    }
    store::remove(change.db(), id).await?;
    change.signal(Signal::Provider(id.clone()));
    let detail = json!({ "before": seen(&kept.settings), "sessions": ended });
    change.commit(about(Action::ProviderDelete, &kept.settings).with(detail)).await
}

/// Ends the sessions that began by a provider and are of people whom its lists do not let in.
async fn end_sessions_of_shut_out(ctx: &Ctx, id: &Slug) -> Result<()> {
    let mut change = ctx.change().await?;
    let mut ended = 0;
    for (session, _) in identities::store::sessions(change.db(), &Meant::Provider(id)).await? {
        let Some((kept, _)) = beginning(&mut *change.db(), session).await? else { continue };
        if !still_lets_in(ctx.gate(), &kept) {
            sessions::store::end(change.db(), session, "no longer let in", ctx.now()).await?;
            change.signal(Signal::Session(session));
            ended += 1;
        }
    }
    if ended == 0 {
        return Ok(());
    }
    let event = NewEvent::new(Action::SessionEndAll).on("provider", &id.0, &id.0);
    change.commit(event.with(json!({ "sessions": ended, "by": "access lists" }))).await
}

async fn shown(ctx: &Ctx, id: &Slug) -> Result<Provider> {
    let live = ctx.gate().providers().find(id).ok_or_else(unknown)?;
    show(ctx.gate(), &live).await
}

/// The provider that a change is about.
async fn target(ctx: &Ctx, change: &mut Change, id: &Slug) -> Result<store::Kept> {
    if ctx.gate().providers().is_configured(id) {
        let text = "This provider is in the configuration. Change it there, and start Doorward again.";
        return Err(Failure::new(Code::ProviderConfigured, text).into());
    }
    store::by_id(change.db(), id).await?.ok_or_else(unknown)
}

fn taken() -> crate::Error {
    Failure::new(Code::ProviderTaken, "There is a provider of this id already. Choose another one.").at("id").into()
}

/// Fills in what the configuration gives, and looks whether the addresses can be used.
fn complete(gate: &Gate, new: &mut NewProvider) -> Result<()> {
    new.button_label = new.button_label.trim().to_owned();
    let Some(url) = client_url(gate, new) else {
        let text = "Write the address under which browsers reach this dashboard; there is no public_url in the configuration.";
        return Err(Failure::field("clientUrl", text).into());
    };
    new.client_url = Some(url);
    match address_problem(gate.config().http.insecure_http, new) {
        Some((field, problem)) => Err(Failure::field(field, problem).into()),
        None => Ok(()),
    }
}

/// What is wrong with a provider's addresses, if anything: what is not encrypted stays on this machine.
pub(super) fn address_problem(insecure_http: bool, new: &NewProvider) -> Option<(&'static str, String)> {
    let is_kept_here = |address: &str| {
        let host = address.split_once("://").and_then(|(_, rest)| net::split_host(rest.split('/').next()?));
        address.starts_with("https://") || insecure_http || host.is_some_and(|(name, _)| net::is_loopback_name(name))
    };
    let text = "Use https: over plain http everybody on the way could sign in as anybody. (insecure_http: true allows it all the same.)";
    if !is_kept_here(&new.issuer) {
        return Some(("issuer", text.into()));
    }
    new.client_url.as_deref().filter(|url| !is_kept_here(url)).map(|_| ("clientUrl", text.into()))
}

/// Makes sure that a provider's mapping can be used: its expression, and its roles.
async fn may_stand(ctx: &Ctx, change: &mut Change, new: &NewProvider) -> Result<()> {
    let mapping = &new.role_mapping;
    Mapping::new(mapping.clone()).map_err(|(field, problem)| Failure::field(&format!("roleMapping.{field}"), problem))?;
    roles::exists(ctx, change, &mapping.default_role, "roleMapping.defaultRole").await?;
    for (at, line) in mapping.group_mappings.iter().enumerate() {
        roles::exists(ctx, change, &line.role, &format!("roleMapping.groupMappings[{at}].role")).await?;
    }
    Ok(())
}

fn without_secret(new: NewProvider) -> NewProvider {
    NewProvider { client_secret: String::new(), ..new }
}

fn about(action: Action, settings: &NewProvider) -> NewEvent {
    NewEvent::new(action).on("provider", &settings.id.0, &settings.button_label)
}

/// What an event keeps of a provider; there is no secret in it.
fn seen(settings: &NewProvider) -> Value {
    let mut seen = json!(settings);
    if let Some(fields) = seen.as_object_mut() {
        for field in ["id", "clientSecret"] {
            fields.remove(field);
        }
    }
    seen
}
