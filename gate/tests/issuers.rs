//! Tokens of trusted issuers: whom they let in, as what, and for how long.

use crate::proxy_kit::{Front, Manner, read_until, upstream};
use doorward_gate::{
    Gate, Secret,
    config::{Config, IssuerKeys, TrustedIssuer},
    testing::{
        Answer, Door,
        issuer::{Issuer, Mood, SigningKey},
    },
    wire::{
        RoleName,
        sso::{GroupMapping, RoleMapping},
        workspaces::Slug,
    },
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

struct Stage {
    door: Door,
    issuer: Issuer,
    key: SigningKey,
}

fn mapping() -> RoleMapping {
    let line = |(group, role): (&str, &str)| GroupMapping { group: group.into(), role: RoleName(role.into()) };
    RoleMapping { group_mappings: [("ops", "operator"), ("admins", "admin")].map(line).into(), ..RoleMapping::default() }
}

async fn config(key: &SigningKey, change: impl FnOnce(&mut TrustedIssuer)) -> (Config, Issuer) {
    let issuer = Issuer::with(&[key]).await;
    let mut settings = TrustedIssuer {
        id: Slug("cluster".into()),
        issuer: issuer.name.clone(),
        audience: vec!["door".into()],
        role_mapping: mapping(),
        ..TrustedIssuer::default()
    };
    change(&mut settings);
    let mut config = Config::for_testing();
    config.auth.issuers = vec![settings];
    (config, issuer)
}

fn claims(issuer: &Issuer, door: &Door, subject: &str) -> Value {
    let now = door.now().seconds();
    json!({ "iss": issuer.name, "aud": "door", "sub": subject, "iat": now, "exp": now + 7200, "preferred_username": subject })
}

impl Stage {
    async fn with(change: impl FnOnce(&mut TrustedIssuer)) -> Self {
        let key = SigningKey::p256("a");
        let (config, issuer) = config(&key, change).await;
        Self { door: Door::claimed_with(config).await, issuer, key }
    }

    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    fn token(&self, subject: &str, more: Value) -> String {
        let mut claims = claims(&self.issuer, &self.door, subject);
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.key.token(&claims)
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.door.nobody().with("authorization", &format!("Bearer {token}")).get(path).await
    }

    async fn me(&self, token: &str) -> Answer {
        self.get(token, "/api/v1/auth/me").await
    }
}

fn id(me: &Answer) -> &str {
    me.body["user"]["id"].as_str().unwrap_or_else(|| panic!("{}", me.text))
}

#[tokio::test]
async fn the_first_request_makes_the_account_and_its_workspace() {
    let stage = Stage::new().await;
    let token = stage.token("mara", json!({ "groups": ["ops"], "name": "Mara L", "email": "mara@example.com", "email_verified": true }));
    let first = stage.me(&token).await;
    let user = &first.body["user"];
    assert_eq!(
        (&user["username"], &user["role"], &user["source"]),
        (&json!("mara"), &json!("operator"), &json!("issuer")),
        "{}",
        first.text
    );
    assert_eq!((&user["displayName"], &user["email"], &user["hasPassword"]), (&json!("Mara L"), &json!("mara@example.com"), &json!(false)));
    assert_eq!((&first.body["sessionId"], &first.body["apiKey"]), (&Value::Null, &Value::Null));
    let again = stage.me(&stage.token("mara", json!({}))).await;
    assert_eq!((id(&again), &again.body["user"]["role"]), (id(&first), &json!("viewer")), "the role follows");
    let spaces = stage.get(&token, "/api/v1/workspaces").await;
    let own: Vec<_> = spaces.body["items"].as_array().unwrap().iter().filter(|it| it["isPrivate"] == true).collect();
    assert_eq!(own.len(), 1, "{}", spaces.text);
    // Another spelling is somebody else.
    assert_ne!(id(&stage.me(&stage.token("Mara", json!({}))).await), id(&first));
}

#[tokio::test]
async fn of_200_first_requests_at_once_one_makes_the_account() {
    let stage = Stage::new().await;
    // Half of them with one token, the others with one each.
    let shared = stage.token("stranger", json!({}));
    let tokens: Vec<String> =
        (0..200).map(|n| if n % 2 == 0 { shared.clone() } else { stage.token("stranger", json!({ "jti": n.to_string() })) }).collect();
    let all: Vec<_> = tokens
        .into_iter()
        .map(|token| {
            let caller = stage.door.nobody().with("authorization", &format!("Bearer {token}"));
            tokio::spawn(async move { caller.get("/api/v1/auth/me").await })
        })
        .collect();
    let mut ids = BTreeSet::new();
    for one in all {
        ids.insert(id(&one.await.unwrap()).to_owned());
    }
    assert_eq!(ids.len(), 1);
    let admin = stage.door.admin().await;
    let users = admin.get("/api/v1/users").await;
    assert_eq!(users.body["items"].as_array().unwrap().len(), 2, "{}", users.text);
    let spaces = admin.get("/api/v1/workspaces").await;
    let private = spaces.body["items"].as_array().unwrap().iter().filter(|it| it["isPrivate"] == true).count();
    assert_eq!(private, 1, "{}", spaces.text);
    let made = stage.door.events().await.iter().filter(|event| event.starts_with("user.create") && event.contains("cluster")).count();
    assert_eq!(made, 1);
}

/// OID-117, OID-118, OID-120
#[tokio::test]
async fn what_is_not_good_is_nobody() {
    let stage = Stage::new().await;
    let now = stage.door.now().seconds();
    let forged = SigningKey::p256("a").token(&claims(&stage.issuer, &stage.door, "mara"));
    let mut tokens = vec![forged];
    for (claim, value) in [
        ("aud", json!("other")),
        ("aud", Value::Null),
        ("iss", json!("https://other.example")),
        ("iss", json!(format!("{}/", stage.issuer.name))),
        ("exp", json!(now - 61)),
        ("nbf", json!(now + 61)),
        ("sub", json!(42)),
        ("sub", json!("")),
        ("sub", json!("x".repeat(2000))),
        ("sub", json!("a\u{0}b")),
    ] {
        tokens.push(stage.token("mara", json!({ claim: value })));
    }
    tokens.push(format!("{}.", stage.token("mara", json!({}))));
    tokens.push("a.b.c".into());
    for token in tokens {
        let answer = stage.me(&token).await;
        assert_eq!((answer.status, answer.code()), (401, "unauthenticated"), "{token}");
    }
    let users = stage.door.admin().await.get("/api/v1/users").await;
    assert_eq!(users.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_time_is_judged_each_time_and_the_keys_too() {
    let stage = Stage::new().await;
    let token = stage.token("mara", json!({ "exp": stage.door.now().seconds() + 3600 }));
    assert_eq!(stage.me(&token).await.status, 200);
    stage.door.wait(3_600_000 + 59_000);
    assert_eq!(stage.me(&token).await.status, 200);
    stage.door.wait(1_000);
    assert_eq!(stage.me(&token).await.status, 401);
    // A key that is published no more: from the next fetch on nothing that it signed is good.
    let (token, new) = (stage.token("mara", json!({})), SigningKey::ed25519("b"));
    assert_eq!(stage.me(&token).await.status, 200);
    stage.issuer.publish(&[&new]);
    assert_eq!(stage.me(&token).await.status, 200);
    stage.door.wait(60_000);
    let by_new = new.token(&claims(&stage.issuer, &stage.door, "mara"));
    assert_eq!(stage.me(&by_new).await.status, 200, "it is fetched because of it");
    assert_eq!(stage.me(&token).await.status, 401);
}

#[tokio::test]
async fn an_outage_of_the_issuer_for_an_hour_is_not_noticed() {
    let stage = Stage::new().await;
    let token = stage.token("mara", json!({}));
    assert_eq!(stage.me(&token).await.status, 200);
    stage.issuer.be(Mood::Status(503));
    for minute in 0..60 {
        stage.door.wait(60_000);
        assert_eq!(stage.me(&token).await.status, 200, "{minute}");
        let fresh = stage.token("mara", json!({ "jti": minute }));
        assert_eq!(stage.me(&fresh).await.status, 200, "{minute}");
    }
}

/// OID-136
#[tokio::test]
async fn what_changes_about_the_account_holds_at_once() {
    let stage = Stage::new().await;
    let token = stage.token("mara", json!({}));
    let admin = stage.door.admin().await;
    let path = format!("/api/v1/users/{}", id(&stage.me(&token).await));
    assert_eq!(stage.get(&token, "/api/v1/users").await.status, 403);
    assert_eq!(admin.patch(&path, json!({ "role": "admin" })).await.status, 200);
    assert_eq!(stage.get(&token, "/api/v1/users").await.status, 200);
    assert_eq!(stage.me(&stage.token("mara", json!({ "jti": "new" }))).await.body["user"]["role"], "viewer", "a new token is mapped");
    assert_eq!(stage.get(&token, "/api/v1/users").await.status, 403);
    assert_eq!(admin.patch(&path, json!({ "isDisabled": true })).await.status, 200);
    assert_eq!(stage.me(&token).await.status, 401);
    assert_eq!(stage.me(&stage.token("mara", json!({ "jti": "newer" }))).await.status, 401, "a new token does not help");
    assert_eq!(admin.patch(&path, json!({ "isDisabled": false })).await.status, 200);
    stage.door.wait(11_000);
    assert_eq!(stage.me(&token).await.status, 200);
    let before = id(&stage.me(&token).await).to_owned();
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_ne!(id(&stage.me(&token).await), before, "who was deleted is a stranger again");
}

#[tokio::test]
async fn without_a_session_nothing_is_done_that_makes_one_or_a_key() {
    let stage = Stage::new().await;
    let caller = stage.door.nobody().with("authorization", &format!("Bearer {}", stage.token("root", json!({ "groups": ["admins"] }))));
    assert_eq!(caller.get("/api/v1/auth/me").await.body["user"]["role"], "admin");
    for (method, path, body) in [
        ("POST", "/api/v1/auth/logout", None),
        ("POST", "/api/v1/auth/logout-all", None),
        ("POST", "/api/v1/auth/ticket", None),
        ("GET", "/api/v1/sessions", None),
        ("PATCH", "/api/v1/auth/me", Some(json!({ "displayName": "x" }))),
        ("POST", "/api/v1/auth/change-password", Some(json!({ "currentPassword": "a", "newPassword": "b" }))),
        ("POST", "/api/v1/api-keys", Some(json!({ "name": "x", "role": "admin" }))),
    ] {
        let answer = caller.send(method, path, body.map(|body| body.to_string())).await;
        assert_eq!((answer.status, answer.code()), (403, "session_required"), "{path}: {}", answer.text);
    }
    // What needs a fresh proof has none here.
    let user = stage.door.person("viewer").await;
    let removed = caller.delete(&format!("/api/v1/users/{}", user.id)).await;
    assert_eq!(removed.code(), "confirmation_required", "{}", removed.text);
    assert_eq!(caller.get("/api/v1/users").await.status, 200);
}

#[tokio::test]
async fn strangers_stay_out_where_no_accounts_are_made_and_that_is_said_once_in_a_while() {
    let stage = Stage::with(|issuer| issuer.auto_provision = false).await;
    let token = stage.token("mara", json!({}));
    for _ in 0..10 {
        assert_eq!(stage.me(&token).await.status, 401);
    }
    let denied = || async { stage.door.events().await.iter().filter(|event| event.starts_with("session.start denied")).count() };
    assert_eq!(denied().await, 1);
    stage.door.wait(10_000);
    assert_eq!(stage.me(&token).await.status, 401);
    assert_eq!(denied().await, 2);
    let strict = Stage::with(|issuer| issuer.role_mapping.role_attribute_strict = true).await;
    assert_eq!(strict.me(&strict.token("mara", json!({ "groups": ["none"] }))).await.status, 401);
    assert_eq!(strict.me(&strict.token("mara", json!({ "groups": ["ops"] }))).await.status, 200);
}

/// OID-122
#[tokio::test]
async fn an_address_makes_nobody_somebody_else() {
    let stage = Stage::new().await;
    let admin = stage.door.admin().await;
    let path = format!("/api/v1/users/{}", admin.id);
    assert_eq!(admin.patch(&path, json!({ "email": "ada@example.com" })).await.status, 200);
    for verified in [json!(true), json!(false), json!("true"), json!(1), Value::Null, json!([true])] {
        let token = stage.token("eve", json!({ "email": "ada@example.com", "email_verified": verified }));
        assert_eq!(stage.me(&token).await.status, 401, "{verified}");
    }
    // As a subject it has to be vouched for.
    let by_address = Stage::with(|issuer| issuer.subject_claim = "email".into()).await;
    for (verified, status) in [(json!(true), 200), (json!(false), 401), (json!("true"), 401), (Value::Null, 401)] {
        let token = by_address.token("x", json!({ "email": "bob@example.com", "email_verified": verified }));
        assert_eq!(by_address.me(&token).await.status, status, "{verified}");
    }
}

#[tokio::test]
async fn every_way_to_the_keys_leads_to_them() {
    for kind in ["keys", "discovery", "usual"] {
        let key = SigningKey::rsa("r");
        let (config, issuer) = config(&key, |settings| {
            settings.keys = match kind {
                "keys" => IssuerKeys::At(format!("{}/keys", settings.issuer)),
                "discovery" => IssuerKeys::Discovery(Some(format!("{}/description", settings.issuer))),
                _ => IssuerKeys::Discovery(None),
            };
        })
        .await;
        let stage = Stage { door: Door::claimed_with(config).await, issuer, key };
        assert_eq!(stage.me(&stage.token("mara", json!({}))).await.status, 200, "{kind}");
    }
}

#[tokio::test]
async fn what_can_not_be_configured_does_not_open() {
    for change in [
        (|issuer: &mut TrustedIssuer| issuer.audience.clear()) as fn(&mut TrustedIssuer),
        |issuer| issuer.algorithms.clear(),
        |issuer| issuer.keys = IssuerKeys::At("ftp://x".into()),
        |issuer| issuer.role_mapping.role_attribute_path = Some("env".into()),
    ] {
        let (config, _issuer) = config(&SigningKey::p256("a"), change).await;
        let folder = tempfile::tempdir().unwrap();
        let problem =
            Gate::builder().config(config).secret(Secret::file(folder.path().join("secret"))).build().await.err().unwrap().to_string();
        assert!(problem.contains("auth.issuers.cluster."), "{problem}");
    }
}

const ASKS: &str =
    "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// PRX-149
#[tokio::test]
async fn an_app_is_told_who_it_is_and_never_gets_the_token() {
    let echo = upstream(Manner::Echo).await;
    let key = SigningKey::p256("a");
    let (config, issuer) = config(&key, |_| {}).await;
    let front = Front::with(config, echo.address, json!([{ "allow": "read" }])).await;
    let token = |audience: &str, subject: &str| {
        let mut claims = claims(&issuer, &front.door, subject);
        claims["aud"] = audience.into();
        key.token(&claims)
    };
    let ours = format!("Bearer {}", token("door", "mara"));
    let answer = front.send("GET /x", &[("Authorization", &ours)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let seen = echo.text();
    assert!(seen.to_lowercase().contains("x-doorward-user: mara") && !seen.contains(&ours[20..]), "{seen}");
    // Not good, and still not the app's to see; that for another audience is the app's own.
    let forged = format!("Bearer {}", SigningKey::p256("a").token(&claims(&issuer, &front.door, "eve")));
    assert_eq!(front.send("GET /x", &[("Authorization", &forged), ("Accept", "application/json")]).await.status, 401);
    let others = format!("Bearer {}", token("the app", "mara"));
    let keyed = front.key("viewer").await;
    assert_eq!(front.send("GET /y", &[("Authorization", &others), ("X-API-Key", &keyed)]).await.status, 200);
    let seen = echo.text();
    assert!(seen.contains(&others[20..]) && !seen.contains(&forged[20..]), "{seen}");
}

#[tokio::test]
async fn what_is_open_ends_with_the_token_or_the_account() {
    let echo = upstream(Manner::Upgrade).await;
    let key = SigningKey::p256("a");
    let (config, issuer) = config(&key, |_| {}).await;
    let front = Front::with(config, echo.address, json!([{ "allow": "read" }])).await;
    let open = async |subject: &str| {
        let token = format!("Bearer {}", key.token(&claims(&issuer, &front.door, subject)));
        let mut stream = TcpStream::connect(front.address).await.unwrap();
        stream.write_all(format!("{}{ASKS}\r\n", front.head("GET /ws", &[("Authorization", &token)])).as_bytes()).await.unwrap();
        let head = String::from_utf8(read_until(&mut stream, b"\r\n\r\n").await).unwrap();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        stream
    };
    let (mut mara, mut bob) = (open("mara").await, open("bob").await);
    let admin = front.door.admin().await;
    let users = admin.get("/api/v1/users?query=mara").await;
    let path = format!("/api/v1/users/{}", users.body["items"][0]["id"].as_str().unwrap());
    assert_eq!(admin.patch(&path, json!({ "isDisabled": true })).await.status, 200);
    let last = timeout(Duration::from_secs(5), read_until(&mut mara, b"allowed")).await.expect("it ends");
    assert!(!last.is_empty());
    front.door.wait(7_200_000);
    let last = timeout(Duration::from_secs(5), read_until(&mut bob, b"ended")).await.expect("it ends");
    assert!(!last.is_empty());
}
