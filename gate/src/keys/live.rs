//! Keys in memory, as the last change left them, and the one place where a key is judged. A request
//! with a key that is here costs no look into the database.

use super::{refused::Refusal, secret, store};
use crate::{
    Result,
    ctx::KeyCaller,
    gate::Gate,
    hash::{same, sha256_hex},
    memory::Memory,
    net::Network,
};
use std::net::IpAddr;
use wire::{
    KeyId, Permissions, RoleName, Timestamp, UserId,
    keys::{ApiKey, KeyScope, KeyStatus},
};

/// The most keys that are kept.
pub(crate) const MOST: usize = 200_000;

/// A key as requests are judged by it; a revoked one too, so that the log can name it.
#[derive(Debug)]
pub(crate) struct LiveKey {
    pub(crate) id: KeyId,
    pub(crate) name: String,
    pub(crate) role: RoleName,
    /// Where it is good.
    pub(crate) scope: KeyScope,
    /// Whose it is, if it is personal.
    pub(crate) owner: Option<UserId>,
    /// SHA-256 of the secret, in hex.
    pub(crate) secret_hash: String,
    /// The one before, and how long it is still good.
    pub(crate) old_secret: Option<(String, Timestamp)>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) revoked_at: Option<Timestamp>,
    /// Where it may be used from; anywhere when absent.
    pub(crate) networks: Option<Vec<Network>>,
}

impl LiveKey {
    fn is_proved_by(&self, secret: &str, now: Timestamp) -> bool {
        let hash = sha256_hex(secret.as_bytes());
        let is = |kept: &str| same(hash.as_bytes(), kept.as_bytes());
        is(&self.secret_hash) || self.old_secret.as_ref().is_some_and(|(old, until)| now < *until && is(old))
    }
}

/// Keys in memory, by the public part of their text.
pub(crate) type LiveKeys = Memory<String, LiveKey>;

/// Decides whom a key's text lets in.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn judge(gate: &Gate, text: &str, address: IpAddr, now: Timestamp) -> Result<std::result::Result<KeyCaller, Refusal>> {
    let Some(text) = secret::parse(text) else { return Ok(Err(Refusal { key: None, cause: "malformed" })) };
    let Some(key) = gate.live_keys().find(text.prefix, store::live(gate.db().pool(), text.prefix)).await? else {
        return Ok(Err(Refusal { key: None, cause: "unknown" }));
    };
    let refuse = |cause| Ok(Err(Refusal { key: Some(key.clone()), cause }));
    if !key.is_proved_by(text.secret, now) {
        return refuse("wrong secret");
    }
    match ApiKey::status_at(key.expires_at, key.revoked_at, now) {
        KeyStatus::Revoked => return refuse("revoked"),
        KeyStatus::Expired => return refuse("expired"),
        KeyStatus::Active => {}
    }
    if key.networks.as_ref().is_some_and(|networks| !networks.iter().any(|network| network.contains(address))) {
        return refuse("wrong address");
    }
    let roles = gate.roles();
    let mut permissions = roles.permissions(&key.role);
    let mut owner = None;
    if let Some(id) = key.owner {
        if !gate.config().keys.personal {
            return refuse("personal keys are off");
        }
        let Some(account) = gate.presence().account(gate.db(), id).await? else { return refuse("owner deleted") };
        if account.user.is_disabled {
            return refuse("owner disabled");
        }
        permissions = permissions.intersection(roles.permissions(&account.user.role)).intersection(Permissions::PERSONAL);
        owner = Some(account.user.clone());
    }
    gate.uses().count(key.id, address, now);
    Ok(Ok(KeyCaller { id: key.id, name: key.name.clone(), role: key.role.clone(), permissions, scope: key.scope.clone(), owner }))
}
