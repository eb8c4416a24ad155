//! One-time links: to accept an invitation, or to set a new password. Whoever has the link sets the
//! password, so it is good once, for a day, and gone with whatever shuts the user out.

pub(crate) mod http;
pub(crate) mod store;

use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::Ctx,
    hash::sha256_hex,
    keys, roles,
    users::{self, protections::not_yourself},
    version::Expect,
};
use serde_json::json;
use store::Good;
use wire::{
    Check, Code, Failure, UserId,
    audit::Action,
    links::{Link, LinkCheck, LinkInfo, LinkKind, LinkUse},
    policy,
    users::{NewInvitation, User},
};

/// For how long a link is good, in milliseconds: a day.
const GOOD_FOR: i64 = 24 * 60 * 60 * 1000;

/// Adds a user without a password, and makes the link to set one.
///
/// # Errors
/// 403 without `users`, for a role that can do more than one's own, or for a new admin without a fresh
/// proof; 409 `username_taken` or `email_taken`; 422.
pub async fn invite(ctx: &Ctx, mut new: NewInvitation) -> Result<Link> {
    ctx.may(&policy::INVITE_USER)?;
    new.email = new.email.filter(|text| !text.is_empty());
    new.check()?;
    users::may_give(ctx, &new.role)?;
    let mut user = users::build(ctx, &new.username, new.email.as_deref(), new.display_name.as_deref(), &new.role);
    user.has_password = false;
    let mut change = ctx.change().await?;
    roles::exists(ctx, &mut change, &user.role, "role").await?;
    users::insert_refusing_duplicates(&mut change, &user, None).await?;
    let link = make(ctx, &mut change, user).await?;
    change.signal(Signal::User(link.user.id));
    let detail = json!({ "after": users::seen(&link.user), "linkExpiresAt": link.expires_at });
    change.commit(NewEvent::new(Action::UserInvite).to(&link.user).with(detail)).await?;
    Ok(link)
}

/// Makes a link for a user to set a new password; older links of the user end.
///
/// # Errors
/// 403 without `users`, without a fresh proof, or for a user who can do more; 404; 409 `not_yourself`; 422 while the user is
/// disabled.
pub async fn reset(ctx: &Ctx, id: UserId) -> Result<Link> {
    ctx.may(&policy::CREATE_RESET_LINK)?;
    // Whoever sees the link can be that user.
    ctx.proved_lately()?;
    not_yourself(ctx, id, "Change your own password in your profile, with the current one.")?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let user = users::target(ctx, &mut change, id, &Expect::anything()).await?;
    if user.is_disabled {
        return Err(Failure::new(Code::Invalid, "This user is disabled, so a link would not work. Enable the account first.").into());
    }
    store::remove_all_of(change.db(), id).await?;
    let link = make(ctx, &mut change, user).await?;
    let detail = json!({ "kind": link.kind, "linkExpiresAt": link.expires_at });
    change.commit(NewEvent::new(Action::PasswordLink).to(&link.user).with(detail)).await?;
    Ok(link)
}

/// Tells what a link is for.
///
/// # Errors
/// 410 `link_expired`, the same for a link that was used, replaced, is too old or never was.
pub async fn check(ctx: &Ctx, request: LinkCheck) -> Result<LinkInfo> {
    ctx.may(&policy::CHECK_LINK)?;
    let (link, user) = find(ctx, &sha256_hex(request.token.as_bytes())).await?;
    Ok(info(&link, &user))
}

/// Sets the password of the link's user, who is signed out everywhere and whose personal API keys are
/// revoked; the link is then used.
///
/// # Errors
/// 410 `link_expired`; 422 for a weak password, which leaves the link good.
pub async fn redeem(ctx: &Ctx, request: LinkUse) -> Result<LinkInfo> {
    ctx.may(&policy::USE_LINK)?;
    let secret_hash = sha256_hex(request.token.as_bytes());
    let (_, user) = find(ctx, &secret_hash).await?;
    users::check_new_password(ctx, "newPassword", &request.new_password, &users::about(&user))?;
    let password_hash = ctx.gate().hasher().hash(&request.new_password).await?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let link = store::spend(change.db(), &secret_hash, ctx.now()).await?.ok_or_else(over)?;
    let user = users::store::by_id(change.db(), link.user).await?.filter(|user| !user.is_disabled).ok_or_else(over)?;
    users::sign_out(ctx, &mut change, &user, "password link").await?;
    let revoked = keys::revoke_all_of(ctx, &mut change, &user, "password link").await?;
    users::store::set_password(change.db(), user.id, &password_hash, false, ctx.now()).await?;
    change.signal(Signal::User(user.id));
    change
        .commit(NewEvent::new(Action::PasswordLinkUse).by(&user).to(&user).with(json!({ "kind": link.kind, "revokedKeys": revoked })))
        .await?;
    Ok(info(&link, &user))
}

/// Makes a link for the user; its secret leaves the house in the address alone.
async fn make(ctx: &Ctx, change: &mut Change, user: User) -> Result<Link> {
    let secret = ctx.new_secret();
    let kind = if user.has_password { LinkKind::Reset } else { LinkKind::Invitation };
    let good = Good { kind, user: user.id, expires_at: ctx.now().plus(GOOD_FOR) };
    store::insert(change.db(), &sha256_hex(secret.as_bytes()), &good, ctx.now()).await?;
    let base = ctx.gate().config().http.public_url.as_deref().unwrap_or(&ctx.origin().base_url);
    Ok(Link {
        kind,
        url: format!("{}{}", base.trim_end_matches('/'), ctx.gate().at(&format!("/reset/{secret}"))),
        user,
        expires_at: good.expires_at,
    })
}

async fn find(ctx: &Ctx, secret_hash: &str) -> Result<(Good, User)> {
    let db = ctx.gate().db().pool();
    let link = store::good(db, secret_hash, ctx.now()).await?.ok_or_else(over)?;
    let user = users::store::by_id(db, link.user).await?.ok_or_else(over)?;
    Ok((link, user))
}

fn info(link: &Good, user: &User) -> LinkInfo {
    LinkInfo { kind: link.kind, username: user.username.clone(), expires_at: link.expires_at }
}

fn over() -> crate::Error {
    Failure::new(Code::LinkExpired, "This link was used, replaced, or is older than a day. Ask whoever gave it to you for a new one.")
        .into()
}
