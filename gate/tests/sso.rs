//! Signing in by a provider: the way there and back.

use crate::sso_kit::{Kit, LOGIN, opens, problem};
use doorward_gate::testing::{
    Door, PASSWORD,
    provider::{Provider, Script, location},
};
use serde_json::json;

#[tokio::test]
async fn somebody_whom_the_provider_knows_is_signed_in_with_an_account_of_their_own() {
    let kit = Kit::new().await;
    kit.idp.says(json!({ "preferred_username": "mara", "name": "Mara Lindqvist", "email": "mara@example.com", "email_verified": true }));
    let begun = kit.idp.begin(&kit.browser(), &format!("{LOGIN}?next=/profile%3Fx=1")).await;
    let answer = kit.browser().with_cookies(&begun.cookies).get(&kit.idp.way_back(&begun)).await;
    assert_eq!((answer.status, location(&answer).as_str()), (303, "/profile?x=1"));
    assert!(opens(&answer));
    let person = kit.person(&kit.browser().with_cookies(&answer.cookies())).await;
    let me = person.get("/api/v1/auth/me").await.body;
    assert_eq!(me["user"]["username"], "mara");
    assert_eq!((&me["user"]["role"], &me["user"]["source"]), (&json!("viewer"), &json!("oidc")));
    assert_eq!((&me["user"]["email"], &me["user"]["hasPassword"]), (&json!("mara@example.com"), &json!(false)));
    let identities = person.get("/api/v1/auth/identities").await.body;
    assert_eq!(identities["items"][0]["subject"], "stranger");
    assert_eq!(identities["items"][0]["label"], "Scripted");
    assert_eq!(location(&kit.sign_in().await), "/");
    assert_eq!(kit.count().await, 2, "the same person comes back to the same account");
    let events = kit.door.events().await;
    for wanted in ["user.create success by okta", "identity.link success by mara", "session.start success by mara"] {
        assert!(events.iter().any(|event| event == wanted), "{wanted} is not in {events:?}");
    }
}

#[tokio::test]
async fn the_sign_in_page_knows_the_ways_in() {
    let kit = Kit::new().await;
    let known = kit.door.nobody().get("/api/v1/capabilities").await.body;
    assert_eq!(known["providers"], json!([{ "id": "okta", "label": "Scripted", "kind": "oidc" }]));
    assert_eq!(known["passwordSignIn"], true);
}

/// OID-115
#[tokio::test]
async fn pkce_is_s256_and_binds_the_code_to_the_browser() {
    let kit = Kit::new().await;
    let mine = kit.idp.begin(&kit.browser(), LOGIN).await;
    assert_eq!((mine.get("code_challenge_method"), mine.get("response_type")), ("S256", "code"));
    assert_eq!(mine.get("code_challenge").len(), 43);
    assert_eq!(mine.get("scope"), "openid profile email");
    let other = kit.idp.begin(&kit.browser(), LOGIN).await;
    let code = kit.idp.code(&other);
    let forged = format!("/oidc-callback?state={}&code={code}&iss={}", mine.get("state"), kit.idp.issuer);
    let answer = kit.browser().with_cookies(&mine.cookies).get(&forged).await;
    assert_eq!((problem(&answer).as_str(), opens(&answer)), ("failed", false));
    assert!(kit.idp.asked().iter().all(|fields| fields["code_verifier"].len() == 43));
}

/// OID-113
#[tokio::test]
async fn a_state_is_good_once_for_ten_minutes_in_its_own_browser() {
    let kit = Kit::new().await;
    let begun = kit.idp.begin(&kit.browser(), LOGIN).await;
    let browser = kit.browser().with_cookies(&begun.cookies);
    let back = kit.idp.way_back(&begun);
    let expired =
        async |answer: doorward_gate::testing::Answer| assert_eq!((problem(&answer).as_str(), opens(&answer)), ("expired", false));
    expired(kit.browser().get(&back).await).await;
    for wrong in ["", "?state=", "?state=abc&code=x", "?code=x", "?state=a&state=b&code=x"] {
        expired(browser.get(&format!("/oidc-callback{wrong}")).await).await;
    }
    let other = kit.idp.begin(&kit.browser(), LOGIN).await;
    expired(kit.browser().with_cookies(&other.cookies).get(&back).await).await;
    let moved = other.cookies.split_once('=').map(|(_, value)| value).unwrap();
    let name = begun.cookies.split_once('=').map(|(name, _)| name).unwrap();
    expired(kit.browser().with_cookies(&format!("{name}={moved}")).get(&back).await).await;
    assert!(opens(&browser.get(&back).await), "the right browser is let in, whatever was tried before");
    expired(browser.get(&back).await).await;
    let late = kit.idp.begin(&kit.browser(), LOGIN).await;
    kit.door.wait(10 * 60 * 1000);
    expired(kit.browser().with_cookies(&late.cookies).get(&kit.idp.way_back(&late)).await).await;
}

