//! What needs a password that was given lately: each action that the contract names, and that it goes
//! on once the password was given.

use doorward_gate::{
    Gate, StaticUser,
    backends::{BackendError, Credentials, Identity, Person, Terms},
    clock::Manual,
    config::Config,
    testing::{Caller, Door, PASSWORD, START},
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

const LATER: i64 = 10 * 60 * 1000 + 1;

const ALL: [&str; 11] = ["read", "subscribe", "run", "write", "publish", "audit", "users", "roles", "keys", "apps", "settings"];

struct Asks {
    what: &'static str,
    method: &'static str,
    path: String,
    body: Value,
}

fn asks(what: &'static str, method: &'static str, path: impl Into<String>, body: Value) -> Asks {
    Asks { what, method, path: format!("/api/v1{}", path.into()), body }
}

async fn send(caller: &Caller, asked: &Asks) -> (u16, String) {
    let answer = caller.send(asked.method, &asked.path, Some(asked.body.to_string())).await;
    (answer.status, answer.code().to_owned())
}

/// Everything that api.md names, on things that are there.
async fn all(door: &Door, ada: &Caller) -> Vec<Asks> {
    let [vera, mara, ivo, gone] =
        [door.named("vera", "viewer").await.id, door.named("mara", "admin").await.id, door.named("ivo", "viewer").await.id, {
            door.named("gone", "viewer").await.id
        }];
    let key = ada.post("/api/v1/api-keys", json!({ "name": "strong", "role": "admin" })).await.body["apiKey"]["id"].clone();
    let mild = ada.post("/api/v1/api-keys", json!({ "name": "mild", "role": "viewer" })).await.body["apiKey"]["id"].clone();
    let (key, mild) = (key.as_str().unwrap(), mild.as_str().unwrap());
    assert_eq!(ada.post("/api/v1/roles", json!({ "name": "night", "permissions": ["read"] })).await.status, 201);
    assert_eq!(ada.patch(&format!("/api/v1/users/{ivo}"), json!({ "role": "night" })).await.status, 200);
    let admin = json!({ "username": "new", "password": PASSWORD, "role": "admin" });
    let grant = json!({ "grants": [{ "workspace": "default", "role": "admin" }] });
    vec![
        asks("deleting a user", "DELETE", format!("/users/{gone}"), json!({})),
        asks("a new admin", "POST", "/users", admin),
        asks("an invited admin", "POST", "/users/invitations", json!({ "username": "guest", "role": "admin" })),
        asks("a user who becomes admin", "PATCH", format!("/users/{vera}"), json!({ "role": "admin" })),
        asks("a grant of admin", "PUT", format!("/users/{ivo}/grants"), grant),
        asks("an admin's key", "POST", "/api-keys", json!({ "name": "other", "role": "admin" })),
        asks("a key that becomes an admin's", "PATCH", format!("/api-keys/{mild}"), json!({ "role": "admin" })),
        asks("another secret for an admin's key", "POST", format!("/api-keys/{key}/rotate"), json!({})),
        asks("admin instead of a role that goes", "DELETE", "/roles/night?replacement=admin", json!({})),
        asks("admin by another name", "POST", "/roles", json!({ "name": "root", "permissions": ALL })),
        asks("a reset link", "POST", format!("/users/{mara}/reset-link"), json!({})),
        asks("an admin's password", "PUT", format!("/users/{mara}/password"), json!({ "newPassword": "nine quiet lamps hum" })),
    ]
}

#[tokio::test]
async fn what_the_contract_names_asks_for_the_password_and_then_goes_on() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let all = all(&door, &ada).await;
    door.wait(LATER);
    for asked in &all {
        assert_eq!(send(&ada, asked).await, (403, "confirmation_required".into()), "{}", asked.what);
    }
    let wrong = ada.post("/api/v1/auth/confirm", json!({ "password": "not this one" })).await;
    assert_eq!((wrong.status, wrong.code()), (403, "wrong_password"));
    assert_eq!(send(&ada, &all[0]).await.1, "confirmation_required", "a wrong one proves nothing");
    assert_eq!(ada.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await.status, 204);
    door.wait(LATER - 1);
    for asked in &all {
        let (status, code) = send(&ada, asked).await;
        assert!(status < 300, "{}: {status} {code}", asked.what);
    }
}

#[tokio::test]
async fn a_role_that_can_do_everything_is_admin_whatever_it_is_called() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    assert_eq!(ada.post("/api/v1/roles", json!({ "name": "root", "permissions": ALL })).await.status, 201);
    let vera = door.named("vera", "viewer").await.id;
    door.wait(LATER);
    for asked in [
        asks("a user", "PATCH", format!("/users/{vera}"), json!({ "role": "root" })),
        asks("a key", "POST", "/api-keys", json!({ "name": "strong", "role": "root" })),
        asks("a grant", "PUT", format!("/users/{vera}/grants"), json!({ "grants": [{ "workspace": "default", "role": "root" }] })),
    ] {
        assert_eq!(send(&ada, &asked).await.1, "confirmation_required", "{}", asked.what);
    }
}

#[tokio::test]
async fn what_is_milder_asks_for_no_password() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let vera = door.named("vera", "viewer").await.id;
    door.wait(LATER);
    for asked in [
        asks("a new viewer", "POST", "/users", json!({ "username": "new", "password": PASSWORD, "role": "viewer" })),
        asks("a user who is disabled", "PATCH", format!("/users/{vera}"), json!({ "isDisabled": true })),
        asks("a viewer's password", "PUT", format!("/users/{vera}/password"), json!({ "newPassword": "nine quiet lamps hum" })),
        asks("a viewer's key", "POST", "/api-keys", json!({ "name": "a", "role": "viewer" })),
    ] {
        let (status, code) = send(&ada, &asked).await;
        assert!(status < 300, "{}: {status} {code}", asked.what);
    }
}

