//! API keys: how programs get in. A key has a role; a personal one is never worth more than its
//! owner. Its secret is shown once and kept as a hash. Keys make neither sessions nor keys.

pub(crate) mod http;
mod list;
pub(crate) mod live;
pub(crate) mod refused;
mod secret;
pub(crate) mod store;
mod update;
pub(crate) mod used;

pub use list::list;
pub(crate) use secret::START;
pub use update::update;
use update::update_version;

use crate::{
    Result, apps,
    audit::{NewEvent, decision},
    bus::Signal,
    change::{Change, Turn},
    ctx::{Ctx, Principal},
    hash::sha256_hex,
    net::{Network, NetworkError},
    roles, users,
    version::Expect,
    workspaces,
};
use serde_json::{Value, json};
use wire::{
    Check, Code, Failure, KeyId, Permission, Timestamp, UserId,
    audit::Action,
    keys::{ApiKey, CreatedKey, KeyKind, KeyScope, KeyStatus, MOST_PERSONAL, NewApiKey, Rotate},
    policy::{self, Operation},
    users::User,
    workspaces::Slug,
};

/// Makes a key, and shows its text this once.
///
/// # Errors
/// 403 for a service key without `keys`, for a personal one where those are turned off, for a role
/// that can do more than one's own, for an admin's key without a fresh proof, and by a key; 409
/// `authentication_off` for a personal one while there are no people; 422, for one too many too.
pub async fn create(ctx: &Ctx, new: NewApiKey) -> Result<CreatedKey> {
    ctx.may(&policy::CREATE_API_KEY)?;
    new.check()?;
    let owner = match new.kind {
        KeyKind::Service => {
            ctx.must_have(Permission::Keys, &policy::CREATE_API_KEY)?;
            None
        }
        KeyKind::Personal => Some(may_own(ctx)?),
    };
    users::may_give(ctx, &new.role)?;
    let key = ApiKey {
        id: ctx.new_id().into(),
        expires_at: not_over(new.expiry(ctx.now()), ctx.now())?,
        allowed_ips: new.allowed_ips.as_deref().map(networks).transpose()?,
        name: new.name.trim().to_owned(),
        description: filled(new.description),
        prefix: String::new(),
        kind: new.kind,
        role: new.role,
        scope: new.scope.unwrap_or_default(),
        owner_id: owner.as_ref().map(|user| user.id),
        owner_name: owner.as_ref().map(|user| user.name().to_owned()),
        created_by: ctx.actor(),
        created_at: ctx.now(),
        updated_at: ctx.now(),
        last_used_at: None,
        last_used_ip: None,
        use_count: 0,
        revoked_at: None,
        status: KeyStatus::Active,
    };
    let mut change = ctx.change().await?;
    if let Some(owner) = key.owner_id {
        change.turn(Turn::People).await?;
        has_room(&mut change, owner).await?;
    }
    scope_exists(ctx, &mut change, &key.scope).await?;
    roles::exists(ctx, &mut change, &key.role, "role").await?;
    let key = ApiKey { prefix: free_prefix(ctx, &mut change).await?, ..key };
    let secret = secret::new_secret(ctx.gate().random());
    // No signal: nothing remembers a key that is only now there, and what it opens at once should stay.
    store::insert(change.db(), &key, &sha256_hex(secret.as_bytes())).await?;
    change.commit(about(Action::ApiKeyCreate, &key).with(json!({ "after": seen(&key) }))).await?;
    Ok(CreatedKey { key: secret::write(&key.prefix, &secret), api_key: key })
}

/// Shows a key: one's own, or with `keys` anybody's.
///
/// # Errors
/// 404 where there is none, or it is not one's to see; 403 for a key without `keys`.
pub async fn get(ctx: &Ctx, id: KeyId) -> Result<ApiKey> {
    ctx.may(&policy::GET_API_KEY)?;
    let reach = reach(ctx, &policy::GET_API_KEY)?;
    let found = store::by_id(ctx.gate().db().pool(), id, ctx.now()).await?;
    found.filter(|key| reach.is_none() || key.owner_id == reach).ok_or_else(unknown)
}

/// Revokes a key: one's own, or with `keys` anybody's. It stays in the list; again it changes nothing.
///
/// # Errors
/// 403 for a key that can do more than the caller; 404; 409 `not_yourself` by the key itself.
pub async fn revoke(ctx: &Ctx, id: KeyId) -> Result<()> {
    ctx.may(&policy::DELETE_API_KEY)?;
    revoke_version(ctx, id, &Expect::anything()).await
}

/// The same, for a version of the key that the caller has seen.
async fn revoke_version(ctx: &Ctx, id: KeyId, expect: &Expect) -> Result<()> {
    ctx.may(&policy::DELETE_API_KEY)?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let key = target(ctx, &mut change, id, &policy::DELETE_API_KEY, expect).await?;
    if key.status == KeyStatus::Revoked {
        return Ok(());
    }
    store::revoke(change.db(), id, ctx.now(), next_version(ctx, &key)).await?;
    change.signal(Signal::Key(id));
    change.commit(about(Action::ApiKeyRevoke, &key).with(json!({ "before": seen(&key) }))).await
}

