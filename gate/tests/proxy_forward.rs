//! Forward-auth: what a proxy may ask, and what it is told.

use crate::proxy_kit::{Front, Manner, upstream};
use doorward_gate::{
    config::Config,
    testing::{Answer, Caller},
};
use serde_json::json;

const FORWARD: &str = "/api/v1/auth/forward";

/// A door that believes the proxy on this machine.
async fn front() -> Front {
    let mut config = Config::for_testing();
    config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    config.http.public_url = Some("https://door.example.com".into());
    let echo = upstream(Manner::Echo).await;
    let rules = json!([{ "path": "/open", "allow": "public" }, { "methods": ["GET"], "allow": "read" }, { "allow": "run" }]);
    let front = Front::with(config, echo.address, rules).await;
    let hosts = json!({ "hosts": ["tasks.example.com"] });
    assert_eq!(front.door.admin().await.patch("/api/v1/apps/tasks", hosts).await.status, 200);
    front
}

/// A proxy that asks about this request, in the dialect of Traefik and Caddy.
fn asks(caller: Caller, method: &str, uri: &str) -> Caller {
    caller
        .with("x-forwarded-for", "203.0.113.7")
        .with("x-forwarded-method", method)
        .with("x-forwarded-proto", "https")
        .with("x-forwarded-host", "tasks.example.com")
        .with("x-forwarded-uri", uri)
}

async fn ask(caller: &Caller) -> Answer {
    caller.get(FORWARD).await
}

#[tokio::test]
async fn a_proxy_is_told_who_sent_a_request_and_what_is_left_of_its_credentials() {
    let front = front().await;
    let key = front.door.key("viewer").await;
    let answer = ask(&asks(key.clone().with("cookie", "theirs=1; doorward=x").with("x-doorward-user", "root"), "GET", "/a?b")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.headers["x-doorward-user"], "key@viewer key");
    assert_eq!(answer.headers["x-doorward-role"], "viewer");
    assert_eq!(answer.headers["x-doorward-email"], "");
    assert_eq!((&answer.headers["cookie"], &answer.headers["x-api-key"]), (&"theirs=1".parse().unwrap(), &"".parse().unwrap()));
    assert!(answer.headers["x-doorward-assertion"].to_str().unwrap().starts_with("eyJ"));
    let answer = ask(&asks(key, "POST", "/a")).await;
    assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{}", answer.text);
    let answer = ask(&asks(front.door.nobody(), "GET", "/open")).await;
    assert_eq!((answer.status, &answer.headers["x-doorward-user"]), (200, &"".parse().unwrap()));
    let answer = ask(&asks(front.door.nobody(), "GET", "/a")).await;
    assert_eq!((answer.status, answer.code()), (401, "unauthenticated"));
}

/// FWD-168
#[tokio::test]
async fn a_question_that_a_proxy_passes_on_from_outside_is_none() {
    let front = front().await;
    let outside = asks(front.door.key("viewer").await, "GET", "/a");
    let original = |caller: &Caller, host: &str| {
        let mut asked = caller.clone().with("x-original-method", "GET").with("x-original-url", "https://tasks.example.com/a");
        for name in ["x-forwarded-method", "x-forwarded-uri"] {
            asked.headers.remove(name);
        }
        asked.with("x-forwarded-host", host)
    };
    assert_eq!(ask(&original(&outside, "tasks.example.com")).await.status, 200, "nginx says both");
    for host in ["door.example.com", "tasks.example.com, door.example.com"] {
        let answer = ask(&original(&outside, host)).await;
        assert_eq!((answer.status, answer.code()), (400, "bad_request"), "{host}: {}", answer.text);
    }
    assert_eq!(ask(&outside.with("x-forwarded-host", "door.example.com")).await.status, 403, "the dashboard is no app");
}

#[tokio::test]
async fn the_other_dialect_says_the_same() {
    let front = front().await;
    let key = front.door.key("viewer").await;
    let original = |caller: Caller, method: &str| {
        caller
            .with("x-original-method", method)
            .with("x-original-url", "https://tasks.example.com/a?b=http://x/")
            .with("x-forwarded-for", "203.0.113.7")
    };
    assert_eq!(ask(&original(key.clone(), "GET")).await.status, 200);
    assert_eq!(ask(&original(key, "DELETE")).await.status, 403);
    let page = original(front.door.nobody(), "GET").with("accept", "text/html");
    let answer = ask(&page).await;
    assert_eq!(answer.status, 401, "nginx passes on no redirect");
    assert_eq!(answer.headers["location"], "https://tasks.example.com/.doorward/start?next=/a%3Fb%3Dhttp%3A//x/");
    let answer = ask(&asks(front.door.nobody(), "GET", "/a").with("accept", "text/html")).await;
    assert_eq!(answer.status, 303);
    assert!(
        answer.headers["location"]
            .to_str()
            .unwrap()
            .starts_with("https://door.example.com/auth/app?app=tasks&host=tasks.example.com&state=")
    );
    assert!(answer.headers["set-cookie"].to_str().unwrap().starts_with("__Host-doorward-way-tasks="));
    let begun = ask(&asks(front.door.nobody(), "GET", "/.doorward/start?next=/a").with("accept", "text/html")).await;
    assert_eq!(begun.status, 303, "where the proxy passes answers on, the way leads through it");
}

