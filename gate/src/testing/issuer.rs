//! An issuer of tokens for tests: it signs as it is told, and publishes its keys on a port of its own,
//! well or badly.

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeySize, PublicKeyComponents},
    signature::{
        self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaEncoding,
        RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A pair of keys.
#[derive(Clone)]
pub struct SigningKey {
    /// Its name in the set and in headers.
    pub kid: String,
    pair: Arc<Pair>,
}

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl SigningKey {
    /// A new RSA key of 2,048 bits.
    ///
    /// # Panics
    /// When it can not be made.
    #[must_use]
    pub fn rsa(kid: &str) -> Self {
        Self::of(kid, Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key")))
    }

    /// A new key on P-256.
    ///
    /// # Panics
    /// When it can not be made.
    #[must_use]
    pub fn p256(kid: &str) -> Self {
        Self::of(kid, Pair::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key on P-256")))
    }

    /// A new key on P-384.
    ///
    /// # Panics
    /// When it can not be made.
    #[must_use]
    pub fn p384(kid: &str) -> Self {
        Self::of(kid, Pair::P384(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect("a key on P-384")))
    }

    /// A new Ed25519 key.
    ///
    /// # Panics
    /// When it can not be made.
    #[must_use]
    pub fn ed25519(kid: &str) -> Self {
        Self::of(kid, Pair::Ed(Ed25519KeyPair::generate().expect("an Ed25519 key")))
    }

    fn of(kid: &str, pair: Pair) -> Self {
        Self { kid: kid.into(), pair: Arc::new(pair) }
    }

    /// The algorithm that it signs with, if no other is said.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match &*self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::P256(_) => "ES256",
            Pair::P384(_) => "ES384",
            Pair::Ed(_) => "EdDSA",
        }
    }

    /// The public half, as it is published.
    #[must_use]
    pub fn public(&self) -> Value {
        let point = |pair: &EcdsaKeyPair, curve: &str| {
            let point = &pair.public_key().as_ref()[1..];
            let (x, y) = point.split_at(point.len() / 2);
            json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y) })
        };
        let mut key = match &*self.pair {
            Pair::Rsa(pair) => {
                let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({ "kty": "RSA", "n": encode(n), "e": encode(e) })
            }
            Pair::P256(pair) => point(pair, "P-256"),
            Pair::P384(pair) => point(pair, "P-384"),
            Pair::Ed(pair) => json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key()) }),
        };
        key["kid"] = self.kid.clone().into();
        key["use"] = "sig".into();
        key
    }

    /// The public half as DER, which some take for a password when they are told so by a token.
    ///
    /// # Panics
    /// When the key is none of RSA.
    #[must_use]
    pub fn public_der(&self) -> Vec<u8> {
        let Pair::Rsa(pair) = &*self.pair else { panic!("an RSA key") };
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("DER");
        der.as_ref().to_vec()
    }

    /// The signature of a message by this algorithm.
    ///
    /// # Panics
    /// When the key can not sign that way.
    #[must_use]
    pub fn signature(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let by_rsa = |pair: &RsaKeyPair, how: &'static dyn RsaEncoding| {
            let mut out = vec![0; pair.public_modulus_len()];
            pair.sign(how, &random, message, &mut out).expect("a signature");
            out
        };
        match (&*self.pair, algorithm) {
            (Pair::Rsa(pair), "RS384") => by_rsa(pair, &signature::RSA_PKCS1_SHA384),
            (Pair::Rsa(pair), "RS512") => by_rsa(pair, &signature::RSA_PKCS1_SHA512),
            (Pair::Rsa(pair), "PS256") => by_rsa(pair, &signature::RSA_PSS_SHA256),
            (Pair::Rsa(pair), _) => by_rsa(pair, &signature::RSA_PKCS1_SHA256),
            (Pair::P256(pair) | Pair::P384(pair), _) => pair.sign(&random, message).expect("a signature").as_ref().to_vec(),
            (Pair::Ed(pair), _) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token with these claims, signed as this key does.
    #[must_use]
    pub fn token(&self, claims: &Value) -> String {
        self.token_with(&json!({ "typ": "JWT", "alg": self.algorithm(), "kid": self.kid }), claims)
    }

    /// A token with this header, signed by the algorithm that it names.
    #[must_use]
    pub fn token_with(&self, head: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", encode(head.to_string()), encode(claims.to_string()));
        let signature = self.signature(head["alg"].as_str().unwrap_or_default(), message.as_bytes());
        format!("{message}.{}", encode(signature))
    }
}

