//! What was read so far: settings, and the parts of those that count together alone.

use super::Settings;
use secrecy::SecretString;
use std::path::PathBuf;

/// Settings that are being read.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) settings: Settings,
    pub(super) admin: Admin,
    pub(super) webhook: HalfWebhook,
    pub(super) centrifugo: HalfCentrifugo,
    pub(super) tls: HalfTls,
}

/// Where a certificate comes from, as far as it was given.
#[derive(Debug, Clone, Default)]
pub(super) struct HalfTls {
    pub(super) cert: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) domains: Vec<String>,
    pub(super) email: Option<String>,
    pub(super) directory: Option<String>,
    pub(super) kid: Option<String>,
    pub(super) hmac_key: Option<SecretString>,
    pub(super) ca: Option<PathBuf>,
}

impl HalfTls {
    /// Whether anything is said of an authority.
    pub(super) fn has_acme(&self) -> bool {
        let Self { cert: _, key: _, domains, email, directory, kid, hmac_key, ca } = self;
        !domains.is_empty() || email.is_some() || directory.is_some() || kid.is_some() || hmac_key.is_some() || ca.is_some()
    }
}

/// The Centrifugo, as far as it was given.
#[derive(Debug, Clone, Default)]
pub(super) struct HalfCentrifugo {
    pub(super) url: Option<String>,
    pub(super) api_key: Option<SecretString>,
    pub(super) token_secret: Option<SecretString>,
}

/// The webhook of the audit log, as far as it was given.
#[derive(Debug, Clone, Default)]
pub(super) struct HalfWebhook {
    pub(super) url: Option<SecretString>,
    pub(super) secret: Option<SecretString>,
}

/// The admin of the first start, as far as it was given.
#[derive(Debug, Clone, Default)]
pub(super) struct Admin {
    pub(super) username: Option<String>,
    pub(super) email: Option<String>,
    pub(super) password: Option<SecretString>,
}