/// FWD-167
#[tokio::test]
async fn what_is_not_said_is_not_guessed() {
    let front = front().await;
    let admin = front.door.admin().await;
    assert_eq!(ask(&asks(admin.clone(), "GET", "/a")).await.status, 200);
    for missing in ["x-forwarded-method", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri"] {
        let mut caller = asks(admin.clone(), "GET", "/a");
        caller.headers.remove(missing);
        assert_eq!(ask(&caller).await.status, 400, "{missing}");
    }
    assert_eq!(ask(&admin).await.status, 400);
    assert_eq!(ask(&admin.clone().with("x-original-url", "https://tasks.example.com/a")).await.status, 400);
    assert_eq!(ask(&admin.clone().with("x-original-method", "GET").with("x-original-url", "/a")).await.status, 400);
    for (name, value) in
        [("x-forwarded-uri", "a"), ("x-forwarded-uri", "http://x/a"), ("x-forwarded-method", "G T"), ("x-forwarded-proto", "ftp")]
    {
        assert_eq!(ask(&asks(admin.clone(), "GET", "/a").with(name, value)).await.status, 400, "{name}: {value}");
    }
    let mut twice = asks(admin.clone(), "GET", "/a");
    twice.headers.append("x-forwarded-uri", "/open".parse().unwrap());
    assert_eq!(ask(&twice).await.status, 400);
    for path in ["/open/../a", "//a", "/a%2f..", "/a;b"] {
        assert_eq!(ask(&asks(admin.clone(), "GET", path)).await.status, 403, "{path}");
    }
}

/// FWD-168
#[tokio::test]
async fn a_context_is_believed_of_trusted_proxies_alone() {
    let front = front().await;
    let admin = front.door.admin().await;
    for caller in [admin.clone().from_afar([203, 0, 113, 9]), front.door.nobody().from_afar([10, 0, 0, 1])] {
        assert_eq!(ask(&asks(caller, "GET", "/open")).await.status, 400);
    }
    let plain = Front::to(upstream(Manner::Echo).await.address, json!([{ "allow": "public" }])).await;
    let caller = asks(plain.door.nobody(), "GET", "/open").with("x-forwarded-host", "tasks.localhost");
    assert_eq!(ask(&caller).await.status, 400, "nobody is trusted unless it is said");
    // Spellings that are none are not read; two dialects that differ are one too many.
    let nobody = asks(front.door.nobody(), "GET", "/a");
    for (name, value) in
        [("x_forwarded_uri", "/open"), ("x.forwarded.uri", "/open"), ("x-forwarded-prefix", "/open"), ("x-rewrite-url", "/open")]
    {
        assert_eq!(ask(&nobody.clone().with(name, value)).await.status, 401, "{name}");
    }
    let other = nobody.clone().with("x-original-method", "GET").with("x-original-url", "https://tasks.example.com/open");
    assert_eq!(ask(&other).await.status, 400);
    let same = nobody.with("x-original-method", "GET").with("x-original-url", "https://tasks.example.com/a");
    assert_eq!(ask(&same).await.status, 401, "both may say the same");
}

/// FWD-169
#[tokio::test]
async fn a_host_is_an_app_s_or_nobody_s() {
    let front = front().await;
    let admin = front.door.admin().await;
    for (host, status) in [
        ("other.example", 403),
        ("door.example.com", 403),
        ("localhost", 403),
        ("tasks.example.com.evil.example", 403),
        ("tasks.example.com:8443", 200),
        ("TASKS.Example.COM", 200),
        ("tasks.example.com.", 200),
        ("tasks.door.example.com", 200),
        ("evil@tasks.example.com", 400),
    ] {
        let answer = ask(&asks(admin.clone(), "GET", "/a").with("x-forwarded-host", host)).await;
        assert_eq!(answer.status, status, "{host}: {}", answer.text);
    }
}

/// WSS-177 through a proxy that keeps the upgrade to itself.
#[tokio::test]
async fn a_websocket_of_another_site_is_refused_where_a_proxy_asks_too() {
    let front = front().await;
    let cookie = front.app_cookie("ada").await;
    let asked = asks(front.door.nobody(), "GET", "/ws")
        .with("x-forwarded-host", "tasks.localhost")
        .with("x-forwarded-proto", "http")
        .with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .with("cookie", &cookie);
    assert_eq!(ask(&asked).await.status, 403);
    for (origin, status) in [("http://evil.example", 403), ("null", 403), ("http://tasks.localhost", 200)] {
        assert_eq!(ask(&asked.clone().with("origin", origin)).await.status, status, "{origin}");
    }
}

#[tokio::test]
async fn what_a_proxy_asked_about_is_counted() {
    let front = front().await;
    let admin = front.door.admin().await;
    ask(&asks(admin.clone(), "GET", "/a")).await;
    ask(&asks(front.door.nobody(), "GET", "/a")).await;
    ask(&asks(front.door.key("viewer").await, "POST", "/a")).await;
    let hour = admin.get("/api/v1/apps/tasks/traffic").await;
    let sum = |name: &str| hour.body["minutes"].as_array().unwrap().iter().map(|minute| minute[name].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("requests"), sum("unauthenticated"), sum("denied")), (3, 1, 1), "{}", hour.text);
}

/// FWD-176
#[tokio::test]
async fn a_body_is_never_read() {
    let front = front().await;
    let text = format!(
        "POST {FORWARD} HTTP/1.1\r\nHost: tasks.example.com\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Method: POST\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: tasks.example.com\r\nX-Forwarded-Uri: /a\r\nContent-Length: 1000000000\r\n\r\n"
    );
    let mut stream = tokio::net::TcpStream::connect(front.address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, text.as_bytes()).await.unwrap();
    let answer = crate::proxy_kit::read_until(&mut stream, b"\r\n").await;
    assert!(answer.starts_with(b"HTTP/1.1 401"), "{}", String::from_utf8_lossy(&answer));
}
