//! The keys that are derived from the signing secret, one a purpose; where the secret itself is kept,
//! and how another takes its place, stand beside.

mod given;
pub(crate) mod kept;
pub(crate) mod rotate;

pub use given::Secret;
pub(crate) use given::place;

use crate::hash;
use aws_lc_rs::{hkdf, hmac};
use std::sync::{Arc, PoisonError, RwLock};

/// What a derived key is for. A MAC made for one is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Access tokens.
    Access,
    /// Successors of refresh secrets.
    Refresh,
    /// Cursors of lists.
    Cursor,
    /// Cookies of devices that signed in before.
    Device,
    /// Answers kept for an Idempotency-Key.
    Seal,
    /// The chain of the audit log.
    AuditChain,
    /// Cookies of the hosts of apps.
    AppCookie,
    /// What upstreams are told of the caller.
    Assertion,
    /// The setup code of several servers with one database.
    SetupCode,
}

impl Purpose {
    const ALL: [Self; 9] = [
        Self::Access,
        Self::Refresh,
        Self::Cursor,
        Self::Device,
        Self::Seal,
        Self::AuditChain,
        Self::AppCookie,
        Self::Assertion,
        Self::SetupCode,
    ];

    const fn label(self) -> &'static [u8] {
        match self {
            Self::Access => b"doorward access token v1",
            Self::Refresh => b"doorward refresh successor v1",
            Self::Cursor => b"doorward cursor v1",
            Self::Device => b"doorward device v1",
            Self::Seal => b"doorward seal v1",
            Self::AuditChain => b"doorward audit-chain v1",
            Self::AppCookie => b"doorward app cookie v1",
            Self::Assertion => b"doorward assertion v1",
            Self::SetupCode => b"doorward setup code v1",
        }
    }
}

/// The keys of one secret (HKDF-SHA-256, RFC 5869).
#[derive(Clone)]
struct Derived {
    raw: [[u8; 32]; Purpose::ALL.len()],
    macs: [hmac::Key; Purpose::ALL.len()],
    kid: Arc<str>,
}

impl Derived {
    fn of(secret: &[u8]) -> Self {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"doorward").extract(secret);
        let expand = |label: &[u8]| {
            let mut out = [0; 32];
            let info = [label];
            let okm = prk.expand(&info, hkdf::HKDF_SHA256).expect("32 bytes are within HKDF's limit");
            okm.fill(&mut out).expect("the length is the algorithm's own");
            out
        };
        let raw = Purpose::ALL.map(|purpose| expand(purpose.label()));
        let macs = raw.map(|key| hmac::Key::new(hmac::HMAC_SHA256, &key));
        let kid = hash::hex(&expand(b"doorward key id v1")[..6]).into();
        Self { raw, macs, kid }
    }

    fn mac(&self, purpose: Purpose, data: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&self.macs[purpose as usize], data).as_ref());
        out
    }
}

/// The secrets that count at a time.
pub(crate) struct Held {
    current: Derived,
    /// The one before, for as long as what it signed is still good.
    previous: Option<Derived>,
    /// What secrets at rest are sealed with, where it is another than the current one.
    master: Option<Derived>,
    /// What secrets at rest may still be sealed with.
    earlier: Vec<Derived>,
}

impl Held {
    /// The current secret alone.
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self { current: Derived::of(secret), previous: None, master: None, earlier: Vec::new() }
    }

    /// And the one before; `is_good` tells whether what it signed still is.
    pub(crate) fn after(mut self, secret: &[u8], is_good: bool) -> Self {
        self.earlier.push(Derived::of(secret));
        self.previous = is_good.then(|| Derived::of(secret));
        self
    }

    /// And the key that secrets at rest are sealed with.
    pub(crate) fn with_master(mut self, key: Option<&[u8]>) -> Self {
        self.master = key.map(Derived::of);
        self
    }
}

/// The keys of the signing secret, and for a while those of the one before. Another secret can take its
/// place while everything runs.
pub struct Keys(RwLock<Arc<Held>>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("kid", &self.kid()).finish_non_exhaustive()
    }
}

impl Keys {
    /// Derives the keys from the secret's bytes.
    #[must_use]
    pub fn derive(secret: &[u8]) -> Self {
        Self::holding(Held::new(secret))
    }

    pub(crate) fn holding(held: Held) -> Self {
        Self(RwLock::new(Arc::new(held)))
    }

