//! API keys in requests: where they are taken, what is refused, and what it costs.

use crate::keys::{KEYS, ME, make, path, with};
use doorward_gate::{
    Ctx, Peer,
    testing::{Answer, Caller, Door, PASSWORD},
    wire::sessions::SessionKind,
};
use serde_json::{Value, json};

/// A text with the shape of a key and the right checksum, as anybody can make one.
fn well_formed(prefix: &str) -> String {
    let alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".as_bytes();
    let body = format!("dw_{prefix}_{}", "a".repeat(43));
    let sum = crc32fast::hash(body.as_bytes()) as usize;
    let digits = (0..6).rev().map(|place| char::from(alphabet[sum / 62_usize.pow(place) % 62]));
    digits.fold(body.clone(), |text, digit| text + &digit.to_string())
}

/// The answer without what names the request.
fn outside(mut answer: Answer) -> (u16, Value, Vec<String>) {
    answer.body["requestId"] = Value::Null;
    let names = answer.headers.keys().map(ToString::to_string).collect();
    (answer.status, answer.body, names)
}

/// Who a page is shown to: its principal, and the cookies that are set.
async fn page(door: &Door, caller: &Caller) -> (u16, String, bool) {
    use tower::ServiceExt;
    let shown = axum::routing::get(|ctx: Ctx| async move { doorward_gate::me::of(&ctx).map_or("nobody".into(), |me| format!("{me:?}")) });
    let router = door.gate.routes_with(axum::Router::new().route("/", shown));
    let mut request = http::Request::builder().uri("/").body(axum::body::Body::empty()).unwrap();
    *request.headers_mut() = caller.headers.clone();
    request.extensions_mut().insert(Peer(caller.peer));
    let response = router.oneshot(request).await.unwrap();
    let (status, has_cookie) = (response.status().as_u16(), response.headers().contains_key("set-cookie"));
    let bytes = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
    (status, String::from_utf8_lossy(&bytes).into_owned(), has_cookie)
}

#[tokio::test]
async fn a_key_is_taken_in_either_header_and_says_who_it_is() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = make(&ada, json!({ "name": "deploy", "role": "operator" })).await;
    let text = made.body["key"].as_str().unwrap();
    let by_header = with(&door, &made);
    let by_bearer = door.nobody().with("authorization", &format!("Bearer {text}"));
    let both = by_header.clone().with("authorization", &format!("Bearer {text}"));
    for key in [&by_header, &by_bearer, &both] {
        let me = key.get(ME).await;
        assert_eq!(
            me.body,
            json!({
                "user": null, "sessionId": null, "apiKey": { "id": made.body["apiKey"]["id"], "name": "deploy" },
                "permissions": ["read", "subscribe", "run"], "grants": [], "isOpen": false, "personalKeys": false,
                "scope": {
                    "workspace": "default", "environment": "default", "role": "operator", "permissions": ["read", "subscribe", "run"],
                },
            })
        );
        assert!(!me.headers.contains_key("set-cookie"));
        assert_eq!(key.get("/api/v1/stats/overview").await.status, 200);
    }
    let other = door.key("viewer").await;
    let token = ada.headers["authorization"].to_str().unwrap();
    for two in [other.with("authorization", &format!("Bearer {text}")), by_header.clone().with("authorization", token)] {
        let answer = two.get(ME).await;
        assert_eq!((answer.status, answer.code()), (400, "bad_request"), "{}", answer.text);
    }
    let leo = door.named("leo", "viewer").await;
    let mine = with(&door, &make(&leo, json!({ "name": "leo's", "role": "viewer", "kind": "personal" })).await);
    assert_eq!(mine.get(ME).await.body["user"]["id"], leo.id.as_str());
}

