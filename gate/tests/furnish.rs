//! A door with something in every table, as it is left to the Doorward after it.

use base64::{Engine, engine::general_purpose::STANDARD};
use doorward_gate::{
    config::{Centrifugo, Config, Webhook},
    sessions,
    testing::{
        Caller, Door, PASSWORD, START,
        provider::{CLIENT, Provider, location},
    },
    wire::sessions::SessionKind,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path, time::Duration};

/// What is known of it that is not in the rows: secrets that were shown once.
pub type Notes = BTreeMap<&'static str, String>;

/// Where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:9/";

fn config() -> Config {
    let mut config = Config::for_testing();
    config.audit.webhook = Some(Webhook { url: NOWHERE.into(), secret: "a secret of the collector".into() });
    let (api_key, token_secret) = ("the-key-of-its-api".into(), "a secret of thirty-two characters".into());
    config.live.centrifugo = Some(Centrifugo { url: NOWHERE.into(), api_key, token_secret });
    config.live.channels = vec![serde_json::from_value(json!({ "channel": "workflow:*", "publish": "run" })).unwrap()];
    config
}

/// A door with something of everything.
pub async fn furnished() -> (Door, Notes) {
    let door = Door::claimed_with(config()).await;
    let ada = door.admin().await;
    let mut notes = Notes::new();
    people(&door, &ada, &mut notes).await;
    keys(&door, &ada, &mut notes).await;
    places(&door, &ada).await;
    apps(&door, &ada).await;
    sign_on(&door).await;
    live(&door, &ada).await;
    (door, notes)
}

async fn post(caller: &Caller, path: &str, body: Value) -> Value {
    let answer = caller.post(path, body).await;
    assert!(matches!(answer.status, 200 | 201), "{path}: {}", answer.text);
    answer.body
}

/// Accounts, sessions with all that leads to one, settings, and an answer that is given again.
async fn people(door: &Door, ada: &Caller, notes: &mut Notes) {
    let named = ada.patch("/api/v1/settings", json!({ "name": "The old house", "helpContact": "ask Mara" })).await;
    assert_eq!(named.status, 200, "{}", named.text);
    let joe = door.named("joe", "operator").await;
    notes.insert("access token of joe", joe.headers["authorization"].to_str().unwrap().replace("Bearer ", ""));
    notes.insert("refresh token of joe", joe.refresh_token.clone());
    post(&joe, "/api/v1/auth/ticket", json!({})).await;
    let eve = door.named("eve", "viewer").await;
    assert_eq!(ada.patch(&format!("/api/v1/users/{}", eve.id), json!({ "isDisabled": true })).await.status, 200);
    let invited = post(ada, "/api/v1/users/invitations", json!({ "username": "leo", "role": "developer" })).await;
    notes.insert("link of leo", invited["url"].as_str().unwrap().rsplit_once("/reset/").unwrap().1.to_owned());
    let ian = json!({ "username": "ian", "email": "ian@example.com", "displayName": "Ian O'Hara", "password": PASSWORD });
    let made = post(&ada.clone().with("idempotency-key", "order-66"), "/api/v1/users", ian).await;
    notes.insert("id of ian", made["id"].as_str().unwrap().to_owned());
    door.events().await;
}

/// Keys, a role of one's own, and the log with its chain and a sink.
async fn keys(door: &Door, ada: &Caller, notes: &mut Notes) {
    let night = json!({ "name": "night", "description": "Looks after things", "permissions": ["read", "audit"] });
    post(ada, "/api/v1/roles", night).await;
    let nina = door.named("nina", "night").await;
    let service = json!({ "name": "deploys", "role": "operator", "allowedIps": ["127.0.0.0/8"] });
    let made = post(ada, "/api/v1/api-keys", service).await;
    notes.insert("service key", made["key"].as_str().unwrap().to_owned());
    let made = post(&nina, "/api/v1/api-keys", json!({ "name": "mine", "kind": "personal", "role": "night" })).await;
    notes.insert("key of nina", made["key"].as_str().unwrap().to_owned());
    let made = post(ada, "/api/v1/api-keys", json!({ "name": "old", "role": "viewer" })).await;
    notes.insert("revoked key", made["key"].as_str().unwrap().to_owned());
    let revoked = ada.delete(&format!("/api/v1/api-keys/{}", made["apiKey"]["id"].as_str().unwrap())).await;
    assert_eq!(revoked.status, 204, "{}", revoked.text);
    while door.meddle("UPDATE held_cursors SET seq = seq WHERE name LIKE 'audit:%'").await == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    door.chain().await;
}