/// Gives a key another secret, and shows its text this once. The present secret stays good for the
/// grace; one that was replaced before ends now.
///
/// # Errors
/// 403 for a key that can do more than the caller, for somebody else's personal key, for an admin's
/// key without a fresh proof, and by a key; 404; 409 `key_not_active`; 422.
pub async fn rotate(ctx: &Ctx, id: KeyId, rotate: Rotate) -> Result<CreatedKey> {
    ctx.may(&policy::ROTATE_API_KEY)?;
    rotate.check()?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let mut key = target(ctx, &mut change, id, &policy::ROTATE_API_KEY, &Expect::anything()).await?;
    if key.status != KeyStatus::Active {
        return Err(not_active());
    }
    if key.kind == KeyKind::Personal && !is_own(ctx, &key) {
        // Whoever had its secret would act in the owner's name.
        let why = "Only its owner can give a personal key another secret. You can revoke it.";
        return Err(decision::refuse_anyhow(ctx, Code::Forbidden, why, "to be its owner").into());
    }
    if users::is_admins(ctx, &key.role) {
        ctx.proved_lately()?;
    }
    let secret = secret::new_secret(ctx.gate().random());
    let until = ctx.now().plus(rotate.grace_millis());
    key.updated_at = next_version(ctx, &key);
    store::set_secret(change.db(), &key, &sha256_hex(secret.as_bytes()), until).await?;
    change.signal(Signal::Key(id));
    change.commit(about(Action::ApiKeyRotate, &key).with(json!({ "oldSecretUntil": until }))).await?;
    Ok(CreatedKey { key: secret::write(&key.prefix, &secret), api_key: key })
}

/// Revokes the personal keys of a user, each with its event, and counts them: the user is being
/// deleted, or takes an account back that somebody else may have had.
pub(crate) async fn revoke_all_of(ctx: &Ctx, change: &mut Change, user: &User, reason: &str) -> Result<usize> {
    let keys = store::not_revoked_of(change.db(), user.id, ctx.now()).await?;
    for key in &keys {
        store::revoke(change.db(), key.id, ctx.now(), next_version(ctx, key)).await?;
        change.signal(Signal::Key(key.id));
        let event = about(Action::ApiKeyRevoke, key).with(json!({ "before": seen(key), "reason": reason }));
        // Whoever uses a one-time link is known by it alone.
        let is_known = !matches!(ctx.principal(), Principal::Nobody);
        change.also(if is_known { event } else { event.by(user) }).await?;
    }
    Ok(keys.len())
}

/// Revokes the keys that are good in this workspace alone (in this environment of it, where one is
/// given), which is being deleted: another one of the same slug is none of theirs.
///
/// # Errors
/// 403 for a key that can do more than the caller.
pub(crate) async fn revoke_all_in(ctx: &Ctx, change: &mut Change, workspace: &Slug, environment: Option<&Slug>) -> Result<()> {
    for key in store::not_revoked_in(change.db(), &workspace.0, environment.map(|slug| slug.0.as_str()), ctx.now()).await? {
        let refusal = format!("The API key “{}” is good there alone, and its role can do more than yours.", key.name);
        ctx.holds(ctx.gate().roles().permissions(&key.role), &refusal)?;
        store::revoke(change.db(), key.id, ctx.now(), next_version(ctx, &key)).await?;
        change.signal(Signal::Key(key.id));
        change.also(about(Action::ApiKeyRevoke, &key).with(json!({ "before": seen(&key), "reason": "its scope was deleted" }))).await?;
    }
    Ok(())
}

/// Makes sure that a person has room for another personal key, until this change is made.
async fn has_room(change: &mut Change, owner: UserId) -> Result<()> {
    if store::count_of(change.db(), owner).await? < MOST_PERSONAL {
        return Ok(());
    }
    let text = format!("You have {MOST_PERSONAL} personal keys that were not revoked, the most there can be. Revoke one first.");
    Err(Failure::field("kind", text).into())
}

/// Takes an app that is being deleted out of the keys that are good for it: another one of the same
/// slug is none of theirs. Those that were good for it alone are revoked; gives how many.
///
/// # Errors
/// 403 for a key that can do more than the caller.
pub(crate) async fn forget_app(ctx: &Ctx, change: &mut Change, app: &Slug) -> Result<u64> {
    let mut revoked = 0;
    for key in store::not_revoked_for_apps(change.db(), ctx.now()).await? {
        let Some(apps) = key.scope.apps.as_ref().filter(|apps| apps.contains(&app.0)) else { continue };
        let refusal =
            format!("The API key “{}” is good for this app, and its role can do more than yours. Ask somebody of that role.", key.name);
        ctx.holds(ctx.gate().roles().permissions(&key.role), &refusal)?;
        let rest: Vec<_> = apps.iter().filter(|slug| **slug != app.0).cloned().collect();
        change.signal(Signal::Key(key.id));
        if rest.is_empty() {
            revoked += 1;
            store::revoke(change.db(), key.id, ctx.now(), next_version(ctx, &key)).await?;
            change.also(about(Action::ApiKeyRevoke, &key).with(json!({ "before": seen(&key), "reason": "its app was deleted" }))).await?;
        } else {
            let scope = KeyScope { apps: Some(rest), ..key.scope.clone() };
            let after = ApiKey { scope, updated_at: next_version(ctx, &key), ..key.clone() };
            store::save(change.db(), &after).await?;
            let detail = json!({ "before": { "scope": key.scope }, "after": { "scope": after.scope }, "reason": "its app was deleted" });
            change.also(about(Action::ApiKeyUpdate, &after).with(detail)).await?;
        }
    }
    Ok(revoked)
}

