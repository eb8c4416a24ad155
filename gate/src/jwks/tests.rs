//! Keys that change, are gone, or are not what a token says.

use super::*;
use crate::testing::{
    Door,
    issuer::{Issuer, Mood, SigningKey},
};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const MINUTE: i64 = 60_000;

struct Stage {
    door: Door,
    issuer: Issuer,
    source: Arc<Source>,
}

impl Stage {
    async fn with(keys: &[&SigningKey]) -> Self {
        let door = Door::new().await;
        let issuer = Issuer::with(keys).await;
        let source = door.gate.jwks().source(&door.gate, &Place::Keys(issuer.keys_address()));
        Self { door, issuer, source }
    }

    fn claims(&self) -> Value {
        let now = self.door.now().seconds();
        json!({ "iss": self.issuer.name, "aud": "door", "sub": "mara", "iat": now, "exp": now + 86_400 })
    }

    async fn take(&self, token: &str) -> Result<Claims, Refusal> {
        let audiences = ["door".to_owned()];
        let expect = Expect { issuer: &self.issuer.name, audiences: &audiences, algorithms: &Algorithm::USUAL, types: &["jwt", "at+jwt"] };
        verify(&self.door.gate, &self.source, token, &expect).await
    }

    /// What happens every few seconds, waited for.
    async fn look_after(&self) {
        for source in self.door.gate.jwks().due(&self.door.gate) {
            source.refresh(&self.door.gate).await;
        }
    }
}

#[tokio::test]
async fn every_kind_of_key_verifies_what_it_signed() {
    let keys = [SigningKey::rsa("a"), SigningKey::p256("b"), SigningKey::ed25519("c")];
    let stage = Stage::with(&keys.iter().collect::<Vec<_>>()).await;
    for key in &keys {
        assert_eq!(stage.take(&key.token(&stage.claims())).await.unwrap()["sub"], "mara", "{}", key.algorithm());
    }
    let head = json!({ "alg": "PS256", "kid": "a", "typ": "application/at+jwt" });
    assert!(stage.take(&keys[0].token_with(&head, &stage.claims())).await.is_ok());
    assert_eq!(stage.issuer.asked(), 1);
}