/// A workspace, an environment and a grant.
async fn places(door: &Door, ada: &Caller) {
    post(ada, "/api/v1/workspaces", json!({ "slug": "billing", "name": "Billing ünïcode", "isPrivate": true })).await;
    post(ada, "/api/v1/workspaces/billing/environments", json!({ "slug": "prod", "name": "Production" })).await;
    let gus = door.named("gus", "viewer").await;
    let grants = json!({ "grants": [{ "workspace": "billing", "environment": "prod", "role": "operator" }] });
    let put = ada.put(&format!("/api/v1/users/{}/grants", gus.id), grants).await;
    assert_eq!(put.status, 200, "{}", put.text);
}

/// The cookie of a browser in which the admin signed in.
async fn cookie(door: &Door) -> String {
    let who = serde_json::from_value(json!({ "username": "ada", "password": PASSWORD })).unwrap();
    let opened = sessions::sign_in(&door.gate.system("test"), who, SessionKind::Browser).await.unwrap();
    opened.cookies[0].split(';').next().unwrap().replace("__Host-", "")
}

/// An app with credentials, a host and traffic, and the way to it.
async fn apps(door: &Door, ada: &Caller) {
    let new = json!({ "slug": "tasks", "name": "Tasks", "upstream": "http://127.0.0.1:9", "hosts": ["tasks.example.com"],
        "rules": [{ "path": "/public/**", "allow": "public" }], "upstreamAuth": { "bearer": { "token": "canary-of-the-upstream" } } });
    post(ada, "/api/v1/apps", new).await;
    let made = rcgen::generate_simple_self_signed(["vault.example.com".to_owned()]).unwrap();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", STANDARD.encode(made.cert.der()));
    post(ada, "/api/v1/apps", json!({ "slug": "vault", "upstream": "https://vault.example.com", "upstreamCa": pem })).await;
    door.count_request("tasks", 200, false);
    door.count_request("tasks", 403, true);
    door.write_traffic().await;
    let page = |caller: Caller| caller.with("accept", "text/html").with("sec-fetch-mode", "navigate");
    let begun = page(door.nobody().with("host", "tasks.localhost:8080")).get("/").await;
    let place = begun.headers["location"].to_str().unwrap().replace("http://localhost:8080", "");
    let left = page(door.nobody().with("cookie", &cookie(door).await)).get(&place).await;
    assert!(left.headers["location"].to_str().unwrap().contains("/.doorward/enter?code="), "{}", left.text);
}

/// A provider that was tried out, and somebody who signed in by it.
async fn sign_on(door: &Door) {
    let idp = Provider::new(START).await;
    let site = |caller: Caller| caller.with("sec-fetch-site", "same-origin");
    let ada = site(door.nobody().signed_in("ada").await.with("cookie", &cookie(door).await));
    let new = json!({ "id": "idp", "buttonLabel": "Ours", "issuer": idp.issuer, "clientId": CLIENT.0, "clientSecret": CLIENT.1,
        "clientUrl": "http://localhost:8080" });
    post(&ada, "/api/v1/settings/oidc", new).await;
    idp.says(json!({ "preferred_username": "mara", "groups": ["devs"] }));
    assert_eq!(location(&idp.pass(&ada, "/auth/oidc/idp/test").await), "/settings/authentication/idp?test=passed");
    assert_eq!(location(&idp.pass(&site(door.nobody()), "/auth/oidc/idp/login").await), "/");
}

/// A message on a channel, and how far messages were handed on.
async fn live(door: &Door, ada: &Caller) {
    post(ada, "/api/v1/channels/workflow:7/messages", json!({ "type": "step", "data": { "done": 3 } })).await;
    door.publish_all().await;
    while door.meddle("UPDATE held_cursors SET seq = seq WHERE name LIKE 'live:%'").await == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Writes a fixture of what this Doorward leaves: see CONTRIBUTING.md.
#[tokio::test]
#[ignore = "writes a file; run when a schema is released"]
async fn a_fixture_of_this_schema() {
    let (door, notes) = furnished().await;
    let rows = door.rows().await;
    let schema = Door::schema();
    let mut text =
        format!("-- What Doorward {} left, after migration {schema}. Made by a test, never edited.\n", env!("CARGO_PKG_VERSION"));
    for (name, note) in notes {
        text += &format!("-- {name}: {note}\n");
    }
    let engine = if door.has_server() { "postgres" } else { "sqlite" };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::write(folder.join(format!("schema-{schema:04}.{engine}.sql")), text + &rows).unwrap();
}
