//! Changing a user: everything that a patch may hold, in one transaction, with an event for each kind
//! of change.

use super::{
    Expect, may_give,
    protections::{Loss, not_yourself, someone_stays},
    sign_out, store, target,
};
use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::Ctx,
    roles,
};
use serde_json::{Map, Value, json};
use wire::{
    Check, Permissions, UserId,
    audit::Action,
    policy,
    users::{User, UserPatch},
};

/// Changes a user. Another role, and being disabled, take effect at once; who is disabled is signed
/// out everywhere, and their one-time links end.
///
/// # Errors
/// 403 without `users`, for a role (the user's or the new one) that can do more than one's own, or for
/// a new admin without a fresh proof; 404; 409 `not_yourself`, `last_active_user`,
/// `last_active_admin`, `username_taken`, `email_taken`; 422.
pub async fn update(ctx: &Ctx, id: UserId, patch: UserPatch) -> Result<User> {
    ctx.may(&policy::UPDATE_USER)?;
    update_version(ctx, id, patch, &Expect::anything()).await
}

/// The same, for a version of the user that the caller has seen.
pub(super) async fn update_version(ctx: &Ctx, id: UserId, mut patch: UserPatch, expect: &Expect) -> Result<User> {
    ctx.may(&policy::UPDATE_USER)?;
    patch.email = patch.email.map(|email| email.filter(|text| !text.is_empty()));
    patch.check()?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let before = target(ctx, &mut change, id, expect).await?;
    let mut after = patched(&before, patch);
    if after == before {
        return Ok(before);
    }
    // The time is the version too, so it rises even within one millisecond.
    after.updated_at = ctx.now().max(before.updated_at.plus(1));
    let ends_tokens = judge(ctx, &mut change, &before, &after).await?;
    store::save(change.db(), &after, ends_tokens).await.map_err(store::refusal)?;
    if after.email != before.email {
        store::set_email_by_owner(change.db(), id, ctx.user_id() == Some(id)).await?;
    }
    change.signal(Signal::User(id));
    let mut events = events(&before, &after);
    let last = events.pop().unwrap_or_else(|| NewEvent::new(Action::UserUpdate).to(&after));
    for event in events {
        change.also(event).await?;
    }
    change.commit(last).await?;
    Ok(after)
}

/// Refuses what must not happen, signs out who is shut out, and tells whether tokens end.
async fn judge(ctx: &Ctx, change: &mut Change, before: &User, after: &User) -> Result<bool> {
    let changes_role = after.role != before.role;
    if changes_role {
        not_yourself(ctx, before.id, "Somebody else has to change your role.")?;
        may_give(ctx, &after.role)?;
        roles::exists(ctx, change, &after.role, "role").await?;
        someone_stays(ctx.gate(), change, before, Loss::Admin).await?;
    }
    if after.is_break_glass != before.is_break_glass {
        // Such an account outlasts whoever manages the groups at a provider.
        ctx.holds(Permissions::ALL, "Only an admin can mark an account, or take the mark away.")
            .map_err(|failure| failure.at("isBreakGlass"))?;
        ctx.proved_lately()?;
    }
    let is_shut_out = after.is_disabled && !before.is_disabled;
    if is_shut_out {
        not_yourself(ctx, before.id, "Somebody else has to disable your account.")?;
        someone_stays(ctx.gate(), change, before, Loss::SignIn).await?;
        sign_out(ctx, change, before, "disabled").await?;
    }
    Ok(changes_role || is_shut_out)
}

/// The user with the patch on.
fn patched(before: &User, patch: UserPatch) -> User {
    let mut user = before.clone();
    user.username = patch.username.unwrap_or(user.username);
    user.email = patch.email.unwrap_or(user.email);
    if let Some(name) = patch.display_name {
        user.display_name = name.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    user.role = patch.role.unwrap_or(user.role);
    user.is_disabled = patch.is_disabled.unwrap_or(user.is_disabled);
    user.must_change_password = patch.must_change_password.unwrap_or(user.must_change_password);
    user.is_break_glass = patch.is_break_glass.unwrap_or(user.is_break_glass);
    user
}

/// What an event keeps of a user.
pub(crate) fn seen(user: &User) -> Value {
    json!({
        "username": user.username,
        "email": user.email,
        "displayName": user.display_name,
        "role": user.role,
        "mustChangePassword": user.must_change_password,
        "isBreakGlass": user.is_break_glass,
    })
}

/// One event for each kind of change.
fn events(before: &User, after: &User) -> Vec<NewEvent> {
    let mut events = Vec::new();
    if before.role != after.role {
        let detail = json!({ "before": { "role": before.role }, "after": { "role": after.role } });
        events.push(NewEvent::new(Action::UserRole).to(after).with(detail));
    }
    match (before.is_disabled, after.is_disabled) {
        (false, true) => events.push(NewEvent::new(Action::UserDisable).to(after)),
        (true, false) => events.push(NewEvent::new(Action::UserEnable).to(after)),
        _ => {}
    }
    let (mut from, mut to) = (Map::new(), Map::new());
    for field in ["username", "email", "displayName", "mustChangePassword", "isBreakGlass"] {
        let (old, new) = (&seen(before)[field], &seen(after)[field]);
        if old != new {
            from.insert(field.into(), old.clone());
            to.insert(field.into(), new.clone());
        }
    }
    if !to.is_empty() {
        events.push(NewEvent::new(Action::UserUpdate).to(after).with(json!({ "before": from, "after": to })));
    }
    events
}
