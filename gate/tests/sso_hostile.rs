//! A provider that says what it should not, and people who are not whom they say.

use crate::sso_kit::{Kit, LOGIN, opens, problem};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward_gate::testing::{
    PASSWORD,
    issuer::SigningKey,
    provider::{CLIENT, Provider, Script},
};
use serde_json::{Value, json};

/// Whether an answer refuses with this word, and opens nothing.
fn refused(answer: &doorward_gate::testing::Answer, word: &str, about: &str) {
    assert_eq!((problem(answer).as_str(), opens(answer)), (word, false), "{about}");
}

fn claims(value: Value) -> Script {
    Script { claims: value.as_object().unwrap().clone(), ..Script::default() }
}

/// OID-114
#[tokio::test]
async fn a_nonce_of_another_sign_in_is_refused() {
    let kit = Kit::new().await;
    let old = kit.idp.begin(&kit.browser(), LOGIN).await;
    for script in [
        Script { without: vec!["nonce"], ..Script::default() },
        claims(json!({ "nonce": "other" })),
        claims(json!({ "nonce": old.get("nonce") })),
    ] {
        kit.idp.be(script.clone());
        refused(&kit.sign_in().await, "failed", &format!("{script:?}"));
    }
    assert!(kit.reason("session.start").await.contains("nonce"));
}

/// OID-117
#[tokio::test]
async fn the_answer_and_the_token_name_the_issuer_to_the_letter() {
    let kit = Kit::new().await;
    let own = kit.idp.issuer.clone();
    for issuer in [format!("{own}/"), own.to_uppercase(), "http://evil.test".into()] {
        kit.idp.be(claims(json!({ "iss": issuer })));
        refused(&kit.sign_in().await, "failed", &issuer);
        kit.idp.be(Script { iss: Some(issuer.clone()), ..Script::default() });
        refused(&kit.sign_in().await, "failed", &issuer);
    }
    kit.idp.be(Script { iss: Some(String::new()), ..Script::default() });
    refused(&kit.sign_in().await, "failed", "it says that it names itself, and does not");
    kit.idp.be(Script { iss: Some(own), error: Some("access_denied"), ..Script::default() });
    refused(&kit.sign_in().await, "cancelled", "its own refusal");
    kit.idp.be(Script { iss: Some("http://evil.test".into()), error: Some("access_denied"), ..Script::default() });
    refused(&kit.sign_in().await, "failed", "somebody else’s refusal");
}

/// OID-118
#[tokio::test]
async fn a_token_for_others_is_refused() {
    let kit = Kit::new().await;
    for wrong in [
        json!({ "aud": "other" }),
        json!({ "aud": ["doorward", "other"] }),
        json!({ "aud": ["doorward", "other"], "azp": "doorward" }),
        json!({ "aud": [] }),
        json!({ "aud": { "doorward": true } }),
        json!({ "azp": "other" }),
        json!({ "aud": ["doorward"], "azp": 7 }),
    ] {
        kit.idp.be(claims(wrong.clone()));
        refused(&kit.sign_in().await, "failed", &wrong.to_string());
    }
    kit.idp.be(Script { without: vec!["aud"], ..Script::default() });
    refused(&kit.sign_in().await, "failed", "no audience");
    kit.idp.be(claims(json!({ "aud": ["doorward"], "azp": "doorward" })));
    assert!(opens(&kit.sign_in().await));
}

#[tokio::test]
async fn a_token_is_good_at_its_time_alone() {
    let kit = Kit::new().await;
    let now = kit.door.now().seconds();
    for (wrong, is_good) in [
        (json!({ "exp": now - 61 }), false),
        (json!({ "exp": now - 30 }), true),
        (json!({ "iat": now + 61 }), false),
        (json!({ "iat": now + 30 }), true),
        (json!({ "nbf": now + 61 }), false),
        (json!({ "exp": "soon" }), false),
    ] {
        kit.idp.be(claims(wrong.clone()));
        assert_eq!(opens(&kit.sign_in().await), is_good, "{wrong}");
    }
    for missing in ["exp", "iat"] {
        kit.idp.be(Script { without: vec![missing], ..Script::default() });
        refused(&kit.sign_in().await, "failed", missing);
    }
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token of this header whose signature is a MAC with this key.
fn maced(head: &Value, claims: &Value, key: &[u8]) -> String {
    let message = format!("{}.{}", encoded(head), encoded(claims));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, message.as_bytes())))
}

