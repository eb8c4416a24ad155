//! One place where keys are published: what was fetched from it, when, and when it is fetched again.

use super::key::Set;
use crate::{clock::has_passed, gate::Gate, hash::sha256, outbound::Target};
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Deserialize;
use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use wire::Timestamp;

/// The most bytes of what is fetched.
const MOST: usize = 256 * 1024;
/// How long a fetch may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// For how long keys are fresh of which nothing is said, in milliseconds.
const FRESH: i64 = 15 * MINUTE;
/// Whatever is said, they are fresh for so long at the least, and at the most.
const FRESH_LEAST: i64 = 5 * MINUTE;
const FRESH_MOST: i64 = 60 * MINUTE;
/// For how long keys serve that could not be fetched again: an hour, and the time until the first try
/// after it.
const STALE: i64 = 62 * MINUTE;
/// The pause after a fetch that failed, and between two that a key asked for which is not known.
const RETRY: i64 = MINUTE;
const MINUTE: i64 = 60_000;

/// Where keys are published.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// At this address.
    Keys(String),
    /// Where the issuer's own description says (OpenID Connect Discovery 1.0).
    Discovery {
        /// The issuer, which the description has to name in the same letters.
        issuer: String,
        /// The description's address.
        address: String,
    },
}

impl Place {
    /// The place where an issuer's description is, unless it is said otherwise.
    pub(crate) fn of_issuer(issuer: &str) -> Self {
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        Self::Discovery { issuer: issuer.to_owned(), address }
    }
}

/// How the keys of a place are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// How many keys are at hand.
    pub(crate) keys: usize,
    /// When they were fetched.
    pub(crate) fetched_at: Option<Timestamp>,
    /// Why they could not be fetched again, if the last try failed.
    pub(crate) problem: Option<String>,
}

/// What was fetched.
struct Kept {
    set: Arc<Set>,
    fingerprint: [u8; 32],
    fetched_at: Timestamp,
    fresh_until: Timestamp,
}

#[derive(Default)]
struct Inside {
    kept: Option<Kept>,
    /// Rises with every set that differs from the one before.
    version: u64,
    /// When the fetches began to fail.
    failing_since: Option<Timestamp>,
    problem: Option<String>,
}

/// One place where keys are published.
pub(crate) struct Source {
    place: Place,
    inside: RwLock<Inside>,
    /// One fetch at a time: who comes during it waits for it.
    turn: tokio::sync::Mutex<()>,
    tried_at: AtomicI64,
    /// When a key that is not known was last a reason to fetch.
    asked_at: Mutex<Option<Timestamp>>,
    used_at: AtomicI64,
}

/// Long before anything happened.
const NEVER: i64 = i64::MIN / 2;

impl Source {
    pub(super) fn new(place: Place, now: Timestamp) -> Self {
        Self {
            place,
            inside: RwLock::default(),
            turn: tokio::sync::Mutex::default(),
            tried_at: AtomicI64::new(NEVER),
            asked_at: Mutex::default(),
            used_at: AtomicI64::new(now.0),
        }
    }

    pub(super) fn touch(&self, now: Timestamp) {
        self.used_at.fetch_max(now.0, Ordering::Relaxed);
    }

    pub(super) fn used_at(&self) -> Timestamp {
        Timestamp(self.used_at.load(Ordering::Relaxed))
    }

    fn inside(&self) -> std::sync::RwLockReadGuard<'_, Inside> {
        self.inside.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys, and their version, while they may be used.
    pub(super) fn keys(&self, now: Timestamp) -> Option<(Arc<Set>, u64)> {
        let inside = self.inside();
        let kept = inside.kept.as_ref().filter(|_| inside.is_good_at(now))?;
        Some((kept.set.clone(), inside.version))
    }

    /// The version of the keys while they may be used: what was verified by it is good as long as it
    /// stays the same.
    pub(crate) fn version(&self, now: Timestamp) -> Option<u64> {
        let inside = self.inside();
        inside.is_good_at(now).then_some(inside.version)
    }

    /// How the keys are.
    pub(crate) fn state(&self) -> State {
        let inside = self.inside();
        State {
            keys: inside.kept.as_ref().map_or(0, |kept| kept.set.len()),
            fetched_at: inside.kept.as_ref().map(|kept| kept.fetched_at),
            problem: inside.problem.clone(),
        }
    }

