//! Passwords that an admin sets, and what makes any new password good enough.

use super::{Expect, is_admins, may_change, protections::not_yourself, sign_out, store, target, unknown};
use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::Turn,
    ctx::{Ctx, Principal},
    hash, keys, settings,
};
use serde_json::json;
use wire::{
    Failure, UserId,
    audit::Action,
    policy,
    users::{PasswordReset, User},
};

/// Sets somebody's password, signs them out everywhere and revokes their personal API keys: a reset is
/// what gives an account back to its owner.
///
/// # Errors
/// 403 without `users`, for a user who can do more, or for an admin without a fresh proof; 404; 409
/// `not_yourself`; 422 for a weak one.
pub async fn reset_password(ctx: &Ctx, id: UserId, reset: PasswordReset) -> Result<User> {
    ctx.may(&policy::RESET_PASSWORD)?;
    not_yourself(ctx, id, "Change your own password in your profile, with the current one.")?;
    let user = store::by_id(ctx.gate().db().pool(), id).await?.ok_or_else(unknown)?;
    may_change(ctx, &user)?;
    // Whoever sets the password of an admin can be that admin.
    if administers(ctx, &user) {
        ctx.proved_lately()?;
    }
    check_new_password(ctx, "newPassword", &reset.new_password, &about(&user))?;
    let hash = ctx.gate().hasher().hash(&reset.new_password).await?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let user = target(ctx, &mut change, id, &Expect::anything()).await?;
    sign_out(ctx, &mut change, &user, "password reset").await?;
    let revoked = keys::revoke_all_of(ctx, &mut change, &user, "password reset").await?;
    store::set_password(change.db(), id, &hash, reset.must_change, ctx.now()).await?;
    let user = store::by_id(change.db(), id).await?.ok_or_else(unknown)?;
    if matches!(ctx.principal(), Principal::System(_)) && !ctx.gate().state().password {
        // Whoever sets a password at the server's own shell wants to get in with it.
        settings::turn_password_sign_in(ctx, &mut change, true).await?;
        change.also(NewEvent::new(Action::PasswordSignInEnable)).await?;
    }
    change.signal(Signal::User(id));
    let detail = json!({ "mustChangePassword": reset.must_change, "revokedKeys": revoked });
    change.commit(NewEvent::new(Action::PasswordReset).to(&user).with(detail)).await?;
    Ok(user)
}

/// Whether the user is an admin somewhere.
fn administers(ctx: &Ctx, user: &User) -> bool {
    is_admins(ctx, &user.role) || user.grants.iter().any(|grant| is_admins(ctx, &grant.role))
}

/// What somebody who guesses a user's password would try first.
pub(crate) fn about(user: &User) -> Vec<&str> {
    [Some(user.username.as_str()), user.email.as_deref(), user.display_name.as_deref()].into_iter().flatten().collect()
}

/// Refuses a new password that is too short, too long or easy to guess; `about` holds what is known
/// of its owner.
///
/// # Errors
/// 422 on `field`, with a reason that a person can act on.
pub(crate) fn check_new_password(ctx: &Ctx, field: &str, password: &str, about: &[&str]) -> Result<()> {
    let words = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric())).filter(|word| word.chars().count() > 2);
    let known: Vec<&str> = about.iter().copied().chain(words).collect();
    match hash::weakness(password, ctx.gate().config().auth.password_min, &known) {
        Some(problem) => Err(Failure::field(field, problem).into()),
        None => Ok(()),
    }
}
