//! Whose certificates are believed by whatever connects to others: the public authorities', and those of
//! the authorities that an operator names.

use crate::config;
use std::{fmt, sync::Arc};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, pem::PemObject},
    },
};

/// The authorities that are believed.
#[derive(Clone)]
pub(crate) struct Trust(RootCertStore);

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Trust").field(&self.0.len()).finish()
    }
}

impl Trust {
    /// The public ones.
    pub(crate) fn public() -> Self {
        Self(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
    }

    /// Nobody but those of these certificates in PEM.
    ///
    /// # Errors
    /// What is expected, to be read after the name of a setting.
    pub(crate) fn only(pem: &str) -> Result<Self, String> {
        Self(RootCertStore::empty()).and(pem)
    }

    /// Those whom the settings name.
    ///
    /// # Errors
    /// A sentence with the key.
    pub(crate) fn of(settings: &config::Outbound) -> Result<Self, String> {
        let wrong = |problem: String| format!("outbound.ca: {problem}");
        match (&settings.ca, settings.public_authorities) {
            (None, true) => Ok(Self::public()),
            (Some(pem), true) => Self::public().and(pem).map_err(wrong),
            (Some(pem), false) => Self::only(pem).map_err(wrong),
            (None, false) => Err("outbound.public_authorities: without them and without outbound.ca nobody would be believed; set outbound.ca as well, or leave this out".into()),
        }
    }

    /// These, and those of these certificates in PEM.
    ///
    /// # Errors
    /// What is expected, to be read after the name of a setting.
    pub(crate) fn and(mut self, pem: &str) -> Result<Self, String> {
        let expected = || "expected certificates in PEM, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----".to_owned();
        let before = self.0.len();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| expected())?;
            self.0.add(certificate).map_err(|_| "one of the certificates can not be read; is it whole?".to_owned())?;
        }
        if self.0.len() == before { Err(expected()) } else { Ok(self) }
    }

    /// How a client of theirs encrypts.
    pub(crate) fn client(&self) -> Arc<ClientConfig> {
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has the protocols that it was built with")
            .with_root_certificates(self.0.clone())
            .with_no_client_auth();
        Arc::new(config)
    }

    /// The same, for streams.
    pub(crate) fn connector(&self) -> TlsConnector {
        TlsConnector::from(self.client())
    }
}

impl config::Outbound {
    /// Looks for what can not be.
    ///
    /// # Errors
    /// A sentence with the key.
    pub fn check(&self) -> Result<(), String> {
        Trust::of(self).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::STANDARD};

    fn pem() -> String {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(made.cert.der()))
    }

    #[test]
    fn authorities_are_added_unless_the_public_ones_are_taken_away() {
        let public = Trust::public().0.len();
        let count =
            |ca: Option<String>, public_authorities| Trust::of(&config::Outbound { ca, public_authorities }).map(|trust| trust.0.len());
        assert_eq!(count(None, true), Ok(public));
        assert_eq!(count(Some([pem(), pem()].concat()), true), Ok(public + 2));
        assert_eq!(count(Some(pem()), false), Ok(1));
        assert!(count(None, false).unwrap_err().starts_with("outbound.public_authorities: "));
        for bad in ["", "hunter2", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n"] {
            let problem = count(Some(bad.to_owned()), true).unwrap_err();
            assert!(problem.starts_with("outbound.ca: ") && !problem.contains("hunter2"), "{problem}");
        }
    }
}
