//! The certificate that an authority makes of a request for one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gate::clock::{Clock, System};
use rcgen::{CertificateSigningRequestParams, Issuer, KeyPair};
use std::time::{Duration, UNIX_EPOCH};
use tokio_rustls::rustls::pki_types::CertificateSigningRequestDer;

/// The names that a request (DER, in base64url) is for, and a certificate for as long, in PEM.
pub fn signed(request: &str, life: Duration, issuer: &Issuer<'_, KeyPair>) -> Result<(Vec<String>, String), String> {
    let request = URL_SAFE_NO_PAD.decode(request).map_err(|error| error.to_string())?;
    let mut asked =
        CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(request)).map_err(|error| error.to_string())?;
    let now = UNIX_EPOCH + Duration::from_millis(System.now().0.unsigned_abs());
    asked.params.not_before = (now - Duration::from_secs(1)).into();
    asked.params.not_after = (now + life).into();
    let names = asked.params.subject_alt_names.iter().map(|name| match name {
        rcgen::SanType::DnsName(name) => name.as_str().to_owned(),
        other => format!("{other:?}"),
    });
    let names = names.collect();
    Ok((names, asked.signed_by(issuer).map_err(|error| error.to_string())?.pem()))
}
