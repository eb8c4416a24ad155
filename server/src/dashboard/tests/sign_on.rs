//! Providers on the pages, as a browser without script sees them.

use super::{Browser, PASSWORD};
use crate::Doorward;
use gate::config::Config;
use wire::{
    sso::{GroupMapping, NewProvider, RoleMapping},
    workspaces::Slug,
};

const REQUEST: &str = "0197a3c2-77aa-7def-8123-0123456789ab";

/// A server with a provider in its configuration that nobody listens at, and its first admin.
async fn browser() -> Browser {
    let mut config = Config::for_testing();
    config.auth.oidc = vec![NewProvider {
        id: Slug("halden".into()),
        button_label: "Halden <b>ID</b>".into(),
        issuer: "http://127.0.0.1:1".into(),
        client_id: "doorward".into(),
        client_secret: "canary-of-the-client".into(),
        client_url: Some("http://localhost:8080".into()),
        role_mapping: RoleMapping {
            group_mappings: vec![GroupMapping { group: "platform-leads".into(), ..GroupMapping::default() }],
            ..RoleMapping::default()
        },
        ..NewProvider::default()
    }];
    let door = Doorward::builder().config(config).build().await.unwrap();
    let mut browser = Browser { service: door.routes(), cookies: Vec::new() };
    let page = browser.post("/setup/admin", &[("username", "root"), ("email", ""), ("password", PASSWORD)]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    browser
}

async fn stranger() -> Browser {
    Browser { cookies: Vec::new(), ..browser().await }
}

#[tokio::test]
async fn the_page_of_signing_in_has_a_link_for_each_provider() {
    let page = stranger().await.get("/login?next=/settings/users%3Frole%3Dadmin").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("/auth/oidc/halden/login?next=/settings/users%3Frole%3Dadmin"), "{}", page.text);
    assert!(page.text.contains("Halden &lt;b&gt;ID&lt;/b&gt;") && !page.text.contains("Halden <b>"), "{}", page.text);
    assert!(page.text.contains("or with a password"));
    assert!(!page.text.contains("127.0.0.1:1") && !page.text.contains("canary"), "nothing else is told: {}", page.text);
    let without = Browser::claimed().await.get("/login").await;
    assert!(!without.text.contains("or with a password"));
}

#[tokio::test]
async fn who_comes_back_without_a_session_is_told_why() {
    let mut browser = stranger().await;
    for (word, said) in [
        ("cancelled", "You were not signed in."),
        ("expired", "Begin again."),
        ("provider_down", "used at the moment."),
        ("failed", "tell an admin"),
    ] {
        let page = browser.get(&format!("/login?problem={word}&provider=halden&request={REQUEST}&next=/apps")).await;
        assert!(page.status == 200 && page.text.contains(said) && page.text.contains(REQUEST), "{word}: {}", page.text);
        assert!(page.text.contains("/auth/oidc/halden/login?next=/apps"), "one can begin again: {}", page.text);
    }
    let other = browser.get("/login?problem=%3Cscript%3E&request=call-0800%20now").await;
    assert!(!other.text.contains("0800 now") && !other.text.contains("Request"), "{}", other.text);
}

#[tokio::test]
async fn who_is_not_let_in_is_told_whom_to_ask_and_nothing_else() {
    let mut browser = stranger().await;
    let page = browser.get(&format!("/login?problem=not_allowed&provider=halden&request={REQUEST}")).await;
    assert_eq!((page.status, page.place()), (303, format!("/login/not-allowed?request={REQUEST}").as_str()));
    let page = browser.get(&format!("/login/not-allowed?request={REQUEST}")).await;
    assert!(page.status == 200 && page.text.contains("An admin of this installation") && page.text.contains(REQUEST), "{}", page.text);
    let page = browser.get("/login/not-allowed?request=call%200800").await;
    assert!(page.status == 200 && !page.text.contains("call 0800"), "{}", page.text);
}

#[tokio::test]
async fn providers_are_shown_and_their_secrets_nowhere() {
    let mut browser = browser().await;
    for (path, words) in [
        ("/settings/authentication", "roles from 1 group"),
        ("/settings/authentication/halden", "This provider is in the configuration file"),
        ("/settings/authentication/halden", "platform-leads"),
        ("/settings/authentication/new", "Microsoft Entra ID"),
        ("/profile", "/auth/oidc/halden/link"),
    ] {
        let page = browser.get(path).await;
        assert!(page.status == 200 && page.text.contains(words), "{path}: {}", page.text);
        assert!(!page.text.contains("canary"), "{path}");
    }
    let absent = browser.get("/settings/authentication/nowhere").await;
    assert!(absent.status == 404 && absent.text.contains("There is no such provider"), "{}", absent.text);
}