/// OID-113
#[tokio::test]
async fn two_on_their_way_in_one_browser_both_arrive() {
    let kit = Kit::new().await;
    let first = kit.idp.begin(&kit.browser(), LOGIN).await;
    let second = kit.idp.begin(&kit.browser().with_cookies(&first.cookies), LOGIN).await;
    let both = kit.browser().with_cookies(&first.cookies).with_cookies(&second.cookies);
    assert!(opens(&both.get(&kit.idp.way_back(&first)).await));
    assert!(opens(&both.get(&kit.idp.way_back(&second)).await));
}

/// OID-113
#[tokio::test]
async fn one_state_that_comes_back_many_times_at_once_opens_one_session() {
    let kit = Kit::new().await;
    let begun = kit.idp.begin(&kit.browser(), LOGIN).await;
    let back = kit.idp.way_back(&begun);
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (browser, back) = (kit.browser().with_cookies(&begun.cookies), back.clone());
        all.spawn(async move { opens(&browser.get(&back).await) });
    }
    assert_eq!(all.join_all().await.into_iter().filter(|opened| *opened).count(), 1);
}

/// OID-133
#[tokio::test]
async fn after_sign_in_nobody_is_sent_elsewhere() {
    let kit = Kit::new().await;
    for next in [
        "//e",
        "///e",
        "/\\e",
        "\\e",
        "/%5ce",
        "/%09/e",
        "/%0d%0a/e",
        "/./\\e",
        "/a/..//e",
        "https:e",
        "https://localhost:8080@e",
        "https://localhost.e",
        "javascript:alert(1)",
        "data:text/html,x",
        "〱e",
        "/\te",
        "/\u{b}e",
    ] {
        let escaped: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let answer = kit.idp.pass(&kit.browser(), &format!("{LOGIN}?next={escaped}")).await;
        let place = location(&answer);
        assert!(place.starts_with('/') && !place.starts_with("//") && !place.contains('\\'), "{next}: {place}");
        assert!(opens(&answer));
    }
    for field in ["rd", "return_to", "redirect_uri"] {
        let answer = kit.idp.pass(&kit.browser(), &format!("{LOGIN}?{field}=https://e.test/")).await;
        assert_eq!(location(&answer), "/", "{field}");
    }
}

