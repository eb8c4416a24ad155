//! The issuers that are trusted, and what is known of tokens that were verified.

use crate::{
    config::TrustedIssuer,
    jwks::{Claims, Place},
    mapping::Mapping,
    memory::Memory,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::Semaphore;
use wire::{Timestamp, UserId};

/// The most tokens that are recognised without being verified again.
const MOST: usize = 20_000;
/// How many accounts are looked for, or made, at once.
const AT_ONCE: usize = 4;

/// An issuer that is trusted.
pub(super) struct Trusted {
    pub(super) settings: TrustedIssuer,
    pub(super) mapping: Mapping,
    /// Where its keys are.
    pub(super) place: Place,
}

/// What a token that was verified is worth; the time is looked at each time.
pub(super) struct Known {
    /// The issuer, by its place in the settings.
    pub(super) issuer: usize,
    /// The version of the keys by which it was verified.
    pub(super) version: u64,
    /// The claims about time.
    pub(super) times: Claims,
    /// When it ends.
    pub(super) until: Timestamp,
    pub(super) whom: Whom,
    /// The person, in the issuer's own way.
    pub(super) subject: String,
    /// How often something was heard of the account, and how much of that was seen to mean nothing for
    /// whose the subject is.
    pub(super) doubts: AtomicU64,
    pub(super) settled: AtomicU64,
}

/// Whose a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    /// This account's.
    User(UserId),
    /// Somebody's who is not let in, as was found at this time.
    Refused(Timestamp),
}

/// The claims about time alone.
pub(super) fn times(claims: &Claims) -> Claims {
    ["exp", "nbf", "iat"].into_iter().filter_map(|claim| Some((claim.to_owned(), claims.get(claim)?.clone()))).collect()
}

/// All issuers that are trusted.
pub(crate) struct Issuers {
    all: Vec<Trusted>,
    pub(super) recognised: Memory<[u8; 32], Known>,
    pub(super) slots: Arc<Semaphore>,
}

impl Issuers {
    /// Makes the configured ones ready.
    ///
    /// # Errors
    /// What can not be used, in a sentence.
    pub(crate) fn new(settings: &[TrustedIssuer]) -> Result<Self, String> {
        let ready = |settings: &TrustedIssuer| {
            let wrong = |(key, problem): (String, String)| format!("auth.issuers.{}.{key}: {problem}", settings.id);
            settings.check().map_err(wrong)?;
            let mapping = Mapping::new(settings.role_mapping.clone()).map_err(wrong)?;
            Ok::<_, String>(Trusted { settings: settings.clone(), mapping, place: settings.place() })
        };
        let all = settings.iter().map(ready).collect::<Result<_, _>>()?;
        Ok(Self { all, recognised: Memory::with_room_for(MOST), slots: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    pub(super) fn all(&self) -> &[Trusted] {
        &self.all
    }

    /// Something changed about somebody: whose their tokens are has to be looked up again. The mapping is
    /// not asked again; it is for a new token.
    pub(crate) fn doubt(&self, user: UserId) {
        if self.all.is_empty() {
            return;
        }
        self.recognised.each(|_, known| {
            if known.whom == Whom::User(user) {
                known.doubts.fetch_add(1, Ordering::SeqCst);
            }
            None::<()>
        });
    }

    /// Lets go of what is known of all tokens.
    pub(crate) fn forget_all(&self) {
        self.recognised.forget_all();
    }
}
