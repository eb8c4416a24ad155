//! API keys: making, showing and changing them, and who may.

use doorward_gate::{
    config::Config,
    testing::{Answer, Caller, Door, PASSWORD},
};
use serde_json::{Value, json};

pub(crate) const KEYS: &str = "/api/v1/api-keys";
pub(crate) const ME: &str = "/api/v1/auth/me";

/// Makes a key; gives the answer, which holds `apiKey` and `key`.
pub(crate) async fn make(caller: &Caller, new: Value) -> Answer {
    let answer = caller.post(KEYS, new).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer
}

/// The address of a key that was made.
pub(crate) fn path(made: &Answer) -> String {
    format!("{KEYS}/{}", made.body["apiKey"]["id"].as_str().unwrap())
}

/// A program with the key that was made.
pub(crate) fn with(door: &Door, made: &Answer) -> Caller {
    door.nobody().with("x-api-key", made.body["key"].as_str().unwrap())
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
}

fn field(answer: &Answer) -> &str {
    assert_eq!((answer.status, answer.code()), (422, "invalid"), "{}", answer.text);
    answer.body["errors"][0]["field"].as_str().unwrap()
}

#[tokio::test]
async fn a_new_key_is_as_asked() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let new = json!({
        "name": " CI deploys ", "role": "operator", "description": "From the build", "expiresIn": "720h",
        "scope": { "workspace": "default", "environment": "default" }, "allowedIps": ["10.1.2.3/8", "::1", "10.0.0.0/8"],
    });
    let made = make(&ada, new).await;
    let key = &made.body["apiKey"];
    let text = made.body["key"].as_str().unwrap();
    assert_eq!((text.len(), &text[..3], &text[3..11], &text[11..12]), (61, "dw_", key["prefix"].as_str().unwrap(), "_"));
    assert_eq!(
        *key,
        json!({
            "id": key["id"], "name": "CI deploys", "description": "From the build", "prefix": key["prefix"], "kind": "service",
            "role": "operator", "scope": { "workspace": "default", "environment": "default" },
            "allowedIps": ["10.0.0.0/8", "::1"], "ownerId": null, "ownerName": null,
            "createdBy": { "kind": "user", "id": ada.id, "name": "ada" }, "createdAt": door.now().to_string(),
            "updatedAt": door.now().to_string(), "expiresAt": door.now().plus(720 * 60 * 60 * 1000).to_string(),
            "lastUsedAt": null, "lastUsedIp": null, "useCount": 0, "revokedAt": null, "status": "active",
        })
    );
    assert_eq!(ada.get(&path(&made)).await.body, *key);
    assert_eq!(ada.get(KEYS).await.body, json!({ "items": [key], "total": 1 }));
    assert!(door.events().await.contains(&"api_key.create success by ada".to_owned()));
}

/// KEY-079
#[tokio::test]
async fn a_key_is_shown_once() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = make(&ada, json!({ "name": "deploy", "role": "viewer" })).await;
    assert_eq!(made.headers["cache-control"], "no-store");
    let rotated = ada.post(&format!("{}/rotate", path(&made)), json!({})).await;
    assert_eq!((rotated.status, rotated.headers["cache-control"].to_str().unwrap()), (200, "no-store"));
    let mut seen = door.all_text().await;
    for place in [KEYS, &path(&made), "/api/v1/stats/overview"] {
        seen += &ada.get(place).await.text;
    }
    seen += &ada.patch(&path(&made), json!({ "name": "other" })).await.text;
    for answer in [&made, &rotated] {
        let text = answer.body["key"].as_str().unwrap();
        assert!(!seen.contains(&text[12..55]), "the secret is told once, and kept as a hash");
    }
    assert!(seen.contains(made.body["apiKey"]["prefix"].as_str().unwrap()), "the public part is no secret");
}