/// OID-142
#[tokio::test]
async fn the_provider_is_told_one_address_whatever_the_request_says() {
    let kit = Kit::new().await;
    for (name, value) in [
        ("x-forwarded-host", "evil.test"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-prefix", "/evil"),
        ("forwarded", "host=evil.test;proto=https"),
        ("x-forwarded-port", "444"),
    ] {
        let begun = kit.idp.begin(&kit.browser().with(name, value), LOGIN).await;
        assert_eq!(begun.get("redirect_uri"), "http://localhost:8080/oidc-callback", "{name}");
    }
    let elsewhere = kit.browser().with("host", "127.0.0.1:9999").get(&format!("{LOGIN}?next=/apps")).await;
    assert_eq!(location(&elsewhere), "http://localhost:8080/auth/oidc/okta/login?moved=1&next=/apps");
    let stays = kit.browser().with("host", "127.0.0.1:9999").get(&format!("{LOGIN}?moved=1")).await;
    assert!(location(&stays).starts_with(&format!("{}/authorize?", kit.idp.issuer)), "nobody is sent round in circles");
    assert_eq!(kit.browser().with("host", "evil.test").get(LOGIN).await.status, 421);
}

/// OID-141
#[tokio::test]
async fn a_provider_that_is_away_keeps_nobody_from_signing_in_with_a_password() {
    let kit = Kit::new().await;
    let dead = Script { status: Some(503), ..Script::default() };
    kit.idp.be(dead.clone());
    kit.door.look_after_providers().await;
    kit.door.wait(60 * 60 * 1000);
    assert_eq!(problem(&kit.browser().get(LOGIN).await), "", "an outage of an hour is not noticed here");
    kit.door.wait(2 * 60 * 60 * 1000);
    let answer = kit.browser().get(LOGIN).await;
    assert_eq!(problem(&answer), "provider_down");
    assert!(location(&answer).contains("&provider=okta&request="), "{}", location(&answer));
    let known = kit.door.nobody().get("/api/v1/capabilities").await.body;
    assert!(known["providers"][0]["problem"].is_string(), "{known}");
    let shown = kit.door.admin().await.get("/api/v1/settings/oidc/okta").await.body;
    assert_eq!(shown["state"], "failing");
    assert!(shown["problem"].as_str().unwrap().contains("503"), "{shown}");
    for (name, script) in [
        ("endless", Script { padding: 400_000, ..Script::default() }),
        ("nonsense", Script { description: json!({ "token_endpoint": "ftp://x" }).as_object().unwrap().clone(), ..Script::default() }),
    ] {
        kit.idp.be(script);
        kit.door.wait(60_000);
        kit.door.look_after_providers().await;
        assert_eq!(problem(&kit.browser().get(LOGIN).await), "provider_down", "{name}");
    }
    kit.idp.be(Script::default());
    kit.door.wait(60_000);
    kit.idp.set_time(kit.door.now());
    assert!(opens(&kit.sign_in().await), "it is back");
    assert!(kit.door.nobody().get("/api/v1/capabilities").await.body["providers"][0]["problem"].is_null());
}

/// OID-141
#[tokio::test]
async fn a_provider_that_dies_on_the_way_back_is_no_error_of_ours() {
    let kit = Kit::new().await;
    let begun = kit.idp.begin(&kit.browser(), LOGIN).await;
    kit.idp.be(Script { status: Some(500), ..Script::default() });
    let answer = kit.browser().with_cookies(&begun.cookies).get(&kit.idp.way_back(&begun)).await;
    assert_eq!((answer.status, problem(&answer).as_str()), (303, "provider_down"));
}

#[tokio::test]
async fn what_the_provider_says_of_an_error_becomes_a_word_of_ours() {
    let kit = Kit::new().await;
    for (error, word) in [
        ("access_denied", "cancelled"),
        ("server_error", "provider_down"),
        ("<script>alert(1)</script>", "failed"),
        ("invalid_scope", "failed"),
    ] {
        kit.idp.be(Script { error: Some(error), ..Script::default() });
        let answer = kit.sign_in().await;
        assert_eq!((problem(&answer).as_str(), opens(&answer)), (word, false), "{error}");
        assert!(!location(&answer).contains("script"));
    }
    assert!(kit.reason("session.start").await.contains("invalid_scope"));
}

/// OID-141
#[tokio::test]
async fn nobody_waits_for_ever_for_a_provider() {
    let kit = Kit::new().await;
    let begun = kit.idp.begin(&kit.browser(), LOGIN).await;
    kit.idp.be(Script { pause: Some(std::time::Duration::from_secs(600)), ..Script::default() });
    let answer = kit.browser().with_cookies(&begun.cookies).get(&kit.idp.way_back(&begun)).await;
    assert_eq!((answer.status, problem(&answer).as_str()), (303, "provider_down"));
    assert!(kit.reason("session.start").await.contains("it did not answer in time"));
}

/// OID-117
#[tokio::test]
async fn a_description_of_another_issuer_is_not_believed() {
    let kit = Kit::new().await;
    let own = kit.idp.issuer.clone();
    for issuer in [format!("{own}/"), own.to_uppercase(), own.replace("http:", "https:"), "http://evil.test".into(), String::new()] {
        kit.idp.be(Script { description: json!({ "issuer": issuer }).as_object().unwrap().clone(), ..Script::default() });
        kit.door.wait(60 * 60 * 1000);
        assert_eq!(problem(&kit.browser().get(LOGIN).await), "provider_down", "{issuer}");
        let shown = kit.door.admin().await.get("/api/v1/settings/oidc/okta").await.body;
        assert!(shown["problem"].as_str().unwrap().contains("exactly as it does"), "{shown}");
        assert_eq!(kit.door.nobody().post("/api/v1/auth/login", json!({ "username": "ada", "password": PASSWORD })).await.status, 200);
    }
}

#[tokio::test]
async fn nobody_is_sent_to_a_provider_while_there_is_nothing_to_sign_in_to() {
    let idp = Provider::new(doorward_gate::testing::START).await;
    let mut config = doorward_gate::config::Config::for_testing();
    config.auth.oidc.push(idp.settings("okta"));
    let door = Door::with(config).await;
    assert_eq!(location(&door.nobody().get(LOGIN).await), "/");
    assert_eq!(door.nobody().get("/auth/oidc/nobody/login").await.code(), "not_found");
}

/// AUD-205
#[tokio::test]
async fn no_secret_of_a_sign_in_is_left_in_the_database() {
    let kit = Kit::new().await;
    kit.signed_in().await;
    let text = kit.door.all_text().await;
    for secret in ["canary-client-secret", "canary-access-token"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains("stranger"), "what is looked through is the whole database");
}
