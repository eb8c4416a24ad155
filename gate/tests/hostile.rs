//! Every route, asked what nobody should ask: to change by reading, to take endless bodies and pages without
//! end, and what makes no sense at all.

use axum::body::{Body, Bytes};
use doorward_gate::{
    Gate, Peer,
    config::Config,
    testing::{Answer, Caller, Door, PASSWORD},
    wire::policy::{OPERATIONS, Operation},
};
use http::Request;
use hyper::body::{Body as Stream, Frame};
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::timeout;
use tower::ServiceExt;

/// The address of an operation, with this wherever something is to be named.
fn address(operation: &Operation, name: &str) -> String {
    let named = operation.path.split('/').map(|segment| if segment.starts_with('{') { name } else { segment });
    format!("/api/v1{}", named.collect::<Vec<_>>().join("/"))
}

/// What a stream answers has no end; whether it is one is all that counts here.
async fn soon(caller: &Caller, method: &str, path: &str, body: Option<String>) -> Option<Answer> {
    timeout(Duration::from_secs(3), caller.send(method, path, body)).await.ok()
}

/// What was done to this house. Who took events along is written down, and changes nothing.
async fn changes(door: &Door) -> Vec<String> {
    let mut done = door.events().await;
    done.retain(|event| event.contains(" success ") && !event.starts_with("audit.export"));
    done.sort();
    done
}

/// BRW-186
#[tokio::test]
async fn to_read_changes_nothing_whatever_is_read() {
    let door = Door::claimed().await;
    let form = format!("username=ada&password={}", PASSWORD.replace(' ', "+"));
    let browser = door.nobody().with("sec-fetch-site", "same-origin").with("content-type", "application/x-www-form-urlencoded");
    let cookies = browser.send("POST", "/login", Some(form)).await.cookies();
    let ada = door.admin().await.with("cookie", &cookies);
    // As an image or a prefetch of another site asks, and as a link on it leads here.
    let image = ada.clone().with("sec-fetch-site", "cross-site").with("sec-fetch-mode", "no-cors").with("sec-fetch-dest", "image");
    let link = ada.clone().with("sec-fetch-site", "cross-site").with("sec-fetch-mode", "navigate").with("accept", "text/html");
    let before = changes(&door).await;
    let pages = ["/", "/login", "/logout", "/change-password", "/setup", "/setup/skip", "/auth/oidc/nowhere/login", "/reset/nothing"];
    let calls = ["/_call/sign_out", "/_call/skip_setup", "/_call/delete_user?id=00000000-0000-7000-8000-000000000000"];
    let all = OPERATIONS.iter().map(|operation| address(operation, "default"));
    for path in all.chain(pages.into_iter().chain(calls).map(str::to_owned)) {
        for caller in [&image, &link] {
            for method in ["GET", "HEAD"] {
                soon(caller, method, &path, None).await;
            }
        }
    }
    assert_eq!(changes(&door).await, before);
    assert_eq!(ada.get("/api/v1/auth/me").await.status, 200, "nobody was signed out");
    assert_eq!(door.nobody().get("/api/v1/users").await.status, 401, "nor was sign-in turned off");
}

/// A body without an end, and without a length; how much of it was taken is counted.
struct Endless(Arc<AtomicUsize>);

impl Stream for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        // It begins as JSON does.
        const PIECE: &[u8] = &[b'['; 16 * 1024];
        self.0.fetch_add(PIECE.len(), Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(PIECE)))))
    }
}

/// DOS-212
#[tokio::test]
async fn a_body_without_an_end_is_cut_at_the_limit_of_every_route() {
    let mut config = Config::for_testing();
    config.http.body_limit = 128 * 1024;
    let door = Door::claimed_with(config).await;
    let pages = ["/login", "/logout", "/change-password", "/reset/nothing"];
    let rows = OPERATIONS
        .iter()
        .filter(|operation| operation.changes())
        .map(|operation| (operation.method.as_str(), address(operation, "default")));
    for (method, path) in rows.chain(pages.map(|path| ("POST", path.to_owned()))) {
        let ada = door.admin().await;
        let is_page = !path.starts_with("/api");
        let kind = if is_page { "application/x-www-form-urlencoded" } else { "application/json" };
        for length in [None, Some("10000000"), Some("1000000000000")] {
            let taken = Arc::new(AtomicUsize::new(0));
            let mut request = Request::builder().method(method).uri(&path).body(Body::new(Endless(taken.clone()))).unwrap();
            *request.headers_mut() = ada.headers.clone();
            request.headers_mut().insert("content-type", kind.parse().unwrap());
            request.headers_mut().insert("sec-fetch-site", "same-origin".parse().unwrap());
            if let Some(length) = length {
                request.headers_mut().insert("content-length", length.parse().unwrap());
            }
            request.extensions_mut().insert(Peer(ada.peer));
            let answer = timeout(Duration::from_secs(20), door.gate.routes().oneshot(request)).await.expect("an answer").unwrap();
            assert!(answer.status().as_u16() < 500, "{method} {path}: {}", answer.status());
            if length.is_some() {
                assert_eq!(answer.status(), 413, "{method} {path}");
            }
            assert!(taken.load(Ordering::SeqCst) <= 160 * 1024, "{method} {path}: {} bytes were taken", taken.load(Ordering::SeqCst));
        }
    }
}

