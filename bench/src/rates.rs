//! Requests with a token against the same without, and sign-ins against the bare hash.

use crate::{
    Effort, Result, Row,
    client::{self, CONNECTIONS, Client, Make, Turns, get, in_turns, load},
    median,
};
use argon2::{Algorithm, Argon2, Params, Version};
use doorward::{
    Doorward,
    gate::{Secret, Store, config::Config, sessions},
    serve,
    wire::sessions::{SessionKind, SignIn},
};
use http::{HeaderValue, header};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

const PASSWORD: &str = "three-quiet-otters-sing";
/// Whose sign-ins are measured; one alone would be slowed down as guessing.
const PEOPLE: u64 = 64;

/// A server in this process.
pub struct Running {
    pub door: Doorward,
    pub address: SocketAddr,
    /// The admin's access token.
    pub token: String,
    _folder: tempfile::TempDir,
}

impl Running {
    /// Starts on a SQLite file with one admin.
    pub async fn start() -> Result<Self> {
        Self::with(Config::default()).await
    }

    /// The same, with these settings.
    pub async fn with(mut config: Config) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        // So that each sign-in can come from an address of its own.
        config.http.trusted_proxies = vec!["127.0.0.1".parse()?];
        let door = Doorward::builder()
            .store(Store::Sqlite(folder.path().join("doorward.db")))
            .secret(Secret::file(folder.path().join("secret")))
            .config(config)
            .build()
            .await?;
        let listener = serve::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        tokio::spawn(serve::serve(listener, door.routes(), serve::Limits::default(), std::future::pending()));
        let token = first_admin(address).await?;
        Ok(Self { door, address, token, _folder: folder })
    }

    /// A browser session of the admin's: its cookie, and its access token.
    pub async fn browser(&self) -> Result<(HeaderValue, String)> {
        let who = SignIn { username: Some("root".into()), password: PASSWORD.into(), ..SignIn::default() };
        let opened = sessions::sign_in(&self.door.gate().system("bench"), who, SessionKind::Browser).await?;
        // Over plain http on loopback the cookie has a name of its own.
        let secret = opened.cookies.iter().find_map(|cookie| cookie.split(';').next()?.split_once("doorward=")).ok_or("no cookie")?.1;
        Ok((format!("doorward={secret}").parse()?, opened.tokens.token))
    }

    /// The database's file.
    pub fn file(&self) -> std::path::PathBuf {
        self._folder.path().join("doorward.db")
    }
}

/// Sets a server up; gives the admin's access token.
pub async fn first_admin(address: SocketAddr) -> Result<String> {
    let first = json!({ "username": "root", "password": PASSWORD });
    let tokens = Client::connect(address).await?.json(client::request("POST", "/api/v1/setup", None, Some(&first))).await?;
    Ok(text(&tokens, "token"))
}

/// Makes an API key with the role of a viewer.
pub async fn viewer_key(address: SocketAddr, token: &str) -> Result<HeaderValue> {
    let new = json!({ "name": "bench", "role": "viewer" });
    let made = Client::connect(address).await?.json(client::request("POST", "/api/v1/api-keys", Some(token), Some(&new))).await?;
    Ok(text(&made, "key").parse()?)
}

pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

pub async fn measure(effort: Effort) -> Result<Vec<Row>> {
    let running = Running::start().await?;
    let mut rows = vec![with_and_without_token(&running, effort).await?, with_cookie(&running, effort).await?];
    rows.push(with_key(&running, effort).await?);
    rows.push(refreshes(&running, effort).await?);
    rows.push(sign_ins(&running, effort).await?);
    running.door.close().await;
    Ok(rows)
}

async fn with_and_without_token(running: &Running, effort: Effort) -> Result<Row> {
    let token = running.token.clone();
    let with: Make = Arc::new(move |_| get("/api/v1/capabilities", Some(&token)));
    let without: Make = Arc::new(|_| get("/api/v1/capabilities", None));
    let Turns { ratio, tail, rate } = in_turns(effort, (running.address, &with), (running.address, &without)).await?;
    Ok(Row::new("a route with a token ÷ the same without", format!("{ratio:.2} (p99 {tail:.2}×, {rate:.0}/s)"), "≥ 0.85, p99 ≤ 1.3×"))
}

/// The same with the token of a browser session, which is checked against its cookie.
async fn with_cookie(running: &Running, effort: Effort) -> Result<Row> {
    let (cookie, token) = running.browser().await?;
    let with: Make = Arc::new(move |_| {
        let mut request = get("/api/v1/capabilities", Some(&token));
        request.headers_mut().insert(header::COOKIE, cookie.clone());
        request
    });
    let without: Make = Arc::new(|_| get("/api/v1/capabilities", None));
    let Turns { ratio, tail, rate } = in_turns(effort, (running.address, &with), (running.address, &without)).await?;
    Ok(Row::new(
        "a route with a bound token and its cookie ÷ the same without",
        format!("{ratio:.2} (p99 {tail:.2}×, {rate:.0}/s)"),
        "≥ 0.85, p99 ≤ 1.3×",
    ))
}

