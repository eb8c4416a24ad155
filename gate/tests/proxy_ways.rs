//! Reaching an app without a session, and the way there and back.

use crate::proxy_kit::{Front, Manner, Reply, raw, upstream};
use doorward_gate::config::Config;
use serde_json::json;

const PAGE: (&str, &str) = ("Accept", "text/html,*/*;q=0.8");

/// PRX-164
#[tokio::test]
async fn a_person_is_sent_to_sign_in_and_a_program_is_told_so() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([])).await;
    for (line, headers) in [("GET /a?b=c", vec![PAGE, ("Sec-Fetch-Mode", "navigate")]), ("GET /a?b=c", vec![PAGE])] {
        let reply = front.send(line, &headers).await;
        assert_eq!(reply.status, 303, "{}", reply.text);
        let begin = format!("http://localhost:{}/auth/app?app=tasks&host=tasks.localhost%3A{0}&state=", front.address.port());
        assert!(reply.place().starts_with(&begin) && reply.place().ends_with("&next=/a%3Fb%3Dc"), "{}", reply.place());
        assert!(reply.all("set-cookie")[0].contains("HttpOnly; SameSite=Lax") && !reply.head.contains("Domain"));
    }
    for (line, headers) in [
        ("GET /", vec![("Accept", "*/*")]),
        ("GET /", vec![PAGE, ("Sec-Fetch-Mode", "cors")]),
        ("HEAD /", vec![PAGE]),
        ("GET /", vec![("Accept", "text/event-stream")]),
        ("GET /", vec![("Connection", "upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]),
        ("POST /", vec![PAGE, ("Sec-Fetch-Mode", "navigate"), ("Content-Length", "0")]),
        ("DELETE /", vec![]),
    ] {
        let reply = front.send(line, &headers).await;
        assert_eq!(reply.status, 401, "{line} {headers:?} {}", reply.text);
        assert!(reply.place().is_empty());
    }
    assert_eq!(front.send("GET /", &[("Accept", "application/json")]).await.code(), "unauthenticated");
    assert_eq!(echo.text(), "");
}

#[tokio::test]
async fn a_session_comes_along_and_goes_when_it_goes() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([])).await;
    front.door.named("vera", "viewer").await;
    let cookie = front.app_cookie("vera").await;
    let reply = front.send("GET /", &[("Cookie", &cookie)]).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.text.contains("x-doorward-user: vera") && reply.text.contains("x-doorward-role: viewer"), "{}", reply.text);
    let own = format!("http://{}", front.host());
    let run = [("Cookie", cookie.as_str()), ("Origin", &own), ("Content-Length", "0"), ("Accept", "application/json")];
    let reply = front.send("POST /run", &run).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "forbidden"), "a viewer can look, and not press Run");
    let shown = front.send("POST /run", &[("Cookie", &cookie), ("Origin", &own), ("Content-Length", "0"), PAGE]).await;
    assert!(shown.text.contains("<h1>") && shown.text.contains("decision "), "{}", shown.text);
    // Ended in another place, it ends here with the next request.
    let ada = front.door.admin().await;
    let id = ada.get("/api/v1/sessions?user=all").await.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["userName"] == "vera" && s["kind"] == "browser")
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(ada.delete(&format!("/api/v1/sessions/{id}")).await.status, 204);
    assert_eq!(front.send("GET /", &[("Cookie", &cookie)]).await.status, 401);
}

/// BRW-185 at the host of an app.
#[tokio::test]
async fn a_cookie_changes_nothing_for_another_site() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([])).await;
    let cookie = front.app_cookie("ada").await;
    let own = format!("http://{}", front.host());
    for headers in [
        vec![("Origin", "http://evil.example")],
        vec![("Origin", "null")],
        vec![("Sec-Fetch-Site", "cross-site")],
        vec![("Sec-Fetch-Site", "same-site")],
        vec![("Origin", "http://other.localhost")],
    ] {
        let headers: Vec<_> = headers.into_iter().chain([("Cookie", cookie.as_str()), ("Content-Length", "0")]).collect();
        let reply = front.send("POST /run", &headers).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, "cross_site"), "{headers:?}");
    }
    let reply = front.send("POST /run", &[("Cookie", &cookie), ("Content-Length", "0")]).await;
    assert_eq!(reply.status, 401, "nobody knows from where");
    assert_eq!(front.send("POST /run", &[("Cookie", &cookie), ("Content-Length", "0"), ("Origin", &own)]).await.status, 200);
    assert_eq!(
        front.send("POST /run", &[("Cookie", &cookie), ("Content-Length", "0"), ("Sec-Fetch-Site", "same-origin")]).await.status,
        200
    );
}

