//! Making, changing and deleting apps. Each counts from the next request on.

use super::{
    NOT_THERE, address_taken, addresses, live::public_host, manages, may_be_sent_to, presets, probe::sentence, sealed, show, slug_taken,
    store, unknown,
};
use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::Ctx,
    hash::sha256_hex,
    keys,
    version::Expect,
    workspaces,
};
use serde_json::{Map, Value, json};
use wire::{
    Check, Code, Failure, Permissions,
    apps::{App, AppPatch, AppView, MOST_APPS, NewApp, Source, UpstreamCredentials},
    audit::Action,
    policy,
    workspaces::Slug,
};

/// Makes an app.
///
/// # Errors
/// 403 without `apps`; 409 `app_taken`, `address_taken`; 422.
pub async fn create(ctx: &Ctx, mut new: NewApp) -> Result<AppView> {
    ctx.may(&policy::CREATE_APP)?;
    presets::fill(&mut new)?;
    new.check()?;
    let app = new.app(Source::Dashboard, ctx.now());
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    may_stand(ctx, &mut change, &app, None).await?;
    if store::count(change.db(), MOST_APPS).await? >= MOST_APPS {
        return Err(Failure::field("slug", format!("There are {MOST_APPS} apps, the most there can be. Delete one first.")).into());
    }
    let sealed = new.upstream_auth.as_ref().map(|given| seal(ctx, &app, given)).transpose()?;
    store::insert(change.db(), &app, sealed.as_deref()).await?;
    change.signal(Signal::App(app.slug.clone()));
    change.commit(added(&app)).await?;
    show(ctx, &app.slug).await
}

/// Changes an app.
///
/// # Errors
/// 403 without `apps`; 404; 409 `app_configured`, `address_taken`; 422, also for another upstream
/// without new credentials where there are some: the old ones are sent to nobody else.
pub async fn update(ctx: &Ctx, slug: &Slug, patch: AppPatch) -> Result<AppView> {
    ctx.may(&policy::UPDATE_APP)?;
    update_version(ctx, slug, patch, &Expect::anything()).await
}

/// The same, for a version of the app that the caller has seen.
pub(super) async fn update_version(ctx: &Ctx, slug: &Slug, mut patch: AppPatch, expect: &Expect) -> Result<AppView> {
    ctx.may(&policy::UPDATE_APP)?;
    patch.check()?;
    if let Some(Some(preset)) = &patch.preset {
        let rules = presets::rules_of(preset)?;
        patch.rules.get_or_insert(rules);
    }
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let (before, sealed) = target(ctx, &mut change, slug, expect).await?;
    let mut after = patch.on(&before);
    after.check()?;
    let has_new_secret = patch.upstream_auth.as_ref().is_some_and(Option::is_some);
    if after == before && !has_new_secret {
        return show(ctx, slug).await;
    }
    let sealed = match &patch.upstream_auth {
        Some(given) => given.as_ref().map(|given| seal(ctx, &after, given)).transpose()?,
        None if after.upstream != before.upstream && before.upstream_auth.is_some() => {
            let text = "Give the credentials again, or send null: what was meant for the old upstream is not sent to another.";
            return Err(Failure::field("upstreamAuth", text).into());
        }
        None => sealed,
    };
    may_stand(ctx, &mut change, &after, Some(&before)).await?;
    // The time is the version too, so it rises even within one millisecond.
    after.updated_at = ctx.now().max(before.updated_at.plus(1));
    store::save(change.db(), &after, sealed.as_deref()).await?;
    change.signal(Signal::App(slug.clone()));
    change.commit(changed(&before, &after, has_new_secret)).await?;
    show(ctx, slug).await
}

/// Deletes an app. API keys that are good for it alone are revoked.
///
/// # Errors
/// 403 without `apps`, or where a key that is good for it can do more than the caller; 404; 409
/// `app_configured`.
pub async fn delete(ctx: &Ctx, slug: &Slug) -> Result<()> {
    ctx.may(&policy::DELETE_APP)?;
    delete_version(ctx, slug, &Expect::anything()).await
}

/// The same, for a version of the app that the caller has seen.
pub(super) async fn delete_version(ctx: &Ctx, slug: &Slug, expect: &Expect) -> Result<()> {
    ctx.may(&policy::DELETE_APP)?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let (app, _) = target(ctx, &mut change, slug, expect).await?;
    let revoked = keys::forget_app(ctx, &mut change, slug).await?;
    store::remove(change.db(), slug).await?;
    change.signal(Signal::App(slug.clone()));
    change.commit(about(Action::AppDelete, &app).with(json!({ "before": seen(&app), "keys": revoked }))).await
}