/// The same with an API key: its text is checked, hashed and counted.
async fn with_key(running: &Running, effort: Effort) -> Result<Row> {
    let key = viewer_key(running.address, &running.token).await?;
    let with: Make = Arc::new(move |_| {
        let mut request = get("/api/v1/capabilities", None);
        request.headers_mut().insert("x-api-key", key.clone());
        request
    });
    let without: Make = Arc::new(|_| get("/api/v1/capabilities", None));
    let Turns { ratio, tail, rate } = in_turns(effort, (running.address, &with), (running.address, &without)).await?;
    Ok(Row::new("a route with an API key ÷ the same without", format!("{ratio:.2} (p99 {tail:.2}×, {rate:.0}/s)"), "≥ 0.85, p99 ≤ 1.3×"))
}

/// Sessions that renew themselves as fast as they can, one after the other on each connection.
async fn refreshes(running: &Running, effort: Effort) -> Result<Row> {
    let mut rates = Vec::new();
    for round in 0..effort.rounds {
        let total = Arc::new(AtomicU64::new(0));
        let mut chains = Vec::new();
        for number in 0..4 {
            let mut client = Client::connect(running.address).await?;
            let tokens = client.json(sign_in("root", round as u64 * 4 + number)).await?;
            chains.push((client, text(&tokens, "refreshToken")));
        }
        let begun = Instant::now();
        let workers = chains.into_iter().map(|(mut client, mut secret)| {
            let total = total.clone();
            tokio::spawn(async move {
                while begun.elapsed() < effort.half {
                    let body = json!({ "refreshToken": secret });
                    secret = text(&client.json(client::request("POST", "/api/v1/auth/refresh", None, Some(&body))).await?, "refreshToken");
                    total.fetch_add(1, Ordering::Relaxed);
                }
                Result::Ok(())
            })
        });
        for worker in workers.collect::<Vec<_>>() {
            worker.await??;
        }
        rates.push(total.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64());
    }
    Ok(Row::new("refreshes, SQLite, each one on disk before it is answered", format!("{:.0}/s", median(rates)), "–"))
}

/// A sign-in from an address of its own.
fn sign_in(username: &str, number: u64) -> http::Request<http_body_util::Full<hyper::body::Bytes>> {
    let body = json!({ "username": username, "password": PASSWORD });
    let mut request = client::request("POST", "/api/v1/auth/login", None, Some(&body));
    let address = format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
    if let Ok(value) = address.parse() {
        request.headers_mut().insert("x-forwarded-for", value);
    }
    request
}

async fn sign_ins(running: &Running, effort: Effort) -> Result<Row> {
    let mut client = Client::connect(running.address).await?;
    for number in 0..PEOPLE {
        let new = json!({ "username": format!("p{number}"), "role": "viewer", "password": PASSWORD });
        client.json(client::request("POST", "/api/v1/users", Some(&running.token), Some(&new))).await?;
    }
    let next = Arc::new(AtomicU64::new(1 << 16));
    let make: Make = Arc::new(move |count| sign_in(&format!("p{}", count % PEOPLE), next.fetch_add(1, Ordering::Relaxed)));
    let cores = std::thread::available_parallelism()?.get();
    let (mut ratios, mut rates) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        let signed_in = load(running.address, CONNECTIONS, effort.half * 2, &make).await?.rate;
        let bare = tokio::task::spawn_blocking(move || hashes(cores, effort)).await?;
        ratios.push(signed_in / bare);
        rates.push(signed_in);
    }
    Ok(Row::new("sign-ins ÷ bare argon2id hashes on all cores", format!("{:.2} ({:.0}/s)", median(ratios), median(rates)), "≥ 0.9"))
}

/// Bare hashes in a second, with the default cost, on as many threads as there are cores.
fn hashes(cores: usize, effort: Effort) -> f64 {
    let cost = Config::default().auth.hashing;
    let (stop, total) = (AtomicBool::new(false), AtomicU64::new(0));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, Some(32)).expect("the defaults are good");
                let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                let mut out = [0; 32];
                while !stop.load(Ordering::Relaxed) {
                    argon.hash_password_into(PASSWORD.as_bytes(), b"sixteen bytes ..", &mut out).expect("the lengths are good");
                    total.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(effort.half * 2);
        stop.store(true, Ordering::Relaxed);
    });
    total.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}
