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
use std::sync::{Arc, PoisonError, RwLock};
use wire::Timestamp;

/// How long an assertion is good, in seconds.
const LIFE: i64 = 60;
/// Signs assertions.
pub(crate) struct Signer {
    pairs: RwLock<Arc<Pairs>>,
}

/// The pair that signs, and for a while the one before, by which what it signed is still checked.
struct Pairs {
    current: Pair,
    previous: Option<Pair>,
}

struct Pair {
    pair: Ed25519KeyPair,
    kid: String,
}

impl Pair {
    fn of(seed: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("a seed has 32 bytes");
        // The thumbprint of RFC 7638.
        let canonical = format!("{{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"{}\"}}", encoded(pair.public_key().as_ref()));
        Self { kid: encoded(&sha256(canonical.as_bytes())), pair }
    }

    fn jwk(&self) -> Value {
        json!({
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.kid, "x": encoded(self.pair.public_key().as_ref()),
        })
    }
}

impl Pairs {
    fn of(keys: &Keys) -> Arc<Self> {
        let previous = keys.previous(Purpose::Assertion).map(|seed| Pair::of(&seed));
        Arc::new(Self { current: Pair::of(&keys.raw(Purpose::Assertion)), previous })
    }
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
        Self { pairs: RwLock::new(Pairs::of(keys)) }
    }

    /// Takes the pair of the present secret; the one before is shown for as long as that counts.
    pub(crate) fn follow(&self, keys: &Keys) {
        *self.pairs.write().unwrap_or_else(PoisonError::into_inner) = Pairs::of(keys);
    }

    fn pairs(&self) -> Arc<Pairs> {
        self.pairs.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The public keys, as they are served (RFC 7517).
    pub(crate) fn jwks(&self) -> Value {
        let pairs = self.pairs();
        let keys: Vec<Value> = std::iter::once(&pairs.current).chain(&pairs.previous).map(Pair::jwk).collect();
        json!({ "keys": keys })
    }

    /// An assertion about this caller.
    pub(super) fn sign(&self, gate: &Gate, subject: &Subject<'_>, now: Timestamp) -> String {
        let Identity { kind, user, name, email, role, workspace, environment } = subject.identity;
        let pairs = self.pairs();
        let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": pairs.current.kid });
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
        let signature = encoded(pairs.current.pair.sign(body.as_bytes()).as_ref());
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

    #[test]
    fn the_key_before_is_shown_for_as_long_as_its_secret_counts() {
        use crate::secret::Held;
        let old = Signer::new(&Keys::derive(b"sixteen bytes .."));
        let (first, before) = (old.jwks()["keys"][0].clone(), Keys::derive(b"another secret .."));
        before.exchange(Held::new(b"another secret ..").after(b"sixteen bytes ..", true));
        old.follow(&before);
        let all = old.jwks();
        assert_eq!((all["keys"].as_array().unwrap().len(), &all["keys"][1]), (2, &first));
    }
}
