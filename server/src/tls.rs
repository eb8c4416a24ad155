//! TLS of one's own: the certificate and its key from two files, read again when they change.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};
use tokio::time::sleep;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(10);

/// A certificate that can be exchanged while the server runs.
pub struct Tls {
    cert: PathBuf,
    key: PathBuf,
    config: RwLock<Arc<ServerConfig>>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("cert", &self.cert).finish_non_exhaustive()
    }
}

/// When both files were last changed.
type Stamps = [Option<SystemTime>; 2];

impl Tls {
    /// Reads a certificate (PEM, with its chain) and its private key.
    ///
    /// # Errors
    /// A sentence with the file; never the key.
    pub fn load(cert: &Path, key: &Path) -> Result<Self, String> {
        let config = RwLock::new(read(cert, key)?);
        Ok(Self { cert: cert.to_owned(), key: key.to_owned(), config })
    }

    /// What accepts the next connection.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Reads the files again whenever they have changed, for ever. While they are wrong the certificate that
    /// was read before stays.
    pub async fn follow(&self) {
        let mut before = self.stamps();
        loop {
            sleep(EVERY).await;
            let now = self.stamps();
            if now != before {
                before = now;
                self.reload();
            }
        }
    }

    /// Reads the files again; tells whether they are right.
    pub fn reload(&self) -> bool {
        match read(&self.cert, &self.key) {
            Ok(config) => {
                *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
                tracing::info!(cert = %self.cert.display(), "the certificate was read again");
                true
            }
            Err(problem) => {
                tracing::error!("the certificate that was read before stays: {problem}");
                false
            }
        }
    }

    fn stamps(&self) -> Stamps {
        let stamp = |file: &Path| std::fs::metadata(file).and_then(|about| about.modified()).ok();
        [stamp(&self.cert), stamp(&self.key)]
    }
}

fn read(cert: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
    let problem = |what: &str, file: &Path, why: &dyn std::fmt::Display| format!("{what}: {}: {why}", file.display());
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_file_iter(cert).and_then(Iterator::collect).map_err(|error| problem("tls.cert", cert, &error))?;
    if chain.is_empty() {
        return Err(problem("tls.cert", cert, &"it holds no certificate in PEM"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| problem("tls.key", key, &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| problem("tls.key", key, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// A handshake that took too long.
pub(crate) fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the handshake took too long")
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::STANDARD};

    fn pem(label: &str, bytes: &[u8]) -> String {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(bytes))
    }

    fn write(folder: &Path, name: &str) {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        std::fs::write(folder.join("cert.pem"), pem("CERTIFICATE", made.cert.der())).unwrap();
        std::fs::write(folder.join("key.pem"), pem("PRIVATE KEY", &made.signing_key.serialize_der())).unwrap();
    }

    #[test]
    fn what_is_wrong_is_told_and_what_was_right_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        assert!(Tls::load(&cert, &key).unwrap_err().starts_with("tls.cert: "));
        write(folder.path(), "door.example.com");
        let tls = Tls::load(&cert, &key).unwrap();
        let first = tls.acceptor().config().clone();
        std::fs::write(&cert, "half a file").unwrap();
        assert!(!tls.reload());
        assert!(Arc::ptr_eq(&first, tls.acceptor().config()), "the certificate that was read before stays");
        write(folder.path(), "other.example.com");
        assert!(tls.reload());
        assert!(!Arc::ptr_eq(&first, tls.acceptor().config()));
        let other = rcgen::generate_simple_self_signed(["x".to_owned()]).unwrap();
        std::fs::write(&key, pem("PRIVATE KEY", &other.signing_key.serialize_der())).unwrap();
        assert!(Tls::load(&cert, &key).unwrap_err().starts_with("tls.key: "), "another certificate's key");
    }
}