/// How an issuer answers who asks for its keys.
#[derive(Debug, Clone)]
pub enum Mood {
    /// With its keys, and this `Cache-Control`.
    Well(&'static str),
    /// With this status, and nothing.
    Status(u16),
    /// With this text instead of keys.
    Text(String),
    /// Not at all.
    Silent,
    /// With its keys, after so long.
    Slow(Duration),
}

/// An issuer on a port of its own.
#[derive(Clone)]
pub struct Issuer {
    /// Its name, which is its address.
    pub name: String,
    inside: Arc<Inside>,
}

struct Inside {
    keys: Mutex<Vec<Value>>,
    mood: Mutex<Mood>,
    asked: AtomicUsize,
}

impl Issuer {
    /// One that publishes these keys.
    ///
    /// # Panics
    /// When there is no port for it.
    pub async fn with(keys: &[&SigningKey]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let name = format!("http://{}", listener.local_addr().expect("an address"));
        let inside = Arc::new(Inside { keys: Mutex::default(), mood: Mutex::new(Mood::Well("max-age=600")), asked: AtomicUsize::new(0) });
        let issuer = Self { name, inside };
        issuer.publish(keys);
        let answering = issuer.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let issuer = answering.clone();
                tokio::spawn(async move { issuer.answer(stream).await });
            }
        });
        issuer
    }

    /// Where its keys are.
    #[must_use]
    pub fn keys_address(&self) -> String {
        format!("{}/keys", self.name)
    }

    /// Publishes these keys from now on, and no others.
    pub fn publish(&self, keys: &[&SigningKey]) {
        self.publish_raw(keys.iter().map(|key| key.public()).collect());
    }

    /// Publishes keys just as they are given.
    pub fn publish_raw(&self, keys: Vec<Value>) {
        *self.inside.keys.lock().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// Answers in this way from now on.
    pub fn be(&self, mood: Mood) {
        *self.inside.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// How often somebody asked for its keys.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.inside.asked.load(Ordering::SeqCst)
    }

    async fn answer(self, mut stream: TcpStream) {
        let mut read = Vec::new();
        let mut piece = [0; 1024];
        while !read.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut piece).await {
                Ok(0) | Err(_) => return,
                Ok(count) => read.extend_from_slice(&piece[..count]),
            }
        }
        let is_for_keys = read.starts_with(b"GET /keys ");
        let mood = self.inside.mood.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let body = if is_for_keys {
            self.inside.asked.fetch_add(1, Ordering::SeqCst);
            json!({ "keys": *self.inside.keys.lock().unwrap_or_else(PoisonError::into_inner) })
        } else {
            json!({ "issuer": self.name, "jwks_uri": self.keys_address() })
        };
        let (status, cached, body) = match mood {
            Mood::Well(cached) => (200, cached, body.to_string()),
            Mood::Status(status) => (status, "no-store", String::new()),
            Mood::Text(text) => (200, "no-store", text),
            Mood::Silent => return std::future::pending().await,
            Mood::Slow(pause) => {
                tokio::time::sleep(pause).await;
                (200, "max-age=600", body.to_string())
            }
        };
        let head = format!("HTTP/1.1 {status} Said\r\nContent-Length: {}\r\nCache-Control: {cached}\r\n\r\n", body.len());
        _ = stream.write_all(head.as_bytes()).await;
        _ = stream.write_all(body.as_bytes()).await;
    }
}