/// LOG-037 at the host of an app.
#[tokio::test]
async fn a_code_is_for_the_browser_that_began_once_and_for_thirty_seconds() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([])).await;
    let dashboard = front.dashboard_cookie("ada").await;
    let begun = front.send("GET /", &[PAGE]).await;
    let code = async || {
        let left = front.at_dashboard(&begun.place(), &[PAGE, ("Cookie", &dashboard)]).await;
        assert_eq!(left.status, 303, "{}", left.text);
        left.place().split_once(&front.host()).unwrap().1.to_owned()
    };
    let enter = async |path: &str, cookie: &str| front.send(&format!("GET {path}"), &[PAGE, ("Cookie", cookie)]).await;
    let path = code().await;
    assert!(path.starts_with("/.doorward/enter?code="), "{path}");
    // Somebody else's link, opened here.
    let other = front.send("GET /", &[PAGE]).await;
    assert_eq!(enter(&path, &other.cookies()).await.status, 410);
    assert_eq!(enter(&path, "x=y").await.status, 410);
    let entered = enter(&path, &begun.cookies()).await;
    assert_eq!(entered.status, 303);
    assert!(entered.all("set-cookie").iter().all(|line| !line.contains("Domain")));
    assert_eq!(enter(&path, &begun.cookies()).await.status, 410, "it was used");
    let path = code().await;
    front.door.wait(31_000);
    assert_eq!(enter(&path, &begun.cookies()).await.status, 410, "it is too old");
    assert!(!front.door.all_text().await.contains(path.split("code=").nth(1).unwrap().split('&').next().unwrap()), "only its hash is kept");
}

#[tokio::test]
async fn a_code_is_used_once_however_many_try() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([])).await;
    let dashboard = front.dashboard_cookie("ada").await;
    let begun = front.send("GET /", &[PAGE]).await;
    let left = front.at_dashboard(&begun.place(), &[PAGE, ("Cookie", &dashboard)]).await;
    let path = left.place().split_once(&front.host()).unwrap().1.to_owned();
    let text = format!(
        "{}{}: {}\r\nCookie: {}\r\nConnection: close\r\n\r\n",
        front.head(&format!("GET {path}"), &[]),
        PAGE.0,
        PAGE.1,
        begun.cookies()
    );
    let all: Vec<_> = (0..16)
        .map(|_| {
            tokio::spawn({
                let (address, text) = (front.address, text.clone());
                async move { Reply::read(&raw(address, text.as_bytes()).await).status }
            })
        })
        .collect();
    let mut good = 0;
    for one in all {
        good += usize::from(one.await.unwrap() == 303);
    }
    assert_eq!(good, 1);
}

