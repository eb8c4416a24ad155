//! Signing in, and everything that ends it.

use doorward_gate::{
    config::Config,
    testing::{Caller, Door, PASSWORD},
    wire::sessions::SessionKind,
};
use serde_json::{Value, json};

fn login(name: &str, password: &str) -> Value {
    json!({ "username": name, "password": password })
}

const LOGIN: &str = "/api/v1/auth/login";
const ME: &str = "/api/v1/auth/me";

#[tokio::test]
async fn a_name_or_an_address_signs_in_whatever_its_case() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    ada.patch(ME, json!({ "email": "Ada@Example.com" })).await;
    for body in [login("ADA", PASSWORD), json!({ "email": "ada@example.COM", "password": PASSWORD }), login("ada@example.com", PASSWORD)] {
        let answer = door.nobody().post(LOGIN, body.clone()).await;
        assert_eq!(answer.status, 200, "{body}");
        assert_eq!(answer.body["tokenType"], "Bearer");
        assert_eq!(answer.body["expiresIn"], 3600);
        assert!(answer.cookies().is_empty(), "a token session has no cookie");
    }
}

#[tokio::test]
async fn one_call_ends_one_s_other_sessions_and_no_others() {
    let door = Door::claimed().await;
    let (here, there, tablet) = (door.admin().await, door.admin().await, door.admin().await);
    let leo = door.named("leo", "viewer").await;
    let answer = here.post("/api/v1/auth/logout-others", json!({})).await;
    // The one that set up, and two that signed in.
    assert_eq!((answer.status, &answer.body), (200, &json!({ "ended": 3 })), "{}", answer.text);
    assert_eq!((there.get(ME).await.status, tablet.get(ME).await.status), (401, 401));
    assert_eq!((here.get(ME).await.status, leo.get(ME).await.status), (200, 200));
    assert_eq!(here.post("/api/v1/auth/logout-others", json!({})).await.body, json!({ "ended": 0 }));
    let ends = door.events().await.into_iter().filter(|event| event == "session.end_all success by ada").count();
    assert_eq!(ends, 1, "what ended nothing is no event");
}

/// AUD-205
#[tokio::test]
async fn what_can_be_no_name_is_not_written_down() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    for typed in ["correct horse battery", "Tr0ub4dor&3", "nobody-of-that-name"] {
        assert_eq!(door.nobody().post(LOGIN, login(typed, "x")).await.status, 401, "{typed}");
    }
    door.chain().await;
    let log = ada.get("/api/v1/audit?action=session.start&outcome=denied").await.text;
    assert!(log.contains("nobody-of-that-name") && log.contains("(not a name)"), "{log}");
    assert!(!log.contains("horse") && !log.contains("Tr0ub4dor"), "{log}");
}

/// LOG-017
#[tokio::test]
async fn every_refusal_to_sign_in_is_the_same() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let bob = door.named("bob", "viewer").await;
    ada.patch(&format!("/api/v1/users/{}", bob.id), json!({ "isDisabled": true })).await;
    let mut answers = Vec::new();
    for body in
        [login("nobody-of-that-name", PASSWORD), login("ada", "wrong password"), login("bob", "wrong password"), login("bob", PASSWORD)]
    {
        let mut answer = door.nobody().post(LOGIN, body).await;
        answer.body["requestId"] = Value::Null;
        answer.headers.remove("x-request-id");
        answers.push((answer.status, answer.body.to_string(), format!("{:?}", answer.headers)));
    }
    assert_eq!(answers[0].0, 401);
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
}

/// LOG-020, LOG-021, LOG-022
#[tokio::test]
async fn guessing_gets_slower_and_forged_addresses_do_not_help() {
    let door = Door::claimed().await;
    let mut through = 0;
    for n in 0..60_u8 {
        let stranger = door.nobody().from_afar([10, 0, 0, n]).with("x-forwarded-for", &format!("1.2.3.{n}"));
        let answer = stranger.post(LOGIN, login("ada", "wrong password")).await;
        through += i32::from(answer.status == 401);
        if answer.status == 429 {
            assert!(answer.headers.contains_key("retry-after"));
        }
    }
    assert_eq!(through, 11, "ten tries, and the one that started the delay");
    let mut sprayed = 0;
    for n in 0..100 {
        let stranger = door.nobody().from_afar([10, 9, 9, 9]).with("x-real-ip", &format!("1.2.3.{n}"));
        sprayed += i32::from(stranger.post(LOGIN, login(&format!("user{n}"), "wrong password")).await.status == 429);
    }
    assert!(sprayed > 50, "{sprayed}");
    door.wait(10 * 60_000);
    assert_eq!(door.nobody().post(LOGIN, login("ada", PASSWORD)).await.status, 200, "the owner is not locked out for long");
}

