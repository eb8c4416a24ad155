//! The whole dashboard below a prefix: every page is asked for as a browser without script would, and
//! nothing in it may lead outside, or name a file that is not there.

use super::{
    client::{Answer, Browser, start},
    nested_prefix,
};
use axum::Router;
use doorward::{Doorward, wire::policy::PAGES};
use serde_json::{Value, json};
use std::{collections::BTreeSet, net::SocketAddr};
use tokio::net::TcpListener;

const PREFIX: &str = "/tasks/auth";
const PASSWORD: &str = "three-quiet-otters-sing";

/// A door that nobody has set up.
async fn fresh(listener: TcpListener) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let door = Doorward::builder().prefix(PREFIX).build().await?;
    let app = Router::new().nest(PREFIX, door.routes());
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
}

/// The values of the attributes in which a page names addresses.
fn addresses(html: &str) -> impl Iterator<Item = &str> {
    [" href=\"", " src=\"", " action=\""].into_iter().flat_map(|name| html.split(name).skip(1)).filter_map(|rest| rest.split('"').next())
}

/// Whether an address is below the prefix, by whole segments.
fn is_below(address: &str) -> bool {
    address.strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// What of a page leads to this host, but not below the prefix.
fn strays(html: &str) -> Vec<&str> {
    addresses(html).filter(|address| address.starts_with('/') && !is_below(address)).collect()
}

/// The files that a page names.
fn files(html: &str) -> impl Iterator<Item = String> {
    let is_file = |address: &&str| address.rsplit('/').next().is_some_and(|last| last.contains('.'));
    addresses(html).map(|address| address.split(['?', '#']).next().unwrap_or_default()).filter(is_file).map(str::to_owned)
}

/// Opens a path below the prefix, and what it leads to.
async fn open(browser: &mut Browser, path: &str) -> Answer {
    let mut answer = browser.get(&format!("{PREFIX}{path}")).await;
    while answer.status.is_redirection() {
        let place = answer.place().to_owned();
        assert!(is_below(&place), "{path} leads to {place}");
        answer = browser.get(&place).await;
    }
    answer
}

/// Makes one of everything; gives what pages with a hole in their path are about.
async fn furnish(browser: &mut Browser) -> Vec<(&'static str, String)> {
    let token = format!("Bearer {}", browser.token(PREFIX, "admin", "secret").await);
    let mut made = Vec::new();
    for (path, body) in [
        ("/users", json!({ "username": "bo", "displayName": "Bo", "role": "viewer", "password": PASSWORD })),
        ("/roles", json!({ "name": "on-call", "description": "At night.", "permissions": ["read", "run"] })),
        ("/api-keys", json!({ "name": "nightly", "role": "viewer", "expiresIn": "24h" })),
        ("/workspaces", json!({ "slug": "billing", "name": "Billing" })),
        ("/apps", json!({ "slug": "wiki", "name": "Wiki", "upstream": "http://127.0.0.1:1", "hosts": ["wiki.example.com"] })),
        (
            "/settings/oidc",
            json!({
                "id": "okta", "buttonLabel": "Continue with Okta", "issuer": "http://127.0.0.1:1/oauth2", "clientId": "0oa9",
                "clientSecret": "sealed away", "clientUrl": "http://127.0.0.1:3000",
            }),
        ),
    ] {
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let answer = browser.send("POST", &format!("{PREFIX}/api/v1{path}"), &headers, &body.to_string()).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.text);
        made.push(serde_json::from_str::<Value>(&answer.text).unwrap());
    }
    let events = browser.send("GET", &format!("{PREFIX}/api/v1/audit"), &[("authorization", &token)], "").await;
    let events: Value = serde_json::from_str(&events.text).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned();
    vec![
        ("/settings/users/", text(&made[0]["id"])),
        ("/settings/roles/", "on-call".to_owned()),
        ("/settings/api-keys/", text(&made[2]["apiKey"]["id"])),
        ("/settings/workspaces/", "billing".to_owned()),
        ("/apps/", "wiki".to_owned()),
        ("/settings/authentication/", "okta".to_owned()),
        ("/settings/audit/", text(&events["items"][0]["id"])),
        ("/activity/channels/", "door:changes".to_owned()),
        ("/reset/", "nonsense".to_owned()),
    ]
}

/// The path of a page, about something that there is.
fn filled(page: &str, things: &[(&str, String)]) -> String {
    let Some((start, rest)) = page.split_once('{') else { return page.to_owned() };
    let thing = things.iter().find(|(known, _)| *known == start).unwrap_or_else(|| panic!("nothing is known for {page}"));
    format!("{start}{}{}", thing.1, rest.split_once('}').unwrap().1)
}

