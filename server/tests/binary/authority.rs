//! An authority for tests that speaks ACME as RFC 8555 has it: each request is signed, with a nonce that was
//! given out, by the account's key; and it looks by TLS (RFC 8737) whether a name leads where it should.

use crate::{look::proves, signed::signed};
use aws_lc_rs::{digest, hmac, signature};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio_rustls::rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs as provider,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// The authority, on a port of its own.
#[derive(Clone)]
pub struct Authority {
    pub directory: String,
    inner: Arc<Inner>,
}

struct Inner {
    base: String,
    root: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    customer: Option<(&'static str, &'static [u8])>,
    book: Mutex<Book>,
}

/// What it knows, and how it is.
#[derive(Default)]
pub struct Book {
    nonces: HashSet<String>,
    /// The public keys of the accounts, as their JWK.
    pub accounts: Vec<Value>,
    pub contacts: Vec<Value>,
    orders: Vec<Order>,
    made: u64,
    /// At which port of this machine it looks for every name.
    pub port: u16,
    /// For how long its certificates are good.
    pub life: Duration,
    /// Whether it answers 503 to everything.
    pub is_away: bool,
    /// How many certificates it gave.
    pub given: usize,
    /// Requests that it refused, and why.
    pub refused: Vec<String>,
    /// To which customer each account is bound; where there is a customer, none is made without.
    pub bound: Vec<String>,
}

/// How an authority is, besides.
#[derive(Default)]
pub struct Manner {
    /// The one customer whose accounts it makes: the name and the key.
    pub customer: Option<(&'static str, &'static [u8])>,
    /// Whether it is reached by https alone, with a certificate of its own.
    pub is_encrypted: bool,
}

struct Order {
    account: usize,
    names: Vec<String>,
    /// Of each name: the token, and what was found.
    proofs: Vec<(String, Proof)>,
    certificate: Option<String>,
}

#[derive(Clone, PartialEq)]
enum Proof {
    Pending,
    Valid,
    Invalid(String),
}

/// An answer: the status, where it leads, what kind it is, the body.
type Said = (u16, Option<String>, &'static str, String);

fn json_of(status: u16, value: Value) -> Said {
    (status, None, "application/json", value.to_string())
}

impl Authority {
    /// One whose certificates are good for so long.
    pub fn new(life: Duration) -> Self {
        Self::with(life, Manner::default())
    }

    /// The same, of this manner.
    pub fn with(life: Duration, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if manner.is_encrypted { "https" } else { "http" };
        let base = format!("{scheme}://localhost:{}", listener.local_addr().unwrap().port());
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        let book = Mutex::new(Book { life, ..Book::default() });
        let inner = Arc::new(Inner { base: base.clone(), root, issuer: Issuer::new(params, key), customer: manner.customer, book });
        let tls = manner.is_encrypted.then(|| inner.tls());
        let answering = inner.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (inner, tls) = (answering.clone(), tls.clone());
                std::thread::spawn(move || match tls {
                    Some(config) => inner.attend(StreamOwned::new(ServerConnection::new(config).unwrap(), stream)),
                    None => inner.attend(stream),
                });
            }
        });
        Self { directory: format!("{base}/directory"), inner }
    }

    /// Who signs its certificates.
    pub fn root(&self) -> CertificateDer<'static> {
        self.inner.root.clone()
    }

    /// The same as text.
    pub fn root_pem(&self) -> String {
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(self.root()))
    }

    /// How many certificates it gave, and how many accounts it has.
    pub fn given(&self) -> (usize, usize) {
        let book = self.book();
        (book.given, book.accounts.len())
    }

    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.inner.book.lock().unwrap()
    }
}

