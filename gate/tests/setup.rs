//! The first run.

use doorward_gate::{
    config::{Bootstrap, Config},
    testing::{Door, PASSWORD},
};
use secrecy::ExposeSecret;
use serde_json::json;

fn first(name: &str) -> serde_json::Value {
    json!({ "username": name, "password": PASSWORD })
}

#[tokio::test]
async fn the_first_account_is_made_and_signed_in() {
    let door = Door::new().await;
    let before = door.nobody().get("/api/v1/capabilities").await;
    assert_eq!((before.body["setupRequired"].as_bool(), before.body["authRequired"].as_bool()), (Some(true), Some(true)));
    let answer = door.nobody().post("/api/v1/setup", json!({ "username": "Ada", "email": "ada@example.com", "password": PASSWORD })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.body["user"]["role"], "admin");
    let ada = door.nobody().with_tokens(&answer);
    assert_eq!(ada.get("/api/v1/auth/me").await.body["user"]["username"], "Ada");
    assert_eq!(door.nobody().get("/api/v1/capabilities").await.body["setupRequired"], false);
    assert!(door.events().await.contains(&"setup.complete success by Ada".to_owned()));
}

/// SET-001
#[tokio::test]
async fn of_many_setups_at_once_exactly_one_wins() {
    for _ in 0..5 {
        let door = Door::new().await;
        let tries = (0..32).map(|n| {
            let nobody = door.nobody();
            tokio::spawn(async move { nobody.post("/api/v1/setup", first(&format!("u{n}"))).await.status })
        });
        let mut statuses = Vec::new();
        for one in tries.collect::<Vec<_>>() {
            statuses.push(one.await.unwrap());
        }
        assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|s| matches!(s, 201 | 409 | 503)), "{statuses:?}");
        let winner = statuses.iter().position(|s| *s == 201).unwrap();
        let ada = door.nobody().signed_in(&format!("u{winner}")).await;
        assert_eq!(ada.get("/api/v1/users").await.body["items"].as_array().map(Vec::len), Some(1));
    }
}

/// SET-002
#[tokio::test]
async fn setup_is_closed_for_ever_after_by_every_door() {
    let door = Door::claimed().await;
    for caller in [door.nobody(), door.admin().await] {
        let again = caller.post("/api/v1/setup", first("eve")).await;
        assert_eq!((again.status, again.code()), (409, "setup_done"));
        assert_eq!(caller.post("/api/v1/setup/skip", json!({})).await.code(), "setup_done");
        assert_eq!(caller.get("/api/v1/setup").await.code(), "setup_done");
        assert_eq!(caller.put("/api/v1/setup", first("eve")).await.status, 405);
        assert_eq!(caller.post("/api/v1/setup/", first("eve")).await.status, 404);
        assert!(matches!(caller.post("//api/v1/setup", first("eve")).await.status, 404 | 415));
    }
}

#[tokio::test]
async fn setup_stays_closed_after_a_skip() {
    let door = Door::new().await;
    assert_eq!(door.nobody().post("/api/v1/setup/skip", json!({})).await.status, 204);
    assert_eq!(door.nobody().post("/api/v1/setup", first("eve")).await.code(), "setup_done");
    let me = door.nobody().get("/api/v1/auth/me").await;
    assert_eq!((me.status, me.body["isOpen"].as_bool()), (200, Some(true)));
    assert_eq!(door.nobody().post("/api/v1/auth/login", first("ada")).await.code(), "authentication_off");
}

/// SET-006
#[tokio::test]
async fn the_code_that_one_node_printed_counts_at_each() {
    let door = Door::new().await;
    let (code, other) = (door.gate.setup_code(), door.another().await);
    if std::env::var_os("TEST_DATABASE_URL").is_none() {
        assert_ne!(code, other.gate.setup_code(), "each start has its own");
        return;
    }
    assert_eq!(code, other.gate.setup_code());
    let body = json!({ "username": "ada", "password": PASSWORD, "setupCode": code });
    assert_eq!(other.nobody().from_afar([203, 0, 113, 9]).post("/api/v1/setup", body).await.status, 201);
}

#[tokio::test]
async fn from_afar_setup_asks_for_the_code_and_guessing_is_slow() {
    let door = Door::new().await;
    let afar = door.nobody().from_afar([192, 168, 1, 7]);
    assert_eq!(afar.get("/api/v1/capabilities").await.body["setupCodeRequired"], true);
    assert_eq!(afar.post("/api/v1/setup", first("eve")).await.code(), "setup_code_required");
    assert_eq!(afar.post("/api/v1/setup/skip", json!({})).await.code(), "setup_code_required");
    let mut refused = 0;
    for n in 0..50 {
        let body = json!({ "username": "eve", "password": PASSWORD, "setupCode": format!("guess{n}") });
        refused += i32::from(afar.post("/api/v1/setup", body).await.status == 429);
    }
    assert_eq!(refused, 45);
    door.wait(60_000);
    let code = door.gate.setup_code().unwrap();
    let body = json!({ "username": "ada", "password": PASSWORD, "setupCode": code });
    assert_eq!(afar.post("/api/v1/setup", body).await.status, 201);
    assert_eq!(door.gate.setup_code(), None, "it is of no use any more");
}

#[tokio::test]
async fn behind_a_proxy_nobody_is_on_the_servers_own_machine() {
    let door = Door::new().await;
    let proxied = door.nobody().with("x-forwarded-for", "127.0.0.1");
    assert_eq!(proxied.post("/api/v1/setup", first("eve")).await.code(), "setup_code_required");
    let named = door.nobody().with("host", "10.0.0.5:8080");
    assert_eq!(named.post("/api/v1/setup", first("eve")).await.code(), "setup_code_required");
}

