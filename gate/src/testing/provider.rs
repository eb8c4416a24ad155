//! An OpenID Connect provider for tests that does as it is told, also what no provider should: it plays
//! the browser's part of the way as well, so that a test is about what came back.

use super::{Answer, Caller, issuer::SigningKey};
use crate::hash::sha256;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use wire::{Timestamp, sso::NewProvider, workspaces::Slug};

/// The client's name and secret at every such provider.
pub const CLIENT: (&str, &str) = ("doorward", "canary-client-secret");

/// How it answers.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// Changes the claims of the ID token before it is signed.
    pub claims: Map<String, Value>,
    /// Claims that the ID token does not have.
    pub without: Vec<&'static str>,
    /// The ID token itself, instead of one that is signed.
    pub token: Option<fn(&SigningKey, &Value) -> String>,
    /// What its userinfo says; absent: there is none.
    pub userinfo: Option<Value>,
    /// Changes its description.
    pub description: Map<String, Value>,
    /// The status of all its answers, instead of 200.
    pub status: Option<u16>,
    /// A pause before each answer.
    pub pause: Option<Duration>,
    /// So many bytes before each answer's JSON.
    pub padding: usize,
    /// The `iss` of the way back; absent: its own. An empty one is left out.
    pub iss: Option<String>,
    /// An error on the way back, instead of a code.
    pub error: Option<&'static str>,
}

/// A request that began a sign-in, as the provider saw it.
#[derive(Debug, Clone, Default)]
pub struct Begun {
    /// The fields of the address that the browser was sent to.
    pub fields: HashMap<String, String>,
    /// The cookies that the browser keeps.
    pub cookies: String,
}

