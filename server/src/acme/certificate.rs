//! Certificates: the one that is served, and the one that proves a name.

use super::{CHALLENGE_PROTOCOL, Settings};
use crate::tls;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio_rustls::rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
};
use wire::Timestamp;

/// A certificate as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) domains: Vec<String>,
    pub(super) directory: String,
    /// PEM, with the chain.
    pub(super) chain: String,
    /// PEM.
    pub(super) key: String,
}

/// A certificate that is served.
pub(super) struct Held {
    /// As it is kept.
    pub(super) text: Vec<u8>,
    pub(super) config: Arc<ServerConfig>,
    /// When a third of its life is left, in seconds since 1970.
    pub(super) renew_at: i64,
    domains: Vec<String>,
    directory: String,
}

impl Held {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it; never the key.
    pub(super) fn read(text: Vec<u8>) -> Result<Self, String> {
        let Kept { domains, directory, chain, key } = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        let first = chain.first().ok_or("it holds no certificate")?;
        let (_, parsed) = x509_parser::parse_x509_certificate(first).map_err(|error| error.to_string())?;
        let (begins, ends) = (parsed.validity().not_before.timestamp(), parsed.validity().not_after.timestamp());
        let renew_at = ends - (ends - begins).max(0) / 3;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|error| error.to_string())?;
        let config = tls::config(chain, key)?;
        Ok(Self { text, config, renew_at, domains, directory })
    }

    /// Whether it is what these settings ask for.
    pub(super) fn is_for(&self, settings: &Settings) -> bool {
        self.domains == settings.domains && self.directory == settings.directory
    }

    /// When it is renewed.
    pub(super) fn renews(&self) -> Timestamp {
        Timestamp(self.renew_at * 1000)
    }
}

/// What proves a name: a certificate of our own that holds the digest.
///
/// # Errors
/// When the digest is none.
pub(super) fn of_challenge(name: &str, digest: &[u8]) -> Result<Arc<ServerConfig>, String> {
    if digest.len() != 32 {
        return Err("the proof is none".into());
    }
    let mut params = CertificateParams::new(vec![name.to_owned()]).map_err(|error| error.to_string())?;
    params.custom_extensions.push(CustomExtension::new_acme_identifier(digest));
    let key = KeyPair::generate().map_err(|error| error.to_string())?;
    let made = params.self_signed(&key).map_err(|error| error.to_string())?;
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let signer = aws_lc_rs::sign::any_supported_type(&private).map_err(|error| error.to_string())?;
    // As it is: whoever checks a certificate refuses what this one is made for.
    let shown = SingleCertAndKey::from(CertifiedKey::new(vec![made.der().clone()], signer));
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    config.alpn_protocols = vec![CHALLENGE_PROTOCOL.to_vec()];
    Ok(Arc::new(config))
}
