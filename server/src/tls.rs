//! TLS of one's own: the certificate and its key from two files, read again when they change, or by ACME.

use crate::acme::{self, Acme};
use gate::Gate;
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    time::sleep,
};
use tokio_rustls::{
    LazyConfigAcceptor, TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::Acceptor,
    },
    server::TlsStream,
};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(10);

/// A certificate that can be exchanged while the server runs.
pub struct Tls(Source);

enum Source {
    Files(Files),
    Acme(Acme),
}

/// A certificate and its key that lie in two files.
struct Files {
    cert: PathBuf,
    key: PathBuf,
    config: RwLock<Arc<ServerConfig>>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let source = match &self.0 {
            Source::Files(files) => files.cert.display().to_string(),
            Source::Acme(_) => "ACME".into(),
        };
        f.debug_tuple("Tls").field(&source).finish()
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
        Ok(Self(Source::Files(Files::load(cert, key)?)))
    }

    /// A certificate that is ordered from an authority; [`Self::follow`] does it.
    #[must_use]
    pub fn by_acme(settings: acme::Settings, gate: Gate) -> Self {
        Self(Source::Acme(Acme::new(settings, gate)))
    }

    /// Agrees on the encryption with who connected; nothing where it was an authority that came to look
    /// whether a name is ours, and has seen it.
    pub(crate) async fn accept<S>(&self, stream: S) -> io::Result<Option<TlsStream<S>>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let acme = match &self.0 {
            Source::Files(files) => return TlsAcceptor::from(files.config()).accept(stream).await.map(Some),
            Source::Acme(acme) => acme,
        };
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let (is_challenge, name) = {
            let hello = start.client_hello();
            (Acme::is_challenge(&hello), hello.server_name().unwrap_or_default().to_owned())
        };
        if !is_challenge {
            let config = acme.config().ok_or_else(|| io::Error::other("there is no certificate yet"))?;
            return start.into_stream(config).await.map(Some);
        }
        let proof = acme.answer(&name).await.ok_or_else(|| io::Error::other("a proof was asked for that nobody ordered"))?;
        start.into_stream(proof).await?.shutdown().await?;
        Ok(None)
    }

    /// Reads the files again whenever they have changed, or sees to it that there is a certificate, for ever.
    /// While what is new is wrong the certificate that was there before stays.
    pub async fn follow(&self) {
        match &self.0 {
            Source::Files(files) => files.follow().await,
            Source::Acme(acme) => acme.follow().await,
        }
    }
}

impl Files {
    fn load(cert: &Path, key: &Path) -> Result<Self, String> {
        let config = RwLock::new(read(cert, key)?);
        Ok(Self { cert: cert.to_owned(), key: key.to_owned(), config })
    }

    /// How the next connection is encrypted.
    fn config(&self) -> Arc<ServerConfig> {
        self.config.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn follow(&self) {
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
    fn reload(&self) -> bool {
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
    config(chain, private).map_err(|error| problem("tls.key", key, &error))
}

/// How a connection is encrypted with this certificate.
///
/// # Errors
/// When the key is not the certificate's.
pub(crate) fn config(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Arc<ServerConfig>, String> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| error.to_string())?;
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
        assert!(Files::load(&cert, &key).err().unwrap().starts_with("tls.cert: "));
        write(folder.path(), "door.example.com");
        let tls = Files::load(&cert, &key).unwrap();
        let first = tls.config();
        std::fs::write(&cert, "half a file").unwrap();
        assert!(!tls.reload());
        assert!(Arc::ptr_eq(&first, &tls.config()), "the certificate that was read before stays");
        write(folder.path(), "other.example.com");
        assert!(tls.reload());
        assert!(!Arc::ptr_eq(&first, &tls.config()));
        let other = rcgen::generate_simple_self_signed(["x".to_owned()]).unwrap();
        std::fs::write(&key, pem("PRIVATE KEY", &other.signing_key.serialize_der())).unwrap();
        assert!(Files::load(&cert, &key).err().unwrap().starts_with("tls.key: "), "another certificate's key");
    }
}