#[tokio::test]
async fn what_a_new_key_can_not_be_is_said_with_the_field() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    for (more, wrong) in [
        (json!({ "name": " " }), "name"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({ "name": "a\u{202e}b" }), "name"),
        (json!({ "name": "a\u{0}b" }), "name"),
        (json!({ "role": "root" }), "role"),
        (json!({ "kind": "root" }), "kind"),
        (json!({ "description": "x".repeat(501) }), "description"),
        (json!({ "expiresIn": "30d" }), "expiresIn"),
        (json!({ "expiresIn": "0s" }), "expiresIn"),
        (json!({ "expiresIn": "1h", "expiresAt": "2040-01-01T00:00:00Z" }), "expiresAt"),
        (json!({ "expiresAt": door.now().plus(-1).to_string() }), "expiresAt"),
        (json!({ "expiresAt": door.now().to_string() }), "expiresAt"),
        (json!({ "expiresAt": "tomorrow" }), "expiresAt"),
        (json!({ "scope": { "workspace": "other" } }), "scope.workspace"),
        (json!({ "scope": { "environment": "prod" } }), "scope.workspace"),
        (json!({ "scope": { "workspace": "default", "environment": "prod" } }), "scope.environment"),
        (json!({ "scope": { "apps": [] } }), "scope.apps"),
        (json!({ "scope": { "tenant": "x" } }), "scope.tenant"),
        (json!({ "allowedIps": [] }), "allowedIps"),
        (json!({ "allowedIps": ["10.0.0.0/33"] }), "allowedIps"),
        (json!({ "allowedIps": ["everywhere"] }), "allowedIps"),
        (json!({ "allowedIps": vec!["10.0.0.1"; 101] }), "allowedIps"),
        (json!({ "useCount": 5 }), "useCount"),
        (json!({ "prefix": "aaaaaaaa" }), "prefix"),
        (json!({ "ownerId": "00000000-0000-7000-8000-000000000000" }), "ownerId"),
    ] {
        let mut new = json!({ "name": "deploy", "role": "viewer" });
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(field(&ada.post(KEYS, new).await), wrong, "{more}");
    }
    assert_eq!(field(&ada.post(KEYS, json!({ "name": "deploy" })).await), "role");
    assert_eq!(ada.get(KEYS).await.body["total"], 0);
}

/// KEY-082
#[tokio::test]
async fn no_key_can_do_more_than_who_gives_it_out() {
    let door = Door::claimed().await;
    for role in ["viewer", "operator", "developer", "manager"] {
        let person = door.person(role).await;
        refused(&person.post(KEYS, json!({ "name": "a", "role": "viewer" })).await, 403, "forbidden");
        refused(&person.post(KEYS, json!({ "name": "a", "role": "admin", "kind": "personal" })).await, 403, "role_exceeds_own");
        let mine = make(&person, json!({ "name": "a", "role": role, "kind": "personal" })).await;
        refused(&person.patch(&path(&mine), json!({ "role": "admin" })).await, 403, "role_exceeds_own");
        let text = r#"{"name":"a","kind":"personal","role":"viewer","role":"admin"}"#;
        assert_eq!(field(&person.send("POST", KEYS, Some(text.into())).await), "role");
        let itself = with(&door, &mine);
        refused(&itself.patch(&path(&mine), json!({ "role": "admin" })).await, 403, "forbidden");
    }
    let admins = door.key("admin").await;
    let own = format!("{KEYS}/{}", admins.id);
    refused(&admins.patch(&own, json!({ "name": "b" })).await, 409, "not_yourself");
    refused(&admins.delete(&own).await, 409, "not_yourself");
    let other = door.key("viewer").await;
    let others = format!("{KEYS}/{}", other.id);
    assert_eq!(admins.patch(&others, json!({ "role": "manager" })).await.status, 200);
    refused(&admins.patch(&others, json!({ "role": "admin" })).await, 403, "confirmation_required");
}

#[tokio::test]
async fn an_admins_key_is_given_out_with_a_fresh_proof_alone() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = make(&ada, json!({ "name": "a", "role": "admin" })).await;
    let mild = make(&ada, json!({ "name": "b", "role": "manager" })).await;
    door.wait(11 * 60 * 1000);
    let rotate = |made: &Answer| format!("{}/rotate", path(made));
    refused(&ada.post(KEYS, json!({ "name": "c", "role": "admin" })).await, 403, "confirmation_required");
    refused(&ada.patch(&path(&mild), json!({ "role": "admin" })).await, 403, "confirmation_required");
    refused(&ada.post(&rotate(&made), json!({})).await, 403, "confirmation_required");
    assert_eq!(ada.post(&rotate(&mild), json!({})).await.status, 200);
    assert_eq!(ada.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(ada.post(&rotate(&made), json!({})).await.status, 200);
}

