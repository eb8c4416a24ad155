//! People: who has an account, and what an admin does about it.

pub(crate) mod admins;
pub(crate) mod http;
mod list;
pub(crate) mod name;
mod password;
pub(crate) mod protections;
pub(crate) mod store;
mod update;

pub use list::list;
pub use password::reset_password;
pub(crate) use password::{about, check_new_password};
pub(crate) use update::seen;
pub use update::update;

use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::Ctx,
    keys, links, roles, sessions, setup,
    version::Expect,
};
use protections::{Loss, not_yourself, someone_stays};
use serde_json::json;
use wire::{
    Check, Code, Failure, Permissions, RoleName, UserId,
    audit::Action,
    policy,
    users::{NewUser, Source, User},
};

/// Adds a user with a password.
///
/// # Errors
/// 403 without `users`, for a role that can do more than one's own, or for a new admin without a fresh
/// proof; 409 `username_taken` or `email_taken`; 422.
pub async fn create(ctx: &Ctx, mut new: NewUser) -> Result<User> {
    ctx.may(&policy::CREATE_USER)?;
    new.email = new.email.filter(|text| !text.is_empty());
    new.check()?;
    may_give(ctx, &new.role)?;
    let mut user = build(ctx, &new.username, new.email.as_deref(), new.display_name.as_deref(), &new.role);
    user.must_change_password = new.must_change_password;
    check_new_password(ctx, "password", &new.password, &about(&user))?;
    let hash = ctx.gate().hasher().hash(&new.password).await?;
    let mut change = ctx.change().await?;
    setup::claim_from_shell(ctx, &mut change, &user).await?;
    roles::exists(ctx, &mut change, &user.role, "role").await?;
    insert_refusing_duplicates(&mut change, &user, Some(&hash)).await?;
    change.signal(Signal::User(user.id));
    change.commit(NewEvent::new(Action::UserCreate).to(&user).with(json!({ "after": seen(&user) }))).await?;
    Ok(user)
}

/// Shows a user.
///
/// # Errors
/// 403 without `users`, 404.
pub async fn get(ctx: &Ctx, id: UserId) -> Result<User> {
    ctx.may(&policy::GET_USER)?;
    store::by_id(ctx.gate().db().pool(), id).await?.ok_or_else(unknown)
}

/// Shows the user of this username or address, for the commands at the server's shell.
///
/// # Errors
/// 403 without `users`, 404.
pub async fn by_name(ctx: &Ctx, name: &str) -> Result<User> {
    ctx.may(&policy::GET_USER)?;
    let found = store::credentials(ctx.gate().db().pool(), &name::key(name)).await?;
    Ok(found.ok_or_else(|| Failure::new(Code::NotFound, "Nobody has this username or address."))?.user)
}

/// Deletes a user, with the sessions and one-time links that are theirs; their personal API keys are
/// revoked. Events about them stay.
///
/// # Errors
/// 403 without `users`, without a fresh proof, or for a user who can do more; 404; 409
/// `not_yourself`, `last_active_user`, `last_active_admin`.
pub async fn delete(ctx: &Ctx, id: UserId) -> Result<()> {
    ctx.may(&policy::DELETE_USER)?;
    delete_version(ctx, id, &Expect::anything()).await
}

/// The same, for a version of the user that the caller has seen.
async fn delete_version(ctx: &Ctx, id: UserId, expect: &Expect) -> Result<()> {
    ctx.may(&policy::DELETE_USER)?;
    ctx.proved_lately()?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let user = target(ctx, &mut change, id, expect).await?;
    not_yourself(ctx, id, "Somebody else has to delete your account.")?;
    someone_stays(ctx.gate(), &mut change, &user, Loss::SignIn).await?;
    sign_out(ctx, &mut change, &user, "deleted").await?;
    keys::revoke_all_of(ctx, &mut change, &user, "owner deleted").await?;
    store::remove(change.db(), id).await?;
    change.signal(Signal::User(id));
    change.commit(NewEvent::new(Action::UserDelete).to(&user).with(json!({ "before": seen(&user) }))).await
}

/// The user that a change is about, once it is certain that the caller may change it.
pub(crate) async fn target(ctx: &Ctx, change: &mut Change, id: UserId, expect: &Expect) -> Result<User> {
    let user = store::by_id(change.db(), id).await?.ok_or_else(unknown)?;
    may_change(ctx, &user)?;
    expect.check(&user)?;
    Ok(user)
}

pub(crate) fn unknown() -> crate::Error {
    Failure::new(Code::NotFound, "There is no such user.").into()
}

/// Whoever can do more than the caller is out of the caller's reach.
fn may_change(ctx: &Ctx, user: &User) -> Result<()> {
    // Whoever could set the password of an admin of one workspace would be that admin.
    let mut all = std::iter::once(&user.role).chain(user.grants.iter().map(|grant| &grant.role));
    all.try_for_each(|role| ctx.holds(ctx.gate().roles().permissions(role), "This user can do more than you can."))?;
    Ok(())
}

/// Whether the caller may give out a role; one that can do everything with a fresh proof alone.
pub(crate) fn may_give(ctx: &Ctx, role: &RoleName) -> Result<()> {
    let all = ctx.gate().roles();
    let Some(known) = all.find(role) else { return Err(roles::no_such(ctx, "role")) };
    ctx.holds(known.permissions, "You can only give out a role that may do no more than yours.").map_err(|failure| failure.at("role"))?;
    if is_admins(ctx, role) { ctx.proved_lately() } else { Ok(()) }
}

/// Whether a role can do everything, whatever it is called.
pub(crate) fn is_admins(ctx: &Ctx, role: &RoleName) -> bool {
    ctx.gate().roles().permissions(role).covers(Permissions::ALL)
}

/// Ends a user's sessions and one-time links.
pub(crate) async fn sign_out(ctx: &Ctx, change: &mut Change, user: &User, why: &str) -> Result<()> {
    let ended = sessions::store::end_all_of(change.db(), user.id, None, why, ctx.now()).await?;
    ended.into_iter().for_each(|session| change.signal(Signal::Session(session)));
    links::store::remove_all_of(change.db(), user.id).await?;
    Ok(())
}

/// A user who is about to be added, with a password and nothing out of the ordinary.
#[must_use]
pub(crate) fn build(ctx: &Ctx, username: &str, email: Option<&str>, display_name: Option<&str>, role: &RoleName) -> User {
    User {
        id: ctx.new_id().into(),
        username: username.to_owned(),
        email: email.filter(|text| !text.is_empty()).map(str::to_owned),
        display_name: display_name.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned),
        role: role.clone(),
        is_disabled: false,
        source: Source::Local,
        must_change_password: false,
        has_password: true,
        is_break_glass: false,
        created_at: ctx.now(),
        updated_at: ctx.now(),
        last_login_at: None,
        grants: Vec::new(),
    }
}

/// Adds a user, and says whose name or address was taken.
///
/// # Errors
/// 409 `username_taken` or `email_taken`, with the field.
pub(crate) async fn insert_refusing_duplicates(change: &mut Change, user: &User, password_hash: Option<&str>) -> Result<()> {
    store::insert(change.db(), user, password_hash).await.map_err(store::refusal)
}

/// Writes what changed about a user, and says whose name or address was taken.
///
/// # Errors
/// 409 `username_taken` or `email_taken`, with the field.
pub(crate) async fn save_refusing_duplicates(change: &mut Change, user: &User) -> Result<()> {
    store::save(change.db(), user, false).await.map_err(store::refusal)
}

#[cfg(test)]
mod tests;
