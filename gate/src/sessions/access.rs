//! Access tokens: JWT (RFC 7519) in the profile of RFC 9068, HS256 and nothing else (RFC 8725).
//! A token says who and which session, never what one may do.

use crate::{
    gate::Gate,
    hash::sha256,
    memory::Memory,
    secret::{Keys, Purpose},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, crypto::verify, encode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use wire::{SessionId, Timestamp, UserId};

const ISSUER: &str = "doorward";
const TYPE: &str = "at+jwt";
const ALGORITHM: &str = "HS256";
/// Longer ones are not looked at.
const LONGEST: usize = 4096;
/// What two clocks may differ by, in seconds.
const LEEWAY: i64 = 5;

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    aud: String,
    /// Who.
    pub(crate) sub: UserId,
    /// In which session.
    pub(crate) sid: SessionId,
    jti: String,
    /// The role when it was minted; for people who read tokens, never for decisions.
    role: String,
    /// The account's security version when it was minted.
    pub(crate) ver: i64,
    /// Whether it is worth nothing without the session's cookie.
    pub(crate) bound: bool,
    iat: i64,
    nbf: i64,
    /// When it ends, in seconds since 1970.
    pub(crate) exp: i64,
}

/// What a new token is about.
pub(crate) struct Subject<'a> {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) role: &'a str,
    pub(crate) security_version: i64,
    pub(crate) is_bound: bool,
}

/// Signs a token that is good from `now` until `expires_at`.
pub(crate) fn mint(keys: &Keys, subject: &Subject<'_>, id: uuid::Uuid, now: Timestamp, expires_at: Timestamp) -> crate::Result<String> {
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(TYPE.into());
    header.kid = Some(keys.kid().to_string());
    let claims = Claims {
        iss: ISSUER.into(),
        aud: ISSUER.into(),
        sub: subject.user,
        sid: subject.session,
        jti: id.to_string(),
        role: subject.role.to_owned(),
        ver: subject.security_version,
        bound: subject.is_bound,
        iat: now.seconds(),
        nbf: now.seconds(),
        exp: expires_at.seconds(),
    };
    encode(&header, &claims, &EncodingKey::from_secret(&keys.raw(Purpose::Access)))
        .map_err(|e| crate::Error::Fault(format!("a token: {e}")))
}

/// The header of every token of ours; whatever else one says (`jku`, `crit`), it is not ours.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head<'a> {
    typ: &'a str,
    alg: &'a str,
    kid: &'a str,
}