    /// Whether it is time to fetch, as far as the clock goes.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        let inside = self.inside();
        let is_fresh = inside.kept.as_ref().is_some_and(|kept| !has_passed(kept.fetched_at, now, kept.fresh_until.0 - kept.fetched_at.0));
        !is_fresh && has_passed(Timestamp(self.tried_at.load(Ordering::Relaxed)), now, RETRY)
    }

    /// Fetches the keys, unless somebody just did.
    pub(crate) async fn refresh(&self, gate: &Gate) {
        let _turn = self.turn.lock().await;
        if self.is_due(gate.now()) {
            self.fetch(gate).await;
        }
    }

    /// Fetches the keys now, whenever they were fetched last: for those who set a provider up.
    ///
    /// # Errors
    /// Why they can not be fetched.
    pub(crate) async fn check(&self, gate: &Gate) -> Result<State, String> {
        let _turn = self.turn.lock().await;
        self.fetch(gate).await;
        let state = self.state();
        state.problem.clone().map_or(Ok(state), Err)
    }

    /// Looks for keys because there are none, or not the one that is asked for: once a minute at the
    /// most, however many ask. `seen` is the version that did not do; tells whether there is another.
    pub(super) async fn look_again(&self, gate: &Gate, seen: Option<u64>) -> bool {
        let has_another = || self.version(gate.now()).is_some_and(|version| Some(version) != seen);
        let _turn = self.turn.lock().await;
        if has_another() {
            return true;
        }
        let now = gate.now();
        let is_time = if seen.is_none() { self.is_due(now) } else { self.may_ask(now) };
        if is_time {
            self.fetch(gate).await;
        }
        has_another()
    }

    fn may_ask(&self, now: Timestamp) -> bool {
        let mut asked_at = self.asked_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = asked_at.is_none_or(|at| now.0 - at.0 >= RETRY);
        if is_time {
            *asked_at = Some(now);
        }
        is_time
    }

    async fn fetch(&self, gate: &Gate) {
        self.tried_at.store(gate.now().0, Ordering::Relaxed);
        let fetched = fetch(gate, &self.place).await;
        let now = gate.now();
        let mut inside = self.inside.write().unwrap_or_else(PoisonError::into_inner);
        match fetched {
            Ok(fetched) => {
                if inside.kept.as_ref().is_none_or(|kept| kept.fingerprint != fetched.fingerprint) {
                    inside.version += 1;
                }
                inside.failing_since = None;
                inside.problem = None;
                let fresh_until = now.plus(fetched.fresh);
                let Fetched { set, fingerprint, .. } = fetched;
                inside.kept = Some(Kept { set: Arc::new(set), fingerprint, fetched_at: now, fresh_until });
            }
            Err(problem) => {
                let age = inside.kept.as_ref().map(|kept| (now.0 - kept.fetched_at.0) / MINUTE);
                tracing::warn!(place = %self.place, %problem, age_minutes = age, "the keys of an issuer can not be fetched");
                inside.failing_since = Some(inside.failing_since.map_or(now, |since| since.min(now)));
                inside.problem = Some(problem);
            }
        }
    }
}

impl Inside {
    fn is_good_at(&self, now: Timestamp) -> bool {
        self.kept.as_ref().is_some_and(|kept| {
            let since = self.failing_since.map_or(kept.fresh_until, |since| since.max(kept.fresh_until));
            now.0 - since.0 < STALE
        })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Keys(address) | Self::Discovery { address, .. } => address.split('?').next().unwrap_or_default(),
        })
    }
}

struct Fetched {
    set: Set,
    fingerprint: [u8; 32],
    /// For how long they are fresh, in milliseconds.
    fresh: i64,
}

async fn fetch(gate: &Gate, place: &Place) -> Result<Fetched, String> {
    let address = match place {
        Place::Keys(address) => address.clone(),
        Place::Discovery { issuer, address } => {
            #[derive(Deserialize)]
            struct Description {
                issuer: String,
                jwks_uri: String,
            }
            let (body, _) = get(gate, address).await.map_err(|problem| format!("its description: {problem}"))?;
            let found: Description = serde_json::from_slice(&body)
                .map_err(|_| "its description: it has no `issuer` and `jwks_uri` (OpenID Connect Discovery)".to_owned())?;
            if found.issuer != *issuer {
                let named = crate::audit::clip(&found.issuer);
                return Err(format!(
                    "its description names the issuer {named}, and the configuration {issuer}: both have to be the same to the letter"
                ));
            }
            if address.starts_with("https://") && !found.jwks_uri.starts_with("https://") {
                return Err("its description gives an address for the keys that is not encrypted".into());
            }
            found.jwks_uri
        }
    };
    let (body, headers) = get(gate, &address).await.map_err(|problem| format!("its keys: {problem}"))?;
    let set = Set::read(&body).map_err(|problem| format!("its keys: {problem}"))?;
    Ok(Fetched { set, fingerprint: sha256(&body), fresh: fresh_for(&headers) })
}

async fn get(gate: &Gate, address: &str) -> Result<(Vec<u8>, HeaderMap), String> {
    let target = Target::parse(address)?;
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let answer = gate.outbound().ask(&target, Method::GET, headers, MOST + 1, PATIENCE).await.map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("it answered {}", answer.status));
    }
    if answer.body.len() > MOST {
        return Err("the answer is longer than 256 KiB".into());
    }
    Ok((answer.body, answer.headers))
}

/// For how long an answer says that it is fresh (RFC 9111), within bounds.
fn fresh_for(headers: &HeaderMap) -> i64 {
    let said = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut directives = said.flat_map(|value| value.split(',')).map(str::trim);
    let age = directives.find_map(|it| it.strip_prefix("max-age=")?.trim_matches('"').parse::<i64>().ok());
    age.map_or(FRESH, |seconds| seconds.saturating_mul(1000).clamp(FRESH_LEAST, FRESH_MOST))
}
