//! Whether a token was signed by one of an issuer's keys, and says what it has to.

use super::{algorithm::Algorithm, source::Source};
use crate::gate::Gate;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt;
use wire::Timestamp;

/// Longer ones are not looked at.
const LONGEST: usize = 16 * 1024;
/// What two clocks may differ by, in seconds.
pub(crate) const SKEW: i64 = 60;

/// What a token says.
pub(crate) type Claims = Map<String, Value>;

/// What a token has to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expect<'a> {
    /// Whose it is, to the letter.
    pub(crate) issuer: &'a str,
    /// For whom: one of these is among its audiences.
    pub(crate) audiences: &'a [String],
    /// How it may be signed.
    pub(crate) algorithms: &'a [Algorithm],
    /// The types that it may have, without `application/`, in lower case; one that says none has
    /// the first.
    pub(crate) types: &'a [&'a str],
}

/// Why a token is not good. The words are for the log, and never hold the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is no signed token.
    Malformed,
    /// Of another type.
    Type,
    /// Signed in a way that is not allowed.
    Algorithm,
    /// Signed by a key that the issuer does not publish.
    UnknownKey,
    /// The issuer's keys can not be fetched.
    NoKeys(String),
    /// The signature is not right.
    Signature,
    /// Of another issuer.
    Issuer,
    /// For somebody else.
    Audience,
    /// It has ended, or never says when.
    Expired,
    /// It begins later.
    TooEarly,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Malformed => "it is no signed token",
            Self::Type => "it is a token for something else",
            Self::Algorithm => "it is signed with an algorithm that is not allowed",
            Self::UnknownKey => "it is signed by a key that the issuer does not publish",
            Self::NoKeys(problem) => return write!(f, "the issuer’s keys can not be fetched: {problem}"),
            Self::Signature => "its signature is wrong",
            Self::Issuer => "it is of another issuer",
            Self::Audience => "it is for another audience",
            Self::Expired => "it has expired",
            Self::TooEarly => "it is not good yet",
        };
        f.write_str(words)
    }
}

/// What matters of a token's header. Keys, and addresses of keys, that are in it are not looked at.
#[derive(Deserialize)]
struct Head {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

/// The claims of a token that is good now.
///
/// # Errors
/// Why it is not.
pub(crate) async fn verify(gate: &Gate, source: &Source, token: &str, expect: &Expect<'_>) -> Result<Claims, Refusal> {
    if token.len() > LONGEST {
        return Err(Refusal::Malformed);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
    let (head, body) = message.split_once('.').ok_or(Refusal::Malformed)?;
    let head: Head = part(head)?;
    if head.crit.is_some() {
        return Err(Refusal::Malformed);
    }
    let kind = head.typ.as_deref().map(str::to_ascii_lowercase);
    let kind = kind.as_deref().map(|kind| kind.strip_prefix("application/").unwrap_or(kind));
    if kind.is_some_and(|kind| !expect.types.contains(&kind)) {
        return Err(Refusal::Type);
    }
    let algorithm = head.alg.parse().map_err(|_| Refusal::Algorithm)?;
    if !expect.algorithms.contains(&algorithm) {
        return Err(Refusal::Algorithm);
    }
    check_signature(gate, source, (message, signature), &head, algorithm).await?;
    let claims: Claims = part(body)?;
    check(&claims, expect, gate.now())?;
    Ok(claims)
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::Malformed)
}

async fn check_signature(
    gate: &Gate,
    source: &Source,
    (message, signature): (&str, &str),
    head: &Head,
    algorithm: Algorithm,
) -> Result<(), Refusal> {
    let mut is_first = true;
    loop {
        let keys = source.keys(gate.now());
        let seen = keys.as_ref().map(|(_, version)| *version);
        if let Some(key) = keys.as_ref().and_then(|(set, _)| set.find(head.kid.as_deref(), algorithm)) {
            let is_right = jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key.decoding, algorithm.of_library());
            return if is_right.unwrap_or(false) { Ok(()) } else { Err(Refusal::Signature) };
        }
        if !is_first || !source.look_again(gate, seen).await {
            return Err(match source.state().problem {
                Some(problem) if seen.is_none() => Refusal::NoKeys(problem),
                None if seen.is_none() => Refusal::NoKeys("they were not fetched yet".into()),
                _ => Refusal::UnknownKey,
            });
        }
        is_first = false;
    }
}

fn check(claims: &Claims, expect: &Expect<'_>, now: Timestamp) -> Result<(), Refusal> {
    if claims.get("iss").and_then(Value::as_str) != Some(expect.issuer) {
        return Err(Refusal::Issuer);
    }
    let is_for_us = |it: &Value| it.as_str().is_some_and(|it| expect.audiences.iter().any(|own| own == it));
    let has_audience = match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().any(is_for_us),
        Some(one) => is_for_us(one),
        None => false,
    };
    if !has_audience {
        return Err(Refusal::Audience);
    }
    check_time(claims, now)
}

/// Whether it is the time of these claims; what says no end has none to wait for, and is not taken.
///
/// # Errors
/// When it is too late, or too early.
pub(crate) fn check_time(claims: &Claims, now: Timestamp) -> Result<(), Refusal> {
    let now = now.seconds();
    let end = seconds(claims, "exp")?.ok_or(Refusal::Expired)?;
    if now >= end.saturating_add(SKEW) {
        return Err(Refusal::Expired);
    }
    for begin in ["nbf", "iat"] {
        if seconds(claims, begin)?.is_some_and(|begin| begin > now + SKEW) {
            return Err(Refusal::TooEarly);
        }
    }
    Ok(())
}

/// A time in a claim, in seconds; some write it with a fraction.
fn seconds(claims: &Claims, name: &str) -> Result<Option<i64>, Refusal> {
    #[expect(clippy::cast_possible_truncation, reason = "a time beyond what fits is far away either way")]
    let whole = |number: f64| number as i64;
    match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_i64().or_else(|| value.as_f64().map(whole)).map(Some).ok_or(Refusal::Malformed),
    }
}
