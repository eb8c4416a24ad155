//! A whole Doorward for a test: a database of its own, a clock that stands still, a generator that
//! always gives the same, and people by role. Requests go through the router, without a socket.

mod answer;
pub mod issuer;
mod live;
pub mod matrix;
mod nodes;
mod operator;
pub mod postgres;
pub mod provider;
mod upgrade;

pub use answer::Answer;
pub use live::Crowd;

use crate::{
    Gate, Peer, Store,
    clock::{Clock, Manual},
    config::Config,
    random::Seeded,
    secret::Secret,
};
use axum::{Router, body::Body};
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tower::ServiceExt;
use wire::Timestamp;

/// The password of everybody in tests.
pub const PASSWORD: &str = "brass lantern tide 7";

/// The signing secret of every test that does not say otherwise.
pub const SECRET: &str = "8f14e45fceea167a5a36dedd4bea2543c9f0f895fb98ab9159f51fd0297e236d";

/// The time at which every test begins.
pub const START: Timestamp = Timestamp(1_800_000_000_000);

/// A Doorward, and what moves it.
pub struct Door {
    /// The product.
    pub gate: Gate,
    /// Its clock.
    pub clock: Arc<Manual>,
    router: Router,
    store: Store,
    config: Config,
    made: AtomicU64,
    others: AtomicU64,
    /// Whether its processes keep a secret of their own, in one file, instead of a configured one.
    has_own_secret: bool,
    /// Holds the files of the database and of the secret until the test ends.
    folder: Arc<tempfile::TempDir>,
}

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Caller {
    router: Router,
    /// Where the requests come from.
    pub peer: SocketAddr,
    /// Sent with each request.
    pub headers: HeaderMap,
    /// The user's id, where it is one.
    pub id: String,
    /// The refresh token, where there is one.
    pub refresh_token: String,
}

impl Door {
    /// A fresh one, as on the first start.
    pub async fn new() -> Self {
        Self::with(Config::for_testing()).await
    }

    /// A fresh one with these settings.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn with(config: Config) -> Self {
        Self::fresh(config, false).await
    }

    /// The same; its signing secret is made and kept as it is without configuration.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn with_own_secret(config: Config) -> Self {
        Self::fresh(config, true).await
    }

    async fn fresh(config: Config, has_own_secret: bool) -> Self {
        let (folder, store) = empty_store().await;
        Self::on(store, folder, config, has_own_secret, 7).await
    }

    /// One on a store, with a generator that begins with this seed.
    async fn on(store: Store, folder: tempfile::TempDir, config: Config, has_own_secret: bool, seed: u64) -> Self {
        let clock = Arc::new(Manual::at(START));
        let secret = has_own_secret.then(|| folder.path().join("secret"));
        let gate = open(&store, &config, &clock, seed, secret.as_deref()).await;
        let router = gate.routes();
        let (made, others) = (AtomicU64::new(0), AtomicU64::new(seed + 1));
        Self { gate, clock, router, store, config, made, others, has_own_secret, folder: Arc::new(folder) }
    }

    /// A fresh one that `ada` has set up.
    pub async fn claimed() -> Self {
        Self::claimed_with(Config::for_testing()).await
    }

    /// A fresh one with these settings that `ada` has set up.
    ///
    /// # Panics
    /// When setup does not work.
    pub async fn claimed_with(config: Config) -> Self {
        let door = Self::with(config).await;
        let answer = door.nobody().post("/api/v1/setup", json!({ "username": "ada", "password": PASSWORD })).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        door
    }

    /// Somebody who is not signed in, on the server's own machine.
    #[must_use]
    pub fn nobody(&self) -> Caller {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("localhost:8080"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("test"));
        Caller {
            router: self.router.clone(),
            peer: ([127, 0, 0, 1], 50_000).into(),
            headers,
            id: String::new(),
            refresh_token: String::new(),
        }
    }

    /// The first admin, signed in.
    pub async fn admin(&self) -> Caller {
        self.nobody().signed_in("ada").await
    }

    /// A new person with this role, signed in.
    pub async fn person(&self, role: &str) -> Caller {
        let name = format!("{role}{}", self.made.fetch_add(1, Ordering::SeqCst));
        self.named(&name, role).await
    }

    /// A new person with this name and role, signed in.
    ///
    /// # Panics
    /// When the person can not be made.
    pub async fn named(&self, name: &str, role: &str) -> Caller {
        let system = self.gate.system("test");
        let new = wire::users::NewUser {
            username: name.into(),
            role: wire::RoleName(role.into()),
            password: PASSWORD.into(),
            ..Default::default()
        };
        crate::users::create(&system, new).await.expect("a person for the test");
        self.nobody().signed_in(name).await
    }

    /// A program with a service key of this role; its id is the key's.
    ///
    /// # Panics
    /// When the key can not be made.
    pub async fn key(&self, role: &str) -> Caller {
        let new = wire::keys::NewApiKey { name: format!("{role} key"), role: wire::RoleName(role.into()), ..Default::default() };
        let made = crate::keys::create(&self.gate.system("test"), new).await.expect("a key for the test");
        Caller { id: made.api_key.id.to_string(), ..self.nobody().with("x-api-key", &made.key) }
    }

    /// Moves the clock on.
    pub fn wait(&self, millis: i64) {
        self.clock.advance(millis);
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The actions of the audit log, the oldest first, with how they ended.
    ///
    /// # Panics
    /// When they can not be read.
    pub async fn events(&self) -> Vec<String> {
        self.gate.writer().flush().await;
        let mut events = crate::audit::store::latest(self.gate.db().pool(), 1000).await.expect("the events");
        events.reverse();
        events.iter().map(|e| format!("{} {} by {}", e.action.as_str(), e.outcome.as_str(), e.actor.name)).collect()
    }

    /// Asks the upstreams of the apps that are due, as happens once a second.
    pub async fn look_after_apps(&self) {
        crate::apps::health::round(&self.gate).await;
    }

    /// Counts a request to an app that was answered with this status, or refused with it by Doorward.
    ///
    /// # Panics
    /// When there is no such app that is enabled.
    pub fn count_request(&self, slug: &str, status: u16, by_doorward: bool) {
        use crate::apps::traffic::Seen;
        let live = self.gate.apps().by_slug(&wire::workspaces::Slug(slug.into())).expect("an app that is enabled");
        let seen = match (by_doorward, status) {
            (true, 401) => Seen::SignIn,
            (true, 403) => Seen::Denied,
            (true, _) => Seen::Failed,
            (false, status) => Seen::Answered(status),
        };
        self.gate.traffic().count(&live, seen, self.now());
    }

    /// Looks at the providers that are due, as happens beside requests.
    pub async fn look_after_providers(&self) {
        crate::sso::watch::round(&self.gate).await;
    }

    /// Writes the traffic of apps down, as happens once a minute, and lets go of what is older than a
    /// day.
    ///
    /// # Panics
    /// When that does not work.
    pub async fn write_traffic(&self) {
        crate::apps::traffic::write(&self.gate).await;
        crate::apps::traffic::trim(&self.gate).await.expect("old minutes go");
    }
}