impl Begun {
    /// A field; empty where it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

struct Inside {
    script: Mutex<Script>,
    keys: Mutex<Vec<SigningKey>>,
    now: Mutex<Timestamp>,
    /// What each code stands for: the nonce and the challenge.
    codes: Mutex<HashMap<String, (String, String)>>,
    /// The token requests that came, as their fields.
    asked: Mutex<Vec<HashMap<String, String>>>,
    made: Mutex<u64>,
}

/// A provider on a port of its own.
#[derive(Clone)]
pub struct Provider {
    /// Its issuer, which is its address.
    pub issuer: String,
    inside: Arc<Inside>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Provider {
    /// One that signs with a key on P-256.
    pub async fn new(now: Timestamp) -> Self {
        Self::with(SigningKey::p256("one"), now).await
    }

    /// One that signs with this key.
    ///
    /// # Panics
    /// When there is no port for it.
    pub async fn with(key: SigningKey, now: Timestamp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let inside = Inside {
            script: Mutex::default(),
            keys: Mutex::new(vec![key]),
            now: Mutex::new(now),
            codes: Mutex::default(),
            asked: Mutex::default(),
            made: Mutex::default(),
        };
        let provider = Self { issuer, inside: Arc::new(inside) };
        let answering = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let provider = answering.clone();
                tokio::spawn(async move { provider.answer(stream).await });
            }
        });
        provider
    }

    /// The settings by which Doorward uses it.
    #[must_use]
    pub fn settings(&self, id: &str) -> NewProvider {
        NewProvider {
            id: Slug(id.into()),
            button_label: "Scripted".into(),
            issuer: self.issuer.clone(),
            client_id: CLIENT.0.into(),
            client_secret: CLIENT.1.into(),
            client_url: Some("http://localhost:8080".into()),
            ..NewProvider::default()
        }
    }

    /// Answers in this way from now on.
    pub fn be(&self, script: Script) {
        *lock(&self.inside.script) = script;
    }

    /// Says this of whoever comes, besides what it says of everybody.
    pub fn says(&self, claims: Value) {
        let claims = claims.as_object().cloned().unwrap_or_default();
        self.be(Script { claims, ..Script::default() });
    }

    /// Signs with this key from now on, and publishes it alone.
    pub fn rotate(&self, key: SigningKey) {
        *lock(&self.inside.keys) = vec![key];
    }

    /// The time by its clock.
    pub fn set_time(&self, now: Timestamp) {
        *lock(&self.inside.now) = now;
    }

    /// The token requests that came.
    #[must_use]
    pub fn asked(&self) -> Vec<HashMap<String, String>> {
        lock(&self.inside.asked).clone()
    }

    /// A token that its key signs.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        lock(&self.inside.keys)[0].token(claims)
    }

    /// Begins a sign-in at this address of Doorward's.
    ///
    /// # Panics
    /// When the browser is not sent to the provider.
    pub async fn begin(&self, browser: &Caller, path: &str) -> Begun {
        let answer = browser.get(path).await;
        let place = location(&answer);
        assert!(place.starts_with(&format!("{}/authorize?", self.issuer)), "{} {place} {}", answer.status, answer.text);
        let query = place.split_once('?').map_or("", |(_, query)| query);
        Begun { fields: form_urlencoded::parse(query.as_bytes()).into_owned().collect(), cookies: answer.cookies() }
    }

    /// The address that the provider sends the browser back to.
    #[must_use]
    pub fn way_back(&self, begun: &Begun) -> String {
        let script = lock(&self.inside.script).clone();
        let mut fields = form_urlencoded::Serializer::new(String::new());
        fields.append_pair("state", begun.get("state"));
        match script.error {
            Some(error) => _ = fields.append_pair("error", error),
            None => _ = fields.append_pair("code", &self.code(begun)),
        }
        match script.iss.as_deref() {
            Some("") => {}
            other => _ = fields.append_pair("iss", other.unwrap_or(&self.issuer)),
        }
        format!("/oidc-callback?{}", fields.finish())
    }

    /// A code for what began.
    #[must_use]
    pub fn code(&self, begun: &Begun) -> String {
        let mut made = lock(&self.inside.made);
        *made += 1;
        let code = format!("code-{made}");
        lock(&self.inside.codes).insert(code.clone(), (begun.get("nonce").to_owned(), begun.get("code_challenge").to_owned()));
        code
    }

    /// The whole way: begins at this address, and comes back.
    pub async fn pass(&self, browser: &Caller, path: &str) -> Answer {
        let begun = self.begin(browser, path).await;
        browser.clone().with_cookies(&begun.cookies).get(&self.way_back(&begun)).await
    }

    async fn answer(self, mut stream: TcpStream) {
        let Some((path, authorization, body)) = request(&mut stream).await else { return };
        let script = lock(&self.inside.script).clone();
        if let Some(pause) = script.pause {
            tokio::time::sleep(pause).await;
        }
        let (mut status, json) = match path.as_str() {
            "/.well-known/openid-configuration" => (200, self.description(&script)),
            "/keys" => (200, json!({ "keys": lock(&self.inside.keys).iter().map(SigningKey::public).collect::<Vec<_>>() })),
            "/token" => self.tokens(&script, &authorization, &body),
            "/userinfo" => (200, script.userinfo.clone().unwrap_or_default()),
            _ => (404, Value::Null),
        };
        status = script.status.unwrap_or(status);
        let text = format!("{}{json}", " ".repeat(script.padding));
        let head = format!("HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", text.len());
        _ = stream.write_all(head.as_bytes()).await;
        _ = stream.write_all(text.as_bytes()).await;
    }

    fn description(&self, script: &Script) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        let mut all = json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "jwks_uri": at("/keys"),
            "end_session_endpoint": at("/end"),
            "authorization_response_iss_parameter_supported": true,
        });
        if script.userinfo.is_some() {
            all["userinfo_endpoint"] = at("/userinfo").into();
        }
        for (name, value) in &script.description {
            all[name] = value.clone();
        }
        all
    }

    fn tokens(&self, script: &Script, authorization: &str, body: &str) -> (u16, Value) {
        let fields: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        lock(&self.inside.asked).push(fields.clone());
        let get = |name: &str| fields.get(name).map_or("", String::as_str);
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", CLIENT.0, CLIENT.1)));
        let has_secret = authorization == basic || (get("client_id") == CLIENT.0 && get("client_secret") == CLIENT.1);
        if !has_secret {
            return (401, json!({ "error": "invalid_client" }));
        }
        let known = lock(&self.inside.codes).remove(get("code"));
        let challenge = URL_SAFE_NO_PAD.encode(sha256(get("code_verifier").as_bytes()));
        let Some((nonce, _)) = known.filter(|(_, wanted)| *wanted == challenge) else {
            return (400, json!({ "error": "invalid_grant" }));
        };
        let now = lock(&self.inside.now).seconds();
        let mut claims = json!({
            "iss": self.issuer, "sub": "stranger", "aud": CLIENT.0, "nonce": nonce, "iat": now, "exp": now + 300, "sid": "there-1",
        });
        for (name, value) in &script.claims {
            claims[name] = value.clone();
        }
        if let Some(claims) = claims.as_object_mut() {
            script.without.iter().for_each(|name| drop(claims.remove(*name)));
        }
        let key = lock(&self.inside.keys)[0].clone();
        let token = script.token.map_or_else(|| key.token(&claims), |make| make(&key, &claims));
        (200, json!({ "id_token": token, "access_token": "canary-access-token", "token_type": "Bearer" }))
    }
}

/// Where an answer sends the browser; empty where it sends it nowhere.
#[must_use]
pub fn location(answer: &Answer) -> String {
    answer.headers.get(http::header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// The path, the credentials and the body of a request.
async fn request(stream: &mut TcpStream) -> Option<(String, String, String)> {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(end) = read.windows(4).position(|end| end == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            let value = |name: &str| {
                head.lines().find_map(|line| line.to_ascii_lowercase().starts_with(name).then(|| line[name.len()..].trim().to_owned()))
            };
            let length: usize = value("content-length:").and_then(|text| text.parse().ok()).unwrap_or(0);
            if read.len() >= end + 4 + length {
                let path = head.split(' ').nth(1)?.split('?').next()?.to_owned();
                let body = String::from_utf8_lossy(&read[end + 4..]).into_owned();
                return Some((path, value("authorization:").unwrap_or_default(), body));
            }
        }
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => read.extend_from_slice(&piece[..count]),
        }
    }
}
