//! What must stay true of the people as a whole, whoever asks. Each check runs inside the change that
//! it judges, after [`Turn::People`](crate::change::Turn::People) was taken as its first statement:
//! of two that would each be the last but one, the second waits and then sees what the first did.

use super::store;
use crate::{Result, change::Change, ctx::Ctx, gate::Gate, identities};
use wire::{Code, Failure, UserId, users::User};

/// What somebody is about to lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// Signing in: by being disabled or deleted.
    SignIn,
    /// The role admin.
    Admin,
}

/// Whether somebody can sign in.
fn is_active(user: &User) -> bool {
    !user.is_disabled && user.has_password
}

/// Refuses what would leave nobody who can sign in, or no admin who can.
///
/// # Errors
/// 409 `last_active_user`, `last_active_admin`, or `last_way_in` while no password signs in.
pub(super) async fn someone_stays(gate: &Gate, change: &mut Change, user: &User, loss: Loss) -> Result<()> {
    if !is_active(user) {
        return Ok(());
    }
    if loss == Loss::SignIn && !store::is_another_active(change.db(), user.id).await? {
        return Err(Failure::new(Code::LastActiveUser, "Nobody could sign in any more. Add or enable somebody else first.").into());
    }
    if user.role.is_admin() && !gate.is_password_on() {
        identities::admins_stay(change, gate, Some(user.id), None).await?;
    }
    if user.role.is_admin() && !store::is_another_admin_active(change.db(), user.id).await? {
        return Err(Failure::new(
            Code::LastActiveAdmin,
            "Nobody could administer any more. Make somebody else an admin first; they need a password and must not be disabled.",
        )
        .into());
    }
    Ok(())
}

/// Refuses what one may not do to oneself by way of administration.
///
/// # Errors
/// 409 `not_yourself`.
pub(crate) fn not_yourself(ctx: &Ctx, user: UserId, instead: &str) -> Result<()> {
    if ctx.user_id() == Some(user) {
        return Err(Failure::new(Code::NotYourself, instead).into());
    }
    Ok(())
}