#[tokio::test]
async fn all_causes_look_alike_outside_and_the_log_has_them() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
    let revoked = make(&ada, json!({ "name": "revoked", "role": "viewer" })).await;
    ada.delete(&path(&revoked)).await;
    let expired = make(&ada, json!({ "name": "expired", "role": "viewer", "expiresIn": "1s" })).await;
    let bound = make(&ada, json!({ "name": "bound", "role": "viewer", "allowedIps": ["192.0.2.0/24"] })).await;
    let rotated = make(&ada, json!({ "name": "rotated", "role": "viewer" })).await;
    ada.post(&format!("{}/rotate", path(&rotated)), json!({ "grace": "0s" })).await;
    door.wait(1000);
    let unknown = door.nobody().with("x-api-key", &well_formed("00000000"));
    let mut typo = made.body["key"].as_str().unwrap().to_owned();
    typo.replace_range(20..21, if &typo[20..21] == "x" { "y" } else { "x" });
    let mistyped = door.nobody().with("x-api-key", &typo);
    let empty = door.nobody().with("x-api-key", "");
    let first = outside(mistyped.get(ME).await);
    assert_eq!((first.0, &first.1["code"]), (401, &json!("invalid_api_key")));
    for key in [with(&door, &revoked), with(&door, &expired), with(&door, &bound), with(&door, &rotated), unknown, empty] {
        assert_eq!(outside(key.get(ME).await), first);
        assert_eq!(outside(key.get("/api/v1/capabilities").await), first, "also where nobody need be known");
    }
    door.gate.close().await;
    let log = door.another().await.all_text().await;
    for cause in ["malformed", "revoked", "expired", "wrong address", "wrong secret", "unknown"] {
        assert!(log.contains(&format!("\"reason\":\"{cause}\"")), "{cause}");
    }
}

#[tokio::test]
async fn a_key_is_good_from_its_addresses_alone() {
    let door = Door::claimed().await;
    let new = json!({ "name": "a", "role": "viewer", "allowedIps": ["192.0.2.0/24", "2001:db8::/32"] });
    let key = with(&door, &make(&door.admin().await, new).await);
    let from = |address: &str| {
        let mut caller = key.clone();
        caller.peer = (address.parse::<std::net::IpAddr>().unwrap(), 1).into();
        caller
    };
    for good in ["192.0.2.1", "192.0.2.255", "::ffff:192.0.2.7", "2001:db8:1::1"] {
        assert_eq!(from(good).get(ME).await.status, 200, "{good}");
    }
    for bad in ["127.0.0.1", "192.0.3.1", "2001:db9::1", "::1"] {
        assert_eq!(from(bad).get(ME).await.status, 401, "{bad}");
    }
    let forged = from("127.0.0.1").with("x-forwarded-for", "192.0.2.1");
    assert_eq!(forged.get(ME).await.status, 401, "nobody's word counts but a trusted proxy's");
}

/// KEY-086
#[tokio::test]
async fn a_key_opens_no_page_and_gets_no_cookie() {
    let door = Door::claimed().await;
    let key = door.key("admin").await;
    let bearer = door.nobody().with("authorization", &format!("Bearer {}", key.headers["x-api-key"].to_str().unwrap()));
    let junk = door.nobody().with("x-api-key", "dw_junk");
    for caller in [&key, &bearer, &junk] {
        assert_eq!(page(&door, caller).await, (200, "nobody".into(), false));
    }
    let signed_in = doorward_gate::sessions::sign_in;
    let cookie = {
        // A browser signs in on a page; its cookie counts there, with or without a key beside it.
        use tower::ServiceExt;
        let handler = axum::routing::post(move |ctx: Ctx| async move {
            let ask = serde_json::from_value(json!({ "username": "ada", "password": PASSWORD })).unwrap();
            let opened = signed_in(&ctx, ask, SessionKind::Browser).await.unwrap();
            opened.cookies.iter().map(|cookie| cookie.split(';').next().unwrap().to_owned()).collect::<Vec<_>>().join("; ")
        });
        let router = door.gate.routes_with(axum::Router::new().route("/in", handler));
        let mut request = http::Request::builder().method("POST").uri("/in").body(axum::body::Body::empty()).unwrap();
        *request.headers_mut() = door.nobody().headers;
        request.extensions_mut().insert(Peer(door.nobody().peer));
        let response = router.oneshot(request).await.unwrap();
        String::from_utf8(axum::body::to_bytes(response.into_body(), 100_000).await.unwrap().to_vec()).unwrap()
    };
    for caller in [door.nobody(), key.clone(), bearer.clone(), junk.clone()] {
        let (status, shown, _) = page(&door, &caller.with("cookie", &cookie)).await;
        assert!(status == 200 && shown.contains("\"ada\""), "{shown}");
    }
    // The other door takes keys as REST does: a bad one gets no further.
    assert_eq!(junk.post("/_call/users/list", json!({})).await.code(), "invalid_api_key");
    assert_ne!(key.post("/_call/users/list", json!({})).await.status, 401);
}

