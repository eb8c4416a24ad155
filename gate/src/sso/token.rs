//! What a provider says of somebody, for the code that the browser brought: the ID token, checked in
//! every part (OpenID Connect Core 1.0, section 3.1.3.7), and more from its userinfo where that is needed.

use super::{
    discovery::{Metadata, PATIENCE, get},
    live::LiveProvider,
    pending::Pending,
};
use crate::{
    ctx::Ctx,
    jwks::{self, Expect},
    outbound::Target,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The most bytes of an answer of the token endpoint.
const MOST: usize = 128 * 1024;

/// What a provider says of somebody.
pub(super) struct Said {
    /// Its name for the person.
    pub(super) subject: String,
    /// The claims of the ID token, and those that userinfo adds.
    pub(super) claims: Map<String, Value>,
    /// The session's name at the provider.
    pub(super) sid: Option<String>,
    /// The ID token itself.
    pub(super) id_token: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    #[serde(default)]
    access_token: Option<String>,
}

/// What went wrong on the way.
pub(super) enum Trouble {
    /// The provider does not answer.
    Away(String),
    /// What it answers is not to be believed.
    Wrong(String),
}

/// Gets what the provider says for a code.
///
/// # Errors
/// The cause, for the audit log; never a secret.
pub(super) async fn redeem(ctx: &Ctx, live: &LiveProvider, metadata: &Metadata, pending: &Pending, code: &str) -> Result<Said, Trouble> {
    let tokens = exchange(ctx, live, metadata, pending, code).await?;
    let mut claims = check(ctx, live, metadata, pending, &tokens.id_token).await.map_err(Trouble::Wrong)?;
    let text = |claims: &Map<String, Value>, name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let subject = text(&claims, "sub").ok_or_else(|| Trouble::Wrong("the subject is no text".into()))?;
    let sid = text(&claims, "sid");
    if let (Some(endpoint), Some(token), true) = (&metadata.userinfo_endpoint, &tokens.access_token, lacks(live, &claims)) {
        let body = get(ctx.gate(), endpoint, Some(token)).await.map_err(|cause| Trouble::Away(format!("its userinfo: {cause}")))?;
        let more: Map<String, Value> =
            serde_json::from_slice(&body).map_err(|_| Trouble::Wrong("its userinfo is no JSON object".into()))?;
        if more.get("sub").and_then(Value::as_str) != Some(&subject) {
            return Err(Trouble::Wrong("its userinfo is about another subject".into()));
        }
        add(&mut claims, more);
    }
    Ok(Said { subject, claims, sid, id_token: tokens.id_token })
}

/// Whether something is missing that userinfo may have.
fn lacks(live: &LiveProvider, claims: &Map<String, Value>) -> bool {
    let mapping = &live.settings.role_mapping;
    let group = mapping.groups_claim.split('.').next().unwrap_or_default();
    let lacks_groups = !mapping.group_mappings.is_empty() && !claims.contains_key(group) && !claims.contains_key(&mapping.groups_claim);
    !claims.contains_key("email") || lacks_groups || mapping.role_attribute_path.is_some()
}

/// Adds claims that are not there. Whether an address is verified is said of that address alone.
fn add(claims: &mut Map<String, Value>, mut more: Map<String, Value>) {
    let is_same_email = claims.get("email").is_none_or(|email| more.get("email") == Some(email));
    if !is_same_email || (claims.contains_key("email_verified") && !claims.contains_key("email")) {
        more.remove("email_verified");
    }
    if claims.contains_key("email_verified") && !claims.contains_key("email") {
        claims.remove("email_verified");
        more.remove("email");
    }
    for (name, value) in more {
        claims.entry(name).or_insert(value);
    }
}

/// Changes the code into tokens.
async fn exchange(ctx: &Ctx, live: &LiveProvider, metadata: &Metadata, pending: &Pending, code: &str) -> Result<Tokens, Trouble> {
    let settings = &live.settings;
    let callback = live.callback_url();
    let mut fields =
        vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &callback), ("code_verifier", &pending.verifier)];
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if metadata.wants_secret_in_body() {
        fields.extend([("client_id", settings.client_id.as_str()), ("client_secret", &settings.client_secret)]);
    } else {
        headers.insert(header::AUTHORIZATION, basic(&settings.client_id, &settings.client_secret));
    }
    let target = Target::parse(&metadata.token_endpoint).map_err(Trouble::Away)?;
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes();
    let answer = ctx
        .gate()
        .outbound()
        .submit(&target, Method::POST, headers, body, MOST + 1, PATIENCE)
        .await
        .map_err(|error| Trouble::Away(format!("its token endpoint: {error}")))?;
    if answer.status >= 500 {
        return Err(Trouble::Away(format!("its token endpoint answered {}", answer.status)));
    }
    if answer.status != 200 {
        #[derive(Deserialize)]
        struct Refused {
            error: String,
        }
        let word = serde_json::from_slice::<Refused>(&answer.body).map(|refused| crate::audit::clip(&refused.error)).unwrap_or_default();
        let hint = if word == "invalid_client" { "; is the client secret right?" } else { "" };
        return Err(Trouble::Wrong(format!("its token endpoint answered {} {word}{hint}", answer.status)));
    }
    if answer.body.len() > MOST {
        return Err(Trouble::Wrong("the answer of its token endpoint is too long".into()));
    }
    serde_json::from_slice(&answer.body).map_err(|_| Trouble::Wrong("its token endpoint gave no ID token".into()))
}

