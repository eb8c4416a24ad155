//! The keys of one issuer, as it publishes them (RFC 7517): what each is good for is read from the key
//! itself, never from the token that says it was signed by it.

use super::algorithm::Algorithm;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;

/// The most keys that are read of one issuer.
const MOST: usize = 100;
/// The fewest bytes of an RSA key: 2,048 bits.
const RSA_LEAST: usize = 256;
/// The most: larger ones cost much time to verify by.
const RSA_MOST: usize = 1024;

/// A key, as far as it matters here.
#[derive(Deserialize)]
struct Published {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    purpose: Option<String>,
    #[serde(default)]
    key_ops: Option<Vec<String>>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
}

/// A key that can verify.
#[derive(Debug)]
pub(super) struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    pub(super) decoding: DecodingKey,
}

/// The keys of an issuer.
#[derive(Debug, Default)]
pub(super) struct Set(Vec<Key>);

impl Set {
    /// Reads a set. Keys of a kind that is not known, or for something else, are left out.
    ///
    /// # Errors
    /// A sentence, when it is no set of keys, or none in it can verify.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Keys {
            keys: Vec<Value>,
        }
        let Keys { keys } = serde_json::from_slice(body).map_err(|_| "it is no set of keys (RFC 7517)".to_owned())?;
        let keys: Vec<Key> = keys.into_iter().take(MOST).filter_map(|key| read(serde_json::from_value(key).ok()?)).collect();
        if keys.is_empty() {
            return Err("there is no key in it that signatures can be verified by".into());
        }
        Ok(Self(keys))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The key for a token that names this key and algorithm. A token that names none is signed by the
    /// only key that can be meant, or by none.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let is_meant = |key: &&Key| key.algorithms.contains(&algorithm) && (id.is_none() || key.id.as_deref() == id);
        let mut found = self.0.iter().filter(is_meant);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }
}

fn read(key: Published) -> Option<Key> {
    let is_for_signatures = key.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
        && key.key_ops.as_deref().is_none_or(|operations| operations.iter().any(|it| it == "verify"));
    if !is_for_signatures {
        return None;
    }
    let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?.trim_end_matches('=')).ok();
    let (algorithms, decoding): (&[Algorithm], DecodingKey) = match (key.kty.as_str(), key.crv.as_deref()) {
        ("RSA", _) => {
            let (n, e) = (bytes(&key.n)?, bytes(&key.e)?);
            let bare = n.iter().position(|byte| *byte != 0).map(|at| &n[at..])?;
            if !(RSA_LEAST..=RSA_MOST).contains(&bare.len()) || e.len() > 8 {
                return None;
            }
            (&Algorithm::ALL[..6], DecodingKey::from_rsa_raw_components(bare, &e))
        }
        ("EC", Some(curve @ ("P-256" | "P-384"))) => {
            let (size, algorithm) = if curve == "P-256" { (32, &[Algorithm::Es256][..]) } else { (48, &[Algorithm::Es384][..]) };
            let (x, y) = (bytes(&key.x)?, bytes(&key.y)?);
            if x.len() != size || y.len() != size {
                return None;
            }
            (algorithm, DecodingKey::from_ec_der(&[&[4], &x[..], &y[..]].concat()))
        }
        ("OKP", Some("Ed25519")) => {
            let x = bytes(&key.x).filter(|x| x.len() == 32)?;
            (&[Algorithm::EdDsa], DecodingKey::from_ed_der(&x))
        }
        _ => return None,
    };
    let algorithms: Vec<Algorithm> = match key.alg.as_deref() {
        None => algorithms.to_vec(),
        Some(only) => algorithms.iter().copied().filter(|algorithm| algorithm.as_str() == only).collect(),
    };
    (!algorithms.is_empty()).then_some(Key { id: key.kid, algorithms, decoding })
}