#[tokio::test]
async fn turning_sign_in_off_asks_even_who_has_just_signed_in() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let off = json!({ "enabled": false });
    assert_eq!(ada.patch("/api/v1/settings/auth", off.clone()).await.code(), "confirmation_required");
    assert_eq!(ada.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(ada.patch("/api/v1/settings/auth", off).await.status, 200);
}

#[tokio::test]
async fn no_key_can_give_a_password() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let key = door.key("admin").await;
    for asked in all(&door, &ada).await {
        let (status, code) = send(&key, &asked).await;
        assert_eq!(status, 403, "{}", asked.what);
        assert!(matches!(code.as_str(), "confirmation_required" | "session_required"), "{}: {code}", asked.what);
    }
}

/// Somebody whom a program's own backend lets in, ten minutes after.
async fn later(door: &Door, gate: &Gate, clock: &Manual, name: &str, password: &str) -> Caller {
    let stranger = door.nobody().through(gate.routes());
    let answer = stranger.post("/api/v1/auth/login", json!({ "username": name, "password": password })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    clock.advance(LATER);
    stranger.with_tokens(&answer)
}

async fn confirm(caller: &Caller, password: &str) -> (u16, String) {
    let answer = caller.post("/api/v1/auth/confirm", json!({ "password": password })).await;
    (answer.status, answer.code().to_owned())
}

fn wrong() -> (u16, String) {
    (403, "wrong_password".to_owned())
}

fn right() -> (u16, String) {
    (204, String::new())
}

#[tokio::test]
async fn who_is_on_a_program_s_list_proves_it_by_the_list() {
    let door = Door::new().await;
    let clock = Arc::new(Manual::at(START));
    let users = [StaticUser::new("ada", "secret").role("admin").email("ada@example.com"), StaticUser::new("bo", "two foxes")];
    let gate = Gate::builder().config(Config::for_testing()).users(users).clock(clock.clone()).build().await.unwrap();
    let ada = later(&door, &gate, &clock, "ada@example.com", "secret").await;
    let asked = asks("a new admin", "POST", "/users", json!({ "username": "new", "password": PASSWORD, "role": "admin" }));
    assert_eq!(send(&ada, &asked).await, (403, "confirmation_required".into()));
    for other in ["two foxes", "Secret", "secret ", "ada"] {
        assert_eq!(confirm(&ada, other).await, wrong(), "{other}");
    }
    assert_eq!(send(&ada, &asked).await.1, "confirmation_required");
    assert_eq!(confirm(&ada, "secret").await, right());
    assert_eq!(send(&ada, &asked).await.0, 201);
    // Here she is called otherwise now; on the list she is who she was.
    let renamed = ada.patch(&format!("/api/v1/users/{}", ada.id), json!({ "username": "countess" })).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    assert_eq!(confirm(&ada, "two foxes").await, wrong());
    assert_eq!(confirm(&ada, "secret").await, right());
    // Whoever takes the name of somebody on the list is not that one.
    let taken = ada.patch(&format!("/api/v1/users/{}", ada.id), json!({ "username": "bo" })).await;
    assert_eq!(taken.status, 200, "{}", taken.text);
    assert_eq!(confirm(&ada, "two foxes").await, wrong());
    assert_eq!(confirm(&ada, "secret").await, right());
    let bo = later(&door, &gate, &clock, "bo", "two foxes").await;
    assert_eq!((confirm(&bo, "secret").await, confirm(&bo, "two foxes").await), (wrong(), right()));
    gate.close().await;
}

#[tokio::test]
async fn who_is_let_in_by_a_closure_proves_it_by_the_closure() {
    let door = Door::new().await;
    let clock = Arc::new(Manual::at(START));
    let is_away = Arc::new(AtomicBool::new(false));
    let away = is_away.clone();
    let backend = move |credentials: Credentials| {
        let away = away.load(Ordering::SeqCst);
        async move {
            use secrecy::ExposeSecret;
            if away {
                return Err(BackendError::Away("gone fishing".into()));
            }
            let is_right = credentials.password.expose_secret() == format!("{} sings", credentials.name);
            let person = Person { subject: format!("id of {}", credentials.name), username: credentials.name, ..Person::default() };
            Ok(is_right.then(|| Identity::Person(Box::new(person))))
        }
    };
    let builder = Gate::builder().config(Config::for_testing()).backend(backend, Terms::new("choir").role("admin"));
    let gate = builder.clock(clock.clone()).build().await.unwrap();
    let mara = later(&door, &gate, &clock, "mara", "mara sings").await;
    assert_eq!((confirm(&mara, "ivo sings").await, confirm(&mara, "mara sings").await), (wrong(), right()));
    // A right password of somebody else's proves nothing.
    assert_eq!(confirm(&mara, "id of mara sings").await, wrong());
    is_away.store(true, Ordering::SeqCst);
    for _ in 0..20 {
        assert_eq!(confirm(&mara, "mara sings").await, (503, "unavailable".to_owned()), "never taken for a wrong one, nor counted");
    }
    is_away.store(false, Ordering::SeqCst);
    assert_eq!(confirm(&mara, "mara sings").await, right());
    let change = json!({ "currentPassword": "mara sings", "newPassword": "nine quiet lamps hum" });
    let refused = mara.post("/api/v1/auth/change-password", change).await;
    assert_eq!(refused.code(), "wrong_password", "a password that is kept elsewhere is not changed here");
    gate.close().await;
}
