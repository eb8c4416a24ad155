//! People: adding, changing, deleting them, and who may.

use doorward_gate::testing::{Caller, Door, PASSWORD};
use serde_json::{Value, json};

const OTHER: &str = "nine copper kettles sing";

async fn add(admin: &Caller, user: Value) -> Value {
    let answer = admin.post("/api/v1/users", user).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.body
}

fn path(user: &Value) -> String {
    format!("/api/v1/users/{}", user["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_new_user_is_as_asked_and_can_sign_in() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let new = json!({ "username": "Mara.L", "email": "Mara@Example.com", "displayName": " Mara Lindqvist ", "role": "operator", "password": PASSWORD, "mustChangePassword": true });
    let answer = admin.post("/api/v1/users", new).await;
    assert_eq!(answer.status, 201);
    let mara = &answer.body;
    assert_eq!(
        *mara,
        json!({
            "id": mara["id"], "username": "Mara.L", "email": "Mara@Example.com", "displayName": "Mara Lindqvist", "role": "operator",
            "isDisabled": false, "source": "local", "mustChangePassword": true, "hasPassword": true,
            "isBreakGlass": false, "createdAt": door.now().to_string(), "updatedAt": door.now().to_string(), "lastLoginAt": null, "grants": [],
        })
    );
    assert_eq!(admin.get(&path(mara)).await.body, *mara);
    for name in ["mara.l", "MARA.L", "mara@example.COM"] {
        let signed_in = door.nobody().signed_in(name).await;
        assert_eq!(signed_in.id, mara["id"].as_str().unwrap());
    }
    assert!(door.events().await.contains(&"user.create success by ada".to_owned()));
    assert!(!door.all_text().await.contains(PASSWORD));
}

#[tokio::test]
async fn what_is_not_given_is_the_mildest() {
    let door = Door::claimed().await;
    let user = add(&door.admin().await, json!({ "username": "leo", "email": "", "displayName": "  ", "password": PASSWORD })).await;
    assert_eq!(
        (&user["role"], &user["email"], &user["displayName"], &user["mustChangePassword"]),
        (&json!("viewer"), &Value::Null, &Value::Null, &json!(false))
    );
    // Nobody's address is nobody's: a second without one is no duplicate.
    add(&door.admin().await, json!({ "username": "kim", "email": "", "password": PASSWORD })).await;
}

/// Case, compatibility forms and composition do not make another name.
#[tokio::test]
async fn one_name_and_one_address_belong_to_one_person() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let mara = add(&admin, json!({ "username": "Mara", "email": "mara@example.com", "password": PASSWORD })).await;
    let leo = add(&admin, json!({ "username": "leo", "email": "leo@example.com", "password": PASSWORD })).await;
    for same in ["mara", "MARA", "Mara", "ｍａｒａ", "ＭＡＲＡ", "ℳara"] {
        let answers = [
            admin.post("/api/v1/users", json!({ "username": same, "password": PASSWORD })).await,
            admin.post("/api/v1/users/invitations", json!({ "username": same })).await,
            admin.patch(&path(&leo), json!({ "username": same })).await,
        ];
        for answer in answers {
            assert_eq!(
                (answer.status, answer.code(), &answer.body["errors"][0]["field"]),
                (409, "username_taken", &json!("username")),
                "{same}"
            );
        }
    }
    for same in ["mara@example.com", "MARA@EXAMPLE.COM"] {
        let answers = [
            admin.post("/api/v1/users", json!({ "username": "x", "email": same, "password": PASSWORD })).await,
            admin.post("/api/v1/users/invitations", json!({ "username": "x", "email": same })).await,
            admin.patch(&path(&leo), json!({ "email": same })).await,
        ];
        for answer in answers {
            assert_eq!((answer.status, answer.code(), &answer.body["errors"][0]["field"]), (409, "email_taken", &json!("email")), "{same}");
        }
    }
    // One's own name in another case is no duplicate.
    assert_eq!(admin.patch(&path(&mara), json!({ "username": "MARA", "email": "Mara@example.com" })).await.status, 200);
    assert_eq!(admin.get("/api/v1/users").await.body["total"], 3);
}

/// ROL-094, LOG-034
#[tokio::test]
async fn what_is_no_field_or_no_value_is_refused_by_its_name() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let leo = add(&admin, json!({ "username": "leo", "password": PASSWORD })).await;
    for (field, value) in [
        ("id", json!("0190f000-0000-7000-8000-000000000000")),
        ("isAdmin", json!(true)),
        ("passwordHash", json!("$argon2id$")),
        ("source", json!("ldap")),
        ("createdAt", json!("2020-01-01T00:00:00Z")),
        ("securityVersion", json!(0)),
    ] {
        let mut new = json!({ "username": "eve", "password": PASSWORD });
        new[field] = value.clone();
        let answers = [
            admin.post("/api/v1/users", new).await,
            admin.patch(&path(&leo), json!({ field: value })).await,
            admin.put(&path(&leo), json!({ field: value })).await,
        ];
        for answer in answers {
            assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!(field)), "{}", answer.text);
        }
    }
    for (field, value) in [
        ("username", json!("../x")),
        ("username", json!("a\u{0}b")),
        ("username", json!("")),
        ("username", json!("a b")),
        ("email", json!("nobody")),
        ("displayName", json!("a\u{202e}b")),
        ("role", json!("root")),
        ("role", json!("Admin")),
    ] {
        let mut new = json!({ "username": "eve", "password": PASSWORD });
        new[field] = value.clone();
        for answer in [admin.post("/api/v1/users", new).await, admin.patch(&path(&leo), json!({ field: value })).await] {
            assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!(field)), "{}", answer.text);
        }
    }
    assert_eq!(admin.patch(&path(&leo), json!({ "isDisabled": "yes" })).await.status, 422);
    assert_eq!(admin.get(&path(&leo)).await.body, leo);
    assert_eq!(admin.get("/api/v1/users").await.body["total"], 2);
}

