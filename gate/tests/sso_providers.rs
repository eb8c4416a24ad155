//! Providers of the dashboard: offered once they were tried out, and never the end of all ways in.

use crate::sso_kit::{Kit, opens, problem};
use doorward_gate::{
    testing::{
        Caller, Door, START,
        provider::{CLIENT, Provider, Script, location},
    },
    wire::{settings::AuthSettingsPatch, users::PasswordReset},
};
use serde_json::{Value, json};

fn new(idp: &Provider) -> Value {
    json!({ "id": "idp", "buttonLabel": "Ours", "issuer": idp.issuer, "clientId": CLIENT.0, "clientSecret": CLIENT.1, "clientUrl": "http://localhost:8080" })
}

/// The admin in a browser, with the tokens too.
async fn admin(door: &Door) -> Caller {
    use doorward_gate::{
        sessions,
        wire::sessions::{SessionKind, SignIn},
    };
    let who = SignIn { username: Some("ada".into()), password: doorward_gate::testing::PASSWORD.into(), ..SignIn::default() };
    let opened = sessions::sign_in(&door.gate.system("test"), who, SessionKind::Browser).await.unwrap();
    let cookies: Vec<_> = opened.cookies.iter().map(|cookie| cookie.split(';').next().unwrap().replace("__Host-", "")).collect();
    let browser = door.nobody().with("sec-fetch-site", "same-origin").with_cookies(&cookies.join("; "));
    browser.with("authorization", &format!("Bearer {}", opened.tokens.token))
}

async fn ways(door: &Door) -> Value {
    door.nobody().get("/api/v1/capabilities").await.body["providers"].clone()
}