impl<'a> Head<'a> {
    /// Reads the first part of a token, as it came out of its encoding.
    fn read(json: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The key that the token is signed with, where it is one of ours.
    fn key(&self, keys: &Keys) -> Option<[u8; 32]> {
        keys.raw_of(self.kid, Purpose::Access).filter(|_| self.alg == ALGORITHM && self.typ == TYPE)
    }
}

/// Whether a text is an access token of ours, good or not.
pub(crate) fn is_of_ours(keys: &Keys, token: &str) -> bool {
    let head = token.split_once('.').and_then(|(head, _)| URL_SAFE_NO_PAD.decode(head).ok());
    head.is_some_and(|head| Head::read(&head).is_some_and(|head| head.key(keys).is_some()))
}

/// What verified tokens say, by their SHA-256; a text that was verified once says the same for ever.
pub(crate) type Recognised = Memory<[u8; 32], Claims>;

/// The most tokens that are recognised without being verified again.
pub(crate) const MOST: usize = 20_000;

/// Reads a token of ours; nothing when it is anything else, or not good at this time.
///
/// Every request passes here. What stays to be asked each time is the time, and by whoever calls the
/// session and the account.
pub(crate) fn recognise(gate: &Gate, token: &str, now: Timestamp) -> Option<Arc<Claims>> {
    let claims = gate.recognised().find_or_make(&sha256(token.as_bytes()), || verified(gate.keys(), token))?;
    claims.is_good_at(now).then_some(claims)
}

impl Claims {
    fn is_good_at(&self, now: Timestamp) -> bool {
        let now = now.seconds();
        now < self.exp && self.nbf <= now + LEEWAY && self.iat <= now + LEEWAY
    }
}

/// What a token of ours says, whatever the time is: the head names the secret, of which there are two at
/// the most; nothing else is read before the signature is checked.
fn verified(keys: &Keys, token: &str) -> Option<Claims> {
    if token.len() > LONGEST {
        return None;
    }
    let (message, signature) = token.rsplit_once('.')?;
    let (head, claims) = message.split_once('.')?;
    let key = Head::read(&URL_SAFE_NO_PAD.decode(head).ok()?)?.key(keys)?;
    if !verify(signature, message.as_bytes(), &DecodingKey::from_secret(&key), Algorithm::HS256).ok()? {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    (claims.iss == ISSUER && claims.aud == ISSUER).then_some(claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn read(keys: &Keys, token: &str, now: Timestamp) -> Option<Claims> {
        verified(keys, token).filter(|claims| claims.is_good_at(now))
    }

    fn keys() -> Keys {
        Keys::derive(b"sixteen bytes ..")
    }

    fn token() -> String {
        let subject = Subject {
            user: uuid::Uuid::nil().into(),
            session: uuid::Uuid::nil().into(),
            role: "viewer",
            security_version: 1,
            is_bound: false,
        };
        mint(&keys(), &subject, uuid::Uuid::nil(), NOW, NOW.plus(60_000)).unwrap()
    }

    /// The token with another header, signed anew where `sign` says so.
    fn with_header(header: &str, sign: bool) -> String {
        let token = token();
        let claims = token.split('.').nth(1).unwrap();
        let body = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header));
        let signature = if sign { URL_SAFE_NO_PAD.encode(keys().mac(Purpose::Access, body.as_bytes())) } else { String::new() };
        format!("{body}.{signature}")
    }

    #[test]
    fn a_token_is_good_from_its_time_to_its_end() {
        assert!(read(&keys(), &token(), NOW).is_some());
        assert!(read(&keys(), &token(), NOW.plus(59_000)).is_some());
        assert!(read(&keys(), &token(), NOW.plus(60_000)).is_none());
        assert!(read(&keys(), &token(), NOW.plus(-6_000)).is_none());
        assert!(read(&Keys::derive(b"another secret .."), &token(), NOW).is_none());
    }

    #[test]
    fn the_helper_below_signs_as_we_do() {
        let kid = keys().kid();
        assert!(read(&keys(), &with_header(&format!(r#"{{"typ":"at+jwt","alg":"HS256","kid":"{kid}"}}"#), true), NOW).is_some());
    }

    /// TOK-043, TOK-044, TOK-045
    #[test]
    fn no_other_algorithm_type_or_key_is_taken() {
        let kid = keys().kid();
        for alg in ["none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS256", "ES256", "EdDSA"] {
            for sign in [true, false] {
                let header = format!(r#"{{"typ":"at+jwt","alg":"{alg}","kid":"{kid}"}}"#);
                assert!(read(&keys(), &with_header(&header, sign), NOW).is_none(), "{alg} {sign}");
            }
        }
        // What a header points to is never asked for: a token is read without a way out.
        let elsewhere = [
            r#""jku":"https://keys.example""#,
            r#""x5u":"https://keys.example""#,
            r#""jwk":{"kty":"oct","k":"AAAA"}"#,
            r#""x5c":["AAAA"]"#,
            r#""crit":["exp"],"b64":false"#,
            r#""alg":"none""#,
        ];
        for more in elsewhere {
            let header = format!(r#"{{"typ":"at+jwt","alg":"HS256","kid":"{kid}",{more}}}"#);
            assert!(read(&keys(), &with_header(&header, true), NOW).is_none(), "{header}");
        }
        for bad in ["../../dev/null", "' OR '1'='1", "x' UNION SELECT 'AAAA", "", "0", "/proc/sys/kernel/random/boot_id"] {
            let body = with_header(&format!(r#"{{"typ":"at+jwt","alg":"HS256","kid":"{bad}"}}"#), false);
            // Signed with nothing, as the file would hold.
            let empty = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"");
            let message = body.trim_end_matches('.');
            let signature = URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&empty, message.as_bytes()));
            assert!(read(&keys(), &format!("{message}.{signature}"), NOW).is_none(), "{bad}");
        }
        for header in [
            format!(r#"{{"typ":"JWT","alg":"HS256","kid":"{kid}"}}"#),
            format!(r#"{{"typ":"at+jwt","kid":"{kid}"}}"#),
            format!(r#"{{"typ":"at+jwt","alg":256,"kid":"{kid}"}}"#),
            format!(r#"{{"typ":"at+jwt","alg":null,"kid":"{kid}"}}"#),
            format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#),
            format!(r#"{{"typ":"at+jwt","alg":["HS256"],"kid":"{kid}"}}"#),
            r#"{"typ":"at+jwt","alg":"HS256"}"#.to_owned(),
            r#"{"typ":"at+jwt","alg":"HS256","kid":"../../dev/null"}"#.to_owned(),
            format!(r#"{{"typ":"at+jwt","alg":"HS256","kid":"{}"}}"#, "k".repeat(10_000)),
        ] {
            assert!(read(&keys(), &with_header(&header, true), NOW).is_none(), "{header}");
        }
    }

    #[test]
    fn a_token_of_another_issuer_or_for_another_audience_is_nothing() {
        let head = token().split('.').next().unwrap().to_owned();
        let claims = token().split('.').nth(1).map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        let signed = |claims: &serde_json::Value| {
            let body = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
            format!("{body}.{}", URL_SAFE_NO_PAD.encode(keys().mac(Purpose::Access, body.as_bytes())))
        };
        assert!(read(&keys(), &signed(&claims), NOW).is_some());
        for (claim, value) in
            [("iss", "other".into()), ("aud", "other".into()), ("aud", serde_json::json!(["doorward", "other"])), ("sub", "".into())]
        {
            let mut wrong = claims.clone();
            wrong[claim] = value;
            assert!(read(&keys(), &signed(&wrong), NOW).is_none(), "{wrong}");
        }
        for claim in ["iss", "aud", "sub", "sid", "nbf", "exp"] {
            let mut wrong = claims.clone();
            wrong.as_object_mut().unwrap().remove(claim);
            assert!(read(&keys(), &signed(&wrong), NOW).is_none(), "{claim}");
        }
    }

    /// TOK-057
    #[test]
    fn a_token_outlives_its_secret_for_as_long_as_that_counts() {
        use crate::secret::Held;
        let both = Keys::holding(Held::new(b"another secret ..").after(b"sixteen bytes ..", true));
        assert!(read(&both, &token(), NOW).is_some());
        let over = Keys::holding(Held::new(b"another secret ..").after(b"sixteen bytes ..", false));
        assert!(read(&over, &token(), NOW).is_none());
    }

    /// TOK-043
    #[test]
    fn an_edited_or_cut_token_is_nothing() {
        let token = token();
        for cut in 0..token.len() {
            assert!(read(&keys(), &token[..cut], NOW).is_none());
        }
        assert!(read(&keys(), &format!("{token}."), NOW).is_none());
        let unsigned = token.rsplit_once('.').unwrap().0;
        for text in [unsigned.to_owned(), format!("{unsigned}."), format!("{unsigned}.."), "a".repeat(5000)] {
            assert!(read(&keys(), &text, NOW).is_none(), "{text:.40}");
        }
    }
}
