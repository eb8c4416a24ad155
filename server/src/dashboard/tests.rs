mod apps;
mod sign_on;

use crate::Doorward;
use axum::{Router, body::Body};
use gate::{Peer, config::Config};
use http::{HeaderMap, Request, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

const PASSWORD: &str = "three-quiet-otters-sing";
const OWN: &str = "http://localhost:8080";

/// A browser without script: it keeps cookies and posts forms.
struct Browser {
    service: Router,
    cookies: Vec<(String, String)>,
}

struct Page {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn place(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |place| place.to_str().unwrap())
    }
}

impl Browser {
    async fn new() -> Self {
        let door = Doorward::builder().config(Config::for_testing()).build().await.unwrap();
        Self { service: door.routes(), cookies: Vec::new() }
    }

    async fn send(&mut self, mut request: Request<Body>) -> Page {
        request.extensions_mut().insert(Peer("127.0.0.1:4711".parse().unwrap()));
        let headers = request.headers_mut();
        headers.insert(header::HOST, "localhost:8080".parse().unwrap());
        if !self.cookies.is_empty() {
            let all: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.insert(header::COOKIE, all.join("; ").parse().unwrap());
        }
        let response = self.service.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !cookie.contains("Max-Age=0") {
                self.cookies.push((name.into(), value.into()));
            }
        }
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Page { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path).header("accept", "text/html").body(Body::empty()).unwrap()).await
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded").header("origin", OWN);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn call(&mut self, name: &str, body: &str) -> Page {
        let request = Request::post(format!("/_call/{name}")).header("content-type", "application/json").header("origin", OWN);
        let request = request.header("accept", "text/html").header("referer", "http://localhost:8080/settings");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// One that made the first account, by the form.
    async fn claimed() -> Self {
        let mut browser = Self::new().await;
        let page = browser.post("/setup/admin", &[("username", "root"), ("email", ""), ("password", PASSWORD)]).await;
        assert_eq!((page.status, page.place()), (303, "/setup/app"), "{}", page.text);
        browser
    }
}

#[tokio::test]
async fn everything_leads_to_setup_until_it_is_done() {
    let mut browser = Browser::new().await;
    for path in ["/", "/login", "/settings/users", "/nowhere"] {
        let page = browser.get(path).await;
        assert_eq!((page.status, page.place()), (303, "/setup"), "{path}");
    }
    assert_eq!(browser.get("/setup").await.status, 200);
    assert_eq!(browser.get("/setup/admin").await.status, 200);
}

#[tokio::test]
async fn setup_works_without_script_and_then_is_over() {
    let mut browser = Browser::claimed().await;
    assert_eq!(browser.get("/setup/done").await.status, 200);
    assert_eq!(browser.get("/").await.status, 200);
    assert_eq!(browser.get("/setup").await.place(), "/");
    let again = browser.post("/setup/admin", &[("username", "eve"), ("password", PASSWORD)]).await;
    assert_eq!(again.status, 409, "{}", again.text);
}

#[tokio::test]
async fn a_form_that_fails_is_shown_again_with_what_was_typed() {
    let mut browser = Browser::new().await;
    let page = browser.post("/setup/admin", &[("username", "two words"), ("password", "hunter2 hunter2 hunter2")]).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("two words") && page.text.contains("two.words"), "the field and what is wrong with it: {}", page.text);
    assert!(!page.text.contains("hunter2"), "no password comes back");
}

#[tokio::test]
async fn skipping_lets_everybody_in() {
    let mut browser = Browser::new().await;
    let page = browser.post("/setup/skip", &[]).await;
    assert_eq!((page.status, page.place()), (303, "/"), "{}", page.text);
    assert_eq!(browser.get("/settings/users").await.status, 200);
    assert_eq!(browser.get("/profile").await.status, 403, "there is no session to have a profile");
}