/// OID-120
#[tokio::test]
async fn only_the_provider_s_own_keys_sign() {
    let kit = Kit::new().await;
    kit.idp.rotate(SigningKey::rsa("one"));
    type Make = fn(&SigningKey, &Value) -> String;
    let makes: [(&str, Make); 10] = [
        ("none", |_, claims| format!("{}.{}.", encoded(&json!({ "alg": "none" })), encoded(claims))),
        ("none, with a signature", |key, claims| {
            let token = key.token(claims);
            format!("{}.{}", encoded(&json!({ "alg": "none", "kid": "one" })), token.split_once('.').map_or("", |(_, rest)| rest))
        }),
        ("a MAC with the client’s secret", |_, claims| maced(&json!({ "alg": "HS256", "kid": "one" }), claims, CLIENT.1.as_bytes())),
        ("a MAC with the public key", |key, claims| maced(&json!({ "alg": "HS256", "kid": "one" }), claims, &key.public_der())),
        ("RS1", |key, claims| key.token_with(&json!({ "alg": "RS1", "kid": "one" }), claims)),
        ("another key of the same name", |_, claims| SigningKey::rsa("one").token(claims)),
        ("an unknown name", |_, claims| SigningKey::rsa("other").token(claims)),
        ("a key in the header", |_, claims| {
            let own = SigningKey::p256("mine");
            own.token_with(&json!({ "alg": "ES256", "jwk": own.public() }), claims)
        }),
        ("a critical extension", |key, claims| key.token_with(&json!({ "alg": "RS256", "kid": "one", "crit": ["x"], "x": 1 }), claims)),
        ("an edited claim", |key, claims| {
            let token = key.token(claims);
            let mut other = claims.clone();
            other["sub"] = "somebody else".into();
            let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
            parts[1] = encoded(&other);
            parts.join(".")
        }),
    ];
    for (about, make) in makes {
        kit.idp.be(Script { token: Some(make), ..Script::default() });
        refused(&kit.sign_in().await, "failed", about);
        kit.door.wait(61_000);
        kit.idp.set_time(kit.door.now());
    }
    assert_eq!(kit.count().await, 1, "nobody got an account");
    kit.idp.be(Script::default());
    assert!(opens(&kit.sign_in().await));
}

/// OID-120
#[tokio::test]
async fn an_algorithm_that_is_not_listed_is_refused_even_with_the_right_key() {
    let kit = Kit::with(|provider| provider.algorithms = vec!["RS256".into()]).await;
    refused(&kit.sign_in().await, "failed", "ES256 is not on the list");
    kit.idp.rotate(SigningKey::rsa("two"));
    kit.door.wait(61_000);
    kit.idp.set_time(kit.door.now());
    assert!(opens(&kit.sign_in().await), "the new key is fetched");
}

/// OID-120
#[tokio::test]
async fn keys_that_rotate_are_found() {
    let kit = Kit::new().await;
    assert!(opens(&kit.sign_in().await));
    for key in [SigningKey::rsa("two"), SigningKey::ed25519("three"), SigningKey::p384("four")] {
        kit.idp.rotate(key);
        kit.door.wait(61_000);
        kit.idp.set_time(kit.door.now());
        assert!(opens(&kit.sign_in().await));
    }
}

/// OID-120
#[tokio::test]
async fn userinfo_of_another_subject_is_not_believed() {
    let kit = Kit::new().await;
    let about = |userinfo: Value| Script { userinfo: Some(userinfo), ..Script::default() };
    for wrong in
        [json!({ "sub": "other", "email": "ada@example.com" }), json!({ "email": "ada@example.com" }), json!({ "sub": 7 }), json!([])]
    {
        kit.idp.be(about(wrong.clone()));
        kit.door.wait(60 * 60 * 1000);
        kit.idp.set_time(kit.door.now());
        refused(&kit.sign_in().await, "failed", &wrong.to_string());
    }
    kit.idp.be(about(json!({ "sub": "stranger", "email": "leo@example.com", "email_verified": true, "preferred_username": "leo" })));
    assert!(opens(&kit.sign_in().await));
    assert_eq!(kit.user("leo").await["email"], "leo@example.com");
}

/// OID-122
#[tokio::test]
async fn an_address_that_is_not_verified_is_nobody_s() {
    let kit = Kit::with(|provider| provider.link_by_email = true).await;
    kit.door.admin().await.patch("/api/v1/auth/me", json!({ "email": "ada@example.com" })).await;
    kit.door.meddle("UPDATE users SET email_by_owner = 0").await;
    for verified in [json!(false), json!("false"), json!("true"), json!(0), json!(1), json!(null), json!([true])] {
        let answer = kit.sign_in_as(json!({ "email": "ada@example.com", "email_verified": verified })).await;
        refused(&answer, "not_allowed", &verified.to_string());
    }
    refused(&kit.sign_in_as(json!({ "email": "ADA@example.com" })).await, "not_allowed", "nothing is said of it");
    assert_eq!(kit.count().await, 1);
}

/// OID-122
#[tokio::test]
async fn lists_let_in_verified_addresses_alone() {
    let kit = Kit::with(|provider| provider.allowed_domains = vec!["example.com".into()]).await;
    for (email, verified, is_in) in [
        ("a@example.com", json!(true), true),
        ("b@example.com", json!(false), false),
        ("c@example.com.evil.test", json!(true), false),
        ("example.com@evil.test", json!(true), false),
        ("d@sub.example.com", json!(true), false),
        ("e@EXAMPLE.com", json!(true), true),
        ("f@evil.test@example.com", json!(true), false),
    ] {
        let answer = kit.sign_in_as(json!({ "sub": email, "email": email, "email_verified": verified })).await;
        assert_eq!(opens(&answer), is_in, "{email} {verified}");
    }
    assert!(kit.reason("session.start").await.contains("list") || kit.reason("session.start").await.contains("vouches"));
}

