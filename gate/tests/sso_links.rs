//! Identities that people link to their accounts, and take away again.

use crate::sso_kit::{Kit, LOGIN, opens, problem};
use doorward_gate::{
    sessions,
    testing::{Caller, PASSWORD, provider::location},
    wire::sessions::{SessionKind, SignIn},
};
use serde_json::json;

const LINK: &str = "/auth/oidc/okta/link";

/// A browser in which this person gave their password.
async fn browser_of(kit: &Kit, name: &str) -> Caller {
    let who = SignIn { username: Some(name.into()), password: PASSWORD.into(), ..SignIn::default() };
    let opened = sessions::sign_in(&kit.door.gate.system("test"), who, SessionKind::Browser).await.unwrap();
    let cookies: Vec<_> = opened.cookies.iter().map(|cookie| cookie.split(';').next().unwrap().replace("__Host-", "")).collect();
    kit.browser().with_cookies(&cookies.join("; "))
}

#[tokio::test]
async fn an_identity_is_linked_from_the_profile_and_signs_in_from_then_on() {
    let kit = Kit::with(|provider| provider.auto_signup = false).await;
    let browser = browser_of(&kit, "ada").await;
    let answer = kit.idp.pass(&browser, LINK).await;
    assert_eq!(location(&answer), "/profile?linked=okta", "{}", answer.text);
    assert!(!opens(&answer), "it is the same session");
    let signed_in = kit.person(&kit.signed_in().await).await;
    assert_eq!(signed_in.get("/api/v1/auth/me").await.body["user"]["username"], "ada");
    assert_eq!(signed_in.get("/api/v1/auth/me").await.body["user"]["role"], "admin", "the mapping is the same for all");
    let events = kit.door.events().await;
    assert!(events.iter().any(|event| event == "identity.link success by ada"), "{events:?}");
}

#[tokio::test]
async fn an_identity_that_is_another_s_is_not_linked() {
    let kit = Kit::new().await;
    kit.signed_in().await;
    let answer = kit.idp.pass(&browser_of(&kit, "ada").await, LINK).await;
    assert_eq!((problem(&answer).as_str(), location(&answer).starts_with("/profile?")), ("identity_taken", true));
}

#[tokio::test]
async fn linking_begins_on_a_page_of_ours_with_a_fresh_proof() {
    let kit = Kit::new().await;
    let browser = browser_of(&kit, "ada").await;
    for site in ["cross-site", "same-site"] {
        let answer = browser.clone().with("sec-fetch-site", site).get(LINK).await;
        assert_eq!((answer.status, answer.code()), (403, "cross_site"), "{site}");
    }
    let mut unknown = browser.clone();
    unknown.headers.remove("sec-fetch-site");
    assert_eq!(unknown.get(LINK).await.code(), "cross_site", "a browser of today says where it comes from");
    assert_eq!(location(&kit.browser().get(LINK).await), "/login", "nobody is signed in");
    kit.door.wait(11 * 60 * 1000);
    assert_eq!(problem(&browser.get(LINK).await), "confirm_first");
}

#[tokio::test]
async fn what_began_to_link_ends_in_the_same_session() {
    let kit = Kit::new().await;
    let ada = browser_of(&kit, "ada").await;
    kit.door.named("eve", "viewer").await;
    let begun = kit.idp.begin(&ada, LINK).await;
    let eve = browser_of(&kit, "eve").await.with_cookies(&begun.cookies);
    assert_eq!(problem(&eve.get(&kit.idp.way_back(&begun)).await), "expired");
    let begun = kit.idp.begin(&ada, LINK).await;
    assert_eq!(problem(&kit.browser().with_cookies(&begun.cookies).get(&kit.idp.way_back(&begun)).await), "expired");
    assert_eq!(kit.count().await, 2, "nobody was signed up by it");
}

#[tokio::test]
async fn an_identity_is_taken_away_unless_it_is_the_last_way_in() {
    let kit = Kit::new().await;
    let ada = browser_of(&kit, "ada").await;
    kit.idp.pass(&ada, LINK).await;
    let by_okta = kit.person(&kit.signed_in().await).await;
    let ada = kit.person(&ada).await;
    let id = ada.get("/api/v1/auth/identities").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    let other = kit.door.named("eve", "viewer").await;
    assert_eq!(other.delete(&format!("/api/v1/auth/identities/{id}")).await.status, 404, "it is not hers");
    assert_eq!(other.get(&format!("/api/v1/users/{}/identities", other.id)).await.status, 403);
    assert_eq!(ada.delete(&format!("/api/v1/auth/identities/{id}")).await.status, 204);
    assert_eq!(by_okta.get("/api/v1/auth/me").await.status, 401, "what began by it is over");
    assert_eq!(ada.get("/api/v1/auth/me").await.status, 200);

    kit.idp.says(json!({ "sub": "only", "preferred_username": "mara" }));
    let mara = kit.person(&kit.signed_in().await).await;
    let id = mara.get("/api/v1/auth/identities").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    let answer = mara.delete(&format!("/api/v1/auth/identities/{id}")).await;
    assert_eq!((answer.status, answer.code()), (409, "last_way_in"));
    let listed = kit.door.admin().await.get(&format!("/api/v1/users/{}/identities", mara.id)).await.body;
    assert_eq!(listed["items"][0]["subject"], "only");
    kit.door.wait(11 * 60 * 1000);
    assert_eq!(mara.delete(&format!("/api/v1/auth/identities/{id}")).await.code(), "confirmation_required");
}

#[tokio::test]
async fn nobody_links_to_a_provider_that_is_not_there() {
    let kit = Kit::new().await;
    let ada = browser_of(&kit, "ada").await;
    assert_eq!(ada.get("/auth/oidc/other/link").await.status, 404);
    assert_eq!(ada.get("/auth/oidc/%2e%2e/link").await.status, 404);
    assert!(location(&ada.get(LOGIN).await).contains("/authorize?"), "who is signed in may sign in as somebody else");
}