#[tokio::test]
async fn a_provider_is_offered_once_its_author_has_tried_it_out() {
    let (door, idp) = (Door::claimed().await, Provider::new(START).await);
    let ada = admin(&door).await;
    let other_node = door.another().await;
    let made = ada.post("/api/v1/settings/oidc", new(&idp)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!((&made.body["state"], &made.body["source"]), (&json!("untested"), &json!("dashboard")));
    assert_eq!(made.body["callbackUrl"], "http://localhost:8080/oidc-callback");
    assert!(!made.text.contains(CLIENT.1));
    assert_eq!(ways(&door).await, json!([]));
    assert_eq!(door.nobody().get("/auth/oidc/idp/login").await.status, 404);
    assert_eq!(location(&door.nobody().with("sec-fetch-site", "same-origin").get("/auth/oidc/idp/test").await), "/login");

    idp.be(Script { without: vec!["nonce"], ..Script::default() });
    let failed = idp.pass(&ada, "/auth/oidc/idp/test").await;
    assert!(location(&failed).starts_with("/settings/authentication/idp?problem=failed"), "{}", location(&failed));
    let shown = ada.get("/api/v1/settings/oidc/idp").await.body;
    assert!(shown["testProblem"].as_str().unwrap().contains("nonce") && shown["state"] == "untested", "{shown}");

    idp.says(json!({ "preferred_username": "mara", "groups": ["devs"] }));
    assert_eq!(location(&idp.pass(&ada, "/auth/oidc/idp/test").await), "/settings/authentication/idp?test=passed");
    assert_eq!(door.admin().await.get("/api/v1/users").await.body["items"].as_array().unwrap().len(), 1, "a test makes no account");
    let shown = ada.get("/api/v1/settings/oidc/idp").await.body;
    assert_eq!((&shown["state"], &shown["testProblem"], &shown["lastSignInBy"]), (&json!("on"), &Value::Null, &json!("stranger")));
    assert_eq!(ways(&door).await[0]["label"], "Ours");
    let mut tries = 0;
    while ways(&other_node).await[0]["id"] != "idp" {
        tries += 1;
        assert!(tries < 200, "the other node never hears of it");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let browser = door.nobody().with("sec-fetch-site", "same-origin");
    assert!(opens(&idp.pass(&browser, "/auth/oidc/idp/login").await));

    let trial = json!({ "provider": "idp", "roleMapping": { "groupMappings": [{ "group": "devs", "role": "developer" }] } });
    let tried = ada.post("/api/v1/settings/role-mapping/test", trial).await.body;
    assert_eq!(
        (&tried["outcome"]["role"], &tried["outcome"]["decidedBy"]),
        (&json!("developer"), &json!({ "by": "group", "group": "devs", "line": 0 }))
    );
    assert!(tried["claims"]["nonce"].is_null() && tried["claims"]["sub"] == "stranger", "{tried}");
    assert_eq!(tried["access"]["isAllowed"], true);
}

#[tokio::test]
async fn another_signing_secret_leaves_a_provider_as_it_is() {
    let (door, idp) = (Door::with_own_secret(doorward_gate::config::Config::for_testing()).await, Provider::new(START).await);
    let setup = json!({ "username": "ada", "password": doorward_gate::testing::PASSWORD });
    assert_eq!(door.nobody().post("/api/v1/setup", setup).await.status, 201);
    let ada = admin(&door).await;
    ada.post("/api/v1/settings/oidc", new(&idp)).await;
    idp.pass(&ada, "/auth/oidc/idp/test").await;
    for is_now in [false, true, true] {
        doorward_gate::rotate_secret(&door.gate.system("command line"), is_now).await.unwrap();
        door.hear().await;
        assert_eq!(ways(&door).await[0]["id"], "idp", "it stays tried out");
        let browser = door.nobody().with("sec-fetch-site", "same-origin");
        assert!(opens(&idp.pass(&browser, "/auth/oidc/idp/login").await), "its secret opens");
        let other = door.another().await;
        assert_eq!(ways(&other).await[0]["id"], "idp");
    }
}

#[tokio::test]
async fn another_issuer_client_or_secret_has_to_be_tried_out_again() {
    let (door, idp) = (Door::claimed().await, Provider::new(START).await);
    let ada = admin(&door).await;
    ada.post("/api/v1/settings/oidc", new(&idp)).await;
    idp.pass(&ada, "/auth/oidc/idp/test").await;
    let label = ada.patch("/api/v1/settings/oidc/idp", json!({ "buttonLabel": "Theirs" })).await;
    assert_eq!((label.status, &label.body["state"]), (200, &json!("on")), "{}", label.text);
    let secret = ada.patch("/api/v1/settings/oidc/idp", json!({ "clientSecret": "other" })).await;
    assert_eq!(secret.body["state"], "untested");
    assert_eq!(ways(&door).await, json!([]));
    let back = ada.patch("/api/v1/settings/oidc/idp", json!({ "clientSecret": CLIENT.1 })).await;
    assert_eq!(back.body["state"], "on", "these settings were tried out");
    let moved = ada.patch("/api/v1/settings/oidc/idp", json!({ "issuer": "https://other.example" })).await;
    assert_eq!(
        (moved.status, moved.body["errors"][0]["field"].as_str().unwrap()),
        (422, "clientSecret"),
        "the secret is sent to nobody else"
    );
    assert!(!door.all_text().await.contains(CLIENT.1));
    let events = door.events().await;
    assert!(events.iter().any(|event| event == "provider.test success by ada"), "{events:?}");
}

#[tokio::test]
async fn what_is_wrong_with_a_provider_is_told_at_its_field() {
    let (door, idp) = (Door::claimed().await, Provider::new(START).await);
    let ada = door.admin().await;
    for (field, value, name) in [
        ("issuer", json!("http://id.example.com"), "issuer"),
        ("id", json!("new"), "id"),
        ("algorithms", json!(["HS256"]), "algorithms"),
        ("clientUrl", json!("http://door.example.com"), "clientUrl"),
        ("roleMapping", json!({ "defaultRole": "nobody-has-it" }), "roleMapping.defaultRole"),
        ("roleMapping", json!({ "roleAttributePath": "env" }), "roleMapping.roleAttributePath"),
        ("roleMapping", json!({ "groupMappings": [{ "group": "a", "role": "no-such" }] }), "roleMapping.groupMappings[0].role"),
    ] {
        let mut body = new(&idp);
        body[field] = value;
        let answer = ada.post("/api/v1/settings/oidc", body).await;
        assert_eq!((answer.status, answer.body["errors"][0]["field"].as_str()), (422, Some(name)), "{}", answer.text);
    }
    assert_eq!(ada.post("/api/v1/settings/oidc", new(&idp)).await.status, 201);
    assert_eq!(ada.post("/api/v1/settings/oidc", new(&idp)).await.code(), "provider_taken");
    door.wait(11 * 60 * 1000);
    assert_eq!(ada.delete("/api/v1/settings/oidc/idp").await.code(), "confirmation_required");
}

#[tokio::test]
async fn a_provider_of_the_configuration_is_changed_there_alone() {
    let kit = Kit::new().await;
    let ada = kit.door.admin().await;
    let shown = ada.get("/api/v1/settings/oidc/okta").await.body;
    assert_eq!((&shown["source"], &shown["state"]), (&json!("config"), &json!("on")));
    assert_eq!(ada.patch("/api/v1/settings/oidc/okta", json!({ "buttonLabel": "x" })).await.code(), "provider_configured");
    assert_eq!(ada.delete("/api/v1/settings/oidc/okta").await.code(), "provider_configured");
    let checked = ada.post("/api/v1/settings/oidc/okta/test", json!({})).await.body;
    assert_eq!((&checked["state"], &checked["keys"]), (&json!("on"), &json!(1)), "{checked}");
    assert_eq!(ada.get("/api/v1/settings/oidc/presets").await.body["items"].as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn who_came_by_a_provider_that_is_deleted_is_signed_out() {
    let (door, idp) = (Door::claimed().await, Provider::new(START).await);
    let ada = admin(&door).await;
    ada.post("/api/v1/settings/oidc", new(&idp)).await;
    idp.pass(&ada, "/auth/oidc/idp/test").await;
    let browser = door.nobody().with("sec-fetch-site", "same-origin");
    let signed_in = idp.pass(&browser, "/auth/oidc/idp/login").await;
    let browser = browser.with_cookies(&signed_in.cookies());
    let begun = idp.begin(&door.nobody().with("sec-fetch-site", "same-origin"), "/auth/oidc/idp/login").await;
    assert_eq!(ada.delete("/api/v1/settings/oidc/idp").await.status, 204);
    assert_eq!(browser.post("/api/v1/auth/refresh", json!({})).await.status, 401);
    let late = door.nobody().with_cookies(&begun.cookies).get(&idp.way_back(&begun)).await;
    assert_eq!((problem(&late).as_str(), opens(&late)), ("expired", false));
    assert_eq!(ways(&door).await, json!([]));
}

/// ROL-097
#[tokio::test]
async fn passwords_are_turned_off_only_while_an_admin_gets_in_by_a_provider() {
    let kit = Kit::with(|provider| provider.link_by_email = true).await;
    let ada = kit.door.admin().await;
    let off = json!({ "passwordSignIn": false });
    let refused = ada.patch("/api/v1/settings/auth", off.clone()).await;
    assert_eq!((refused.status, refused.code()), (409, "last_way_in"));
    assert_eq!(ada.get("/api/v1/settings/auth").await.body["canTurnPasswordOff"], false);
    kit.door.meddle("UPDATE users SET email = 'ada@example.com', email_key = 'ada@example.com'").await;
    kit.idp.says(json!({ "email": "ada@example.com", "email_verified": true }));
    let by_okta = kit.person(&kit.signed_in().await).await;
    assert_eq!(ada.get("/api/v1/settings/auth").await.body["canTurnPasswordOff"], true);
    let done = ada.patch("/api/v1/settings/auth", off).await;
    assert_eq!((done.status, &done.body["passwordSignIn"]), (200, &json!(false)), "{}", done.text);
    let known = kit.door.nobody().get("/api/v1/capabilities").await.body;
    assert_eq!(known["passwordSignIn"], false);
    for name in ["ada", "nobody"] {
        let answer = kit.door.nobody().post("/api/v1/auth/login", json!({ "username": name, "password": "x" })).await;
        assert_eq!((answer.status, answer.code()), (409, "password_sign_in_off"));
    }
    let own = by_okta.get("/api/v1/auth/identities").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(by_okta.delete(&format!("/api/v1/auth/identities/{own}")).await.code(), "last_way_in");
    assert!(opens(&kit.sign_in().await), "she gets in by the provider");
    let without = kit.door.another_with(doorward_gate::config::Config::for_testing()).await;
    without.nobody().signed_in("ada").await;
}

#[tokio::test]
async fn the_shell_always_gets_somebody_back_in() {
    let kit = Kit::new().await;
    kit.door.meddle("INSERT INTO settings (name, value, updated_at) VALUES ('password_sign_in', 'off', 0)").await;
    let restarted = kit.door.another().await;
    assert_eq!(restarted.nobody().post("/api/v1/auth/login", json!({ "username": "ada", "password": "x" })).await.status, 409);
    let on = AuthSettingsPatch { password_sign_in: Some(true), ..AuthSettingsPatch::default() };
    doorward_gate::settings::update_auth(&restarted.gate.system("shell"), on).await.unwrap();
    restarted.nobody().signed_in("ada").await;
    kit.door.meddle("UPDATE settings SET value = 'off' WHERE name = 'password_sign_in'").await;
    let again = kit.door.another().await;
    let id = doorward_gate::users::by_name(&again.gate.system("shell"), "ada").await.unwrap().id;
    let reset = PasswordReset { new_password: "copper gate morning 9".into(), must_change: false };
    doorward_gate::users::reset_password(&again.gate.system("shell"), id, reset).await.unwrap();
    let answer = again.nobody().post("/api/v1/auth/login", json!({ "username": "ada", "password": "copper gate morning 9" })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}
