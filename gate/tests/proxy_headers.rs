//! What an upstream sees of a request, and what nobody but Doorward may say.

use crate::proxy_kit::{Front, Manner, upstream};
use serde_json::{Value, json};

/// The lines of the request that an echo saw.
fn lines(text: &str, name: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(own, _)| own.replace(['_', '.'], "-").eq_ignore_ascii_case(name))
        .map(|(_, value)| value.to_owned())
        .collect()
}

/// PRX-144
#[tokio::test]
async fn an_upstream_sees_one_identity_and_it_is_ours() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([])).await;
    let key = front.key("viewer").await;
    let reply = front
        .send(
            "GET /x",
            &[
                ("X-API-Key", &key),
                ("X-Doorward-User", "root"),
                ("X-Doorward-User", "root"),
                ("x_doorward_role", "admin"),
                ("X.Doorward.Email", "root@example.com"),
                ("Remote-User", "root"),
                ("REMOTE_USER", "root"),
                ("X-WEBAUTH-USER", "root"),
                ("X-Auth-Request-User", "root"),
                ("X-Forwarded-User", "root"),
                ("X-Doorward-Assertion", "root"),
                ("Connection", "x-doorward-user, keep-alive"),
            ],
        )
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(!reply.text.contains("root") && !reply.text.contains("admin"), "{}", reply.text);
    assert_eq!(lines(&reply.text, "x-doorward-user"), ["key@viewer key"]);
    assert_eq!(lines(&reply.text, "x-doorward-role"), ["viewer"]);
    assert_eq!(lines(&reply.text, "x-doorward-workspace"), ["default"]);
    assert_eq!(lines(&reply.text, "x-doorward-email"), [""]);
    assert_eq!(lines(&reply.text, "x-doorward-assertion").len(), 1);
}

/// PRX-144
#[tokio::test]
async fn nobody_is_told_to_be_nobody_where_all_may_come() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([{ "path": "/open/**", "allow": "public" }])).await;
    let reply = front.send("GET /open/x", &[("X-Doorward-User", "root"), ("Remote-User", "root")]).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(!reply.text.contains("root"), "{}", reply.text);
    assert_eq!(lines(&reply.text, "x-doorward-user"), [""]);
    assert_eq!(lines(&reply.text, "x-doorward-kind"), ["nobody"]);
}

/// PRX-149, TOK-061
#[tokio::test]
async fn our_credentials_never_reach_an_upstream() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([])).await;
    let key = front.key("viewer").await;
    let cookie = front.app_cookie("ada").await;
    let token = front.door.admin().await.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned();
    let ticket = front.door.admin().await.post("/api/v1/auth/ticket", json!({})).await.body["ticket"].as_str().unwrap().to_owned();
    let both = format!("theirs=1; {cookie}; doorward=abc; other=2");
    for (line, headers) in [
        ("GET /".to_owned(), vec![("Authorization", format!("Bearer {key}")), ("Cookie", both.clone())]),
        ("GET /".to_owned(), vec![("X-API-Key", key.clone()), ("Cookie", both.clone())]),
        ("GET /".to_owned(), vec![("Authorization", format!("Bearer {token}")), ("Cookie", both.clone())]),
        (format!("GET /?token={ticket}&a=1&k={key}&t={token}"), vec![("Cookie", both.clone())]),
    ] {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let reply = front.send(&line, &headers).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        for secret in [&key, &token, &ticket, &cookie, "doorward="] {
            assert!(!reply.text.contains(secret), "{line}: {}", reply.text);
        }
        assert_eq!(lines(&reply.text, "cookie"), ["theirs=1; other=2"]);
    }
    let reply = front.send("GET /?a=1", &[("Cookie", &cookie), ("Authorization", "Basic dXNlcjpwYXNz"), ("X-API-Key", "theirs")]).await;
    assert_eq!(lines(&reply.text, "authorization"), ["Basic dXNlcjpwYXNz"], "the upstream's own are left alone");
    assert_eq!(lines(&reply.text, "x-api-key"), ["theirs"]);
    assert!(reply.text.starts_with("GET /?a=1 HTTP/1.1"));
}

