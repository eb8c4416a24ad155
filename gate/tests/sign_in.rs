//! What a password is, to the last byte; what was planted before a sign-in; and a flood of them.

use doorward_gate::{
    config::{Config, Hashing},
    testing::{Answer, Caller, Door, PASSWORD},
};
use serde_json::json;

const LOGIN: &str = "/api/v1/auth/login";
const REFRESH: &str = "/api/v1/auth/refresh";

async fn tries(door: &Door, name: &str, password: &str) -> u16 {
    // Nobody is slowed down who was right in between.
    assert_eq!(door.nobody().post(LOGIN, json!({ "username": "ada", "password": PASSWORD })).await.status, 200);
    door.nobody().post(LOGIN, json!({ "username": name, "password": password })).await.status
}

/// Somebody with exactly this password.
async fn with_password(door: &Door, name: &str, password: &str) {
    let new = json!({ "username": name, "role": "viewer", "password": password });
    let answer = door.admin().await.post("/api/v1/users", new).await;
    assert_eq!(answer.status, 201, "{password:?}: {}", answer.text);
}

/// LOG-030
#[tokio::test]
async fn no_part_of_a_password_is_enough() {
    let door = Door::claimed().await;
    let words = "nine copper kettles hum under the stairs while seven quiet otters sing to us";
    let long = &words[..72];
    let animals: String = (0..64).filter_map(|n| char::from_u32(0x1_f300 + 7 * n)).collect();
    assert_eq!(animals.len(), 256);
    for (name, start) in [("letters", long), ("pictures", &animals)] {
        with_password(&door, name, &format!("{start}X")).await;
        assert_eq!(tries(&door, name, &format!("{start}X")).await, 200);
        for other in [format!("{start}Y"), start.to_owned(), format!("{start}XX"), format!("{start}x")] {
            assert_eq!(tries(&door, name, &other).await, 401, "{other}");
        }
    }
}

/// LOG-031
#[tokio::test]
async fn what_looks_alike_is_not_the_same_password_unless_it_is_the_same_text() {
    let door = Door::claimed().await;
    with_password(&door, "nul", "copper\0kettle hums").await;
    assert_eq!(tries(&door, "nul", "copper\0kettle hums").await, 200);
    for other in ["copper", "copper\0", "copperkettle hums", "copper kettle hums", "copper\0kettle hums\0"] {
        assert_eq!(tries(&door, "nul", other).await, 401, "{other:?}");
    }
    with_password(&door, "spaces", "  copper kettle hums ").await;
    assert_eq!(tries(&door, "spaces", "  copper kettle hums ").await, 200);
    for other in ["copper kettle hums", "  copper kettle hums", " copper kettle hums ", "  copper  kettle hums "] {
        assert_eq!(tries(&door, "spaces", other).await, 401, "{other:?}");
    }
    // One text, written in two ways: what a keyboard sends is not the person's choice.
    with_password(&door, "zoe", "Zo\u{eb} hums softly").await;
    assert_eq!(tries(&door, "zoe", "Zoe\u{308} hums softly").await, 200);
    assert_eq!(tries(&door, "zoe", "Zoe hums softly").await, 401);
    assert_eq!(tries(&door, "zoe", "Ｚｏ\u{eb} hums softly").await, 401, "compatible is not the same");
    for body in [r#"{"username":"zoe","password":"\ud800"}"#, "{\"username\":\"zoe\",\"password\":\"\u{7}"] {
        assert_eq!(door.nobody().send("POST", LOGIN, Some(body.into())).await.status, 400, "{body:?}");
    }
    for control in ["\u{7}", "\u{1b}[2J", "\r\n", "\u{202e}"] {
        assert_eq!(tries(&door, "zoe", control).await, 401, "{control:?}");
    }
}

/// A browser that sends the form of the sign-in page.
async fn by_form(caller: &Caller, name: &str) -> Answer {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs([("username", name), ("password", PASSWORD)]).finish();
    let browser = caller.clone().with("sec-fetch-site", "same-origin").with("accept", "text/html");
    let answer = browser.with("content-type", "application/x-www-form-urlencoded").send("POST", "/login", Some(form)).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer
}

/// What a cookie refreshes to: the name of whose session it is.
async fn whose(caller: &Caller, cookies: &str) -> (u16, String) {
    let answer = caller.clone().with("cookie", cookies).with("sec-fetch-site", "same-origin").post(REFRESH, json!({})).await;
    (answer.status, answer.body["user"]["username"].as_str().unwrap_or_default().to_owned())
}

