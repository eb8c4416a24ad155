//! Changing a key: everything that a patch may hold, in one transaction.

use super::{about, filled, networks, next_version, not_active, not_over, scope_exists, seen, store, target};
use crate::{Result, bus::Signal, change::Turn, ctx::Ctx, roles, users, version::Expect};
use serde_json::{Map, json};
use wire::{
    Check, KeyId,
    audit::Action,
    keys::{ApiKey, ApiKeyPatch, KeyStatus},
    policy,
};

/// Changes a key: one's own, or with `keys` anybody's. It counts from the next request on.
///
/// # Errors
/// 403 for a role (the key's or the new one) that can do more than one's own, or for a new admin's key
/// without a fresh proof; 404; 409 `key_not_active` when it was revoked, `not_yourself` by the key
/// itself; 422.
pub async fn update(ctx: &Ctx, id: KeyId, patch: ApiKeyPatch) -> Result<ApiKey> {
    ctx.may(&policy::UPDATE_API_KEY)?;
    update_version(ctx, id, patch, &Expect::anything()).await
}

/// The same, for a version of the key that the caller has seen.
pub(super) async fn update_version(ctx: &Ctx, id: KeyId, patch: ApiKeyPatch, expect: &Expect) -> Result<ApiKey> {
    ctx.may(&policy::UPDATE_API_KEY)?;
    patch.check()?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let before = target(ctx, &mut change, id, &policy::UPDATE_API_KEY, expect).await?;
    if before.status == KeyStatus::Revoked {
        return Err(not_active());
    }
    let mut after = patched(ctx, &before, patch)?;
    if after == before {
        return Ok(before);
    }
    if after.role != before.role {
        users::may_give(ctx, &after.role)?;
        roles::exists(ctx, &mut change, &after.role, "role").await?;
    }
    if after.scope != before.scope {
        scope_exists(ctx, &mut change, &after.scope).await?;
    }
    after.updated_at = next_version(ctx, &before);
    store::save(change.db(), &after).await?;
    change.signal(Signal::Key(id));
    let (old, new) = (seen(&before), seen(&after));
    let (mut from, mut to) = (Map::new(), Map::new());
    for (field, value) in new.as_object().into_iter().flatten().filter(|(field, value)| old[field.as_str()] != **value) {
        from.insert(field.clone(), old[field.as_str()].clone());
        to.insert(field.clone(), value.clone());
    }
    change.commit(about(Action::ApiKeyUpdate, &after).with(json!({ "before": from, "after": to }))).await?;
    Ok(after)
}

/// The key with the patch on.
fn patched(ctx: &Ctx, before: &ApiKey, patch: ApiKeyPatch) -> Result<ApiKey> {
    let mut key = before.clone();
    key.name = patch.name.map_or(key.name, |name| name.trim().to_owned());
    key.description = patch.description.map_or(key.description, filled);
    key.role = patch.role.unwrap_or(key.role);
    if let Some(list) = patch.allowed_ips {
        key.allowed_ips = list.as_deref().map(networks).transpose()?;
    }
    if let Some(end) = patch.expires_at.filter(|end| *end != before.expires_at) {
        key.expires_at = not_over(end, ctx.now())?;
    }
    if let Some(scope) = patch.scope {
        key.scope = scope.unwrap_or_default();
    }
    key.status = ApiKey::status_at(key.expires_at, key.revoked_at, ctx.now());
    Ok(key)
}
