//! Encryption: whose certificates count, and what is looked at around it.

use super::{
    finding::{Finding, sent},
    target::{Ask, Target},
};
use std::{path::Path, sync::Arc};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{CryptoProvider, aws_lc_rs},
        pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    },
};

/// What front proxies have to say of the client's connection.
const SCHEME: [&str; 3] = [
    "doorward.yaml:  public_url: https://<the name that people type>",
    "doorward.yaml:  trusted_proxies: [<address of the front proxy>]",
    "nginx:          proxy_set_header X-Forwarded-Proto $scheme;",
];

/// Believes the certificates of public authorities, and of those in a file.
///
/// # Errors
/// A sentence, when the file has no certificates.
pub fn trusting(authority: Option<&Path>) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = authority {
        let problem = |error: &dyn std::fmt::Display| format!("--ca: {} can not be read: {error}.", file.display());
        let mut count = 0;
        for certificate in CertificateDer::pem_file_iter(file).map_err(|error| problem(&error))? {
            roots.add(certificate.map_err(|error| problem(&error))?).map_err(|error| problem(&error))?;
            count += 1;
        }
        if count == 0 {
            return Err(problem(&"it holds no certificate"));
        }
    }
    let config = builder().with_root_certificates(roots).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn builder() -> tokio_rustls::rustls::ConfigBuilder<ClientConfig, tokio_rustls::rustls::WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has the protocols that it was built with")
}

/// Believes every certificate: to look further where one was found to be wrong, and said so, or at one's
/// own machine. Nothing secret is sent.
pub fn trusting_anybody() -> TlsConnector {
    let provider = aws_lc_rs::default_provider();
    let config = builder().dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider))).with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

#[derive(Debug)]
struct Anybody(CryptoProvider);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Whether the certificate is good; and the target as it can be looked at from here on. None where
/// nobody answers.
pub async fn certificate(target: &Target) -> (Finding, Option<Target>) {
    let sent = sent("certificate", format!("GET {}/livez", target.url()));
    let first = target.ask(Ask::get("/livez")).await;
    if !target.is_encrypted {
        return match first {
            Err(error) => (sent.bad(error, &["Is the address right, and is doorward serve running?"]), None),
            Ok(_) if target.is_loopback() => (sent.skipped("this machine; nothing to encrypt"), Some(target.clone())),
            Ok(_) => {
                let change = ["Put a proxy with a certificate in front, and say doorward.yaml:  public_url: https://<its name>"];
                (sent.bad("not encrypted: who is on the way reads passwords and sessions", &change), Some(target.clone()))
            }
        };
    }
    let Err(error) = first else { return (sent.ok("a certificate that counts"), Some(target.clone())) };
    let lax = target.believing(trusting_anybody());
    match lax.ask(Ask::get("/livez")).await {
        Ok(_) => {
            let change =
                ["Let the front proxy have a certificate for this name (and the chain with it); one of your own authority: --ca FILE"];
            (sent.bad(format!("the certificate does not count: {error}; the rest is looked at all the same"), &change), Some(lax))
        }
        Err(_) => (sent.bad(error, &["Is the address right, and are the front proxy and doorward serve running?"]), None),
    }
}

/// Whether browsers are told to come encrypted, and Doorward knows that they did.
pub async fn kept(target: &Target) -> Vec<Finding> {
    if !target.is_encrypted {
        return Vec::new();
    }
    let mut all = Vec::new();
    let known = sent("https is known", "GET /livez/front");
    all.push(match target.ask(Ask::get("/livez/front")).await {
        Err(error) => known.bad(error, &[]),
        Ok(came) if !came.says("isEncrypted") => known.bad("Doorward takes the connection for a plain one", &SCHEME),
        Ok(came) if came.header("strict-transport-security").is_none() => known.bad(
            "no Strict-Transport-Security arrives",
            &["Let the front proxy pass the header on (nginx: no proxy_hide_header Strict-Transport-Security;)"],
        ),
        Ok(_) => known.ok("yes, and browsers are told to stay with it"),
    });
    let plain = sent("http", format!("GET http://{}/", target.host));
    if target.port != 443 {
        all.push(plain.skipped("this is not the usual port of https"));
        return all;
    }
    all.push(match target.plain(80).ask(Ask::get("/")).await {
        Err(error) => plain.ok(error),
        Ok(came) if (300..400).contains(&came.status) && came.header("location").is_some_and(|place| place.starts_with("https://")) => {
            plain.ok(came.shown())
        }
        Ok(came) if came.status >= 400 => plain.ok(came.shown()),
        Ok(came) => plain.bad(
            format!("{}, without encryption", came.shown()),
            &[
                "nginx:    server { listen 80; return 308 https://$host$request_uri; }",
                "Caddy and Traefik redirect by themselves, or by an entry point's redirection",
            ],
        ),
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };
    use tokio_rustls::{
        TlsAcceptor,
        rustls::{ServerConfig, pki_types::PrivateKeyDer},
    };

    /// RFC 4648, section 4.
    fn base64(bytes: &[u8]) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for three in bytes.chunks(3) {
            let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(three.get(at).copied().unwrap_or(0)));
            for at in 0..4 {
                out.push(if at > three.len() { '=' } else { char::from(LETTERS[bits >> (18 - 6 * at) & 63]) });
            }
        }
        out
    }

    /// A server that answers everything with this, under a certificate of its own for `localhost`.
    async fn serve(answer: &'static str) -> (u16, tempfile::NamedTempFile) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64(made.cert.der())).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Who does not believe the certificate goes.
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                _ = stream.read(&mut [0; 4096]).await;
                _ = stream.write_all(answer.as_bytes()).await;
                _ = stream.shutdown().await;
            }
        });
        (port, file)
    }

    fn verdict(finding: &Finding) -> String {
        serde_json::to_value(finding).unwrap()["verdict"].as_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_certificate_counts_by_its_authority_and_the_rest_is_looked_at_all_the_same() {
        let (port, file) = serve("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n").await;
        let url = format!("https://localhost:{port}");
        let open = async |authority| Target::open(&url, trusting(authority).unwrap()).await.unwrap();
        let (finding, further) = certificate(&open(Some(file.path())).await).await;
        assert_eq!((verdict(&finding).as_str(), further.is_some()), ("ok", true), "{finding:?}");
        let (finding, further) = certificate(&open(None).await).await;
        assert_eq!(verdict(&finding), "bad", "{finding:?}");
        assert!(further.unwrap().ask(Ask::get("/livez")).await.is_ok());
    }

    #[tokio::test]
    async fn a_door_that_does_not_know_of_its_encryption_is_told_so() {
        const KNOWN: &str = "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\nConnection: close\r\n\r\n{\"isEncrypted\":true}";
        for (answer, wanted) in [
            (KNOWN, "ok"),
            ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"isEncrypted\":true}", "bad"),
            ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"isEncrypted\":false}", "bad"),
        ] {
            let (port, file) = serve(answer).await;
            let target = Target::open(&format!("https://localhost:{port}"), trusting(Some(file.path())).unwrap()).await.unwrap();
            let found: Vec<String> = kept(&target).await.iter().map(verdict).collect();
            assert_eq!(found, [wanted, "skipped"], "{answer}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_no_authority() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(trusting(Some(file.path())).is_err());
    }
}