/// An empty store in the database that the environment names, and a folder that ends with the test.
#[expect(clippy::disallowed_methods, reason = "a test learns from its environment which database it is to use")]
async fn empty_store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let server = std::env::var("TEST_DATABASE_URL").ok();
    let store = Store::scratch(folder.path(), server.as_deref()).await.expect("a database for the test");
    (folder, store)
}

async fn open(store: &Store, config: &Config, clock: &Arc<Manual>, seed: u64, secret: Option<&Path>) -> Gate {
    let builder = Gate::builder().store(store.clone()).config(config.clone()).clock(clock.clone()).random(Arc::new(Seeded::new(seed)));
    let builder = match secret {
        // With PostgreSQL it is kept in the database.
        Some(_) if matches!(store, Store::Postgres(_)) => builder,
        Some(file) => builder.secret(Secret::file(file)),
        None => {
            // Two processes on one database share a secret; in a test it is always this one.
            let mut config = config.clone();
            config.auth.jwt_secret.get_or_insert_with(|| SECRET.into());
            builder.config(config)
        }
    };
    builder.build().await.expect("Doorward opens")
}

impl Caller {
    /// The same caller with one more header.
    ///
    /// # Panics
    /// When it is no header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers.insert(name, value.parse().expect("a header's value"));
        self
    }

    /// The same caller with these cookies besides those that it has.
    ///
    /// # Panics
    /// When they are none.
    #[must_use]
    pub fn with_cookies(self, cookies: &str) -> Self {
        let own = self.headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let all = if own.is_empty() { cookies.to_owned() } else { format!("{own}; {cookies}") };
        self.with("cookie", &all)
    }

    /// The same caller at another router, as that of a program that Doorward is a part of.
    #[must_use]
    pub fn through(mut self, router: Router) -> Self {
        self.router = router;
        self
    }

    /// The same caller from another machine.
    #[must_use]
    pub fn from_afar(mut self, address: [u8; 4]) -> Self {
        self.peer = (address, 50_000).into();
        self
    }

    /// The caller, signed in with a token session under this name.
    ///
    /// # Panics
    /// When signing in does not work.
    pub async fn signed_in(self, name: &str) -> Self {
        let answer = self.post("/api/v1/auth/login", json!({ "username": name, "password": PASSWORD })).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        self.with_tokens(&answer)
    }

    /// The caller with the tokens of this answer.
    ///
    /// # Panics
    /// When there are none in it.
    #[must_use]
    pub fn with_tokens(self, answer: &Answer) -> Self {
        let token = answer.body["token"].as_str().expect("a token");
        let refresh_token = answer.body["refreshToken"].as_str().unwrap_or_default().to_owned();
        let id = answer.body["user"]["id"].as_str().unwrap_or_default().to_owned();
        Self { refresh_token, id, ..self.with("authorization", &format!("Bearer {token}")) }
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    /// Sends JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body.to_string())).await
    }

    /// Sends JSON.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, Some(body.to_string())).await
    }

    /// Sends JSON.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, Some(body.to_string())).await
    }

    /// Removes.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    /// Sends a request with a body of JSON, right or wrong.
    ///
    /// # Panics
    /// When the request can not be made.
    pub async fn send(&self, method: &str, path: &str, body: Option<String>) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).body(Body::from(body.clone().unwrap_or_default())).expect("a request");
        *request.headers_mut() = self.headers.clone();
        if body.is_some() && !self.headers.contains_key(header::CONTENT_TYPE) {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        request.extensions_mut().insert(Peer(self.peer));
        let response = self.router.clone().oneshot(request).await.expect("the router always answers");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}