/// OID-120
#[tokio::test]
async fn the_algorithm_is_the_keys_and_the_configurations_never_the_tokens() {
    let (rsa, curve, curve384) = (SigningKey::rsa("a"), SigningKey::p256("b"), SigningKey::p384("d"));
    let stage = Stage::with(&[&rsa, &curve, &curve384]).await;
    let claims = stage.claims();
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let by_hmac = |head: &Value, secret: &[u8]| {
        let message = format!("{}.{}", encoded(head), encoded(&claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    for name in ["none", "None", "nOnE", "", "HS256", "HS384", "RS1", "ES256K", "rs256"] {
        let head = json!({ "alg": name, "kid": "a" });
        let bare = format!("{}.{}.", encoded(&head), encoded(&claims));
        assert_eq!(stage.take(&bare).await, Err(Refusal::Algorithm), "{name}");
        for secret in [rsa.public_der(), rsa.public()["n"].as_str().unwrap().into()] {
            assert_eq!(stage.take(&by_hmac(&head, &secret)).await, Err(Refusal::Algorithm), "{name}");
        }
    }
    // Not among the usual ones, though the key is there.
    assert_eq!(stage.take(&curve384.token(&claims)).await, Err(Refusal::Algorithm));
    // A key of another kind than the header says.
    for (key, algorithm) in [(&rsa, "ES256"), (&rsa, "EdDSA"), (&curve, "RS256"), (&curve, "EdDSA"), (&curve384, "ES256")] {
        let head = json!({ "alg": algorithm, "kid": key.kid });
        assert_eq!(stage.take(&key.token_with(&head, &claims)).await, Err(Refusal::UnknownKey), "{algorithm}");
    }
    // A key that comes along in the header is not looked at.
    let own = SigningKey::rsa("a");
    for (name, value) in [("jwk", own.public()), ("jku", "http://127.0.0.1/keys".into()), ("x5u", "http://127.0.0.1/".into())] {
        let mut head = json!({ "alg": "RS256", "kid": "a" });
        head[name] = value;
        assert_eq!(stage.take(&own.token_with(&head, &claims)).await, Err(Refusal::Signature), "{name}");
    }
    let head = json!({ "alg": "RS256", "kid": "a", "crit": ["b64"], "b64": false });
    assert_eq!(stage.take(&rsa.token_with(&head, &claims)).await, Err(Refusal::Malformed));
}

/// OID-117, OID-118
#[tokio::test]
async fn a_token_for_others_or_of_others_or_of_another_time_is_refused() {
    let key = SigningKey::p256("a");
    let stage = Stage::with(&[&key]).await;
    let now = stage.door.now().seconds();
    let slash = format!("{}/", stage.issuer.name);
    for (claim, value, refusal) in [
        ("iss", json!(slash), Refusal::Issuer),
        ("iss", json!(stage.issuer.name.to_uppercase()), Refusal::Issuer),
        ("iss", json!([stage.issuer.name]), Refusal::Issuer),
        ("iss", Value::Null, Refusal::Issuer),
        ("aud", json!("Door"), Refusal::Audience),
        ("aud", json!(["other"]), Refusal::Audience),
        ("aud", json!({ "door": true }), Refusal::Audience),
        ("aud", Value::Null, Refusal::Audience),
        ("exp", json!(now - 60), Refusal::Expired),
        ("exp", Value::Null, Refusal::Malformed),
        ("exp", json!("never"), Refusal::Malformed),
        ("nbf", json!(now + 61), Refusal::TooEarly),
        ("iat", json!(now + 61), Refusal::TooEarly),
    ] {
        let mut claims = stage.claims();
        claims[claim] = value;
        assert_eq!(stage.take(&key.token(&claims)).await, Err(refusal), "{claims}");
    }
    let mut claims = stage.claims();
    claims.as_object_mut().unwrap().remove("exp");
    assert_eq!(stage.take(&key.token(&claims)).await, Err(Refusal::Expired));
    for (claim, value) in
        [("aud", json!(["other", "door"])), ("exp", json!(now - 59)), ("nbf", json!(now + 59)), ("exp", json!(now as f64 + 0.5))]
    {
        let mut claims = stage.claims();
        claims[claim] = value;
        assert!(stage.take(&key.token(&claims)).await.is_ok(), "{claims}");
    }
    for typ in ["logout+jwt", "dpop+jwt"] {
        let head = json!({ "alg": "ES256", "kid": "a", "typ": typ });
        assert_eq!(stage.take(&key.token_with(&head, &stage.claims())).await, Err(Refusal::Type), "{typ}");
    }
    let token = key.token(&stage.claims());
    for cut in 0..token.len() {
        assert!(stage.take(&token[..cut]).await.is_err());
    }
    assert_eq!(stage.take(&"a.".repeat(10_000)).await, Err(Refusal::Malformed));
}

#[tokio::test]
async fn a_new_key_counts_at_once_and_one_that_is_gone_no_more() {
    let (old, new) = (SigningKey::p256("old"), SigningKey::ed25519("new"));
    let stage = Stage::with(&[&old]).await;
    let (by_old, by_new) = (old.token(&stage.claims()), new.token(&stage.claims()));
    assert!(stage.take(&by_old).await.is_ok());
    let before = stage.source.version(stage.door.now());
    stage.issuer.publish(&[&new]);
    assert!(stage.take(&by_new).await.is_ok());
    assert_eq!(stage.issuer.asked(), 2);
    assert_ne!(stage.source.version(stage.door.now()), before);
    assert_eq!(stage.take(&by_old).await, Err(Refusal::UnknownKey));
    // A key of the same name that is another one is another set.
    stage.issuer.publish(&[&SigningKey::ed25519("new")]);
    stage.door.wait(11 * MINUTE);
    stage.look_after().await;
    assert_eq!(stage.take(&by_new).await, Err(Refusal::Signature));
}

#[tokio::test]
async fn a_storm_of_unknown_keys_is_one_fetch_a_minute() {
    let key = SigningKey::p256("a");
    let stage = Arc::new(Stage::with(&[&key]).await);
    assert!(stage.take(&key.token(&stage.claims())).await.is_ok());
    stage.issuer.be(Mood::Slow(std::time::Duration::from_millis(50)));
    for minute in 1..=3 {
        let storm: Vec<_> = (0..100)
            .map(|n| {
                let stage = stage.clone();
                let head = json!({ "alg": "ES256", "kid": format!("made up {minute} {n}") });
                let token = key.token_with(&head, &stage.claims());
                tokio::spawn(async move { stage.take(&token).await })
            })
            .collect();
        for one in storm {
            assert_eq!(one.await.unwrap(), Err(Refusal::UnknownKey));
        }
        assert_eq!(stage.issuer.asked(), 1 + minute);
        stage.door.wait(MINUTE);
    }
}

#[tokio::test]
async fn who_comes_while_keys_are_fetched_waits_for_them_and_fetches_none() {
    let key = SigningKey::p256("a");
    let stage = Arc::new(Stage::with(&[&key]).await);
    stage.issuer.be(Mood::Slow(std::time::Duration::from_millis(100)));
    let many: Vec<_> = (0..50)
        .map(|_| {
            let (stage, token) = (stage.clone(), key.token(&stage.claims()));
            tokio::spawn(async move { stage.take(&token).await.is_ok() })
        })
        .collect();
    for one in many {
        assert!(one.await.unwrap());
    }
    assert_eq!(stage.issuer.asked(), 1);
}

#[tokio::test]
async fn an_outage_of_an_hour_is_not_noticed_and_a_longer_one_is() {
    let key = SigningKey::p256("a");
    let stage = Stage::with(&[&key]).await;
    let token = key.token(&stage.claims());
    assert!(stage.take(&token).await.is_ok());
    for mood in [Mood::Status(503), Mood::Text("<html>".into()), Mood::Text("x".repeat(300_000)), Mood::Status(302)] {
        stage.issuer.be(mood);
        // The worst time to go away: just before the keys are due.
        stage.door.wait(10 * MINUTE - 1_000);
        for _ in 0..60 {
            stage.door.wait(MINUTE);
            stage.look_after().await;
            assert!(stage.take(&token).await.is_ok());
        }
        assert!(stage.source.state().problem.is_some() && stage.source.state().fetched_at.is_some());
        stage.issuer.be(Mood::Well("max-age=600"));
        stage.door.wait(MINUTE);
        stage.look_after().await;
        assert!(stage.take(&token).await.is_ok());
        assert_eq!(stage.source.state().problem, None);
    }
    stage.issuer.be(Mood::Status(500));
    for _ in 0..75 {
        stage.door.wait(MINUTE);
        stage.look_after().await;
    }
    assert!(matches!(stage.take(&token).await, Err(Refusal::NoKeys(_))));
    assert_eq!(stage.source.version(stage.door.now()), None);
}

#[tokio::test]
async fn an_issuer_that_was_away_from_the_start_is_asked_once_a_minute() {
    let key = SigningKey::p256("a");
    let stage = Stage::with(&[&key]).await;
    stage.issuer.be(Mood::Status(503));
    let token = key.token(&stage.claims());
    for _ in 0..20 {
        assert_eq!(stage.take(&token).await, Err(Refusal::NoKeys("its keys: it answered 503".into())));
    }
    assert_eq!(stage.issuer.asked(), 1);
    stage.issuer.be(Mood::Well("no-store"));
    stage.door.wait(MINUTE);
    assert!(stage.take(&token).await.is_ok());
}

#[tokio::test]
async fn what_can_not_verify_is_no_key() {
    let (good, small) = (SigningKey::p256("a"), json!({ "kty": "RSA", "kid": "b", "n": URL_SAFE_NO_PAD.encode([0xff; 128]), "e": "AQAB" }));
    let stage = Stage::with(&[]).await;
    let with = |name: &str, value: Value| {
        let mut key = good.public();
        key[name] = value;
        key
    };
    let token = good.token(&stage.claims());
    for keys in [
        vec![],
        vec![small, json!({ "kty": "oct", "kid": "a", "k": "c2VjcmV0" }), json!("a"), json!({ "kid": "a" })],
        vec![with("use", "enc".into())],
        vec![with("key_ops", json!(["sign"]))],
        vec![with("alg", "ES384".into())],
        vec![with("crv", "P-384".into())],
        vec![with("x", "AAAA".into())],
    ] {
        stage.issuer.publish_raw(keys.clone());
        stage.door.wait(2 * MINUTE);
        assert!(matches!(stage.take(&token).await, Err(Refusal::NoKeys(_))), "{keys:?}");
    }
    // One that can is enough; a token that names no key means the only one that can be meant.
    stage.issuer.publish_raw(vec![json!({ "kty": "oct", "k": "c2VjcmV0" }), good.public()]);
    stage.door.wait(2 * MINUTE);
    assert!(stage.take(&token).await.is_ok());
    let unnamed = good.token_with(&json!({ "alg": "ES256" }), &stage.claims());
    assert!(stage.take(&unnamed).await.is_ok());
    stage.issuer.publish(&[&good, &SigningKey::p256("b")]);
    stage.door.wait(11 * MINUTE);
    stage.look_after().await;
    assert!(stage.take(&token).await.is_ok());
    assert_eq!(stage.take(&unnamed).await, Err(Refusal::UnknownKey));
}

/// OID-117
#[tokio::test]
async fn a_description_has_to_name_its_issuer_to_the_letter() {
    let key = SigningKey::p256("a");
    let stage = Stage::with(&[&key]).await;
    let gate = &stage.door.gate;
    let good = gate.jwks().source(gate, &Place::of_issuer(&stage.issuer.name));
    assert_eq!(good.check(gate).await.unwrap().keys, 1);
    let slash = gate.jwks().source(gate, &Place::of_issuer(&format!("{}/", stage.issuer.name)));
    let problem = slash.check(gate).await.unwrap_err();
    assert!(problem.contains("to the letter"), "{problem}");
    assert_eq!(slash.version(stage.door.now()), None);
}
