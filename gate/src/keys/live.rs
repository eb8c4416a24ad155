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
use std::{fmt, net::IpAddr, sync::Arc};
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
    /// The public part of its text.
    pub(crate) prefix: String,
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
    /// Whether the secret of this hash is right, and until when, where it is the one before.
    fn proved_until(&self, hash: &str, now: Timestamp) -> Option<Option<Timestamp>> {
        let is = |kept: &str| same(hash.as_bytes(), kept.as_bytes());
        if is(&self.secret_hash) {
            return Some(None);
        }
        self.old_secret.as_ref().filter(|(old, until)| now < *until && is(old)).map(|(_, until)| Some(*until))
    }
}

/// What let somebody in, as long as that stays open: the key as it was then, and which of its secrets was
/// sent. It is no more than the database has.
#[derive(Clone)]
pub(crate) struct Proof {
    key: Arc<LiveKey>,
    is_old: bool,
}

impl Proof {
    /// SHA-256 of the secret that was sent, in hex.
    fn hash(&self) -> &str {
        match &self.key.old_secret {
            Some((old, _)) if self.is_old => old,
            _ => &self.key.secret_hash,
        }
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof").finish_non_exhaustive()
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
    gate.trust_memory()?;
    let Some(key) = gate.live_keys().find(text.prefix, || store::live(gate.db().pool(), text.prefix)).await? else {
        return Ok(Err(Refusal { key: None, cause: "unknown" }));
    };
    match by_hash(gate, &key, &sha256_hex(text.secret.as_bytes()), address, now).await? {
        Ok(caller) => {
            gate.uses().count(key.id, address, now);
            Ok(Ok(caller))
        }
        Err(cause) => Ok(Err(Refusal { key: Some(key), cause })),
    }
}

/// Whom a key lets in that let somebody in before, by the same secret from the same address; nothing where
/// it is not good any more. That is no use of it.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn judge_again(gate: &Gate, caller: &KeyCaller, address: IpAddr, now: Timestamp) -> Result<Option<KeyCaller>> {
    let Some(proof) = &caller.proof else { return Ok(None) };
    gate.trust_memory()?;
    let prefix = &proof.key.prefix;
    let found = gate.live_keys().find(prefix, || store::live(gate.db().pool(), prefix)).await?;
    let Some(key) = found.filter(|key| key.id == caller.id) else { return Ok(None) };
    Ok(by_hash(gate, &key, proof.hash(), address, now).await?.ok())
}

/// Whom a key lets in by the hash of the secret that was sent, or why it is not good.
async fn by_hash(
    gate: &Gate,
    key: &Arc<LiveKey>,
    hash: &str,
    address: IpAddr,
    now: Timestamp,
) -> Result<std::result::Result<KeyCaller, &'static str>> {
    let Some(until) = key.proved_until(hash, now) else { return Ok(Err("wrong secret")) };
    let mut caller = match admit(gate, key, now).await? {
        Ok(caller) => caller,
        Err(cause) => return Ok(Err(cause)),
    };
    if key.networks.as_ref().is_some_and(|networks| !networks.iter().any(|network| network.contains(address))) {
        return Ok(Err("wrong address"));
    }
    caller.until = caller.until.into_iter().chain(until).min();
    caller.proof = Some(Proof { key: key.clone(), is_old: until.is_some() });
    Ok(Ok(caller))
}

/// Whom the key of this prefix would let in, if its secret came from an address that is allowed; to
/// try something out. Nothing when there is no such key, a cause when it is not good.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn imagine(gate: &Gate, prefix: &str, now: Timestamp) -> Result<Option<std::result::Result<KeyCaller, &'static str>>> {
    match gate.live_keys().find(prefix, || store::live(gate.db().pool(), prefix)).await? {
        Some(key) => admit(gate, &key, now).await.map(Some),
        None => Ok(None),
    }
}

/// Whom a key lets in whose secret was right, or why it is not good.
async fn admit(gate: &Gate, key: &LiveKey, now: Timestamp) -> Result<std::result::Result<KeyCaller, &'static str>> {
    match ApiKey::status_at(key.expires_at, key.revoked_at, now) {
        KeyStatus::Revoked => return Ok(Err("revoked")),
        KeyStatus::Expired => return Ok(Err("expired")),
        KeyStatus::Active => {}
    }
    let roles = gate.roles();
    let mut permissions = roles.permissions(&key.role);
    let mut owner = None;
    if let Some(id) = key.owner {
        if !gate.config().keys.personal {
            return Ok(Err("personal keys are off"));
        }
        let Some(account) = gate.presence().account(gate.db(), id).await? else { return Ok(Err("owner deleted")) };
        if account.user.is_disabled {
            return Ok(Err("owner disabled"));
        }
        permissions = permissions.intersection(roles.permissions(&account.user.role)).intersection(Permissions::PERSONAL);
        owner = Some(account.user.clone());
    }
    Ok(Ok(KeyCaller {
        id: key.id,
        name: key.name.clone(),
        role: key.role.clone(),
        permissions,
        scope: key.scope.clone(),
        owner,
        until: key.expires_at,
        proof: None,
        gate: gate.clone(),
    }))
}
