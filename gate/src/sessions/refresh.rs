//! The next pair of tokens for the refresh secret of this one.
//!
//! A successor is made from its predecessor by a MAC, so that a secret that is used twice within the
//! window (two tabs, a lost answer) leads to the same successor, although only hashes are kept.

use super::{Grown, Opened, REFRESH_PREFIX, ended, expiry, store, tokens};
use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::Change,
    clock::has_passed,
    ctx::Ctx,
    hash::{same, sha256_hex},
    identities,
    secret::{Keys, Purpose},
    sso, users,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use std::sync::atomic::Ordering;
use wire::{
    audit::Action,
    policy,
    sessions::{Refresh, SessionKind},
};

/// For how long a spent secret still leads to its successor, in milliseconds.
const WINDOW: i64 = 10_000;

/// Gets the next pair of tokens for a refresh token, or for the cookie.
///
/// # Errors
/// 401 `session_ended`. A secret that was spent longer ago is taken for stolen: the whole session
/// ends, and an event says so.
pub async fn refresh(ctx: &Ctx, request: Refresh) -> Result<Opened> {
    ctx.may(&policy::REFRESH_SESSION)?;
    let cookie = ctx.origin().carried.session.as_ref();
    let (presented, by) = match (&request.refresh_token, cookie) {
        (Some(token), _) => (token.strip_prefix(REFRESH_PREFIX).ok_or_else(ended)?.to_owned(), SessionKind::Token),
        (None, Some(cookie)) => (cookie.refresh.clone(), SessionKind::Browser),
        (None, None) => return Err(ended()),
    };
    let mut change = ctx.change().await?;
    let secret = store::secret(change.db(), &sha256_hex(presented.as_bytes())).await?.ok_or_else(ended)?;
    if secret.has_ended || secret.expires_at <= ctx.now() || is_idle(ctx, &secret) {
        return Err(ended());
    }
    if secret.kind != by || !fits(ctx, &secret) {
        // A browser's secret outside its cookie was copied out of it.
        return revoke(ctx, change, &secret, Action::SessionBindingMismatch).await;
    }
    let user = users::store::by_id(change.db(), secret.user).await?.filter(|user| !user.is_disabled).ok_or_else(ended)?;
    if let Some((kept, _)) = identities::store::beginning(&mut *change.db(), secret.session).await?
        && !sso::still_lets_in(ctx.gate(), &kept)
    {
        store::end(change.db(), secret.session, "no longer let in", ctx.now()).await?;
        change.signal(Signal::Session(secret.session));
        let event = NewEvent::new(Action::SessionEnd).by_part(&kept.provider.0).to(&user).in_session(secret.session);
        change.commit(event.with(json!({ "by": "the provider lets the person in no longer" }))).await?;
        return Err(ended());
    }
    let spent_at = if secret.spent_at.is_none() && store::spend_secret(change.db(), &sha256_hex(presented.as_bytes()), ctx.now()).await? {
        None
    } else {
        // Another request was faster, perhaps while this one waited.
        let again = store::secret(change.db(), &sha256_hex(presented.as_bytes())).await?.ok_or_else(ended)?;
        Some(again.spent_at.unwrap_or(ctx.now()))
    };
    if spent_at.is_some_and(|at| has_passed(at, ctx.now(), WINDOW + 1)) {
        return revoke(ctx, change, &secret, Action::SessionReuse).await;
    }
    let keys = ctx.gate().keys();
    let mut next = successor(keys, &presented);
    if spent_at.is_none() {
        store::insert_secret(change.db(), &sha256_hex(next.as_bytes()), secret.session, ctx.now()).await?;
    } else {
        next = newest(keys, &mut change, &presented).await?;
    }
    let expires_at = expiry(ctx, secret.is_remembered, secret.created_at);
    store::set_expiry(change.db(), secret.session, expires_at).await?;
    change.signal(Signal::Session(secret.session));
    change.keep().await?;
    let cookie = cookie.filter(|_| by == SessionKind::Browser).map(|old| super::SessionCookie { refresh: next.clone(), ..old.clone() });
    tokens(ctx, Grown { session: secret.session, user: user.id, is_remembered: secret.is_remembered, expires_at, secret: next, cookie })
        .await
}

fn successor(keys: &Keys, secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(keys.mac(Purpose::Refresh, secret.as_bytes()))
}

/// Follows the successors to the one that is not spent. In the seconds after another signing secret came,
/// one may have been made with the secret before.
async fn newest(keys: &Keys, change: &mut Change, presented: &str) -> Result<String> {
    let mut secret = presented.to_owned();
    'next: loop {
        let successors: Vec<String> = keys.macs(Purpose::Refresh, secret.as_bytes()).map(|mac| URL_SAFE_NO_PAD.encode(mac)).collect();
        for next in successors {
            let Some(row) = store::secret(change.db(), &sha256_hex(next.as_bytes())).await? else { continue };
            if row.spent_at.is_none() {
                return Ok(next);
            }
            secret = next;
            continue 'next;
        }
        return Err(ended());
    }
}

/// Whether the cookie is the whole cookie of this session.
fn fits(ctx: &Ctx, secret: &store::Secret) -> bool {
    match (&secret.binding_hash, &ctx.origin().carried.session) {
        (None, _) => true,
        (Some(binding), Some(cookie)) => {
            cookie.session == secret.session && same(sha256_hex(cookie.binding.as_bytes()).as_bytes(), binding.as_bytes())
        }
        (Some(_), None) => false,
    }
}

/// Whether nobody did anything for too long.
fn is_idle(ctx: &Ctx, secret: &store::Secret) -> bool {
    let Some(idle) = ctx.gate().config().auth.idle_ttl else { return false };
    let in_memory = ctx.gate().presence().peek(secret.session).map(|live| live.seen_at.load(Ordering::Relaxed));
    let seen_at = in_memory.unwrap_or(0).max(secret.last_seen_at.0);
    ctx.now().0 - seen_at > super::millis(idle)
}

/// Ends a session whose secret is in the wrong hands.
async fn revoke(ctx: &Ctx, mut change: Change, secret: &store::Secret, action: Action) -> Result<Opened> {
    store::end(change.db(), secret.session, action.as_str(), ctx.now()).await?;
    change.signal(Signal::Session(secret.session));
    let event = NewEvent::denied(action).on("user", &secret.user.to_string(), "").in_session(secret.session);
    let event = match users::store::by_id(change.db(), secret.user).await? {
        Some(user) => event.to(&user),
        None => event,
    };
    change.commit(event.with(json!({ "session": "revoked" }))).await?;
    Err(ended())
}