#[tokio::test]
async fn a_device_that_signed_in_before_is_not_kept_out_by_strangers() {
    let door = Door::claimed().await;
    let system = door.gate.system("test");
    let opened = doorward_gate::sessions::sign_in(&system, serde_json::from_value(login("ada", PASSWORD)).unwrap(), SessionKind::Browser)
        .await
        .unwrap();
    let device = opened
        .cookies
        .iter()
        .find(|c| c.contains("device"))
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .replace("__Host-doorward-device", "doorward-device");
    for n in 0..60_u8 {
        door.nobody().from_afar([10, 0, 0, n]).post(LOGIN, login("ada", "wrong password")).await;
    }
    assert_eq!(door.nobody().post(LOGIN, login("ada", PASSWORD)).await.status, 429);
    assert_eq!(door.nobody().with("cookie", &device).post(LOGIN, login("ada", PASSWORD)).await.status, 200);
}

/// LOG-029, DOS-212
#[tokio::test]
async fn an_oversized_password_is_refused_before_it_is_hashed() {
    let door = Door::claimed().await;
    assert_eq!(door.nobody().post(LOGIN, login("ada", &"x".repeat(60_000))).await.status, 422);
    assert_eq!(door.nobody().post(LOGIN, login(&"x".repeat(60_000), "x")).await.status, 422);
    assert_eq!(door.nobody().post(LOGIN, login("ada", &"x".repeat(2_000_000))).await.status, 413);
}