/// SET-011
#[tokio::test]
async fn sign_in_is_not_turned_on_while_nobody_could_sign_in() {
    let door = Door::new().await;
    door.nobody().post("/api/v1/setup/skip", json!({})).await;
    let nobody = door.nobody();
    assert_eq!(nobody.patch("/api/v1/settings/auth", json!({ "enabled": true })).await.code(), "no_users");
    let weak = json!({ "enabled": true, "admin": { "username": "ada", "password": "password1" } });
    assert_eq!(nobody.patch("/api/v1/settings/auth", weak).await.status, 422);
    assert_eq!(nobody.get("/api/v1/users").await.status, 200, "nothing half-done: everything is open as before");
    let answer = nobody.patch("/api/v1/settings/auth", json!({ "enabled": true, "admin": first("ada") })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.cookies().contains("doorward="), "whoever made the account is signed in");
    assert_eq!(nobody.get("/api/v1/users").await.status, 401);
    assert_eq!(door.admin().await.get("/api/v1/users").await.status, 200);
}

/// SET-013
#[tokio::test]
async fn strangers_learn_no_more_than_they_must() {
    let door = Door::claimed().await;
    let answer = door.nobody().get("/api/v1/capabilities").await;
    let mut names: Vec<_> = answer.body.as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(
        names,
        [
            "authRequired",
            "devMode",
            "name",
            "passwordSignIn",
            "providers",
            "registration",
            "secureTransport",
            "setupCodeRequired",
            "setupRequired"
        ]
    );
    assert!(!answer.text.contains(env!("CARGO_PKG_VERSION")));
    assert!(answer.headers.get("server").is_none());
}

/// SET-014
#[tokio::test]
async fn the_bootstrap_admin_is_made_once_and_must_change_the_password() {
    let mut config = Config::for_testing();
    config.auth.admin = Some(Bootstrap { username: "root".into(), email: None, password: None });
    let door = Door::with(config).await;
    let password = door.gate.bootstrap_password().unwrap();
    assert_eq!(password.expose_secret().len(), 24);
    assert!(door.gate.bootstrap_password().is_none(), "it is given out once");
    assert!(!door.all_text().await.contains(password.expose_secret()));
    let answer = door.nobody().post("/api/v1/auth/login", json!({ "username": "root", "password": password.expose_secret() })).await;
    let root = door.nobody().with_tokens(&answer);
    assert_eq!(root.get("/api/v1/users").await.code(), "password_change_required");
    let change = json!({ "currentPassword": password.expose_secret(), "newPassword": PASSWORD });
    let answer = root.post("/api/v1/auth/change-password", change).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(root.with_tokens(&answer).get("/api/v1/users").await.status, 200);
    let again = door.another().await;
    assert!(again.gate.bootstrap_password().is_none());
    assert_eq!(again.nobody().signed_in("root").await.get("/api/v1/users").await.body["items"].as_array().map(Vec::len), Some(1));
}

/// SET-016
#[tokio::test]
async fn setup_checks_as_strictly_as_everything_else() {
    let door = Door::new().await;
    let long = "a".repeat(200_000);
    for (username, password) in [
        ("ada", "seven77"),
        ("ada", "password1"),
        ("ada.lovelace", "ada.lovelace"),
        (long.as_str(), PASSWORD),
        ("../x", PASSWORD),
        ("A1\u{200b}", PASSWORD),
        ("", PASSWORD),
    ] {
        let answer = door.nobody().post("/api/v1/setup", json!({ "username": username, "password": password })).await;
        assert_eq!(answer.status, 422, "{username:.20} {password}: {}", answer.text);
        assert!(answer.body["errors"][0]["field"].is_string());
    }
    let over = door.nobody().post("/api/v1/setup", json!({ "username": "ada", "password": PASSWORD, "role": "admin" })).await;
    assert_eq!(over.body["errors"][0]["field"], "role");
    assert_eq!(door.nobody().get("/api/v1/capabilities").await.body["setupRequired"], true, "nothing was half done");
}

#[tokio::test]
async fn while_sign_in_is_off_only_the_own_machine_or_the_code_changes_people() {
    let door = Door::new().await;
    door.nobody().post("/api/v1/setup/skip", json!({})).await;
    let afar = door.nobody().from_afar([192, 168, 1, 7]);
    let new = json!({ "username": "bob", "password": PASSWORD });
    assert_eq!(afar.get("/api/v1/users").await.status, 200);
    assert_eq!(afar.post("/api/v1/users", new.clone()).await.code(), "setup_code_required");
    assert_eq!(afar.patch("/api/v1/settings/auth", json!({ "enabled": true })).await.code(), "setup_code_required");
    let code = door.gate.setup_code().unwrap();
    assert_eq!(afar.clone().with("x-doorward-setup-code", &code).post("/api/v1/users", new).await.status, 201);
}

#[tokio::test]
async fn an_admin_made_at_the_shell_makes_the_wizard_needless() {
    let door = Door::new().await;
    let shell = door.another().await;
    let make = async |name: &str, role: &str| {
        let new = serde_json::from_value(json!({ "username": name, "password": PASSWORD, "role": role })).unwrap();
        doorward_gate::users::create(&shell.gate.system("shell"), new).await.unwrap();
    };
    make("bob", "viewer").await;
    assert_eq!(door.nobody().get("/api/v1/capabilities").await.body["setupRequired"], true, "nobody could administer yet");
    make("ada", "admin").await;
    tokio::time::sleep(std::time::Duration::from_millis(900)).await;
    assert_eq!(door.nobody().post("/api/v1/setup", first("eve")).await.code(), "setup_done");
    assert_eq!(door.admin().await.get("/api/v1/users").await.status, 200);
}
