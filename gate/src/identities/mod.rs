//! Identities: whom other parties know an account as. One function settles whose account somebody is
//! who proved to be (issuer, subject), whichever way that was proved.

pub(crate) mod http;
mod name;
mod settle;
pub(crate) mod store;

pub(crate) use settle::{Known, Refusal, Stranger, link, settle};

use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::Ctx,
    gate::Gate,
    sso, users,
};
use serde_json::json;
use store::{Kept, Meant};
use wire::{Code, Failure, IdentityId, Page, RoleName, UserId, audit::Action, policy, sso::Identity};

/// Lists the identities that belong to one's own account.
///
/// # Errors
/// 401 when there is no session.
pub async fn list_own(ctx: &Ctx) -> Result<Page<Identity>> {
    ctx.may(&policy::LIST_IDENTITIES)?;
    shown(ctx.gate(), ctx.signed_in()?.user.id).await
}

/// Lists the identities of a user.
///
/// # Errors
/// 403 without `users`, 404.
pub async fn list_of(ctx: &Ctx, user: UserId) -> Result<Page<Identity>> {
    ctx.may(&policy::LIST_USER_IDENTITIES)?;
    users::store::by_id(ctx.gate().db().pool(), user).await?.ok_or_else(users::unknown)?;
    shown(ctx.gate(), user).await
}

async fn shown(gate: &Gate, user: UserId) -> Result<Page<Identity>> {
    let kept = store::of_user(gate.db().pool(), user).await?;
    Ok(Page { items: kept.into_iter().map(|kept| show(gate, kept)).collect(), ..Page::default() })
}

fn show(gate: &Gate, kept: Kept) -> Identity {
    Identity {
        id: kept.id,
        source: kept.source,
        label: sso::label_of(gate, &kept.provider).unwrap_or_else(|| kept.provider.0.clone()),
        provider: kept.provider,
        issuer: kept.issuer,
        subject: kept.subject,
        email: kept.email,
        linked_at: kept.linked_at,
        last_used_at: kept.last_used_at,
    }
}

/// Takes an identity from one's own account. The sessions that began by it end, but for this one.
///
/// # Errors
/// 401 when there is no session; 403 without a fresh proof; 404; 409 `last_way_in`.
pub async fn unlink(ctx: &Ctx, id: IdentityId) -> Result<()> {
    ctx.may(&policy::UNLINK_IDENTITY)?;
    let person = ctx.signed_in()?;
    ctx.proved_lately()?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let all = store::of_user(change.db(), person.user.id).await?;
    let gone = all.iter().find(|kept| kept.id == id).ok_or_else(unknown)?;
    let gate = ctx.gate();
    let has_password = person.user.has_password && gate.is_password_on();
    let has_another = all.iter().any(|kept| kept.id != id && sso::is_offered(gate, &kept.provider));
    if !has_password && !has_another {
        let text = "This is how you sign in. Link another identity, or set a password, first.";
        return Err(Failure::new(Code::LastWayIn, text).into());
    }
    for (session, _) in store::sessions(change.db(), &Meant::Identity(id)).await? {
        if session != person.session {
            crate::sessions::store::end(change.db(), session, "identity removed", ctx.now()).await?;
            change.signal(Signal::Session(session));
        }
    }
    store::remove(change.db(), id).await?;
    change.signal(Signal::User(person.user.id));
    change.commit(NewEvent::new(Action::IdentityUnlink).to(&person.user).with(seen(gone))).await
}

fn unknown() -> crate::Error {
    Failure::new(Code::NotFound, "There is no such identity.").into()
}

/// What an event keeps of an identity.
fn seen(kept: &Kept) -> serde_json::Value {
    json!({ "provider": kept.provider, "issuer": kept.issuer, "subject": kept.subject, "email": kept.email })
}

/// Makes sure that an admin could still sign in by a provider that is offered, without this user and
/// without this provider: what must hold for as long as no password does.
///
/// # Errors
/// 409 `last_way_in`.
pub(crate) async fn admins_stay(
    change: &mut Change,
    gate: &Gate,
    without_user: Option<UserId>,
    without_provider: Option<&wire::workspaces::Slug>,
) -> Result<()> {
    let providers = store::providers_of_admins(change.db(), without_user).await?;
    if providers.iter().any(|slug| Some(slug) != without_provider && sso::is_offered(gate, slug)) {
        return Ok(());
    }
    let text = "No other admin has signed in by a provider that is offered, and password sign-in is off: nobody could administer any more.";
    Err(Failure::new(Code::LastWayIn, text).into())
}

/// Whether an admin who can sign in has signed in by a provider that is offered.
pub(crate) async fn has_admin_by_provider(gate: &Gate) -> Result<bool> {
    let providers = store::providers_of_admins(gate.db().pool(), None).await?;
    Ok(providers.iter().any(|slug| sso::is_offered(gate, slug)))
}

/// Makes admins of those whom `auth.admins` names and who are known already: by user id, or by an
/// identity's subject or verified address.
pub(crate) async fn raise_listed(gate: &Gate) -> Result<()> {
    if gate.config().auth.admins.is_empty() {
        return Ok(());
    }
    let ctx = gate.system("auth.admins");
    for entry in &gate.config().auth.admins {
        let mut meant = store::listed(gate.db().pool(), entry).await?;
        meant.extend(entry.parse::<UserId>().ok());
        for id in meant {
            let mut change = ctx.change().await?;
            change.turn(Turn::People).await?;
            let Some(before) = users::store::by_id(change.db(), id).await?.filter(|user| !user.role.is_admin()) else { continue };
            settle::give_role(&ctx, &mut change, &before, RoleName::admin(), "auth.admins", json!({ "entry": entry })).await?;
            change.keep().await?;
        }
    }
    Ok(())
}