impl Inner {
    /// How it is reached, where that is encrypted.
    fn tls(&self) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let made = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.der().clone()], key);
        Arc::new(config.unwrap())
    }

    fn attend(&self, stream: impl Read + Write) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let mut words = line.split(' ');
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        let (mut length, mut kind) = (0, String::new());
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok()?,
                "content-type" => value.trim().clone_into(&mut kind),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let (status, place, kind, text) = self.answer(&method, &path, &kind, &body);
        let nonce = self.nonce();
        let place = place.map(|place| format!("Location: {place}\r\n")).unwrap_or_default();
        let length = text.len();
        let body = if method == "HEAD" { "" } else { &text };
        let head = format!(
            "HTTP/1.1 {status} Said\r\nReplay-Nonce: {nonce}\r\n{place}Content-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        reader.into_inner().write_all(format!("{head}{body}").as_bytes()).ok()
    }

    fn nonce(&self) -> String {
        let mut book = self.book.lock().unwrap();
        book.made += 1;
        let nonce = format!("nonce-{}", book.made);
        book.nonces.insert(nonce.clone());
        nonce
    }

    fn answer(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Said {
        if self.book.lock().unwrap().is_away {
            return json_of(503, json!({ "type": "urn:ietf:params:acme:error:serverInternal", "detail": "away" }));
        }
        let at = |path: &str| format!("{}{path}", self.base);
        match (method, path) {
            ("GET", "/directory") => json_of(
                200,
                json!({
                    "newNonce": at("/nonce"), "newAccount": at("/account"), "newOrder": at("/order"), "revokeCert": at("/revoke"),
                    "keyChange": at("/key"), "meta": { "externalAccountRequired": self.customer.is_some() },
                }),
            ),
            ("HEAD" | "GET", "/nonce") => json_of(200, json!({})),
            ("POST", _) if kind == "application/jose+json" => self.signed(path, body).unwrap_or_else(|problem| self.refuse(&problem)),
            _ => self.refuse("no request of RFC 8555"),
        }
    }

    fn refuse(&self, problem: &str) -> Said {
        self.book.lock().unwrap().refused.push(problem.to_owned());
        json_of(400, json!({ "type": "urn:ietf:params:acme:error:malformed", "detail": problem }))
    }

    /// A request that is signed by an account, or by the key of a new one.
    fn signed(&self, path: &str, body: &[u8]) -> Result<Said, String> {
        let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let part = |name: &str| body[name].as_str().ok_or(format!("no {name}"));
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|error| error.to_string());
        let head: Value = serde_json::from_slice(&decode(part("protected")?)?).map_err(|error| error.to_string())?;
        if head["alg"] != "ES256" || head["url"] != format!("{}{path}", self.base) {
            return Err(format!("not for this address: {head}"));
        }
        if !self.book.lock().unwrap().nonces.remove(head["nonce"].as_str().unwrap_or_default()) {
            return Err("a nonce that was not given out, or twice".into());
        }
        let known = head["kid"].as_str().and_then(|kid| kid.rsplit_once("/account/")?.1.parse::<usize>().ok());
        let key = match known {
            Some(number) => self.book.lock().unwrap().accounts.get(number).cloned().ok_or("no such account")?,
            None if path == "/account" => head["jwk"].clone(),
            None => return Err("no account".into()),
        };
        let coordinate = |name: &str| decode(key[name].as_str().unwrap_or_default());
        let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
        let message = format!("{}.{}", part("protected")?, part("payload")?);
        signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, &point)
            .verify(message.as_bytes(), &decode(part("signature")?)?)
            .map_err(|_| "a signature of another key")?;
        let payload = decode(part("payload")?)?;
        let payload = if payload.is_empty() { Value::Null } else { serde_json::from_slice(&payload).map_err(|error| error.to_string())? };
        let mut segments = path.trim_start_matches('/').split('/');
        let (what, number, rest) = (segments.next().unwrap_or_default(), segments.next(), segments.next());
        let number = number.and_then(|text| text.parse::<usize>().ok());
        match (what, number, rest) {
            ("account", None, None) => Ok(self.new_account(key, &payload)),
            ("order", None, None) => self.new_order(known.ok_or("no account")?, &payload),
            ("order", Some(number), None) => self.shown(number, known, 200),
            ("order", Some(number), Some("finalize")) => self.finalize(number, known, &payload),
            ("authorization", Some(number), Some(name)) => self.authorization(number, name.parse().map_err(|_| "no name")?),
            ("challenge", Some(number), Some(name)) if payload.is_object() => self.look(number, name.parse().map_err(|_| "no name")?),
            ("certificate", Some(number), None) => {
                let book = self.book.lock().unwrap();
                let chain = book.orders.get(number).and_then(|order| order.certificate.clone()).ok_or("no certificate")?;
                Ok((200, None, "application/pem-certificate-chain", chain))
            }
            _ => Err(format!("nothing is at {path}")),
        }
    }

    fn new_account(&self, key: Value, payload: &Value) -> Said {
        if payload["termsOfServiceAgreed"] != true {
            return self.refuse("the terms were not agreed to");
        }
        if let Some((name, secret)) = self.customer {
            let binding = &payload["externalAccountBinding"];
            if binding.is_null() {
                let problem = json!({ "type": "urn:ietf:params:acme:error:externalAccountRequired", "detail": "customers alone" });
                return json_of(403, problem);
            }
            if let Err(problem) = self.is_bound(binding, &key, name, secret) {
                return self.refuse(&format!("the binding: {problem}"));
            }
            self.book.lock().unwrap().bound.push(name.to_owned());
        }
        let mut book = self.book.lock().unwrap();
        let number = book.accounts.len();
        book.accounts.push(key);
        book.contacts.push(payload["contact"].clone());
        (201, Some(format!("{}/account/{number}", self.base)), "application/json", json!({ "status": "valid" }).to_string())
    }

    /// Whether a binding is the customer's, and of this account (RFC 8555, section 7.3.4).
    fn is_bound(&self, binding: &Value, account: &Value, name: &str, secret: &[u8]) -> Result<(), String> {
        let part = |name: &str| binding[name].as_str().ok_or(format!("no {name}"));
        let read = |text: &str| -> Result<Value, String> {
            let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|error| error.to_string())?;
            serde_json::from_slice(&bytes).map_err(|error| error.to_string())
        };
        let head = read(part("protected")?)?;
        if head != json!({ "alg": "HS256", "kid": name, "url": format!("{}/account", self.base) }) {
            return Err(format!("another head: {head}"));
        }
        if read(part("payload")?)? != *account {
            return Err("of another account".into());
        }
        let message = format!("{}.{}", part("protected")?, part("payload")?);
        let signature = URL_SAFE_NO_PAD.decode(part("signature")?).map_err(|error| error.to_string())?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        hmac::verify(&key, message.as_bytes(), &signature).map_err(|_| "signed with another key".to_owned())
    }

    fn new_order(&self, account: usize, payload: &Value) -> Result<Said, String> {
        let all = payload["identifiers"].as_array().ok_or("no names")?;
        let names: Vec<String> =
            all.iter().filter(|one| one["type"] == "dns").filter_map(|one| one["value"].as_str().map(str::to_owned)).collect();
        let mut book = self.book.lock().unwrap();
        let number = book.orders.len();
        let proofs = (0..names.len()).map(|at| (format!("token-{number}-{at}-of-the-authority"), Proof::Pending)).collect();
        book.orders.push(Order { account, names, proofs, certificate: None });
        drop(book);
        self.shown(number, Some(account), 201)
    }

    fn shown(&self, number: usize, account: Option<usize>, status: u16) -> Result<Said, String> {
        let book = self.book.lock().unwrap();
        let order = book.orders.get(number).filter(|order| Some(order.account) == account).ok_or("no such order")?;
        let is = |proof: fn(&Proof) -> bool| order.proofs.iter().any(|(_, found)| proof(found));
        let word = match () {
            () if order.certificate.is_some() => "valid",
            () if is(|proof| matches!(proof, Proof::Invalid(_))) => "invalid",
            () if is(|proof| *proof == Proof::Pending) => "pending",
            () => "ready",
        };
        let place = format!("{}/order/{number}", self.base);
        let authorizations: Vec<String> = (0..order.names.len()).map(|at| format!("{}/authorization/{number}/{at}", self.base)).collect();
        let names: Vec<Value> = order.names.iter().map(|name| json!({ "type": "dns", "value": name })).collect();
        let mut body =
            json!({ "status": word, "identifiers": names, "authorizations": authorizations, "finalize": format!("{place}/finalize") });
        if order.certificate.is_some() {
            body["certificate"] = json!(format!("{}/certificate/{number}", self.base));
        }
        Ok((status, Some(place), "application/json", body.to_string()))
    }

    fn authorization(&self, number: usize, at: usize) -> Result<Said, String> {
        let book = self.book.lock().unwrap();
        let order = book.orders.get(number).ok_or("no such order")?;
        let (token, proof) = order.proofs.get(at).ok_or("no such name")?;
        let (word, error) = match proof {
            Proof::Pending => ("pending", None),
            Proof::Valid => ("valid", None),
            Proof::Invalid(problem) => ("invalid", Some(json!({ "type": "urn:ietf:params:acme:error:unauthorized", "detail": problem }))),
        };
        let url = format!("{}/challenge/{number}/{at}", self.base);
        let mut asked = json!({ "type": "tls-alpn-01", "url": url, "token": token, "status": word });
        if let Some(error) = error {
            asked["error"] = error;
        }
        let other = json!({ "type": "http-01", "url": format!("{url}/http"), "token": "other", "status": "pending" });
        Ok(json_of(200, json!({ "status": word, "identifier": { "type": "dns", "value": order.names[at] }, "challenges": [other, asked] })))
    }

    /// Looks whether the name is the account's.
    fn look(&self, number: usize, at: usize) -> Result<Said, String> {
        let (name, token, key, port) = {
            let book = self.book.lock().unwrap();
            let order = book.orders.get(number).ok_or("no such order")?;
            (order.names[at].clone(), order.proofs[at].0.clone(), book.accounts[order.account].clone(), book.port)
        };
        let text = |name: &str| key[name].as_str().unwrap_or_default().to_owned();
        let thumb = format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{}\",\"y\":\"{}\"}}", text("x"), text("y"));
        let thumb = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, thumb.as_bytes()));
        let wanted = digest::digest(&digest::SHA256, format!("{token}.{thumb}").as_bytes());
        let found = match proves(port, &name, wanted.as_ref()) {
            Ok(()) => Proof::Valid,
            Err(problem) => Proof::Invalid(problem),
        };
        self.book.lock().unwrap().orders[number].proofs[at].1 = found;
        Ok(json_of(
            200,
            json!({ "type": "tls-alpn-01", "url": format!("{}/challenge/{number}/{at}", self.base), "token": token, "status": "processing" }),
        ))
    }

    fn finalize(&self, number: usize, account: Option<usize>, payload: &Value) -> Result<Said, String> {
        let mut book = self.book.lock().unwrap();
        let (names, certificate) = signed(payload["csr"].as_str().unwrap_or_default(), book.life, &self.issuer)?;
        let order = book.orders.get_mut(number).ok_or("no such order")?;
        if order.proofs.iter().any(|(_, proof)| *proof != Proof::Valid) {
            return Err("a name that is not proved".into());
        }
        if names != order.names {
            return Err(format!("other names: {names:?}"));
        }
        order.certificate = Some(certificate);
        book.given += 1;
        drop(book);
        self.shown(number, account, 200)
    }
}