/// LOG-039
#[tokio::test]
async fn an_easy_password_is_refused_wherever_one_is_set() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let new = |password: &str| json!({ "username": "mara.lindqvist", "email": "owl@quarry.example", "password": password });
    for weak in ["short", "password1", "mara.lindqvist", "lindqvist1", "quarry-owl", "aaaaaaaaaaaaaaaa", "doorward1", &"x".repeat(1025)] {
        let answer = admin.post("/api/v1/users", new(weak)).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!("password")), "{weak}: {}", answer.text);
    }
    let mara = add(&admin, new(PASSWORD)).await;
    for weak in ["short", "password1", "mara.lindqvist", "quarry-owl"] {
        let answer = admin.put(&format!("{}/password", path(&mara)), json!({ "newPassword": weak })).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!("newPassword")), "{weak}");
    }
    add(&admin, json!({ "username": "spaces", "password": "  ünïcode 🦉 and spaces stay  " })).await;
}

/// Each kind of change has its event, and says what it was before.
#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let leo = add(&admin, json!({ "username": "leo", "email": "leo@example.com", "displayName": "Leo", "password": PASSWORD })).await;
    let before = door.events().await.len();
    assert_eq!(admin.patch(&path(&leo), json!({})).await.body, leo);
    assert_eq!(admin.patch(&path(&leo), json!({ "role": "viewer", "isDisabled": false, "username": "leo" })).await.body, leo);
    assert_eq!(door.events().await.len(), before, "nothing changed, so nothing is written down");

    let patch = json!({ "username": "leonard", "email": null, "displayName": "", "role": "manager", "isDisabled": true, "mustChangePassword": true });
    let answer = admin.put(&path(&leo), patch).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for (field, value) in [
        ("username", json!("leonard")),
        ("email", Value::Null),
        ("displayName", Value::Null),
        ("role", json!("manager")),
        ("isDisabled", json!(true)),
        ("mustChangePassword", json!(true)),
    ] {
        assert_eq!(answer.body[field], value, "{field}");
    }
    let events = door.events().await;
    for action in ["user.role", "user.disable", "user.update"] {
        assert_eq!(events.iter().filter(|e| e.starts_with(action)).count(), 1, "{action}: {events:?}");
    }
    assert_eq!(admin.patch(&path(&leo), json!({ "isDisabled": false })).await.status, 200);
    assert!(door.events().await.iter().any(|e| e.starts_with("user.enable")));
    let text = door.all_text().await;
    assert!(text.contains(r#"{"after":{"role":"manager"},"before":{"role":"viewer"}}"#), "{text}");
}

#[tokio::test]
async fn another_role_or_none_at_all_takes_effect_at_once() {
    let door = Door::claimed().await;
    let (admin, leo) = (door.admin().await, door.named("leo", "manager").await);
    let leos = format!("/api/v1/users/{}", leo.id);
    assert_eq!(leo.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(admin.patch(&leos, json!({ "role": "viewer" })).await.status, 200);
    assert_eq!(leo.get("/api/v1/auth/me").await.status, 401, "the token was minted for another role");
    let again = leo.post("/api/v1/auth/refresh", json!({ "refreshToken": leo.refresh_token })).await;
    assert_eq!((again.status, &again.body["user"]["role"]), (200, &json!("viewer")), "the session stays");
    let leo = leo.with_tokens(&again);
    assert_eq!(admin.patch(&leos, json!({ "isDisabled": true })).await.status, 200);
    assert_eq!(leo.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(leo.post("/api/v1/auth/refresh", json!({ "refreshToken": leo.refresh_token })).await.status, 401, "the session is over");
    let sign_in = door.nobody().post("/api/v1/auth/login", json!({ "username": "leo", "password": PASSWORD })).await;
    assert_eq!((sign_in.status, sign_in.code()), (401, "invalid_credentials"));
    admin.patch(&leos, json!({ "isDisabled": false })).await;
    door.nobody().signed_in("leo").await;
}

/// LOG-042
#[tokio::test]
async fn a_reset_ends_sessions_and_asks_for_another_password() {
    let door = Door::claimed().await;
    let (admin, leo) = (door.admin().await, door.named("leo", "viewer").await);
    let (manager, leos) = (door.person("manager").await, format!("/api/v1/users/{}/password", leo.id));
    assert_eq!(manager.put(&leos, json!({ "newPassword": OTHER })).await.code(), "forbidden");
    let answer = admin.put(&leos, json!({ "newPassword": OTHER })).await;
    assert_eq!((answer.status, &answer.body["mustChangePassword"]), (200, &json!(true)));
    assert_eq!(leo.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(leo.post("/api/v1/auth/refresh", json!({ "refreshToken": leo.refresh_token })).await.status, 401);
    let answer = door.nobody().post("/api/v1/auth/login", json!({ "username": "leo", "password": OTHER })).await;
    let leo = door.nobody().with_tokens(&answer);
    assert_eq!(leo.get("/api/v1/auth/me").await.code(), "password_change_required");
    let answer = admin.put(&leos, json!({ "newPassword": PASSWORD, "mustChange": false })).await;
    assert_eq!(answer.body["mustChangePassword"], false);
    let leo = door.nobody().signed_in("leo").await;
    assert_eq!(leo.get("/api/v1/auth/me").await.status, 200);
    assert!(door.events().await.contains(&"password.reset success by ada".to_owned()));
    assert!(!door.all_text().await.contains(OTHER));
}

#[tokio::test]
async fn deleting_and_giving_out_admin_need_the_password_again() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let leo = add(&admin, json!({ "username": "leo", "password": PASSWORD })).await;
    door.wait(11 * 60 * 1000);
    let tries = [
        admin.delete(&path(&leo)).await,
        admin.patch(&path(&leo), json!({ "role": "admin" })).await,
        admin.post("/api/v1/users", json!({ "username": "eve", "role": "admin", "password": PASSWORD })).await,
        admin.post("/api/v1/users/invitations", json!({ "username": "eve", "role": "admin" })).await,
    ];
    for answer in tries {
        assert_eq!((answer.status, answer.code()), (403, "confirmation_required"), "{}", answer.text);
    }
    assert_eq!(admin.patch(&path(&leo), json!({ "role": "manager" })).await.status, 200, "other roles need no proof");
    assert_eq!(admin.post("/api/v1/auth/confirm", json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(admin.patch(&path(&leo), json!({ "role": "admin" })).await.status, 200);
    let gone = admin.delete(&path(&leo)).await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    assert_eq!(admin.get(&path(&leo)).await.status, 404);
    assert!(door.events().await.contains(&"user.delete success by ada".to_owned()), "what was written about leo stays");
}

#[tokio::test]
async fn a_deleted_user_s_tokens_and_name_are_free_of_them() {
    let door = Door::claimed().await;
    let (admin, leo) = (door.admin().await, door.named("leo", "viewer").await);
    assert_eq!(leo.get("/api/v1/auth/me").await.status, 200);
    assert_eq!(admin.delete(&format!("/api/v1/users/{}", leo.id)).await.status, 204);
    assert_eq!(leo.get("/api/v1/auth/me").await.status, 401);
    assert_eq!(leo.post("/api/v1/auth/refresh", json!({ "refreshToken": leo.refresh_token })).await.status, 401);
    let other = add(&admin, json!({ "username": "leo", "password": PASSWORD })).await;
    assert_ne!(other["id"], leo.id.as_str());
    assert_eq!(leo.get("/api/v1/auth/me").await.status, 401, "the name is somebody else's now");
}

/// ROL-099
#[tokio::test]
async fn an_unknown_id_is_nothing_whatever_it_looks_like() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    for id in ["0190f000-0000-7000-8000-000000000000", "1", "ada", "%00", "..%2fusers", "' OR 1=1--"] {
        let user = format!("/api/v1/users/{}", id.replace(' ', "%20").replace('\'', "%27"));
        let answers = [
            admin.get(&user).await,
            admin.patch(&user, json!({ "role": "viewer" })).await,
            admin.delete(&user).await,
            admin.put(&format!("{user}/password"), json!({ "newPassword": OTHER })).await,
            admin.send("POST", &format!("{user}/reset-link"), None).await,
        ];
        for answer in answers {
            assert_eq!((answer.status, answer.code()), (404, "not_found"), "{id}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_change_of_an_older_version_is_refused() {
    let door = Door::claimed().await;
    let admin = door.admin().await;
    let leo = add(&admin, json!({ "username": "leo", "password": PASSWORD })).await;
    let tag = |answer: &doorward_gate::testing::Answer| answer.headers["etag"].to_str().unwrap().to_owned();
    let first = tag(&admin.get(&path(&leo)).await);
    let second = tag(&admin.clone().with("if-match", &first).patch(&path(&leo), json!({ "displayName": "Leo" })).await);
    assert_ne!(first, second, "the version rises within one millisecond too");
    for stale in [first.as_str(), "\"x\"", "W/\"1\"", "x", ""] {
        let late = admin.clone().with("if-match", stale);
        for answer in [
            late.patch(&path(&leo), json!({ "displayName": "L" })).await,
            late.put(&path(&leo), json!({})).await,
            late.delete(&path(&leo)).await,
        ] {
            assert_eq!((answer.status, answer.code()), (412, "precondition_failed"), "{stale}");
        }
    }
    assert_eq!(admin.get(&path(&leo)).await.body["displayName"], "Leo");
    let listed = format!("{first}, {second}");
    let third = tag(&admin.clone().with("if-match", &listed).patch(&path(&leo), json!({ "displayName": "L" })).await);
    assert_eq!(
        tag(&admin.put(&format!("{}/password", path(&leo)), json!({ "newPassword": OTHER })).await).cmp(&third),
        std::cmp::Ordering::Greater
    );
    assert_eq!(admin.clone().with("if-match", "*").delete(&path(&leo)).await.status, 204);
}

#[tokio::test]
async fn an_idempotency_key_adds_one_user() {
    let door = Door::claimed().await;
    let admin = door.admin().await.with("idempotency-key", "k1");
    let new = json!({ "username": "leo", "password": PASSWORD });
    let (first, second) = (admin.post("/api/v1/users", new.clone()).await, admin.post("/api/v1/users", new).await);
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.body, second.body);
}
