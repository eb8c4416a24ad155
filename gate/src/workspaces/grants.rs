//! Grants: which role counts for a user in a workspace, or in one of its environments.

use super::{exists, store};
use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::Ctx,
    roles,
    users::{self, protections::not_yourself},
    version::Expect,
};
use serde_json::json;
use wire::{
    Check, UserId,
    audit::Action,
    policy,
    users::User,
    workspaces::{Grant, GrantDeletion, Grants},
};

/// Shows a user's grants.
///
/// # Errors
/// 403 without `users`, 404.
pub async fn get_grants(ctx: &Ctx, id: UserId) -> Result<Grants> {
    ctx.may(&policy::GET_GRANTS)?;
    let user = users::store::by_id(ctx.gate().db().pool(), id).await?.ok_or_else(users::unknown)?;
    Ok(Grants { grants: user.grants })
}

/// Replaces a user's grants. They count at once, and tokens minted before are refused.
///
/// # Errors
/// 403 without `users`, for a user, a role given or a role taken away that can do more than one's
/// own, or for a new grant of `admin` without a fresh proof; 404; 409 `not_yourself`; 422.
pub async fn put_grants(ctx: &Ctx, id: UserId, wanted: Grants) -> Result<Grants> {
    ctx.may(&policy::PUT_GRANTS)?;
    wanted.check()?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let user = users::target(ctx, &mut change, id, &Expect::anything()).await?;
    replace(ctx, change, &user, wanted.grants).await
}

/// Removes a user's grants: all, those in a workspace, or the one for an environment of it.
///
/// # Errors
/// 403 without `users`, for a user or a role taken away that can do more than one's own; 404; 409
/// `not_yourself`; 422.
pub async fn delete_grants(ctx: &Ctx, id: UserId, deletion: GrantDeletion) -> Result<()> {
    ctx.may(&policy::DELETE_GRANTS)?;
    deletion.check()?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let user = users::target(ctx, &mut change, id, &Expect::anything()).await?;
    let rest = user.grants.iter().filter(|grant| !deletion.means(grant)).cloned().collect();
    replace(ctx, change, &user, rest).await.map(drop)
}

/// Writes these grants of a user, who is known to be within the caller's reach with those there are.
async fn replace(ctx: &Ctx, mut change: Change, user: &User, mut after: Vec<Grant>) -> Result<Grants> {
    after.sort_by(|a, b| (&a.workspace, &a.environment).cmp(&(&b.workspace, &b.environment)));
    if after == user.grants {
        return Ok(Grants { grants: after });
    }
    not_yourself(ctx, user.id, "Somebody else has to change your grants.")?;
    for (at, grant) in after.iter().enumerate().filter(|(_, grant)| !user.grants.contains(grant)) {
        let field = format!("grants[{at}]");
        exists(ctx, &mut change, &grant.workspace, grant.environment.as_ref(), &field).await?;
        roles::exists(ctx, &mut change, &grant.role, &format!("{field}.role")).await?;
        let above = format!("The role “{}” can do more than yours, so you can’t give it out in {} either.", grant.role, grant.workspace);
        let held = ctx.holds(ctx.gate().roles().permissions(&grant.role), &above);
        held.map_err(|failure| failure.at(&format!("{field}.role")))?;
        if users::is_admins(ctx, &grant.role) {
            ctx.proved_lately()?;
        }
    }
    store::grants::replace(change.db(), user.id, &after, ctx.now()).await?;
    store::grants::raise(change.db(), user.id, ctx.now()).await?;
    change.signal(Signal::User(user.id));
    let detail = json!({ "before": user.grants, "after": after });
    change.commit(NewEvent::new(Action::GrantUpdate).to(user).with(detail)).await?;
    Ok(Grants { grants: after })
}