/// The lists that have pages, by what is written of them.
fn lists() -> Vec<String> {
    let document = Gate::openapi();
    let is_paged = |operation: &&Operation| {
        let described = &document["paths"][format!("/api/v1{}", operation.path)]["get"];
        described["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "limit"))
    };
    OPERATIONS.iter().filter(|operation| !operation.changes()).filter(is_paged).map(|operation| address(operation, "default")).collect()
}

/// DOS-219
#[tokio::test]
async fn no_page_is_larger_than_a_page() {
    let door = Door::claimed().await;
    let ada = door.admin().await;
    let lists = lists();
    assert!(lists.len() >= 5, "{lists:?}");
    for path in lists {
        for limit in ["-1", "0", "1e9", "1000000000", "NaN", "", "0x10", "18446744073709551616", "%00", "1%2C2"] {
            let answer = ada.get(&format!("{path}?limit={limit}")).await;
            assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!("limit")), "{path} {limit}: {}", answer.text);
        }
        for more in ["offset=1000000000000000000", "page=9999999999999", "cursor=9999999999999999999", "limit=1&limit=1000000000"] {
            let answer = ada.get(&format!("{path}?{more}")).await;
            assert!(matches!(answer.status, 400 | 422), "{path} {more}: {} {}", answer.status, answer.text);
        }
    }
}

/// Chances that are the same in every run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick(&mut self, all: &[&'static str]) -> &'static str {
        all[self.throw(all.len())]
    }

    /// Any value, of any kind.
    fn value(&mut self, depth: usize) -> Value {
        match self.throw(if depth == 0 { 8 } else { 12 }) {
            0 => Value::Null,
            1 => json!(self.throw(2) == 0),
            2 => json!([0, -1, 1, i64::MAX, i64::MIN][self.throw(5)]),
            3 => json!([u64::MAX, 1 << 53][self.throw(2)]),
            4 => json!([0.5, -0.0, 1e308, 1e-308][self.throw(4)]),
            5 => json!("x".repeat([0, 1, 63, 64, 65, 255, 256, 1024, 5000][self.throw(9)])),
            6 | 7 => json!(self.pick(TEXTS)),
            8 | 9 => (0..self.throw(4)).map(|_| self.value(depth - 1)).collect(),
            _ => (0..self.throw(4)).map(|_| (self.pick(TEXTS).to_owned(), self.value(depth - 1))).collect::<serde_json::Map<_, _>>().into(),
        }
    }

    /// A body: mostly an object of these fields, else anything.
    fn body(&mut self, fields: &[String]) -> String {
        match self.throw(8) {
            0 => self.value(3).to_string(),
            1 => self.pick(TEXTS).to_owned(),
            _ => {
                let mut given = serde_json::Map::new();
                for field in fields {
                    if self.throw(4) > 0 {
                        given.insert(field.clone(), self.value(3));
                    }
                }
                Value::Object(given).to_string()
            }
        }
    }
}

const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "ada",
    "admin",
    "viewer",
    "default",
    "default/default",
    "read",
    "GET",
    "/",
    "//",
    "/a/../b",
    "/**",
    "*",
    "{}",
    "\0",
    "\u{7}",
    "\u{202e}abc",
    "é",
    "e\u{301}",
    "山田",
    "\u{10ffff}",
    "' OR 1=1--",
    "%",
    "%00",
    "%2e%2e",
    "$1",
    "null",
    "true",
    "-1",
    "1e999",
    "NaN",
    "2026-01-01T00:00:00Z",
    "-9999-01-01T00:00:00Z",
    "99999999999999999999",
    "00000000-0000-7000-8000-000000000000",
    "a@b",
    "a@example.com",
    "x:y",
    "public:news",
    "10.0.0.0/33",
    "::1",
    "<script>",
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "[",
    "\"",
    ".",
    "..",
    "name",
    "id",
    "role",
];

/// The fields that an operation's body has, and the names in its query.
fn fields(document: &Value, operation: &Operation) -> (Vec<String>, Vec<String>) {
    let method = operation.method.as_str().to_lowercase();
    let described = &document["paths"][format!("/api/v1{}", operation.path)][&method];
    let schema = &described["requestBody"]["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str().and_then(|place| place.rsplit('/').next());
    let schema = name.map_or(schema, |name| &document["components"]["schemas"][name]);
    let body = schema["properties"].as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default();
    let query = described["parameters"]
        .as_array()
        .map(|all| all.iter().filter(|one| one["in"] == "query").filter_map(|one| one["name"].as_str().map(str::to_owned)).collect());
    (body, query.unwrap_or_default())
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// DOS-220
#[tokio::test]
async fn nothing_that_is_sent_breaks_anything() {
    const ROUNDS: usize = 14;
    let door = Door::claimed().await;
    let document = Gate::openapi();
    let mut dice = Dice(20_261_122);
    let mut faults = Vec::new();
    for operation in OPERATIONS {
        let (body, query) = fields(&document, operation);
        // Wrong passwords are forgiven by then.
        door.wait(60 * 60_000);
        let mut admin = door.person("admin").await;
        for _ in 0..ROUNDS {
            if admin.get("/api/v1/auth/me").await.status != 200 {
                admin = door.person("admin").await;
            }
            let mut words = Vec::new();
            for name in &query {
                if dice.throw(2) == 0 {
                    words.push(format!("{name}={}", encoded(dice.pick(TEXTS))));
                }
            }
            let path = format!("{}?{}", address(operation, &encoded(dice.pick(TEXTS))), words.join("&"));
            let sent = operation.changes().then(|| dice.body(&body));
            let Some(answer) = soon(&admin, operation.method.as_str(), &path, sent.clone()).await else { continue };
            if answer.status >= 500 {
                faults.push(format!("{} {path} {sent:?}: {} {}", operation.method.as_str(), answer.status, answer.text));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(door.nobody().get("/readyz").await.status, 200);
    assert_eq!(door.nobody().get("/api/v1/users").await.status, 401);
    assert_eq!(door.gate.setup_code(), None, "it is set up as it was");
}