/// LOG-032
#[tokio::test]
async fn odd_json_is_refused_in_plain_words() {
    let door = Door::claimed().await;
    for (body, status) in [
        ("", 400),
        ("{", 400),
        ("\u{feff}{}", 400),
        (r#"{"username":"\ud800","password":"x"}"#, 400),
        (r#"{"username":["a"],"password":"x"}"#, 422),
        (r#"{"username":{"$ne":""},"password":{"$ne":""}}"#, 422),
        (r#"{"username":"a","username":"b","password":"x"}"#, 422),
        (r#"{"username":"a","password":"x"} trailing"#, 422),
        (&"[".repeat(100_000), 422),
    ] {
        let answer = door.nobody().send("POST", LOGIN, Some(body.into())).await;
        assert!([status, 400].contains(&answer.status), "{body:.40}: {} {}", answer.status, answer.text);
        for inside in ["serde", "struct", "SignIn", "::"] {
            assert!(!answer.text.contains(inside), "{body:.40}: {}", answer.text);
        }
    }
}

/// LOG-038, TOK-061
#[tokio::test]
async fn nothing_secret_is_taken_from_an_address() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let token = ada.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned();
    assert_eq!(door.nobody().get(&format!("{LOGIN}?username=ada&password={PASSWORD}").replace(' ', "%20")).await.status, 405);
    for name in ["token", "access_token", "jwt", "api_key"] {
        assert_eq!(door.nobody().get(&format!("{ME}?{name}={token}")).await.status, 401, "{name}");
    }
}

/// LOG-040
#[tokio::test]
async fn a_password_is_changed_only_by_who_knows_it_and_ends_the_other_sessions() {
    let door = Door::claimed().await;
    let (here, there) = (door.admin().await, door.admin().await);
    let path = "/api/v1/auth/change-password";
    let change = |current: &str, new: &str| json!({ "currentPassword": current, "newPassword": new });
    assert_eq!(here.post(path, change("wrong", "another brass lantern")).await.code(), "wrong_password");
    assert_eq!(here.post(path, change("", "another brass lantern")).await.status, 422);
    assert_eq!(here.post(path, change(PASSWORD, "ada12345")).await.status, 422);
    assert_eq!(here.post(path, change(PASSWORD, PASSWORD)).await.status, 422);
    assert_eq!(there.get(ME).await.status, 200);
    let answer = here.post(path, change(PASSWORD, "another brass lantern")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(there.get(ME).await.status, 401);
    assert_eq!(here.get(ME).await.status, 401, "the token minted before is worth nothing");
    assert_eq!(here.clone().with_tokens(&answer).get(ME).await.status, 200, "the session stays");
    let refreshed = door.nobody().post("/api/v1/auth/refresh", json!({ "refreshToken": here.refresh_token })).await;
    assert_eq!(refreshed.status, 200, "with its refresh token");
    assert_eq!(door.nobody().post("/api/v1/auth/refresh", json!({ "refreshToken": there.refresh_token })).await.status, 401);
    assert_eq!(door.nobody().post(LOGIN, login("ada", PASSWORD)).await.status, 401);
}

/// TOK-050
#[tokio::test]
async fn no_secret_passes_for_another() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let token = ada.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned();
    let ticket = ada.post("/api/v1/auth/ticket", json!({})).await.body["ticket"].as_str().unwrap().to_owned();
    for bearer in [ada.refresh_token.as_str(), ticket.as_str(), "", "null", &door.gate.setup_code().unwrap_or_default()] {
        assert_eq!(door.nobody().with("authorization", &format!("Bearer {bearer}")).get(ME).await.status, 401);
    }
    for refresh in [token.as_str(), ticket.as_str(), "", ada.refresh_token.trim_start_matches("dwr_")] {
        assert_eq!(door.nobody().post("/api/v1/auth/refresh", json!({ "refreshToken": refresh })).await.status, 401);
    }
}

#[tokio::test]
async fn a_ticket_opens_once_and_for_half_a_minute() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let system = door.gate.system("test");
    let make = || async { ada.post("/api/v1/auth/ticket", json!({})).await.body["ticket"].as_str().unwrap().to_owned() };
    let ticket = make().await;
    assert!(doorward_gate::sessions::redeem_ticket(&system, &ticket).await.is_ok());
    assert!(doorward_gate::sessions::redeem_ticket(&system, &ticket).await.is_err());
    let late = make().await;
    door.wait(30_000);
    assert!(doorward_gate::sessions::redeem_ticket(&door.gate.system("test"), &late).await.is_err());
    let orphan = make().await;
    ada.post("/api/v1/auth/logout", json!({})).await;
    assert!(doorward_gate::sessions::redeem_ticket(&door.gate.system("test"), &orphan).await.is_err());
}

/// TOK-054, BRW-198
#[tokio::test]
async fn a_token_is_worth_nothing_after_sign_out() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let answer = ada.send("POST", "/api/v1/auth/logout", None).await;
    assert_eq!((answer.status, &answer.headers["clear-site-data"]), (204, &"\"cache\"".parse().unwrap()));
    assert_eq!(ada.get(ME).await.status, 401);
    assert_eq!(ada.get("/api/v1/auth/validate").await.status, 401);
    assert_eq!(door.nobody().post("/api/v1/auth/refresh", json!({ "refreshToken": ada.refresh_token })).await.status, 401);
}

/// TOK-055, REF-071
#[tokio::test]
async fn what_was_withdrawn_is_refused_on_the_next_request() {
    type Act = fn(&str) -> (&'static str, String, Value);
    let acts: [(&str, Act, bool); 5] = [
        ("disable", |id| ("PATCH", format!("/api/v1/users/{id}"), json!({ "isDisabled": true })), false),
        ("delete", |id| ("DELETE", format!("/api/v1/users/{id}"), Value::Null), false),
        ("reset", |id| ("PUT", format!("/api/v1/users/{id}/password"), json!({ "newPassword": "another brass lantern" })), false),
        ("demote", |id| ("PATCH", format!("/api/v1/users/{id}"), json!({ "role": "viewer" })), true),
        ("rename", |id| ("PATCH", format!("/api/v1/users/{id}"), json!({ "displayName": "B" })), true),
    ];
    for (what, act, may_refresh) in acts {
        let door = Door::claimed().await;
        let ada = door.admin().await;
        let bob = door.named("bob", "manager").await;
        assert_eq!(bob.get(ME).await.status, 200);
        let (method, path, body) = act(&bob.id);
        let done = ada.send(method, &path, (!body.is_null()).then(|| body.to_string())).await;
        assert!(done.status < 300, "{what}: {}", done.text);
        assert_eq!(bob.get(ME).await.status, if what == "rename" { 200 } else { 401 }, "{what}");
        let refreshed = door.nobody().post("/api/v1/auth/refresh", json!({ "refreshToken": bob.refresh_token })).await;
        assert_eq!(refreshed.status == 200, may_refresh, "{what}: {}", refreshed.text);
        if what == "demote" {
            assert_eq!(refreshed.body["user"]["role"], "viewer");
        }
    }
}

#[tokio::test]
async fn another_process_hears_within_a_second() {
    let door = Door::claimed().await;
    let bob = door.named("bob", "viewer").await;
    assert_eq!(bob.get(ME).await.status, 200);
    let shell = door.another().await;
    let id = bob.id.parse().unwrap();
    let patch = serde_json::from_value(json!({ "isDisabled": true })).unwrap();
    doorward_gate::users::update(&shell.gate.system("shell"), id, patch).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(900)).await;
    assert_eq!(bob.get(ME).await.status, 401);
}

/// TOK-060
#[tokio::test]
async fn validate_tells_strangers_nothing() {
    let door = Door::claimed().await;
    let good = door.admin().await.get("/api/v1/auth/validate").await;
    assert_eq!((good.status, good.body["valid"].as_bool()), (200, Some(true)));
    assert_eq!(good.headers["cache-control"], "no-store");
    let mut bodies = std::collections::HashSet::new();
    for bearer in ["garbage", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        let mut answer = door.nobody().with("authorization", &format!("Bearer {bearer}")).get("/api/v1/auth/validate").await;
        assert_eq!(answer.status, 401);
        answer.body["requestId"] = Value::Null;
        bodies.insert(answer.body.to_string());
    }
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn an_idle_session_ends_and_what_nobody_does_keeps_none_alive() {
    let mut config = Config::for_testing();
    config.auth.idle_ttl = Some(std::time::Duration::from_secs(600));
    let door = Door::claimed_with(config).await;
    let ada = door.admin().await;
    for _ in 0..3 {
        door.wait(400_000);
        assert_eq!(ada.get(ME).await.status, 200, "a person is doing something");
    }
    let polling: Caller = ada.clone().with("x-doorward-background", "1");
    door.wait(400_000);
    assert_eq!(polling.get(ME).await.status, 200);
    door.wait(400_000);
    assert_eq!(polling.get(ME).await.status, 401, "polling is not activity");
    assert_eq!(door.nobody().post("/api/v1/auth/refresh", json!({ "refreshToken": ada.refresh_token })).await.status, 401);
}

/// ROL-106
#[tokio::test]
async fn one_sees_and_ends_ones_own_sessions_and_an_admin_everybodys() {
    let door = Door::claimed().await;
    let (ada, bob, eve) = (door.admin().await, door.named("bob", "viewer").await, door.named("eve", "manager").await);
    let own = bob.get("/api/v1/sessions").await;
    assert_eq!(own.body["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(own.body["items"][0]["isCurrent"], true);
    let id = own.body["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(eve.get(&format!("/api/v1/sessions?user={}", bob.id)).await.status, 404);
    assert_eq!(eve.get("/api/v1/sessions?user=all").await.status, 404);
    assert_eq!(eve.delete(&format!("/api/v1/sessions/{id}")).await.status, 404);
    assert_eq!(ada.get("/api/v1/sessions?user=all&limit=2").await.body["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(ada.delete(&format!("/api/v1/sessions/{id}")).await.status, 204);
    assert_eq!(bob.get(ME).await.status, 401);
    assert_eq!(ada.delete(&format!("/api/v1/sessions/{id}")).await.status, 404);
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_of_ones_own() {
    let door = Door::claimed().await;
    let (here, there, bob) = (door.admin().await, door.admin().await, door.named("bob", "viewer").await);
    assert_eq!(here.send("POST", "/api/v1/auth/logout-all", None).await.status, 204);
    assert_eq!((here.get(ME).await.status, there.get(ME).await.status, bob.get(ME).await.status), (401, 401, 200));
}

/// ROL-093
#[tokio::test]
async fn nobody_raises_themself_through_the_profile() {
    let door = Door::claimed().await;
    let bob = door.named("bob", "viewer").await;
    for field in
        ["role", "isDisabled", "id", "tokenVersion", "authProvider", "emailVerified", "createdAt", "mustChangePassword", "username"]
    {
        let answer = bob.patch(ME, json!({ field: "admin" })).await;
        assert_eq!((answer.status, answer.body["errors"][0]["field"].as_str()), (422, Some(field)));
    }
    assert_eq!(bob.get(ME).await.body["user"]["role"], "viewer");
    let done = bob.patch(ME, json!({ "displayName": "<b>Bob</b>", "email": "bob@example.com" })).await;
    assert_eq!((done.status, done.body["displayName"].as_str()), (200, Some("<b>Bob</b>")));
    assert_eq!(bob.patch(ME, json!({ "email": null })).await.body["email"], Value::Null);
}

/// AUD-205
#[tokio::test]
async fn no_secret_lies_in_the_database() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let ticket = ada.post("/api/v1/auth/ticket", json!({})).await.body["ticket"].as_str().unwrap().to_owned();
    let link = ada.clone().with("idempotency-key", "k1").post("/api/v1/users/invitations", json!({ "username": "eve" })).await;
    let url = link.body["url"].as_str().unwrap().to_owned();
    door.nobody().post(LOGIN, login("ada", "canary wrong password")).await;
    let all = door.all_text().await;
    let token = ada.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned();
    for secret in [
        PASSWORD,
        "canary wrong password",
        &token,
        ada.refresh_token.trim_start_matches("dwr_"),
        ticket.trim_start_matches("dwt_"),
        url.rsplit('/').next().unwrap(),
    ] {
        assert!(!all.contains(secret), "{secret}");
    }
}