/// PRX-155
#[tokio::test]
async fn a_host_decides_which_app_and_nothing_else_does() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([{ "allow": "public" }])).await;
    let ask = async |host: &str, more: &str| {
        let text = format!("GET /x HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n");
        crate::proxy_kit::Reply::read(&front.raw(text.as_bytes()).await)
    };
    let own = format!("tasks.localhost:{}", front.address.port());
    let reply = ask(&own, "X-Forwarded-Host: evil.example\r\n").await;
    assert_eq!(reply.status, 200);
    assert_eq!(lines(&reply.text, "host"), [echo.address.to_string()]);
    assert_eq!(lines(&reply.text, "x-forwarded-host"), std::slice::from_ref(&own));
    for host in ["evil.example", "other.localhost", "tasks.localhost.evil.example", "evil.tasks.localhost"] {
        let reply = ask(host, &format!("X-Forwarded-Host: {own}\r\n")).await;
        assert_eq!((reply.status, reply.code().as_str()), (421, "misdirected"), "{host}");
    }
    assert_eq!(ask(&own, &format!("Host: {own}\r\n")).await.status, 400, "two hosts");
    assert_eq!(ask(&own.to_uppercase(), "").await.status, 200);
    assert_eq!(front.send("GET http://evil.example/x", &[]).await.status, 400, "two hosts in another way");
    assert_eq!(echo.seen.lock().unwrap().len(), 2);
}

/// A path is sent as it was judged.
#[tokio::test]
async fn a_path_that_could_be_read_in_two_ways_goes_nowhere() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([{ "path": "/open/**", "allow": "public" }, { "allow": "deny" }])).await;
    for path in [
        "/open/../admin",
        "/open/%2e%2e/admin",
        "/open/..%2fadmin",
        "/open/%252e%252e/admin",
        "/open//admin",
        "/open;/admin",
        "/open/%5cadmin",
        "/open/a%00",
    ] {
        let reply = front.send(&format!("GET {path}"), &[]).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "bad_request"), "{path}");
    }
    assert_eq!(echo.text(), "");
    let reply = front.send("GET /open/%61?b=%2e%2e/", &[]).await;
    assert!(reply.text.starts_with("GET /open/a?b=%2e%2e/ HTTP/1.1"), "{}", reply.text);
    assert_eq!(front.send("GET /openx", &[]).await.status, 403);
}

#[tokio::test]
async fn what_an_upstream_is_told_can_be_checked_with_the_public_key() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([])).await;
    let cookie = front.app_cookie("ada").await;
    let assertion = |reply: &crate::proxy_kit::Reply| lines(&reply.text, "x-doorward-assertion").remove(0);
    let first = assertion(&front.send("GET /", &[("Cookie", &cookie)]).await);
    let keys = front.door.nobody().get("/.well-known/jwks.json").await;
    assert_eq!(keys.status, 200);
    let claims: Value = {
        use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
        let key = DecodingKey::from_ed_components(keys.body["keys"][0]["x"].as_str().unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&["tasks"]);
        validation.validate_exp = false;
        let read = decode::<Value>(&first, &key, &validation).unwrap();
        assert_eq!(read.header.kid.as_deref(), keys.body["keys"][0]["kid"].as_str());
        validation.set_audience(&["other"]);
        assert!(decode::<Value>(&first, &key, &validation).is_err(), "it is for one app");
        read.claims
    };
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
    assert_eq!(
        (claims["username"].as_str(), claims["role"].as_str(), claims["iss"].as_str()),
        (Some("ada"), Some("admin"), Some("doorward"))
    );
    front.door.wait(10_000);
    assert_eq!(assertion(&front.send("GET /", &[("Cookie", &cookie)]).await), first, "signed once for a while");
    front.door.wait(20_000);
    assert_ne!(assertion(&front.send("GET /", &[("Cookie", &cookie)]).await), first);
}