/// OID-123
#[tokio::test]
async fn somebody_is_exactly_one_issuer_and_subject() {
    let kit = Kit::configured(|_| {}, |_| {}).await;
    let verified = |sub: Value, email: &str| json!({ "sub": sub, "email": email, "email_verified": true });
    assert!(opens(&kit.sign_in_as(verified(json!("Mara"), "mara@example.com")).await));
    refused(&kit.sign_in_as(verified(json!("mara-2"), "mara@example.com")).await, "not_allowed", "same address, another subject");
    for wrong in [json!(42), json!(null), json!(["Mara"]), json!("")] {
        refused(&kit.sign_in_as(json!({ "sub": wrong })).await, "failed", &wrong.to_string());
    }
    assert!(opens(&kit.sign_in_as(json!({ "sub": "mara" })).await), "another case is another subject");
    assert!(opens(&kit.sign_in_as(json!({ "sub": "Mara " })).await), "and so is a space");
    assert_eq!(kit.count().await, 4);
}

/// OID-123
#[tokio::test]
async fn the_same_subject_of_another_issuer_is_somebody_else() {
    let other = Provider::new(doorward_gate::testing::START).await;
    let settings = other.settings("other");
    let kit = Kit::configured(|_| {}, move |config| config.auth.oidc.push(settings)).await;
    assert!(opens(&kit.sign_in_as(json!({ "preferred_username": "mara" })).await));
    other.says(json!({ "preferred_username": "mara" }));
    assert!(opens(&other.pass(&kit.browser(), "/auth/oidc/other/login").await));
    assert_eq!(kit.user("mara-2").await["username"], "mara-2");
}

/// OID-125
#[tokio::test]
async fn claims_that_nobody_mapped_give_nothing() {
    let kit = Kit::new().await;
    let claims = json!({ "role": "admin", "isAdmin": true, "is_admin": true, "groups": ["admin", "Admins"], "preferred_username": "eve" });
    assert!(opens(&kit.sign_in_as(claims).await));
    assert_eq!(kit.user("eve").await["role"], "viewer");
}

/// OID-125
#[tokio::test]
async fn without_signing_up_whoever_is_unknown_sees_what_all_see_who_are_refused() {
    let kit = Kit::with(|provider| provider.auto_signup = false).await;
    let unknown = kit.sign_in().await;
    refused(&unknown, "not_allowed", "unknown");
    assert_eq!(kit.count().await, 1);
    assert_eq!(kit.reason("session.start").await, "unknown identity, and accounts are not made");
    let listed = Kit::with(|provider| provider.whitelist = vec!["a@example.com".into()]).await;
    let off_list = listed.sign_in().await;
    let shape = |answer: &doorward_gate::testing::Answer| {
        let place = doorward_gate::testing::provider::location(answer);
        (answer.status, place.split("&request=").next().map(str::to_owned), answer.text.clone())
    };
    assert_eq!(shape(&unknown), shape(&off_list));
}

/// OID-136
#[tokio::test]
async fn who_is_disabled_stays_disabled_whatever_the_provider_says() {
    let kit = Kit::with(|provider| provider.link_by_email = true).await;
    assert!(opens(&kit.sign_in_as(json!({ "preferred_username": "mara" })).await));
    let id = kit.user("mara").await["id"].as_str().unwrap().to_owned();
    let admin = kit.door.admin().await;
    assert_eq!(admin.patch(&format!("/api/v1/users/{id}"), json!({ "isDisabled": true })).await.status, 200);
    refused(&kit.sign_in().await, "not_allowed", "disabled");
    assert_eq!(kit.user("mara").await["isDisabled"], true);
    let new = json!({ "username": "leo", "email": "leo@example.com", "password": PASSWORD });
    let leo = admin.post("/api/v1/users", new).await.body["id"].as_str().unwrap().to_owned();
    admin.patch(&format!("/api/v1/users/{leo}"), json!({ "isDisabled": true })).await;
    let answer = kit.sign_in_as(json!({ "sub": "leo", "email": "leo@example.com", "email_verified": true })).await;
    refused(&answer, "not_allowed", "disabled, and known by the address");
    assert_eq!(kit.reason("session.start").await, "disabled");
}

#[tokio::test]
async fn a_wrong_client_secret_is_said_to_those_who_set_it() {
    let kit = Kit::with(|provider| provider.client_secret = "wrong".into()).await;
    refused(&kit.sign_in().await, "failed", "the provider does not know us");
    assert!(kit.reason("session.start").await.contains("is the client secret right?"));
}

/// KEY-086
#[tokio::test]
async fn a_key_makes_no_session() {
    let kit = Kit::new().await;
    let key = kit.door.key("admin").await;
    let answer = key.get("/oidc-callback?state=x&code=y").await;
    refused(&answer, "expired", "a key");
}