/// OID-133
#[tokio::test]
async fn the_way_leads_to_the_app_and_nowhere_else() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([])).await;
    let dashboard = front.dashboard_cookie("ada").await;
    let port = front.address.port();
    let state = "a".repeat(64);
    for host in [
        "evil.example".to_owned(),
        format!("tasks.localhost:{}", port - 1),
        format!("tasks.localhost.evil.example:{port}"),
        format!("evil.example%2ftasks.localhost:{port}"),
        format!("user@tasks.localhost:{port}"),
        format!("localhost:{port}"),
        format!("other.localhost:{port}"),
        "tasks.localhost:8o".to_owned(),
    ] {
        let place = format!("/auth/app?app=tasks&host={host}&state={state}");
        let reply = front.at_dashboard(&place, &[PAGE, ("Cookie", &dashboard)]).await;
        assert_eq!((reply.status, reply.place().as_str()), (404, ""), "{host}");
    }
    for next in [
        "//e",
        "///e",
        "/%5ce",
        "%5ce",
        "/%09/e",
        "/%0d%0a/e",
        "/./%5ce",
        "/a/..//e",
        "https:e",
        "https://e",
        "javascript:alert(1)",
        "%E3%80%B1e",
        "/.doorward/start",
    ] {
        let place = format!("/auth/app?app=tasks&host=tasks.localhost:{port}&state={state}&next={next}");
        let reply = front.at_dashboard(&place, &[PAGE, ("Cookie", &dashboard)]).await;
        assert!(
            reply.place().starts_with(&format!("http://tasks.localhost:{port}/.doorward/enter?code="))
                && reply.place().ends_with("&next=/"),
            "{next}: {}",
            reply.place()
        );
        let begun = front.send(&format!("GET /.doorward/start?next={next}"), &[PAGE]).await;
        assert!(begun.place().starts_with(&format!("http://localhost:{port}/auth/app?")) && begun.place().ends_with("&next=/"), "{next}");
    }
    for from in ["evil.example", "127.0.0.1:1", "tasks.localhost", "localhost:1", "user@localhost"] {
        let begun = front.send(&format!("GET /.doorward/start?from={from}"), &[PAGE]).await;
        assert!(begun.place().starts_with(&format!("http://localhost:{port}/auth/app?")), "{from}: {}", begun.place());
    }
    let begun = front.send(&format!("GET /.doorward/start?from=127.0.0.1:{port}"), &[PAGE]).await;
    assert!(begun.place().starts_with(&format!("http://127.0.0.1:{port}/auth/app?")), "{}", begun.place());
    for place in ["/auth/app", "/auth/app?app=nothing", "/auth/app?app=tasks&host=tasks.localhost&state=short"] {
        let reply = front.at_dashboard(place, &[PAGE, ("Cookie", &dashboard)]).await;
        assert!((400..=404).contains(&reply.status), "{place} {}", reply.status);
    }
    let prefetched = front.at_dashboard("/auth/app?app=tasks", &[("Accept", "image/*"), ("Cookie", &dashboard)]).await;
    assert_eq!(prefetched.status, 400, "no picture makes a code");
}

#[tokio::test]
async fn from_the_dashboard_an_app_opens_by_its_name() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([])).await;
    let dashboard = front.dashboard_cookie("ada").await;
    let port = front.address.port();
    let left = front.at_dashboard("/auth/app?app=tasks&next=/x", &[PAGE, ("Cookie", &dashboard)]).await;
    assert_eq!(left.place(), format!("http://tasks.localhost:{port}/.doorward/start?from=localhost%3A{port}&next=/x"));
    let nobody = front.at_dashboard("/auth/app?app=tasks&next=/x", &[PAGE]).await;
    assert_eq!(nobody.place(), "/login?next=/auth/app%3Fapp%3Dtasks%26next%3D/x");
}

#[tokio::test]
async fn behind_encryption_the_cookies_are_for_encrypted_hosts_alone() {
    let echo = upstream(Manner::Echo).await;
    let mut config = Config::for_testing();
    config.http.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    config.http.public_url = Some("https://door.example.com".into());
    let front = Front::with(config, echo.address, json!([])).await;
    let ask = async |host: &str, path: &str, cookie: &str| {
        let text = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\nAccept: text/html\r\nCookie: \
             {cookie}\r\nConnection: close\r\n\r\n"
        );
        Reply::read(&front.raw(text.as_bytes()).await)
    };
    let own = "tasks.door.example.com";
    let begun = ask(own, "/x", "a=b").await;
    assert!(
        begun.place().starts_with("https://door.example.com/auth/app?app=tasks&host=tasks.door.example.com&state="),
        "{}",
        begun.place()
    );
    assert!(begun.all("set-cookie")[0].starts_with("__Host-doorward-way-tasks=") && begun.all("set-cookie")[0].contains("; Secure"));
    let dashboard = front.dashboard_cookie("ada").await.replace("doorward=", "__Host-doorward=");
    let left = ask("door.example.com", begun.place().strip_prefix("https://door.example.com").unwrap(), &dashboard).await;
    assert!(left.place().starts_with("https://tasks.door.example.com/.doorward/enter?code="), "{} {}", left.status, left.text);
    let entered = ask(own, left.place().strip_prefix("https://tasks.door.example.com").unwrap(), &begun.cookies()).await;
    assert_eq!(entered.place(), "https://tasks.door.example.com/x");
    let cookie = entered.cookies();
    assert!(cookie.starts_with("__Host-doorward-app-tasks="), "{cookie}");
    let reply = ask(own, "/x", &cookie).await;
    assert!(reply.text.contains("x-doorward-user: ada") && reply.text.contains("x-forwarded-proto: https"), "{}", reply.text);
    assert!(reply.text.contains("x-forwarded-for: 203.0.113.7, 127.0.0.1"), "{}", reply.text);
    assert_eq!(ask(own, "/x", &cookie.replace("__Host-", "")).await.status, 303, "a plain one is none");
}

