//! Signing out at a provider as well, and what becomes of sessions here when somebody signed out there
//! (OpenID Connect RP-Initiated Logout 1.0, Back-Channel Logout 1.0).

use super::{begin::with_fields, live::LiveProvider, store};
use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    ctx::Ctx,
    hash::{hex, sha256},
    identities::store::{self as identities, Meant},
    jwks::{self, Expect, SKEW},
    seal::unseal,
    sessions, users,
};
use serde_json::{Value, json};
use wire::{IdentityId, SessionId, Timestamp, audit::Action, sso::ProviderSignOut, workspaces::Slug};

/// The event that a logout token is about.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What an ID token is sealed for.
pub(super) fn place(identity: IdentityId) -> String {
    format!("id token {identity}")
}

/// Where somebody can sign out as well whose session began by a provider.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn offer(ctx: &Ctx, session: SessionId) -> Result<Option<ProviderSignOut>> {
    let Some((kept, sealed)) = identities::beginning(ctx.gate().db().pool(), session).await? else { return Ok(None) };
    let Some(live) = ctx.gate().providers().find(&kept.provider).filter(|live| live.settings.issuer == kept.issuer) else {
        return Ok(None);
    };
    let Some(endpoint) = live.health.last().and_then(|metadata| metadata.end_session_endpoint.clone()) else { return Ok(None) };
    let hint =
        sealed.and_then(|sealed| unseal(ctx.gate().keys(), &place(kept.id), &sealed)).and_then(|bytes| String::from_utf8(bytes).ok());
    let back = live.at("/login");
    let mut fields = vec![("client_id", live.settings.client_id.as_str()), ("post_logout_redirect_uri", back.as_str())];
    fields.extend(hint.as_deref().map(|hint| ("id_token_hint", hint)));
    Ok(Some(ProviderSignOut { label: live.settings.button_label.clone(), url: with_fields(&endpoint, &fields) }))
}

/// Ends the sessions that a provider's logout token is about.
///
/// # Errors
/// Inside: why the token is not good, for the log. Outside: when the database does not answer.
pub(super) async fn back_channel(ctx: &Ctx, id: &Slug, token: &str) -> Result<std::result::Result<usize, String>> {
    let Some(live) = ctx.gate().providers().find(id) else { return Ok(Err("there is no such provider".into())) };
    let (meant, jti, until) = match check(ctx, &live, token).await {
        Ok(found) => found,
        Err(cause) => return Ok(Err(cause)),
    };
    let mut change = ctx.change().await?;
    let hash = hex(&sha256(format!("logout {} {jti}", live.settings.issuer).as_bytes()));
    if !store::spend(change.db(), &hash, until).await? {
        return Ok(Err("it was used before".into()));
    }
    let found = match &meant {
        Signed::Session(sid) => identities::sessions(change.db(), &Meant::Sid(&live.settings.issuer, sid)).await?,
        Signed::Person(subject) => match identities::by_subject(change.db(), &live.settings.issuer, subject).await? {
            Some(kept) => identities::sessions(change.db(), &Meant::Identity(kept.id)).await?,
            None => Vec::new(),
        },
    };
    for (session, user) in &found {
        sessions::store::end(change.db(), *session, "provider", ctx.now()).await?;
        change.signal(Signal::Session(*session));
        if let Some(user) = users::store::by_id(change.db(), *user).await? {
            let event = NewEvent::new(Action::SessionEnd).by_part(&id.0).to(&user).in_session(*session);
            change.also(event.with(json!({ "by": "back-channel logout" }))).await?;
        }
    }
    change.keep().await?;
    Ok(Ok(found.len()))
}

/// Who signed out.
enum Signed {
    /// This session at the provider.
    Session(String),
    /// This person, everywhere.
    Person(String),
}

async fn check(ctx: &Ctx, live: &LiveProvider, token: &str) -> std::result::Result<(Signed, String, Timestamp), String> {
    let gate = ctx.gate();
    let metadata = super::discovery::metadata(gate, live).await?;
    let source = gate.jwks().source(gate, &metadata.keys());
    let audiences = [live.settings.client_id.clone()];
    let types = ["logout+jwt", "jwt"];
    let expect = Expect { issuer: &live.settings.issuer, audiences: &audiences, algorithms: &live.algorithms, types: &types };
    let claims = jwks::verify(gate, &source, token, &expect).await.map_err(|refusal| refusal.to_string())?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    // An ID token has no events, and a nonce.
    if !claims.get("events").is_some_and(|events| events.get(EVENT).is_some_and(Value::is_object)) || claims.contains_key("nonce") {
        return Err("it is no logout token".into());
    }
    let jti = text("jti").ok_or("it has no id")?;
    let end = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
    let meant = text("sid").map(Signed::Session).or_else(|| text("sub").map(Signed::Person)).ok_or("it names nobody")?;
    Ok((meant, jti, Timestamp(end.saturating_add(SKEW + 1).saturating_mul(1000))))
}
