//! Certificates from an authority by ACME (RFC 8555), proved over TLS on the server's own port (TLS-ALPN-01,
//! RFC 8737), so that no other port is needed. What belongs to it lies in the database, sealed, and so every
//! server on it has the same: one orders, any of them answers the authority.

mod certificate;
mod directory;
mod order;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use certificate::Held;
use gate::{Authorities, Gate};
use secrecy::{ExposeSecret, SecretString};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::time::sleep;
use tokio_rustls::rustls::{ServerConfig, server::ClientHello};

/// The directory that is asked where no other is named: Let's Encrypt.
pub const DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// What the authority speaks when it looks whether the name is ours.
const CHALLENGE_PROTOCOL: &[u8] = b"acme-tls/1";
/// Of several servers one orders.
const TURN: &str = "acme";
/// How long an order may take; then another server may try.
const ORDER: Duration = Duration::from_secs(10 * 60);
/// How often it is looked whether another server has got a certificate.
const LOOK: Duration = Duration::from_secs(30);
/// The first pause after an order that failed, and the longest: an authority counts failures by the hour.
const PAUSE: Duration = Duration::from_secs(2 * 60);
const LONGEST: Duration = Duration::from_secs(6 * 60 * 60);

/// What is asked of the authority.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The names of the certificate.
    pub domains: Vec<String>,
    /// Whom the authority writes to when something is wrong.
    pub email: Option<String>,
    /// Where it is asked.
    pub directory: String,
    /// By what the authority knows whose account it is, where it wants to know.
    pub binding: Option<Binding>,
    /// Whose certificates are believed of the authority itself, instead of the public authorities'.
    pub ca: Option<Authorities>,
}

/// An account that the authority has of its customer already, to which the one here is bound (RFC 8555,
/// section 7.3.4).
#[derive(Debug, Clone)]
pub struct Binding {
    /// What the authority calls that account.
    pub kid: String,
    /// The key that it gave for it, in base64url.
    pub hmac_key: SecretString,
}

impl Binding {
    /// The key, as it comes out of its encoding; with padding, or in the other alphabet, it is the same.
    ///
    /// # Errors
    /// What is expected; never the key.
    pub fn key(&self) -> Result<Vec<u8>, &'static str> {
        let text = self.hmac_key.expose_secret().trim().trim_end_matches('=').replace('+', "-").replace('/', "_");
        let key = URL_SAFE_NO_PAD.decode(text).map_err(|_| "expected a key in base64url, as the authority gives it")?;
        if key.is_empty() { Err("expected a key, not an empty text") } else { Ok(key) }
    }
}

/// A certificate that is ordered, kept and renewed by itself.
pub struct Acme {
    settings: Settings,
    gate: Gate,
    held: RwLock<Option<Arc<Held>>>,
}

impl Acme {
    /// One that has nothing yet.
    pub(crate) fn new(settings: Settings, gate: Gate) -> Self {
        Self { settings, gate, held: RwLock::default() }
    }

    fn held(&self) -> Option<Arc<Held>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How the next connection is encrypted; nothing before the first certificate came.
    pub(crate) fn config(&self) -> Option<Arc<ServerConfig>> {
        self.held().map(|held| held.config.clone())
    }

    /// Whether it is the authority that comes to look.
    pub(crate) fn is_challenge(hello: &ClientHello<'_>) -> bool {
        hello.alpn().is_some_and(|mut protocols| protocols.any(|protocol| protocol == CHALLENGE_PROTOCOL))
    }

    /// What proves to the authority that this name is ours, while it has been asked to look.
    pub(crate) async fn answer(&self, name: &str) -> Option<Arc<ServerConfig>> {
        let name = name.to_ascii_lowercase();
        if !self.settings.domains.contains(&name) {
            return None;
        }
        let digest = self.gate.kept(&challenge(&name)).await.ok().flatten()?;
        certificate::of_challenge(&name, &digest)
            .map_err(|problem| tracing::warn!(domain = name, "the authority can not be answered: {problem}"))
            .ok()
    }