#[tokio::test]
async fn while_sign_in_is_off_nobody_is_sent_anywhere() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::with(Config { dev: true, ..Config::for_testing() }, echo.address, json!([])).await;
    let reply = front.send("GET /", &[PAGE]).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.text.contains("x-doorward-kind: open"));
}

#[tokio::test]
async fn a_trusted_app_can_be_below_the_dashboard_s_own_address() {
    let echo = upstream(Manner::Echo).await;
    let rules = json!([{ "path": "/secret", "allow": "deny" }, { "methods": ["GET"], "allow": "read" }, { "allow": "run" }]);
    let front = Front::to(echo.address, rules).await;
    let mount = json!({ "path": "/admin/tasks", "trusted": true });
    assert_eq!(front.door.admin().await.patch("/api/v1/apps/tasks", mount).await.status, 200);
    let cookie = front.dashboard_cookie("ada").await;
    let reply = front.at_dashboard("/admin/tasks/a?b", &[("Cookie", &cookie)]).await;
    assert!(reply.text.starts_with("GET /a?b HTTP/1.1") && reply.text.contains("x-forwarded-prefix: /admin/tasks"), "{}", reply.text);
    assert!(reply.text.contains("x-doorward-user: ada") && !reply.text.contains("doorward="), "{}", reply.text);
    assert!(front.at_dashboard("/%61dmin/tasks", &[("Cookie", &cookie)]).await.text.starts_with("GET / HTTP/1.1"));
    assert_eq!(front.at_dashboard("/admin/tasks/secret", &[("Cookie", &cookie)]).await.status, 403);
    assert_eq!(front.at_dashboard("/admin/tasks/../x", &[("Cookie", &cookie)]).await.status, 400);
    assert_eq!(front.at_dashboard("/admin/tasks/a", &[]).await.status, 401);
    let away = front.at_dashboard("/admin/tasks/a?b", &[PAGE]).await;
    assert_eq!((away.status, away.place().as_str()), (303, "/login?next=/admin/tasks/a%3Fb"));
    assert_eq!(front.at_dashboard("/admin/tasksx", &[("Cookie", &cookie)]).await.status, 404);
    assert_eq!(front.at_dashboard("/api/v1/capabilities", &[]).await.status, 200);
    let host = format!("localhost:{}", front.address.port());
    for (origin, status) in
        [(format!("http://{host}"), 200), ("http://evil.example".into(), 403), (format!("http://{}", front.host()), 403)]
    {
        let text = format!(
            "POST /admin/tasks/a HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nOrigin: {origin}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        assert_eq!(Reply::read(&front.raw(text.as_bytes()).await).status, status, "{origin}");
    }
}

#[tokio::test]
async fn a_port_of_its_own_leads_to_the_app_under_any_name_of_this_machine() {
    let echo = upstream(Manner::Echo).await;
    let front = Front::to(echo.address, json!([])).await;
    front.door.gate.listens_at(front.address.port());
    let own = front.own_port("tasks").await;
    let listen = json!({ "listen": own.to_string() });
    assert_eq!(front.door.admin().await.patch("/api/v1/apps/tasks", listen).await.status, 200);
    let ask = async |host: &str, path: &str, cookie: &str| {
        let text = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
        Reply::read(&raw(own, text.as_bytes()).await)
    };
    let host = format!("127.0.0.1:{}", own.port());
    let begun = ask(&host, "/x", "a=b").await;
    assert!(begun.place().starts_with(&format!("http://127.0.0.1:{}/auth/app?", front.address.port())), "{}", begun.place());
    let dashboard = front.dashboard_cookie("ada").await;
    let (path, at) = (begun.place().split_once("/auth").unwrap().1.to_owned(), format!("127.0.0.1:{}", front.address.port()));
    let text = format!("GET /auth{path} HTTP/1.1\r\nHost: {at}\r\nAccept: text/html\r\nCookie: {dashboard}\r\nConnection: close\r\n\r\n");
    let left = Reply::read(&front.raw(text.as_bytes()).await);
    assert!(left.place().starts_with(&format!("http://{host}/.doorward/enter?")), "{} {}", left.status, left.place());
    let entered = ask(&host, left.place().split_once(&host).unwrap().1, &begun.cookies()).await;
    assert_eq!(entered.place(), format!("http://{host}/x"));
    let reply = ask(&host, "/x", &entered.cookies()).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(ask("evil.example", "/x", &entered.cookies()).await.status, 421);
}