/// The client's name and secret in a header (RFC 6749, section 2.3.1).
fn basic(id: &str, secret: &str) -> HeaderValue {
    let part = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let text = format!("Basic {}", STANDARD.encode(format!("{}:{}", part(id), part(secret))));
    let mut value = HeaderValue::from_str(&text).expect("Base64 is a header's value");
    value.set_sensitive(true);
    value
}

/// The claims of an ID token that is for us and of this sign-in.
async fn check(ctx: &Ctx, live: &LiveProvider, metadata: &Metadata, pending: &Pending, token: &str) -> Result<Map<String, Value>, String> {
    let gate = ctx.gate();
    let source = gate.jwks().source(gate, &metadata.keys());
    let audiences = [live.settings.client_id.clone()];
    let expect = Expect { issuer: &live.settings.issuer, audiences: &audiences, algorithms: &live.algorithms, types: &["jwt"] };
    let claims = jwks::verify(gate, &source, token, &expect).await.map_err(|refusal| format!("the ID token: {refusal}"))?;
    let own = live.settings.client_id.as_str();
    let is_ours_alone = match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().all(|one| one.as_str() == Some(own)),
        one => one.and_then(Value::as_str) == Some(own),
    };
    if !is_ours_alone {
        return Err("the ID token is for others besides".into());
    }
    if claims.get("azp").is_some_and(|party| party.as_str() != Some(own)) {
        return Err("the ID token was given to another client".into());
    }
    if !claims.contains_key("iat") {
        return Err("the ID token does not say when it was made".into());
    }
    if claims.get("nonce").and_then(Value::as_str) != Some(&pending.nonce) {
        return Err("the ID token is of another sign-in: its nonce is not ours".into());
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn added(claims: Value, more: Value) -> Value {
        let mut claims = claims.as_object().unwrap().clone();
        add(&mut claims, more.as_object().unwrap().clone());
        Value::Object(claims)
    }

    #[test]
    fn userinfo_adds_and_never_replaces() {
        assert_eq!(
            added(json!({ "iss": "a", "name": "x" }), json!({ "iss": "b", "name": "y", "groups": [] })),
            json!({ "iss": "a", "name": "x", "groups": [] })
        );
    }

    #[test]
    fn that_an_address_is_verified_is_said_of_that_address() {
        let other = json!({ "email": "b@x.test", "email_verified": true });
        assert_eq!(added(json!({ "email": "a@x.test" }), other.clone()), json!({ "email": "a@x.test" }));
        assert_eq!(added(json!({ "email": "b@x.test" }), other.clone()), other);
        assert_eq!(added(json!({}), other.clone()), other);
        assert_eq!(added(json!({ "email_verified": true }), json!({ "email": "b@x.test" })), json!({}));
    }

    #[test]
    fn name_and_secret_are_escaped_before_they_are_joined() {
        assert_eq!(basic("a:b", "c d%"), format!("Basic {}", STANDARD.encode("a%3Ab:c+d%25")));
    }
}
