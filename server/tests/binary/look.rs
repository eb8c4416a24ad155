//! How an authority looks by TLS whether a name is whose it is said to be (RFC 8737).

use std::{net::TcpStream, sync::Arc, time::Duration};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::aws_lc_rs as provider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};

/// Whether the server at this port proves the name by this digest.
pub fn proves(port: u16, name: &str, wanted: &[u8]) -> Result<(), String> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anything))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"acme-tls/1".to_vec()];
    let name_there = ServerName::try_from(name.to_owned()).map_err(|error| error.to_string())?;
    let mut connection = ClientConnection::new(Arc::new(config), name_there).map_err(|error| error.to_string())?;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).map_err(|error| error.to_string())?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).map_err(|error| format!("no handshake: {error}"))?;
    }
    if connection.alpn_protocol() != Some(b"acme-tls/1") {
        return Err("another protocol".into());
    }
    let shown = connection.peer_certificates().and_then(|chain| chain.first()).ok_or("no certificate")?;
    let (_, parsed) = x509_parser::parse_x509_certificate(shown).map_err(|error| error.to_string())?;
    let names = parsed.subject_alternative_name().ok().flatten().ok_or("no name in it")?;
    if names.value.general_names != [x509_parser::extensions::GeneralName::DNSName(name)] {
        return Err("another name in it".into());
    }
    let proof = parsed.extensions().iter().find(|one| one.oid.to_id_string() == "1.3.6.1.5.5.7.1.31").ok_or("no proof in it")?;
    // An octet string of 32 bytes.
    if !proof.critical || proof.value != [&[0x04, 0x20], wanted].concat() {
        return Err("another proof in it".into());
    }
    Ok(())
}

/// Believes every certificate: the proof is inside.
#[derive(Debug)]
struct Anything;

impl ServerCertVerifier for Anything {
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
        provider::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
