//! Tickets: a secret that may stand in an address, because it opens one stream, once, at once.

use super::{ended, store};
use crate::{Result, clock::SKEW, ctx::Ctx, hash::sha256_hex};
use wire::{SessionId, policy, sessions::Ticket};

/// How long a ticket lasts unused, in milliseconds.
const LIFE: i64 = 30_000;
/// What a ticket starts with, so that it is never taken for another secret.
const PREFIX: &str = "dwt_";

/// Makes a ticket for this session.
///
/// # Errors
/// 401 when there is no session.
pub async fn ticket(ctx: &Ctx) -> Result<Ticket> {
    ctx.may(&policy::CREATE_TICKET)?;
    let person = ctx.signed_in()?;
    let secret = ctx.new_secret();
    let expires_at = ctx.now().plus(LIFE);
    let mut write = ctx.gate().db().write().await?;
    store::insert_ticket(write.db(), &sha256_hex(secret.as_bytes()), person.session, expires_at).await?;
    write.commit().await?;
    Ok(Ticket { ticket: format!("{PREFIX}{secret}"), expires_at })
}

/// Uses a ticket up; gives the session that it stands for, if that is still alive.
///
/// # Errors
/// 401 when it was used, is too old, or is none of ours.
pub async fn redeem_ticket(ctx: &Ctx, ticket: &str) -> Result<SessionId> {
    let secret = ticket.strip_prefix(PREFIX).ok_or_else(ended)?;
    let mut write = ctx.gate().db().write().await?;
    // One that ends later was made before the clock was set back.
    let latest = ctx.now().plus(LIFE + SKEW);
    let session = store::use_ticket(write.db(), &sha256_hex(secret.as_bytes()), ctx.now(), latest).await?.ok_or_else(ended)?;
    write.commit().await?;
    let live = ctx.gate().presence().session(ctx.gate().db(), session).await?;
    live.filter(|live| live.expires_at > ctx.now()).map(|_| session).ok_or_else(ended)
}
