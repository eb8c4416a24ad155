//! Signing out here and at the provider, and what ends sessions that began by one.

use crate::sso_kit::{Kit, LOGIN, opens};
use doorward_gate::testing::{Answer, issuer::SigningKey};
use serde_json::{Value, json};

#[tokio::test]
async fn signing_out_offers_to_sign_out_at_the_provider_too() {
    let kit = Kit::new().await;
    let person = kit.person(&kit.signed_in().await).await;
    let answer = person.post("/api/v1/auth/logout", json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["provider"]["label"], "Scripted");
    let url = answer.body["provider"]["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{}/end?client_id=doorward&", kit.idp.issuer)), "{url}");
    assert!(url.contains("post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Flogin") && url.contains("&id_token_hint=ey"), "{url}");
    assert_eq!(person.get("/api/v1/auth/me").await.status, 401);
    let ada = kit.door.admin().await;
    assert_eq!(ada.post("/api/v1/auth/logout", json!({})).await.status, 204, "hers began with a password");
}

async fn tell(kit: &Kit, token: &str) -> Answer {
    let provider = kit.door.nobody().with("content-type", "application/x-www-form-urlencoded");
    provider.send("POST", "/auth/oidc/okta/backchannel-logout", Some(format!("logout_token={token}"))).await
}

fn claims(kit: &Kit, id: &str) -> Value {
    let now = kit.door.now().seconds();
    json!({
        "iss": kit.idp.issuer, "aud": "doorward", "iat": now, "exp": now + 120, "jti": id,
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    })
}

#[tokio::test]
async fn who_signs_out_at_the_provider_is_signed_out_here() {
    let kit = Kit::new().await;
    kit.idp.says(json!({ "sid": "s1" }));
    let first = kit.person(&kit.signed_in().await).await;
    kit.idp.says(json!({ "sid": "s2" }));
    let second = kit.person(&kit.signed_in().await).await;
    let mut of_one = claims(&kit, "1");
    of_one["sid"] = "s1".into();
    assert_eq!(tell(&kit, &kit.idp.sign(&of_one)).await.status, 200);
    assert_eq!((first.get("/api/v1/auth/me").await.status, second.get("/api/v1/auth/me").await.status), (401, 200));
    let mut of_all = claims(&kit, "2");
    of_all["sub"] = "stranger".into();
    let token = kit.idp.sign(&of_all);
    assert_eq!(tell(&kit, &token).await.status, 200);
    assert_eq!(second.get("/api/v1/auth/me").await.status, 401);
    let third = kit.person(&kit.signed_in().await).await;
    assert_eq!(tell(&kit, &token).await.status, 400, "it is good once");
    assert_eq!(third.get("/api/v1/auth/me").await.status, 200);
    assert!(kit.door.events().await.iter().filter(|event| *event == "session.end success by okta").count() == 2);
}

#[tokio::test]
async fn only_a_logout_token_of_the_provider_ends_sessions() {
    let kit = Kit::new().await;
    let person = kit.person(&kit.signed_in().await).await;
    let changed = |change: Value| {
        let mut all = claims(&kit, "7");
        all["sub"] = "stranger".into();
        for (name, value) in change.as_object().unwrap() {
            if value.is_null() {
                all.as_object_mut().unwrap().remove(name);
            } else {
                all[name] = value.clone();
            }
        }
        kit.idp.sign(&all)
    };
    for wrong in [
        json!({ "nonce": "x" }),
        json!({ "events": null }),
        json!({ "events": { "other": {} } }),
        json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": true } }),
        json!({ "jti": null }),
        json!({ "sub": null }),
        json!({ "aud": "other" }),
        json!({ "iss": "http://evil.test" }),
        json!({ "exp": 1 }),
        json!({ "iat": kit.door.now().seconds() + 600 }),
    ] {
        assert_eq!(tell(&kit, &changed(wrong.clone())).await.status, 400, "{wrong}");
    }
    let mut good = claims(&kit, "8");
    good["sub"] = "stranger".into();
    let typed = SigningKey::p256("one").token_with(&json!({ "alg": "ES256", "kid": "one", "typ": "logout+jwt" }), &good);
    assert_eq!(tell(&kit, &typed).await.status, 400, "another key of the same name");
    for text in ["", "x", "a.b.c"] {
        assert_eq!(tell(&kit, text).await.status, 400, "{text}");
    }
    assert_eq!(person.get("/api/v1/auth/me").await.status, 200);
    let nowhere = kit.door.nobody().with("content-type", "application/x-www-form-urlencoded");
    assert_eq!(nowhere.send("POST", "/auth/oidc/other/backchannel-logout", Some("logout_token=x".into())).await.status, 400);
}

/// REF-071
#[tokio::test]
async fn a_session_is_not_carried_on_by_whom_the_provider_lets_in_no_longer() {
    let kit = Kit::with(|provider| provider.allowed_domains = vec!["example.com".into()]).await;
    kit.idp.says(json!({ "email": "mara@example.com", "email_verified": true }));
    let browser = kit.signed_in().await;
    kit.person(&browser).await;
    let mut config = doorward_gate::config::Config::for_testing();
    let mut settings = kit.idp.settings("okta");
    settings.allowed_domains = vec!["other.example".into()];
    config.auth.oidc.push(settings);
    let restarted = kit.door.another_with(config).await;
    let answer = restarted.nobody().with_cookies(browser.headers["cookie"].to_str().unwrap()).post("/api/v1/auth/refresh", json!({})).await;
    assert_eq!((answer.status, answer.code()), (401, "session_ended"));
    assert_eq!(
        kit.door
            .another()
            .await
            .nobody()
            .with_cookies(browser.headers["cookie"].to_str().unwrap())
            .post("/api/v1/auth/refresh", json!({}))
            .await
            .status,
        401,
        "it has ended"
    );
}

#[tokio::test]
async fn more_than_a_few_on_their_way_do_not_fill_a_browser() {
    let kit = Kit::new().await;
    let mut browser = kit.browser();
    for _ in 0..8 {
        let begun = kit.idp.begin(&browser, LOGIN).await;
        browser = browser.with_cookies(&begun.cookies);
    }
    let answer = browser.get(LOGIN).await;
    let dropped = answer.headers.get_all("set-cookie").iter().filter(|cookie| cookie.to_str().unwrap().ends_with("Max-Age=0")).count();
    assert_eq!(dropped, 8);
    assert!(opens(&kit.sign_in().await));
}