    /// Sees to it that there is a good certificate, for ever.
    pub async fn follow(&self) {
        let mut failures = 0;
        loop {
            let wait = match self.round().await {
                Ok(wait) => {
                    failures = 0;
                    wait
                }
                Err(problem) => {
                    let wait = pause(failures);
                    failures += 1;
                    let (domains, seconds) = (self.settings.domains.join(", "), wait.as_secs());
                    tracing::error!(domains, "no certificate could be had by ACME, trying again in {seconds} s: {problem}");
                    // Nor do other servers try meanwhile.
                    if let Err(error) = self.gate.take_turn(TURN, wait).await {
                        tracing::debug!(%error, "another server may try sooner");
                    }
                    wait
                }
            };
            sleep(wait).await;
        }
    }

    /// Takes up what there is, and orders what is missing; gives when to look again.
    async fn round(&self) -> Result<Duration, String> {
        self.take_up().await?;
        if let Some(left) = self.left() {
            return Ok(left.clamp(Duration::from_secs(1), LOOK));
        }
        if !self.gate.take_turn(TURN, ORDER).await.map_err(|error| error.to_string())? {
            return Ok(Duration::from_secs(2));
        }
        // Another server may have got one until the turn came.
        self.take_up().await?;
        if self.left().is_none() {
            order::certificate(&self.gate, &self.settings).await?;
            self.take_up().await?;
        }
        self.gate.leave_turn(TURN).await.map_err(|error| error.to_string())?;
        Ok(Duration::from_secs(1))
    }

    /// How long it is until the certificate is to be renewed; nothing where that is now, or there is none.
    fn left(&self) -> Option<Duration> {
        let left = self.held()?.renew_at - self.gate.now().seconds();
        u64::try_from(left).ok().filter(|left| *left > 0).map(Duration::from_secs)
    }

    /// Serves with the certificate that is kept, where it is another than before.
    async fn take_up(&self) -> Result<(), String> {
        let Some(text) = self.gate.kept(order::CERTIFICATE).await.map_err(|error| error.to_string())? else { return Ok(()) };
        if self.held().is_some_and(|held| held.text == text) {
            return Ok(());
        }
        let held = match Held::read(text) {
            Ok(held) if held.is_for(&self.settings) => held,
            // Made for other names or by another authority, or of no use: one is ordered.
            Ok(_) => return Ok(()),
            Err(problem) => {
                tracing::warn!("the certificate that is kept is of no use: {problem}");
                return Ok(());
            }
        };
        tracing::info!(domains = self.settings.domains.join(", "), renewed = %held.renews(), "a certificate by ACME is served");
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(held));
        Ok(())
    }
}

/// Under which name the proof for a domain is kept.
fn challenge(domain: &str) -> String {
    format!("acme.challenge.{domain}")
}

/// How long to wait after so many failures and this one.
fn pause(failures: u32) -> Duration {
    PAUSE.saturating_mul(2_u32.saturating_pow(failures.min(16))).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_in_each_way_to_write_it() {
        let key = |text: &str| Binding { kid: "k".into(), hmac_key: text.into() }.key();
        for text in ["-_8AAQ", "-_8AAQ==", "+/8AAQ==", " -_8AAQ\n"] {
            assert_eq!(key(text), Ok(vec![0xfb, 0xff, 0, 1]), "{text}");
        }
        for text in ["", "=", "a", "not a key!"] {
            assert!(key(text).is_err_and(|problem| problem.starts_with("expected")), "{text}");
        }
        assert!(!format!("{:?}", Binding { kid: "k".into(), hmac_key: "-_8AAQ".into() }).contains("8AAQ"));
    }

    #[test]
    fn an_authority_that_refuses_is_asked_less_and_less() {
        let seconds: Vec<u64> = (0..10).map(|failures| pause(failures).as_secs()).collect();
        assert_eq!(seconds[..5], [120, 240, 480, 960, 1920]);
        assert_eq!(seconds[9], LONGEST.as_secs());
        assert!(seconds[..5].iter().sum::<u64>() > 3600, "five in the first hour at the most");
        assert_eq!(pause(u32::MAX), LONGEST);
    }
}