/// KEY-089
#[tokio::test]
async fn junk_does_not_reach_the_database() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let made = make(&ada, json!({ "name": "a", "role": "viewer" })).await;
    // With the database closed, whoever asks it is told that it is away.
    door.gate.close().await;
    let good = made.body["key"].as_str().unwrap();
    let long = "dw_".to_owned() + &"a".repeat(10_000);
    for junk in ["dw_", "junk", "dw_aaaaaaaa_", &good[..60], &good.to_lowercase(), &format!("{good}x"), &long, "' OR 1=1 --"] {
        let answer = door.nobody().with("x-api-key", junk).get(ME).await;
        assert_eq!((answer.status, answer.code()), (401, "invalid_api_key"), "{junk}");
    }
    for _ in 0..5_000 {
        assert_eq!(door.nobody().with("x-api-key", "dw_aaaaaaaa_junk").get(ME).await.status, 401);
    }
    assert_eq!(
        door.nobody().with("x-api-key", &well_formed("00000000")).get(ME).await.status,
        503,
        "only what could be a key is looked up"
    );
}

#[tokio::test]
async fn a_flood_of_junk_is_a_line_of_the_log_a_minute() {
    let door = Door::claimed().await;
    let junk = door.nobody().with("x-api-key", "dw_junk");
    let lines = async || door.events().await.iter().filter(|event| *event == "api_key.refused denied by nobody").count();
    for _ in 0..300 {
        junk.get(ME).await;
    }
    assert_eq!(lines().await, 1);
    door.wait(60_000);
    junk.get(ME).await;
    assert_eq!(lines().await, 2);
    assert!(door.all_text().await.contains(r#""andOthers":299"#));
}

#[tokio::test]
async fn a_key_that_is_known_costs_no_query() {
    let door = Door::claimed().await;
    let leo = door.named("leo", "viewer").await;
    let mine = with(&door, &make(&leo, json!({ "name": "a", "role": "viewer", "kind": "personal" })).await);
    let service = door.key("viewer").await;
    for key in [&mine, &service] {
        assert_eq!(key.get(ME).await.status, 200);
    }
    door.gate.close().await;
    for key in [&mine, &service] {
        assert_eq!(key.get(ME).await.status, 200);
    }
}

#[tokio::test]
async fn uses_are_counted_and_none_is_lost_at_the_end() {
    let door = Door::claimed().await;
    let (ada, key) = (door.admin().await, door.key("viewer").await);
    let path = format!("{KEYS}/{}", key.id);
    for _ in 0..40 {
        assert_eq!(key.get(ME).await.status, 200);
    }
    door.wait(5_000);
    assert_eq!(key.clone().from_afar([10, 0, 0, 7]).get("/api/v1/users").await.status, 403, "a refusal is a use too");
    let before = ada.get(&path).await;
    assert_eq!((&before.body["useCount"], &before.body["lastUsedAt"]), (&json!(0), &json!(null)), "nothing is written on the way");
    let other = door.another().await;
    let there = other.nobody().with("x-api-key", key.headers["x-api-key"].to_str().unwrap());
    let used_at = door.now().to_string();
    for _ in 0..3 {
        there.get(ME).await;
    }
    door.gate.close().await;
    let after = other.admin().await.get(&path).await;
    assert_eq!(
        (&after.body["useCount"], &after.body["lastUsedAt"], &after.body["lastUsedIp"]),
        (&json!(41), &json!(used_at), &json!("10.0.0.7")),
        "{}",
        after.text
    );
    assert_eq!(after.headers["etag"], before.headers["etag"], "being used is no change");
    other.gate.close().await;
    let third = door.another().await;
    assert_eq!(third.admin().await.get(&path).await.body["useCount"], 44, "two processes add up");
}