    fn held(&self) -> Arc<Held> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts other secrets in the place of these; tells whether the current one is another.
    pub(crate) fn exchange(&self, held: Held) -> bool {
        let mut place = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_other = place.current.kid != held.current.kid || place.previous.is_some() != held.previous.is_some();
        *place = Arc::new(held);
        is_other
    }

    /// Opens what this secret sealed as well; it counts for nothing else.
    pub(crate) fn also_opens(&self, secret: &[u8]) {
        let mut place = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Held { current, previous, master, earlier } = &**place;
        let earlier = earlier.iter().cloned().chain([Derived::of(secret)]).collect();
        *place = Arc::new(Held { current: current.clone(), previous: previous.clone(), master: master.clone(), earlier });
    }

    /// Names the secret, without telling anything of it.
    #[must_use]
    pub fn kid(&self) -> Arc<str> {
        self.held().current.kid.clone()
    }

    /// The key for a purpose.
    #[must_use]
    pub fn raw(&self, purpose: Purpose) -> [u8; 32] {
        self.held().current.raw[purpose as usize]
    }

    /// The key for a purpose of the secret that has this name, where it is one of those that count.
    pub(crate) fn raw_of(&self, kid: &str, purpose: Purpose) -> Option<[u8; 32]> {
        let held = self.held();
        let found = [Some(&held.current), held.previous.as_ref()].into_iter().flatten().find(|derived| &*derived.kid == kid);
        found.map(|derived| derived.raw[purpose as usize])
    }

    /// The key for a purpose of the secret before, while what it signed is still good.
    pub(crate) fn previous(&self, purpose: Purpose) -> Option<[u8; 32]> {
        self.held().previous.as_ref().map(|derived| derived.raw[purpose as usize])
    }

    /// HMAC-SHA-256 of `data` with the key for a purpose.
    #[must_use]
    pub fn mac(&self, purpose: Purpose, data: &[u8]) -> [u8; 32] {
        self.held().current.mac(purpose, data)
    }

    /// The same, and the one that the secret before makes while it counts: what was made with either is ours.
    pub(crate) fn macs(&self, purpose: Purpose, data: &[u8]) -> impl Iterator<Item = [u8; 32]> + use<> {
        let held = self.held();
        let previous = held.previous.as_ref().map(|derived| derived.mac(purpose, data));
        std::iter::once(held.current.mac(purpose, data)).chain(previous)
    }

    /// The same with every secret that may have sealed something, for what is kept beside it.
    pub(crate) fn all_macs(&self, purpose: Purpose, data: &[u8]) -> Vec<[u8; 32]> {
        let held = self.held();
        std::iter::once(&held.current).chain(&held.earlier).map(|derived| derived.mac(purpose, data)).collect()
    }

    /// The keys that secrets at rest may be sealed with; they are sealed anew with the first.
    pub(crate) fn seals(&self) -> Vec<[u8; 32]> {
        let held = self.held();
        let all = held.master.iter().chain([&held.current]).chain(&held.earlier);
        all.map(|derived| derived.raw[Purpose::Seal as usize]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        let keys = Keys::derive(b"sixteen bytes ..");
        assert_ne!(keys.raw(Purpose::Access), keys.raw(Purpose::Cursor));
        assert_ne!(keys.mac(Purpose::Refresh, b"x"), keys.mac(Purpose::Device, b"x"));
    }

    #[test]
    fn the_secret_before_counts_for_as_long_as_it_is_good() {
        let old = Keys::derive(b"sixteen bytes ..");
        let keys = Keys::holding(Held::new(b"another secret ..").after(b"sixteen bytes ..", true));
        assert_eq!(keys.raw_of(&old.kid(), Purpose::Access), Some(old.raw(Purpose::Access)));
        assert!(keys.macs(Purpose::Cursor, b"x").any(|mac| mac == old.mac(Purpose::Cursor, b"x")));
        assert!(keys.exchange(Held::new(b"another secret ..").after(b"sixteen bytes ..", false)));
        assert_eq!(keys.raw_of(&old.kid(), Purpose::Access), None);
        assert!(!keys.macs(Purpose::Cursor, b"x").any(|mac| mac == old.mac(Purpose::Cursor, b"x")));
        assert!(keys.seals().contains(&old.raw(Purpose::Seal)), "what it sealed can still be opened, to be sealed anew");
    }

    #[test]
    fn the_master_key_seals_where_there_is_one() {
        let keys = Keys::holding(Held::new(b"another secret ..").with_master(Some(b"sixteen bytes ..")));
        assert_eq!(keys.seals(), [Keys::derive(b"sixteen bytes ..").raw(Purpose::Seal), keys.raw(Purpose::Seal)]);
    }
}
