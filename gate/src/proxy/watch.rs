//! What stays open is judged again whenever something changed that it was let in by.

use super::{caller::Caller, seen::Seen};
use crate::{
    Result,
    apps::{judge::judge, live::LiveApp},
    connections::{Again, Opening, Reason, whose},
    ctx::{Ctx, Person, Principal},
    gate::Gate,
    http::principal::{Claim, is_open, settle},
    issuers, keys,
    place::Place,
    workspaces,
};
use std::sync::Arc;
use wire::{Timestamp, path::CanonicalPath, rules::Answer};

/// What is entered into the book of open connections for this request.
pub(super) fn opening(seen: &Seen, caller: &Caller, method: &http::Method, path: &CanonicalPath) -> Opening {
    let ctx = &caller.ctx;
    Opening {
        whose: whose(ctx),
        address: ctx.address(),
        app: seen.live.app.slug.0.clone(),
        until: ctx.good_until(),
        again: again(Kept { ctx: ctx.clone(), live: seen.live.clone(), method: method.as_str().to_owned(), path: path.clone() }),
    }
}

/// What was looked at when it was opened.
struct Kept {
    ctx: Ctx,
    live: Arc<LiveApp>,
    method: String,
    path: CanonicalPath,
}

fn again(kept: Kept) -> Again {
    let kept = Arc::new(kept);
    Box::new(move |gate| {
        let kept = kept.clone();
        Box::pin(async move { look(&gate, &kept).await.unwrap_or_else(|error| Err(error.into())) })
    })
}

/// Whether it would be let in now, and until when its proof is good.
async fn look(gate: &Gate, kept: &Kept) -> Result<std::result::Result<Option<Timestamp>, Reason>> {
    let Some(live) = gate.apps().by_slug(&kept.live.app.slug).filter(|live| live.leads_where(&kept.live)) else {
        return Ok(Err(Reason::App));
    };
    let ctx = match as_now(gate, &kept.ctx).await? {
        Ok(now) => now,
        Err(reason) => return Ok(Err(reason)),
    };
    let verdict = judge(&ctx, &live, &kept.method, &kept.path).await?;
    Ok(if verdict.answer == Answer::Allowed { Ok(ctx.good_until()) } else { Err(Reason::Rights) })
}

/// Who opened something, as of now, by the proof that was sent then.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn as_now(gate: &Gate, ctx: &Ctx) -> Result<std::result::Result<Ctx, Reason>> {
    let now = gate.now();
    let (place, id) = (ctx.place().clone(), ctx.request_id().to_owned());
    let as_now = |principal, place| Ctx::new(gate.clone(), principal, now, id.clone(), ctx.origin().clone(), place);
    let principal = match ctx.principal() {
        Principal::Person(person) if person.is_by_token && person.token_expires_at <= now => return Ok(Err(Reason::Session)),
        Principal::Person(person) => {
            let nobody = as_now(Principal::Nobody, Place::default());
            match settle(&nobody, &Claim::Proven(person.session), true).await? {
                Principal::Person(renewed) if person.is_by_token => {
                    let own = Person { token_expires_at: person.token_expires_at, is_by_token: true, ..(*renewed).clone() };
                    Principal::Person(Arc::new(own))
                }
                Principal::Person(renewed) => Principal::Person(renewed),
                _ => return Ok(Err(Reason::Session)),
            }
        }
        Principal::Token(token) if token.until <= now => return Ok(Err(Reason::Session)),
        Principal::Token(token) => match issuers::renewed(gate, token).await? {
            Some(token) => Principal::Token(Arc::new(token)),
            None => return Ok(Err(Reason::Rights)),
        },
        Principal::Key(key) => match keys::live::judge_again(gate, key, ctx.address(), now).await? {
            Some(key) => Principal::Key(Arc::new(key)),
            None => return Ok(Err(Reason::Key)),
        },
        Principal::Open | Principal::Nobody | Principal::System(_) if is_open(gate) => Principal::Open,
        Principal::Open | Principal::Nobody | Principal::System(_) => Principal::Nobody,
    };
    let place = match place {
        Place::In { scope, .. } => workspaces::place(gate, scope).await?,
        Place::Nowhere => Place::Nowhere,
    };
    Ok(Ok(as_now(principal, place)))
}
