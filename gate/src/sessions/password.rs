//! One's own password: to change it, and to prove with it that one is still there.

use super::{Opened, store, too_many};
use crate::{
    Result,
    audit::NewEvent,
    backends::{self, Proof},
    bus::Signal,
    change::Turn,
    ctx::{Ctx, Person},
    keys, links,
    sessions::{access, millis},
    users,
};
use serde_json::json;
use wire::{
    Check, Code, Failure,
    audit::Action,
    policy,
    sessions::{Confirmation, PasswordChange, Tokens},
};

/// Proves with the password that the person is still there; it counts for ten minutes. Whoever knows the
/// password says whether it is right, as at sign-in.
///
/// # Errors
/// 403 `wrong_password`, 429, 401, 503 while a directory, or a program's backend, does not answer.
pub async fn confirm(ctx: &Ctx, request: Confirmation) -> Result<()> {
    ctx.may(&policy::CONFIRM_PASSWORD)?;
    let person = ctx.signed_in()?;
    check_own(ctx, person, &request.password, "password", Whose::Anybodys).await?;
    let mut change = ctx.change().await?;
    store::set_confirmed(change.db(), person.session, ctx.now()).await?;
    change.signal(Signal::Session(person.session));
    change.commit(NewEvent::new(Action::SessionConfirm)).await
}

/// Changes one's own password. The other sessions end; this one stays, with a new access token. One's
/// personal API keys stay too, unless they are to be revoked.
///
/// # Errors
/// 403 `wrong_password`, 422 for a weak one, 429, 401.
pub async fn change_password(ctx: &Ctx, request: PasswordChange) -> Result<Opened> {
    ctx.may(&policy::CHANGE_PASSWORD)?;
    let person = ctx.signed_in()?;
    request.check()?;
    check_own(ctx, person, &request.current_password, "currentPassword", Whose::Ours).await?;
    let user = &person.user;
    let about: Vec<&str> = [Some(user.username.as_str()), user.email.as_deref()].into_iter().flatten().collect();
    if request.new_password == request.current_password {
        return Err(Failure::field("newPassword", "This is your current password. Choose another one.").into());
    }
    users::check_new_password(ctx, "newPassword", &request.new_password, &about)?;
    let hash = ctx.gate().hasher().hash(&request.new_password).await?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    users::store::set_password(change.db(), user.id, &hash, false, ctx.now()).await?;
    links::store::remove_all_of(change.db(), user.id).await?;
    let ended = store::end_all_of(change.db(), user.id, Some(person.session), "password change", ctx.now()).await?;
    ended.iter().for_each(|id| change.signal(Signal::Session(*id)));
    let revoked = if request.revoke_keys { keys::revoke_all_of(ctx, &mut change, user, "password change").await? } else { 0 };
    change.signal(Signal::User(user.id));
    let detail = json!({ "endedSessions": ended.len(), "revokedKeys": revoked });
    change.commit(NewEvent::new(Action::PasswordChange).to(user).with(detail)).await?;
    carry_on(ctx, person).await
}

/// A new access token for a session that stays; its refresh secret is not touched.
async fn carry_on(ctx: &Ctx, person: &Person) -> Result<Opened> {
    let gate = ctx.gate();
    let session = gate.presence().session(gate.db(), person.session).await?.ok_or_else(super::ended)?;
    let account = gate.presence().account(gate.db(), person.user.id).await?.ok_or_else(super::ended)?;
    let ends = ctx.now().plus(millis(gate.config().auth.access_ttl)).min(session.expires_at);
    let subject = access::Subject {
        user: person.user.id,
        session: person.session,
        role: &account.user.role.0,
        security_version: account.security_version,
        is_bound: session.binding.is_some(),
    };
    let token = access::mint(gate.keys(), &subject, ctx.new_id(), ctx.now(), ends)?;
    let left = |end: wire::Timestamp| u64::try_from((end.0 - ctx.now().0) / 1000).unwrap_or(0);
    let tokens = Tokens {
        token,
        token_type: "Bearer".into(),
        expires_in: left(ends),
        refresh_token: None,
        refresh_expires_in: left(session.expires_at),
        user: (*account.user).clone(),
    };
    Ok(Opened { tokens, cookies: Vec::new() })
}

/// Who keeps a password.
#[derive(Clone, Copy)]
enum Whose {
    /// The account here.
    Ours,
    /// Whoever would let its owner in with it.
    Anybodys,
}

/// Checks the caller's own password, as slowly for a guesser as a sign-in.
async fn check_own(ctx: &Ctx, person: &Person, password: &str, field: &str, whose: Whose) -> Result<()> {
    let gate = ctx.gate();
    let key = users::name::key(&person.user.username);
    if password.len() > wire::password::MAX_BYTES {
        return Err(Failure::field(field, "No password is that long.").into());
    }
    let slot =
        gate.throttle().take(&key, ctx.address(), ctx.origin().carried.knows(gate.keys(), person.user.id), ctx.now()).map_err(too_many)?;
    let proof = match whose {
        Whose::Ours => is_ours(ctx, &key, password).await,
        Whose::Anybodys => gate.backends().prove(ctx, &person.user, &password.into()).await,
    };
    match proof.inspect_err(|_| gate.throttle().undo(&slot))? {
        Proof::Right => {
            gate.throttle().right(&slot);
            Ok(())
        }
        Proof::Away => {
            // What was wrong here was a guess, whoever else is away.
            if !person.user.has_password {
                gate.throttle().undo(&slot);
            }
            Err(backends::away().into())
        }
        Proof::Wrong => {
            ctx.note(NewEvent::denied(Action::SessionConfirm).with(json!({ "reason": "wrong password" })));
            Err(Failure::new(Code::WrongPassword, "This is not your current password.").at(field).into())
        }
    }
}

async fn is_ours(ctx: &Ctx, key: &str, password: &str) -> Result<Proof> {
    let found = users::store::credentials(ctx.gate().db().pool(), key).await?;
    let verdict = ctx.gate().hasher().verify(password, found.and_then(|found| found.password_hash).as_deref()).await?;
    Ok(if verdict.is_right { Proof::Right } else { Proof::Wrong })
}