/// KEY-083
#[tokio::test]
async fn an_admins_key_makes_neither_sessions_nor_keys_and_proves_no_password() {
    let door = Door::claimed().await;
    let (key, leo) = (door.key("admin").await, door.named("leo", "viewer").await);
    assert_eq!(key.get("/api/v1/users").await.status, 200, "its role has the permission");
    let tokens = json!({ "refreshToken": leo.refresh_token });
    let sign_in = json!({ "username": "leo", "password": PASSWORD });
    let change = json!({ "currentPassword": PASSWORD, "newPassword": "nine copper kettles sing" });
    for (method, path, body) in [
        ("POST", "/api/v1/auth/login", sign_in),
        ("POST", "/api/v1/auth/refresh", tokens),
        ("POST", "/api/v1/auth/logout", Value::Null),
        ("POST", "/api/v1/auth/logout-all", Value::Null),
        ("GET", "/api/v1/auth/validate", Value::Null),
        ("PATCH", "/api/v1/auth/me", json!({ "displayName": "x" })),
        ("POST", "/api/v1/auth/change-password", change),
        ("POST", "/api/v1/auth/confirm", json!({ "password": PASSWORD })),
        ("POST", "/api/v1/auth/ticket", Value::Null),
        ("GET", "/api/v1/sessions?user=all", Value::Null),
        ("POST", KEYS, json!({ "name": "a", "role": "viewer" })),
        ("POST", KEYS, json!({ "name": "a", "role": "viewer", "kind": "personal" })),
        ("POST", &format!("{KEYS}/{}/rotate", door.key("viewer").await.id), json!({})),
    ] {
        let answer = key.send(method, path, (!body.is_null()).then(|| body.to_string())).await;
        refused(&answer, 403, "session_required");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    let leos = format!("/api/v1/users/{}", leo.id);
    refused(&key.delete(&leos).await, 403, "confirmation_required");
    refused(&key.patch(&leos, json!({ "role": "admin" })).await, 403, "confirmation_required");
    refused(&key.patch("/api/v1/settings/auth", json!({ "enabled": false })).await, 403, "confirmation_required");
    refused(&key.post("/api/v1/setup", json!({ "username": "eve", "password": PASSWORD })).await, 409, "setup_done");
    assert!(leo.get(ME).await.body["user"]["role"] == "viewer");
    for role in ["viewer", "operator", "developer", "manager"] {
        let key = door.key(role).await;
        for path in ["/api/v1/users", KEYS, &format!("{KEYS}/{}", key.id), "/api/v1/settings", "/api/v1/settings/auth"] {
            refused(&key.get(path).await, 403, "forbidden");
        }
    }
    let events = door.events().await;
    assert!(events.contains(&"access.denied denied by viewer key".to_owned()), "{events:?}");
}

#[tokio::test]
async fn everybody_sees_their_own_keys_and_admins_all() {
    let door = Door::claimed().await;
    let (ada, leo, kim) = (door.admin().await, door.named("leo", "viewer").await, door.named("kim", "viewer").await);
    let service = make(&ada, json!({ "name": "service", "role": "viewer" })).await;
    let leos = make(&leo, json!({ "name": "leo's", "role": "viewer", "kind": "personal" })).await;
    make(&kim, json!({ "name": "kim's", "role": "viewer", "kind": "personal" })).await;
    assert_eq!((&leos.body["apiKey"]["ownerId"], &leos.body["apiKey"]["ownerName"]), (&json!(leo.id), &json!("leo")));
    let names = |answer: &Answer| -> Vec<String> {
        answer.body["items"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&leo.get(KEYS).await), ["leo's"]);
    assert_eq!(names(&ada.get(KEYS).await), ["kim's", "leo's", "service"]);
    assert_eq!(names(&ada.get(&format!("{KEYS}?mine=true")).await), Vec::<String>::new());
    // ROL-099: what is not one's own is as what is not there.
    let random = format!("{KEYS}/00000000-0000-7000-8000-000000000000");
    let rotate = |path: &str| format!("{path}/rotate");
    let same = |mut answer: Answer| {
        answer.body["requestId"] = Value::Null;
        (answer.status, answer.body)
    };
    for path in [&path(&service), &path(&leos)] {
        assert_eq!(same(kim.get(path).await), same(kim.get(&random).await));
        assert_eq!(same(kim.patch(path, json!({ "name": "x" })).await), same(kim.patch(&random, json!({ "name": "x" })).await));
        assert_eq!(same(kim.delete(path).await), same(kim.delete(&random).await));
        assert_eq!(same(kim.post(&rotate(path), json!({})).await), same(kim.post(&rotate(&random), json!({})).await));
        assert_eq!(kim.get(path).await.status, 404);
    }
    refused(&ada.post(&rotate(&path(&leos)), json!({})).await, 403, "forbidden");
    assert_eq!(ada.patch(&path(&leos), json!({ "description": "seen by ada" })).await.status, 200);
    assert_eq!(leo.get(&path(&leos)).await.body["description"], "seen by ada");
    assert_eq!(leo.post(&rotate(&path(&leos)), json!({})).await.status, 200);
    assert_eq!(leo.delete(&path(&leos)).await.status, 204);
}

#[tokio::test]
async fn personal_keys_can_be_turned_off() {
    let mut config = Config::for_testing();
    config.keys.personal = false;
    let door = Door::claimed_with(config).await;
    let (ada, leo) = (door.admin().await, door.named("leo", "viewer").await);
    for person in [&ada, &leo] {
        refused(&person.post(KEYS, json!({ "name": "a", "role": "viewer", "kind": "personal" })).await, 403, "forbidden");
    }
    assert_eq!(leo.get(KEYS).await.body["total"], 0);
    let service = make(&ada, json!({ "name": "service", "role": "viewer" })).await;
    assert_eq!(with(&door, &service).get(ME).await.status, 200);
}

#[tokio::test]
async fn while_sign_in_is_off_service_keys_can_be_managed() {
    let door = Door::new().await;
    assert_eq!(door.nobody().post("/api/v1/setup/skip", json!({})).await.status, 204);
    let anyone = door.nobody();
    let made = make(&anyone, json!({ "name": "a", "role": "admin" })).await;
    assert_eq!(made.body["apiKey"]["createdBy"], json!({ "kind": "open", "id": "", "name": "anyone" }));
    refused(&anyone.post(KEYS, json!({ "name": "a", "role": "viewer", "kind": "personal" })).await, 409, "authentication_off");
    let afar = door.nobody().from_afar([10, 0, 0, 9]);
    refused(&afar.post(KEYS, json!({ "name": "b", "role": "viewer" })).await, 403, "setup_code_required");
    refused(&afar.post(&format!("{}/rotate", path(&made)), json!({})).await, 403, "setup_code_required");
    assert_eq!(afar.get(KEYS).await.body["total"], 1);
    assert_eq!(anyone.patch(&path(&made), json!({ "name": "c" })).await.status, 200);
    assert_eq!(anyone.post(&format!("{}/rotate", path(&made)), json!({})).await.status, 200);
    assert_eq!(anyone.delete(&path(&made)).await.status, 204);
}

#[tokio::test]
async fn an_idempotency_key_makes_one_key() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let new = json!({ "name": "a", "role": "viewer" });
    let careful = ada.clone().with("idempotency-key", "k1");
    let (first, again) = (make(&careful, new.clone()).await, make(&careful, new.clone()).await);
    assert_eq!((&again.body, again.headers["idempotency-replayed"].to_str().unwrap()), (&first.body, "true"));
    assert_eq!(ada.get(KEYS).await.body["total"], 1);
    assert!(!door.all_text().await.contains(&first.body["key"].as_str().unwrap()[12..55]), "the kept answer is sealed");
    refused(&careful.post(KEYS, json!({ "name": "b", "role": "viewer" })).await, 409, "idempotency_mismatch");
}