/// The app that a change is about, with its credentials as they are kept.
async fn target(ctx: &Ctx, change: &mut Change, slug: &Slug, expect: &Expect) -> Result<(App, Option<String>)> {
    if let Some(live) = ctx.gate().apps().known(slug)
        && !manages(ctx, &live).await?
    {
        return Err(unknown());
    }
    if ctx.gate().apps().is_configured(slug) {
        let text = "This app is in the configuration file. Change it there; it counts within seconds.";
        return Err(Failure::new(Code::AppConfigured, text).into());
    }
    let kept = store::by_slug(change.db(), slug).await?.ok_or_else(unknown)?;
    expect.check(&kept.app)?;
    Ok((kept.app, kept.sealed))
}

/// Makes sure that an app can be as it is to be: its workspace is there, its upstream may be connected
/// to, and its addresses are nobody else's.
async fn may_stand(ctx: &Ctx, change: &mut Change, app: &App, before: Option<&App>) -> Result<()> {
    if !may_be_sent_to(app) {
        return Err(Failure::field("upstream", NOT_THERE).into());
    }
    if app.trusted {
        let text = "Scripts of this app can do all that whoever opens it can, so only somebody who may do everything sets it up.";
        ctx.holds(Permissions::ALL, text).map_err(|failure| failure.at("trusted"))?;
    }
    if let Some(pem) = &app.upstream_ca {
        ctx.gate().trust().clone().and(pem).map_err(|problem| Failure::field("upstreamCa", sentence(&problem)))?;
    }
    if before.is_none_or(|before| before.workspace != app.workspace) {
        workspaces::exists(ctx, change, &app.workspace, None, "").await?;
    }
    let public = public_host(ctx.gate());
    let http = &ctx.gate().config().http;
    for (at, host) in app.hosts.iter().enumerate() {
        if public.as_ref() == Some(host) || http.hosts.iter().any(|own| own == host) {
            return Err(
                Failure::field(&format!("hosts[{at}]"), "Doorward's own dashboard is at this name. An app needs another one.").into()
            );
        }
    }
    // The database refuses what two changes at once would take; this also knows the configuration and
    // the names that slugs make.
    for other in ctx.gate().apps().every().iter().filter(|other| before.is_none() || other.app.slug != app.slug) {
        let theirs = addresses(&other.app);
        if let Some((field, address)) = addresses(app).into_iter().find(|(field, address)| {
            let is_host = *field == "hosts" && other.app.all_hosts(public.as_deref()).contains(address);
            is_host || theirs.contains(&(*field, address.clone()))
        }) {
            return Err(if field == "slug" { slug_taken() } else { address_taken(&address, field) });
        }
        let by_slug = app.all_hosts(public.as_deref());
        if other.app.hosts.iter().any(|host| by_slug.contains(host)) {
            let text = format!("The host name that this slug makes leads to {} already. Choose another slug.", other.app.name);
            return Err(Failure::new(Code::AddressTaken, text).at("slug").into());
        }
    }
    Ok(())
}

fn seal(ctx: &Ctx, app: &App, given: &UpstreamCredentials) -> Result<String> {
    sealed::seal_for(ctx.gate().keys(), ctx.new_secret().as_bytes(), app, given)
}

/// Tells that there is a new app.
pub(super) fn added(app: &App) -> NewEvent {
    about(Action::AppCreate, app).with(json!({ "after": seen(app) }))
}

/// Tells what is different about an app.
pub(super) fn changed(before: &App, after: &App, has_new_secret: bool) -> NewEvent {
    let (old, new) = (seen(before), seen(after));
    let (mut from, mut to) = (Map::new(), Map::new());
    for (field, value) in new.as_object().into_iter().flatten().filter(|(field, value)| old[field.as_str()] != **value) {
        from.insert(field.clone(), old[field.as_str()].clone());
        to.insert(field.clone(), value.clone());
    }
    about(Action::AppUpdate, after).with(json!({ "before": from, "after": to, "newSecret": has_new_secret }))
}

/// Tells that an app is gone.
pub(super) fn removed(app: &App) -> NewEvent {
    about(Action::AppDelete, app).with(json!({ "before": seen(app) }))
}

fn about(action: Action, app: &App) -> NewEvent {
    NewEvent::new(action).on("app", &app.slug.0, &app.name).within(&app.workspace, None)
}

/// What an event keeps of an app; there is no secret in it.
fn seen(app: &App) -> Value {
    let mut seen = json!(app);
    if let Some(fields) = seen.as_object_mut() {
        for field in ["slug", "source", "createdAt", "updatedAt"] {
            fields.remove(field);
        }
        // Which certificates they are, not all of their text.
        let print = app.upstream_ca.as_ref().map(|pem| format!("sha256:{}", sha256_hex(pem.as_bytes())));
        fields.insert("upstreamCa".into(), json!(print));
    }
    seen
}