#[tokio::test]
async fn no_page_below_a_prefix_leads_outside_or_names_a_file_that_is_not_there() {
    let mut browser = start(nested_prefix::serve).await;
    let mut named = BTreeSet::new();
    for path in ["/login", "/login?problem=failed", "/login/not-allowed", "/forgot", "/logout", "/reset/nonsense"] {
        let page = open(&mut browser, path).await;
        assert!(page.text.contains("data-prefix=\"/tasks/auth\""), "{path}: {}", page.text);
        assert_eq!(strays(&page.text), [""; 0], "{path} before signing in");
        named.extend(files(&page.text));
    }
    let things = furnish(&mut browser).await;
    let signed_in = browser.sign_in(&format!("{PREFIX}/login"), "admin", "secret", "").await;
    assert_eq!((signed_in.status.as_u16(), signed_in.place()), (303, PREFIX), "{}", signed_in.text);
    for page in PAGES {
        let path = filled(page.path, &things);
        let answer = open(&mut browser, if path == "/" { "" } else { &path }).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert_eq!(strays(&answer.text), [""; 0], "{path}");
        assert!(addresses(&answer.text).filter(|address| is_below(address)).count() > 2, "{path} leads nowhere: {}", answer.text);
        named.extend(files(&answer.text));
    }
    let absent = open(&mut browser, "/nowhere").await;
    assert_eq!((absent.status.as_u16(), strays(&absent.text)), (404, Vec::new()));

    assert!(["favicon.svg", "theme.js", "icons.svg"].iter().all(|name| named.contains(&format!("{PREFIX}/{name}"))), "{named:?}");
    // A server that was built without the browser's files has none.
    if browser.get(&format!("{PREFIX}/theme.js")).await.status == 200 {
        assert!(named.iter().any(|file| file.ends_with(".wasm")), "{named:?}");
        for file in named {
            assert_eq!(browser.get(&file).await.status, 200, "{file}");
        }
    }
}

#[tokio::test]
async fn setup_below_a_prefix_stays_there_without_script() {
    let mut browser = start(fresh).await;
    for path in ["", "/login", "/nowhere", "/settings/users"] {
        assert_eq!(browser.get(&format!("{PREFIX}{path}")).await.place(), "/tasks/auth/setup", "{path}");
    }
    for path in ["/setup", "/setup/admin"] {
        let page = open(&mut browser, path).await;
        assert_eq!((page.status.as_u16(), strays(&page.text)), (200, Vec::new()), "{path}");
    }
    let wrong = browser.form(&format!("{PREFIX}/setup/admin"), &[("username", "two words"), ("password", PASSWORD)]).await;
    assert_eq!((wrong.status.as_u16(), strays(&wrong.text)), (422, Vec::new()), "{}", wrong.text);
    let made = browser.form(&format!("{PREFIX}/setup/admin"), &[("username", "root"), ("password", PASSWORD)]).await;
    assert_eq!((made.status.as_u16(), made.place()), (303, "/tasks/auth/setup/app"), "{}", made.text);
    assert!(open(&mut browser, "/setup/app").await.text.contains("action=\"/tasks/auth/setup/app\""));
    assert_eq!(browser.get(&format!("{PREFIX}/setup")).await.place(), PREFIX, "it is over");
}

#[tokio::test]
async fn forms_below_a_prefix_lead_back_to_where_one_was() {
    let mut browser = start(nested_prefix::serve).await;
    let login = format!("{PREFIX}/login");
    let away = browser.get("/tasks/auth/settings/users?role=admin").await;
    assert_eq!((away.status.as_u16(), away.place()), (303, "/tasks/auth/login?next=/tasks/auth/settings/users%3Frole%3Dadmin"));
    assert_eq!(browser.get(PREFIX).await.place(), login);
    let wrong = browser.sign_in(&login, "admin", "guess", "/tasks").await;
    assert!(wrong.status == 401 && wrong.text.contains("value=\"/tasks\"") && strays(&wrong.text).is_empty(), "{}", wrong.text);
    // A link that leads out of the prefix leads to a page of the site around it.
    for (next, place) in [
        ("/tasks/auth/settings/users", "/tasks/auth/settings/users"),
        ("/tasks", "/tasks"),
        ("/tasks/auth/logout", PREFIX),
        ("//evil.example", PREFIX),
        ("", PREFIX),
    ] {
        assert_eq!(browser.sign_in(&login, "admin", "secret", next).await.place(), place, "{next}");
    }
    assert_eq!(browser.get("/tasks/auth/settings").await.place(), "/tasks/auth/settings/general");
    assert_eq!(browser.get("/tasks/auth/setup").await.place(), PREFIX);
    let again = browser.get(&format!("{login}?next=/tasks/auth/apps")).await;
    assert!(again.text.contains("href=\"/tasks/auth/apps\""), "the way on, as it was asked for: {}", again.text);
    assert_eq!(browser.form("/tasks/auth/logout", &[]).await.place(), login);
}

#[tokio::test]
async fn calls_and_the_interface_move_along() {
    let mut browser = start(nested_prefix::serve).await;
    let headers = [("content-type", "application/json"), ("sec-fetch-site", "same-origin")];
    let known = browser.send("POST", "/tasks/auth/_call/get_capabilities", &headers, "{}").await;
    assert!(known.status == 200 && known.text.contains("\"authRequired\":true"), "{known:?}");
    let document = browser.get("/tasks/auth/api/v1/openapi.json").await;
    let document: Value = serde_json::from_str(&document.text).unwrap();
    assert_eq!(document["servers"], json!([{ "url": PREFIX }]));
    assert_eq!(browser.get("/tasks/auth/livez").await.status, 200);
    // What is the site's around the door stays the site's.
    for path in ["/login", "/_call/get_capabilities", "/api/v1/openapi.json", "/theme.js"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}
