//! What an upstream can believe: who asks, signed (JWT, RFC 7519; EdDSA, RFC 8037), good for a minute
//! and for that app alone. Whoever has the public key from `/.well-known/jwks.json` can check it.

use super::headers::Identity;
use crate::{
    gate::Gate,
    hash::sha256,
    secret::{Keys, Purpose},
};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use wire::Timestamp;

/// How long an assertion is good, in seconds.
const LIFE: i64 = 60;
/// Signs assertions.
pub(crate) struct Signer {
    pair: Ed25519KeyPair,
    kid: String,
}

/// What an assertion is about.
pub(super) struct Subject<'a> {
    /// The user's id, or the key's.
    pub(super) id: &'a str,
    /// The app's slug.
    pub(super) app: &'a str,
    pub(super) identity: &'a Identity<'a>,
}

impl Signer {
    pub(crate) fn new(keys: &Keys) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(keys.raw(Purpose::Assertion)).expect("a seed has 32 bytes");
        // The thumbprint of RFC 7638.
        let canonical = format!("{{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"{}\"}}", encoded(pair.public_key().as_ref()));
        Self { kid: encoded(&sha256(canonical.as_bytes())), pair }
    }

    /// The public keys, as they are served (RFC 7517).
    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.kid, "x": encoded(self.pair.public_key().as_ref()),
        }] })
    }

    /// An assertion about this caller.
    pub(super) fn sign(&self, gate: &Gate, subject: &Subject<'_>, now: Timestamp) -> String {
        let Identity { kind, user, name, email, role, workspace, environment } = subject.identity;
        let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": self.kid });
        let claims = json!({
            "iss": gate.config().http.public_url.as_deref().unwrap_or("doorward"),
            "aud": subject.app,
            "sub": subject.id,
            "jti": crate::random::id(gate.random(), now).to_string(),
            "iat": now.seconds(),
            "nbf": now.seconds(),
            "exp": now.seconds() + LIFE,
            "kind": kind,
            "username": user,
            "name": name,
            "email": email,
            "role": role,
            "workspace": workspace,
            "environment": environment,
        });
        let body = format!("{}.{}", encoded(header.to_string().as_bytes()), encoded(claims.to_string().as_bytes()));
        let signature = encoded(self.pair.sign(body.as_bytes()).as_ref());
        format!("{body}.{signature}")
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_and_its_name_follow_from_the_secret() {
        let (a, b) = (Signer::new(&Keys::derive(b"sixteen bytes ..")), Signer::new(&Keys::derive(b"sixteen bytes ..")));
        assert_eq!(a.jwks(), b.jwks());
        assert_ne!(a.jwks(), Signer::new(&Keys::derive(b"another secret ..")).jwks());
        let key = &a.jwks()["keys"][0];
        assert_eq!(key["x"].as_str().unwrap().len(), 43);
        assert!(!key.as_object().unwrap().contains_key("d"), "only the public half");
    }
}
