//! The test bench of mappings: claims in, the role and the line that decides out. The claims of the last
//! sign-in are kept for a day, sealed.

use super::{access, live::LiveProvider, store};
use crate::{
    Result,
    ctx::Ctx,
    mapping::Mapping,
    seal::{seal, unseal},
};
use serde_json::{Map, Value};
use wire::{
    Check, Failure, policy,
    sso::{MappingTrial, TrialResult},
    workspaces::Slug,
};

/// For how long claims are kept, in milliseconds: a day.
pub(crate) const KEPT: i64 = 24 * 60 * 60 * 1000;
/// The most bytes of claims that are kept.
const MOST: usize = 64 * 1024;
/// What is said of a token, and not of a person.
const NOT_ABOUT_PEOPLE: [&str; 13] =
    ["nonce", "at_hash", "c_hash", "s_hash", "exp", "iat", "nbf", "auth_time", "jti", "sid", "azp", "session_state", "rat"];

/// The claims without what is said of the token alone.
pub(super) fn about_person(claims: &Map<String, Value>) -> Map<String, Value> {
    let is_about = |name: &&String| !NOT_ABOUT_PEOPLE.contains(&name.as_str());
    claims.iter().filter(|(name, _)| is_about(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Keeps the claims of a sign-in for the bench.
pub(super) async fn keep(ctx: &Ctx, live: &LiveProvider, claims: &Map<String, Value>, of: &str) -> Result<()> {
    let bytes = serde_json::to_vec(claims)?;
    if bytes.len() > MOST {
        return Ok(());
    }
    let sealed = seal(ctx.gate().keys(), ctx.new_secret().as_bytes(), &place(live.id()), &bytes);
    let mut write = ctx.gate().db().write().await?;
    store::set_claims(write.db(), live.id(), &sealed, of, ctx.now()).await?;
    write.commit().await?;
    Ok(())
}

fn place(provider: &Slug) -> String {
    format!("claims {provider}")
}

/// Tells which role claims give, and which line decides.
///
/// # Errors
/// 403 without `settings`; 422, also where no claims were kept, or the expression can not be read.
pub async fn try_mapping(ctx: &Ctx, trial: MappingTrial) -> Result<TrialResult> {
    ctx.may(&policy::TRY_MAPPING)?;
    trial.check()?;
    let mapping = Mapping::new(trial.role_mapping).map_err(|(field, problem)| Failure::field(&format!("roleMapping.{field}"), problem))?;
    let claims = match (trial.claims, &trial.provider) {
        (Some(Value::Object(claims)), _) => claims,
        (_, Some(provider)) => last(ctx, provider).await?,
        _ => Map::new(),
    };
    let claims = about_person(&claims);
    let access = access::judge(&trial.allowed_domains, &trial.whitelist, access::verified_email(&claims));
    let outcome = mapping.apply(ctx.gate(), &claims).await;
    Ok(TrialResult { claims: Value::Object(claims), access, outcome })
}

/// The claims of the last sign-in by a provider.
async fn last(ctx: &Ctx, provider: &Slug) -> Result<Map<String, Value>> {
    let sealed = store::claims(ctx.gate().db().pool(), provider, ctx.now().plus(-KEPT)).await?;
    let opened = sealed.and_then(|sealed| unseal(ctx.gate().keys(), &place(provider), &sealed));
    let claims = opened.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let text = "Nobody signed in by this provider within the last day. Test it, or paste claims.";
    claims.ok_or_else(|| Failure::field("claims", text).into())
}
