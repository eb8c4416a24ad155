//! Events sent to another server, signed, so that it can tell that they are ours and fresh.

use crate::{
    config,
    hash::{hex, sha256_hex},
    outbound::{Outbound, Target},
};
use aws_lc_rs::hmac;
use http::{HeaderMap, HeaderValue, header};
use secrecy::ExposeSecret;
use std::io;
use wire::Timestamp;

const SIGNATURE: &str = "x-doorward-signature";

/// A webhook that is ready.
pub(super) struct Webhook {
    outbound: Outbound,
    target: Target,
    key: hmac::Key,
}

impl Webhook {
    /// The webhook, and the name under which it is known; the address itself may hold a secret.
    pub(super) fn of(config: &config::Webhook, outbound: Outbound) -> Result<(String, Self), String> {
        let address = config.url.expose_secret();
        let name = format!("webhook:{}", &sha256_hex(address.as_bytes())[..16]);
        let key = hmac::Key::new(hmac::HMAC_SHA256, config.secret.expose_secret().as_bytes());
        Ok((name, Self { outbound, target: Target::parse(address)?, key }))
    }

    /// Sends lines; they were taken when this returns.
    pub(super) async fn send(&self, now: Timestamp, lines: Vec<u8>) -> io::Result<()> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("doorward"));
        headers.insert(SIGNATURE, HeaderValue::from_str(&signature(&self.key, now, &lines)).map_err(io::Error::other)?);
        self.outbound.post(&self.target, headers, lines).await
    }
}

/// `t=` the seconds, `v1=` the HMAC-SHA-256 in hex of the seconds, a dot and the body.
fn signature(key: &hmac::Key, now: Timestamp, body: &[u8]) -> String {
    let mut signed = format!("{}.", now.seconds()).into_bytes();
    signed.extend_from_slice(body);
    format!("t={},v1={}", now.seconds(), hex(hmac::sign(key, &signed).as_ref()))
}