#[tokio::test]
async fn keys_are_listed_and_marked_without_script_and_their_secrets_nowhere() {
    let mut browser = Browser::new().await;
    browser.post("/setup/skip", &[]).await;
    assert!(browser.get("/settings/api-keys").await.text.contains("No API keys yet"));
    let made = browser.call("create_api_key", r#"{"new":{"name":"nightly","role":"viewer","expiresIn":"24h"}}"#).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let made: serde_json::Value = serde_json::from_str(&made.text).unwrap();
    let (id, key) = (made["apiKey"]["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let (beginning, secret) = key.split_at(11);
    let one = format!("/settings/api-keys/{id}");
    for (path, words) in [("/settings/api-keys", "Expires soon"), ("/settings/api-keys?query=nig", "nightly"), (&one, "Begins with")] {
        let page = browser.get(path).await;
        assert!(page.status == 200 && page.text.contains(words) && page.text.contains(beginning), "{path}: {}", page.text);
        assert!(!page.text.contains(secret), "{path}");
    }
    assert!(browser.get("/settings/api-keys/new").await.text.contains("A service key."));
    assert!(browser.get("/settings/api-keys/nonsense").await.text.contains("There is no such key"));
}

#[tokio::test]
async fn workspaces_are_shown_without_script_and_the_switcher_once_there_is_a_choice() {
    let header = "x-doorward-environment";
    let mut browser = Browser::new().await;
    assert!(!browser.get("/setup").await.text.contains(header));
    browser.post("/setup/skip", &[]).await;
    let home = browser.get("/").await.text;
    assert!(home.contains(header) && !home.contains("switcher-menu"), "there is nothing to choose yet: {home}");
    for (name, body) in [
        ("create_workspace", r#"{"new":{"slug":"billing","name":"Billing","isPrivate":true}}"#),
        ("create_environment", r#"{"workspace":"billing","new":{"slug":"staging"}}"#),
    ] {
        let made = browser.call(name, body).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }
    let absent = browser.get("/settings/workspaces/Not%20one").await;
    assert!(absent.status == 404 && absent.text.contains("There is no such workspace"), "{}", absent.text);
    for (path, words) in [
        ("/", "switcher-menu"),
        ("/settings/workspaces", "env_billing_staging"),
        ("/settings/workspaces?query=Bil", "Private"),
        ("/settings/workspaces?query=wiki", "No workspace begins with"),
        ("/settings/workspaces/new", "Create workspace"),
        ("/settings/workspaces/billing", "Nobody has a grant here"),
    ] {
        let page = browser.get(path).await;
        assert!(page.status == 200 && page.text.contains(words), "{path}: {}", page.text);
    }
}

#[tokio::test]
async fn signing_in_leads_back_and_signing_out_ends_it() {
    let mut browser = Browser::claimed().await;
    assert_eq!(browser.post("/logout", &[]).await.place(), "/login");
    let page = browser.get("/settings/users?role=admin").await;
    assert_eq!((page.status, page.place()), (303, "/login?next=/settings/users%3Frole%3Dadmin"));
    let wrong = browser.post("/login", &[("username", "root"), ("password", "wrong"), ("next", "/settings/users")]).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text.contains("value=\"root\"") && !wrong.text.contains("wrong\""), "{}", wrong.text);
    let page =
        browser.post("/login", &[("username", "root"), ("password", PASSWORD), ("rememberMe", "true"), ("next", "/settings/users")]).await;
    assert_eq!((page.status, page.place()), (303, "/settings/users"), "{}", page.text);
    assert!(browser.get("/settings/users").await.text.contains("root"));
    for next in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        assert_eq!(browser.post("/login", &[("username", "root"), ("password", PASSWORD), ("next", next)]).await.place(), "/", "{next}");
    }
}

#[tokio::test]
async fn a_password_changes_without_script() {
    let mut browser = Browser::claimed().await;
    let wrong = browser.post("/change-password", &[("currentPassword", "nope"), ("newPassword", "another-lamp-hums-softly")]).await;
    assert_eq!(wrong.status, 403, "{}", wrong.text);
    let page = browser
        .post("/change-password", &[("currentPassword", PASSWORD), ("newPassword", "another-lamp-hums-softly"), ("next", "/profile")])
        .await;
    assert_eq!((page.status, page.place()), (303, "/profile"), "{}", page.text);
    assert_eq!(browser.get("/profile").await.status, 200, "this session stays");
}

#[tokio::test]
async fn a_link_that_is_no_good_says_so_on_its_page() {
    let mut browser = Browser::claimed().await;
    let page = browser.post("/reset/nonsense", &[("newPassword", "another-lamp-hums-softly")]).await;
    assert_eq!(page.status, 410, "{}", page.text);
    assert!(page.text.contains("<html"));
}

#[tokio::test]
async fn what_is_not_there_is_told_to_those_who_are_in() {
    let mut browser = Browser::claimed().await;
    let page = browser.get("/nowhere").await;
    assert_eq!(page.status, 404);
    assert!(page.text.contains("<html"));
    assert_eq!(Browser { cookies: Vec::new(), ..browser }.get("/nowhere").await.status, 303);
}

#[tokio::test]
async fn files_that_are_not_there_are_not_asked_to_sign_in() {
    let mut browser = Browser::new().await;
    for path in ["/.git/HEAD", "/Cargo.toml", "/users.json", "/doorward.db", "/pkg/..%2f..%2fx.js", "/.doorward_jwt_secret", "/app.js.map"]
    {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_policy_and_the_scripts_of_a_page_have_one_nonce() {
    let mut browser = Browser::claimed().await;
    let (first, second) = (browser.get("/").await, browser.get("/").await);
    let nonce = |page: &Page| {
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned()
    };
    assert_ne!(nonce(&first), nonce(&second));
    let scripts: Vec<&str> = first.text.match_indices("<script").map(|(at, _)| first.text[at..].split('>').next().unwrap()).collect();
    assert!(!scripts.is_empty());
    for script in scripts {
        assert!(script.contains(&format!("nonce=\"{}\"", nonce(&first))), "{script}");
    }
    assert_eq!(first.headers[header::CACHE_CONTROL], "no-store");
    assert!(!first.text.contains(" style=\""), "inline styles are not allowed by the policy");
}

#[tokio::test]
async fn the_page_of_the_interface_is_for_people_and_keeps_the_policy() {
    let mut browser = Browser::claimed().await;
    let page = browser.get("/api/docs").await;
    assert_eq!(page.status, 200);
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    for script in page.text.match_indices("<script").map(|(at, _)| page.text[at..].split('>').next().unwrap()) {
        assert!(script.contains(&format!("nonce=\"{nonce}\"")), "{script}");
    }
    assert!(page.text.contains("id=\"create_user\"") && !page.text.contains(" style=\""));
    assert_eq!(browser.get("/api/v1/users").await.status, 401, "beside it a cookie opens nothing");
    let request = Request::post("/api/docs").header("content-type", "application/x-www-form-urlencoded").header("origin", OWN);
    assert_eq!(browser.send(request.body(Body::empty()).unwrap()).await.status, 405);
    let stranger = Browser { cookies: Vec::new(), ..browser }.get("/api/docs").await;
    assert_eq!((stranger.status, stranger.place()), (303, "/login?next=/api/docs"));
}

#[tokio::test]
async fn a_call_needs_the_token_and_never_redirects() {
    let mut browser = Browser::claimed().await;
    let page = browser.call("list_users", r#"{"query":{}}"#).await;
    assert_eq!((page.status, page.place()), (401, ""), "the cookie is not enough: {}", page.text);
    let page = browser.call("list_users", r#"{"query":7}"#).await;
    assert_eq!((page.status, page.place()), (422, ""), "{}", page.text);
    assert_eq!(page.headers[header::CONTENT_TYPE], "application/problem+json");
    assert!(page.text.contains("requestId") && !page.text.contains("\"requestId\":\"\""), "{}", page.text);
    assert_eq!(browser.call("drop_everything", "{}").await.status, 404);
    assert_eq!(browser.call("a/b", "{}").await.status, 404);
    assert_eq!(browser.get("/_call/list_users").await.status, 405);
    let page = browser.call("get_capabilities", "{}").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn a_call_takes_no_endless_body() {
    let mut browser = Browser::claimed().await;
    let request = Request::post("/_call/sign_in").header("content-type", "application/json").header("origin", OWN);
    assert_eq!(browser.send(request.body(Body::new(Endless)).unwrap()).await.status, 413);
}

/// A body without an end, and without a length.
struct Endless;

impl hyper::body::Body for Endless {
    type Data = axum::body::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
        std::task::Poll::Ready(Some(Ok(hyper::body::Frame::data(vec![b' '; 64 * 1024].into()))))
    }
}

#[tokio::test]
async fn another_site_can_not_post_a_form() {
    let mut browser = Browser::claimed().await;
    let request =
        Request::post("/logout").header("content-type", "application/x-www-form-urlencoded").header("origin", "https://evil.example");
    assert_eq!(browser.send(request.body(Body::empty()).unwrap()).await.status, 403);
    assert_eq!(browser.get("/profile").await.status, 200, "still signed in");
}

#[tokio::test]
async fn methods_that_a_page_does_not_take_are_refused() {
    let mut browser = Browser::claimed().await;
    for (method, path) in [("POST", "/"), ("PUT", "/login"), ("DELETE", "/settings/users"), ("GET", "/setup/skip")] {
        let request = Request::builder().method(method).uri(path).header("origin", OWN).body(Body::empty()).unwrap();
        let page = browser.send(request).await;
        assert_eq!(page.status, 405, "{method} {path}: {}", page.text);
    }
}

#[tokio::test]
async fn the_audit_log_is_saved_by_a_link_that_carries_no_token() {
    let mut browser = Browser::claimed().await;
    let file = browser.get("/settings/audit/export?format=csv&action=setup.").await;
    assert_eq!((file.status, &file.headers[header::CONTENT_TYPE]), (200, &"text/csv; charset=utf-8".parse().unwrap()), "{}", file.text);
    assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().ends_with(".csv\""));
    assert_eq!(file.text.lines().count(), 2, "a head and one event: {}", file.text);
    let file = browser.get("/settings/audit/export").await;
    assert!(file.text.contains("\"audit.export\"") && file.text.lines().all(|line| line.starts_with('{')), "{}", file.text);

    let wrong = browser.get("/settings/audit/export?action=user.fly").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("<html") && wrong.text.contains("There is no such action"), "said on the page: {}", wrong.text);
    let led = Request::get("/settings/audit/export").header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
    let led = browser.send(led).await;
    assert_eq!((led.status, led.place()), (303, "/settings/audit"));
    browser.post("/logout", &[]).await;
    let stranger = browser.get("/settings/audit/export?format=csv").await;
    assert_eq!((stranger.status, stranger.place()), (303, "/login?next=/settings/audit/export%3Fformat%3Dcsv"));
}

#[tokio::test]
async fn a_page_that_does_not_open_says_by_which_number_one_finds_out_why() {
    let mut browser = Browser::new().await;
    browser.post("/setup/skip", &[]).await;
    let vera = format!(r#"{{"new":{{"username":"vera","password":"{PASSWORD}","role":"viewer"}}}}"#);
    let made = browser.call("create_user", &vera).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let root = vera.replace("vera", "root").replace("viewer", "admin");
    assert_eq!(browser.call("create_user", &root).await.status, 200);
    let on = browser.call("update_auth_settings", r#"{"patch":{"enabled":true}}"#).await;
    assert_eq!(on.status, 200, "{}", on.text);
    browser.post("/login", &[("username", "vera"), ("password", PASSWORD)]).await;
    let page = browser.get("/settings/users").await;
    assert_eq!(page.status, 403);
    let id = page.text.split("<code class=\"break\">").nth(1).and_then(|rest| rest.split('<').next()).expect("a number").to_owned();
    assert_eq!(browser.get("/settings/audit/export").await.status, 403);
    browser.post("/logout", &[]).await;
    browser.post("/login", &[("username", "root"), ("password", PASSWORD)]).await;
    let page = browser.get(&format!("/settings/audit/{id}")).await;
    assert_eq!(page.status, 200);
    for text in ["vera was turned away from /settings/users", "How it was decided", "/settings/users needs users"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    let list = browser.get("/settings/audit?outcome=denied").await;
    assert!(list.text.contains("was turned away from") && !list.text.contains("signed in<"), "{}", list.text);
}