/// The cookie of the session alone.
fn session(answer: &Answer) -> String {
    answer.cookies().split("; ").find(|cookie| cookie.starts_with("doorward=")).unwrap().to_owned()
}

/// LOG-036
#[tokio::test]
async fn a_cookie_that_was_planted_never_becomes_the_session_of_who_signs_in() {
    let door = Door::claimed().await;
    door.named("eve", "viewer").await;
    let evil = session(&by_form(&door.nobody(), "eve").await);
    let made_up = format!("doorward=00000000-0000-7000-8000-000000000000.{}.{}", "b".repeat(43), "r".repeat(43));
    for planted in [&evil, &made_up] {
        let answer = by_form(&door.nobody().with("cookie", planted), "ada").await;
        let own = session(&answer);
        let parts = |cookie: &str| cookie.trim_start_matches("doorward=").split('.').map(str::to_owned).collect::<Vec<_>>();
        assert!(parts(&own).iter().all(|part| !parts(planted).contains(part)), "every part is new");
        assert_eq!(whose(&door.nobody(), &own).await, (200, "ada".into()));
    }
    assert_eq!(whose(&door.nobody(), &made_up).await.0, 401);
    assert_eq!(whose(&door.nobody(), &evil).await, (200, "eve".into()), "it is whose it was");
}

/// LOG-036
#[tokio::test]
async fn a_cookie_from_a_neighbouring_host_is_not_ours_where_the_way_is_encrypted() {
    let mut config = Config::for_testing();
    config.http.public_url = Some("https://door.example.com".into());
    let door = Door::claimed_with(config).await;
    door.named("eve", "viewer").await;
    let there = door.nobody().with("host", "door.example.com");
    let answer = by_form(&there, "ada").await;
    let set: Vec<&str> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(!set.is_empty());
    for cookie in &set {
        assert!(cookie.starts_with("__Host-doorward"), "{cookie}");
        assert!(cookie.contains("; Path=/;") && cookie.contains("; Secure") && cookie.contains("; HttpOnly"), "{cookie}");
        assert!(!cookie.to_ascii_lowercase().contains("domain="), "{cookie}");
    }
    // No browser lets a neighbour set a name with this prefix; one without it is not looked at, wherever it stands.
    let own = answer.cookies().split("; ").find(|cookie| cookie.starts_with("__Host-doorward=")).unwrap().to_owned();
    let evil = by_form(&there, "eve").await.cookies().replace("__Host-", "");
    assert_eq!(whose(&there, &evil).await.0, 401);
    let renewed = whose(&there, &format!("{evil}; {own}; {evil}")).await;
    assert_eq!(renewed, (200, "ada".into()));
}

/// DOS-211
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_sign_ins_is_turned_away_and_nobody_else_notices() {
    let mut config = Config::for_testing();
    config.auth.hashing = Hashing { memory_kib: 8 * 1024, iterations: 2, parallelism: 1, at_once: 1, queue: 3 };
    let door = Door::claimed_with(config).await;
    let ada = door.admin().await;
    for n in 0..5 {
        door.named(&format!("user{n}"), "viewer").await;
    }
    let flood: Vec<_> = (0..200_u8)
        .map(|n| {
            // Five of ten names are there.
            let (stranger, name) = (door.nobody().from_afar([10, 1, n, 1]), format!("user{}", n % 10));
            tokio::spawn(async move { stranger.post(LOGIN, json!({ "username": name, "password": "not this one" })).await })
        })
        .collect();
    for _ in 0..50 {
        assert_eq!(ada.get("/api/v1/auth/me").await.status, 200);
        assert_eq!(door.nobody().get("/livez").await.status, 200);
    }
    let mut busy = 0;
    for one in flood {
        let answer = one.await.unwrap();
        assert!(matches!(answer.status, 401 | 429 | 503), "{}", answer.text);
        if answer.status == 503 {
            assert_eq!(answer.code(), "busy");
            assert!(answer.headers.contains_key("retry-after"));
            busy += 1;
        }
    }
    assert!(busy > 0, "the queue is bounded");
    assert_eq!(door.nobody().post(LOGIN, json!({ "username": "ada", "password": PASSWORD })).await.status, 200, "and it is over");
}