/// Makes sure that there is the place that a key is to be good in, until this change is made.
async fn scope_exists(ctx: &Ctx, change: &mut Change, scope: &KeyScope) -> Result<()> {
    for (at, slug) in scope.apps.iter().flatten().enumerate() {
        apps::exists(ctx, &Slug(slug.clone()), &format!("scope.apps[{at}]")).await?;
    }
    let Some(workspace) = &scope.workspace else { return Ok(()) };
    let environment = scope.environment.clone().map(Slug);
    workspaces::exists(ctx, change, &Slug(workspace.clone()), environment.as_ref(), "scope").await
}

/// Whose keys the caller may reach: those of one user, or everybody's when nothing is returned.
fn reach(ctx: &Ctx, operation: &Operation) -> Result<Option<UserId>> {
    match ctx.user() {
        Some(user) if !ctx.has(Permission::Keys) => Ok(Some(user.id)),
        _ => ctx.must_have(Permission::Keys, operation).map(|()| None),
    }
}

/// Whether the key is the caller's own, who is a person.
fn is_own(ctx: &Ctx, key: &ApiKey) -> bool {
    ctx.user().is_some_and(|user| key.owner_id == Some(user.id))
}

/// The key that a change is about, once it is certain that the caller may change it.
async fn target(ctx: &Ctx, change: &mut Change, id: KeyId, operation: &Operation, expect: &Expect) -> Result<ApiKey> {
    let reach = reach(ctx, operation)?;
    store::lock(change.db(), id).await?;
    let found = store::by_id(change.db(), id, ctx.now()).await?;
    let key = found.filter(|key| reach.is_none() || key.owner_id == reach).ok_or_else(unknown)?;
    if ctx.key().is_some_and(|caller| caller.id == id) {
        return Err(Failure::new(Code::NotYourself, "A key can't change itself. Sign in and do it yourself.").into());
    }
    // One's own key is worth no more than oneself, whatever its role says.
    if !is_own(ctx, &key) {
        ctx.holds(ctx.gate().roles().permissions(&key.role), "This key's role can do more than yours.")?;
    }
    expect.check(&key)?;
    Ok(key)
}

/// The person whose a new personal key is.
fn may_own(ctx: &Ctx) -> Result<User> {
    let person = ctx.signed_in()?;
    if !ctx.gate().config().keys.personal {
        let why = "Personal keys are turned off here. Ask an admin for a service key.";
        return Err(decision::refuse_anyhow(ctx, Code::Forbidden, why, "keys.personal").into());
    }
    Ok((*person.user).clone())
}

fn unknown() -> crate::Error {
    Failure::new(Code::NotFound, "There is no such API key.").into()
}

fn not_active() -> crate::Error {
    Failure::new(Code::KeyNotActive, "This key was revoked, or has expired. Make another one.").into()
}

/// A public part that no other key has.
async fn free_prefix(ctx: &Ctx, change: &mut Change) -> Result<String> {
    loop {
        let prefix = secret::new_prefix(ctx.gate().random());
        if !store::is_prefix_taken(change.db(), &prefix).await? {
            return Ok(prefix);
        }
    }
}

/// The time is the version too, so it rises even within one millisecond.
fn next_version(ctx: &Ctx, key: &ApiKey) -> Timestamp {
    ctx.now().max(key.updated_at.plus(1))
}

/// An end that is still to come.
fn not_over(end: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>> {
    match end {
        Some(end) if end <= now => Err(Failure::field("expiresAt", "This time is over. To end a key now, revoke it.").into()),
        end => Ok(end),
    }
}

/// Networks as they are kept: each once, written in one way.
fn networks(list: &[String]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for text in list {
        let network: Network = text.trim().parse().map_err(|error: NetworkError| Failure::field("allowedIps", format!("{error}.")))?;
        let written = network.to_string();
        if !all.contains(&written) {
            all.push(written);
        }
    }
    Ok(all)
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn about(action: Action, key: &ApiKey) -> NewEvent {
    NewEvent::new(action).on("key", &key.id.to_string(), &key.name)
}

/// What an event keeps of a key.
fn seen(key: &ApiKey) -> Value {
    json!({
        "name": key.name,
        "description": key.description,
        "prefix": key.prefix,
        "kind": key.kind,
        "role": key.role,
        "scope": key.scope,
        "allowedIps": key.allowed_ips,
        "expiresAt": key.expires_at,
    })
}

#[cfg(test)]
mod tests;
