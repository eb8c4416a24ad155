//! A sign-in that was sent to a provider and has not come back: sealed in a cookie of its own, so that
//! it comes back to the browser where it began, and several can be on their way at once. It is good once
//! and for ten minutes.

use super::store;
use crate::{
    Result,
    ctx::Ctx,
    hash::{hex, sha256},
    seal::{seal, unseal},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use wire::{SessionId, Timestamp, workspaces::Slug};

/// For how long it is good, in milliseconds.
const LIFE: i64 = 10 * 60 * 1000;
/// How many can be on their way in one browser; beyond it the cookies of all others are removed.
const MOST: usize = 8;

/// What somebody was sent to a provider for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Aim {
    /// To sign in.
    SignIn,
    /// To link the identity to the account of this session.
    Link,
    /// To try the provider out, in this session.
    Test,
}

/// A sign-in that is on its way.
#[derive(Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) provider: Slug,
    /// Of the provider's settings: what began with others does not end with these.
    pub(super) print: String,
    pub(super) aim: Aim,
    /// The session in which it began, unless it is to sign in.
    pub(super) session: Option<SessionId>,
    pub(super) nonce: String,
    /// The PKCE verifier (RFC 7636).
    pub(super) verifier: String,
    /// Where to go in the end, a path of the dashboard's.
    pub(super) next: String,
    pub(super) is_remembered: bool,
    begun_at: i64,
}

impl Pending {
    pub(super) fn new(ctx: &Ctx, provider: Slug, print: String, aim: Aim, next: String, is_remembered: bool) -> Self {
        let session = (aim != Aim::SignIn).then(|| ctx.session()).flatten();
        let (nonce, verifier) = (ctx.new_secret(), ctx.new_secret());
        Self { provider, print, aim, session, nonce, verifier, next, is_remembered, begun_at: ctx.now().0 }
    }

    /// The challenge that the provider gets of the verifier: S256.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(sha256(self.verifier.as_bytes()))
    }

    /// The cookie that keeps it, and those that remove others where there are too many.
    pub(super) fn keep(&self, ctx: &Ctx, state: &str, headers: &HeaderMap) -> Result<Vec<String>> {
        let carried = &ctx.origin().carried;
        let sealed = seal(ctx.gate().keys(), ctx.new_secret().as_bytes(), &place(state), &serde_json::to_vec(self)?);
        let others = tags(ctx, headers);
        let mut cookies = vec![carried.keep_beside(&name(state), &sealed, LIFE.unsigned_abs() / 1000)];
        if others.len() >= MOST {
            cookies.extend(others.iter().map(|other| carried.drop_beside(other)));
        }
        Ok(cookies)
    }

    /// Finds what belongs to a state in the cookies of this browser; nothing when it is not there, is
    /// another's, or is too old.
    pub(super) fn find(ctx: &Ctx, state: &str, headers: &HeaderMap) -> Option<Self> {
        let is_state = state.len() == 43 && state.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let wanted = is_state.then(|| ctx.origin().carried.name_beside(&name(state)))?;
        let value = pairs(headers).find(|(name, _)| *name == wanted)?.1;
        let pending: Self = serde_json::from_slice(&unseal(ctx.gate().keys(), &place(state), value)?).ok()?;
        (0..LIFE).contains(&(ctx.now().0 - pending.begun_at)).then_some(pending)
    }

    /// Uses a state up; false when it was used before.
    pub(super) async fn spend(&self, ctx: &Ctx, state: &str) -> Result<bool> {
        let mut write = ctx.gate().db().write().await?;
        let hash = hex(&sha256(format!("state {state}").as_bytes()));
        let is_first = store::spend(write.db(), &hash, Timestamp(self.begun_at).plus(LIFE)).await?;
        write.commit().await?;
        Ok(is_first)
    }
}

/// The cookie that removes what belongs to a state.
pub(super) fn drop_cookie(ctx: &Ctx, state: &str) -> String {
    ctx.origin().carried.drop_beside(&name(state))
}

fn place(state: &str) -> String {
    format!("sign-in {state}")
}

/// The name of the cookie, beside the session's.
fn name(state: &str) -> String {
    format!("{START}{}", &hex(&sha256(state.as_bytes()))[..16])
}

/// What such names begin with.
const START: &str = "sso-";

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

/// The names of those that this browser has, without what the jar puts before them.
fn tags(ctx: &Ctx, headers: &HeaderMap) -> Vec<String> {
    let start = ctx.origin().carried.name_beside(START);
    let is_tag = |tag: &&str| tag.len() == 16 && tag.bytes().all(|b| b.is_ascii_hexdigit());
    pairs(headers).filter_map(|(name, _)| name.strip_prefix(start.as_str())).filter(is_tag).map(|tag| format!("{START}{tag}")).collect()
}
