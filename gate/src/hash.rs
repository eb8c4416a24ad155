//! Hashes: SHA-256 for secrets that are random already, argon2id (RFC 9106) for passwords, and the
//! bounded queue in front of it.

mod memory;

use crate::{config::Hashing, error::Result};
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{PasswordHasher, phc::PasswordHash},
};
use memory::Memory;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use wire::{Code, Failure};

/// SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}

/// SHA-256 in hex, as it lies in the database.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

/// Bytes in hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// Whether two byte strings are the same, in a time that does not tell where they differ.
#[must_use]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// What came of a password check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the password is the one.
    pub is_right: bool,
    /// Whether the hash was made with other parameters than today's and should be replaced.
    pub is_stale: bool,
}

/// Hashes passwords, as many at once as there are cores, with a bounded queue behind them.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
    inside: Arc<AtomicUsize>,
    memory: Arc<Memory>,
    most: usize,
    /// Verified where there is no user, so that the answer takes as long.
    dummy: Arc<str>,
}

/// A place in the queue; leaving gives it back, and the last one out the memory.
struct Place<'a>(&'a Hasher);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.0.inside.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.memory.release();
        }
    }
}

impl Hasher {
    /// A hasher with these parameters.
    ///
    /// # Errors
    /// A sentence, when argon2 does not take them.
    pub fn new(cost: Hashing) -> std::result::Result<Self, String> {
        let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, None).map_err(|e| format!("auth.argon2: {e}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy = argon2.hash_password(b"nobody has this password").map_err(|e| e.to_string())?.to_string();
        Ok(Self {
            argon2,
            permits: Arc::new(Semaphore::new(cost.at_once.max(1))),
            inside: Arc::default(),
            memory: Arc::default(),
            most: cost.at_once.max(1) + cost.queue,
            dummy: dummy.into(),
        })
    }

    /// Hashes a password for keeping.
    ///
    /// # Errors
    /// `busy` when the queue is full.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let argon2 = self.argon2.clone();
        let password = normal(password);
        self.run(move || argon2.hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|e| crate::Error::Fault(format!("argon2: {e}")))
    }

    /// Checks a password against a kept hash, or, where there is none, against a dummy in the same time.
    ///
    /// # Errors
    /// `busy` when the queue is full.
    pub async fn verify(&self, password: &str, kept: Option<&str>) -> Result<Verdict> {
        let argon2 = self.argon2.clone();
        let password = normal(password);
        let is_known = kept.is_some();
        let kept = kept.unwrap_or(&self.dummy).to_owned();
        let memory = self.memory.clone();
        let work = move || {
            let mut blocks = memory.take();
            let verdict = check(&argon2, &password, &kept, &mut blocks);
            memory.put(blocks);
            verdict
        };
        let verdict = self.run(work).await?;
        Ok(Verdict { is_right: verdict.is_right && is_known, ..verdict })
    }

    /// How many are inside, and how many may be.
    pub(crate) fn load(&self) -> (usize, usize) {
        (self.inside.load(Ordering::Relaxed), self.most)
    }

    /// Runs one hash away from the threads that answer requests.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let place = Place(self);
        if self.inside.fetch_add(1, Ordering::SeqCst) >= self.most {
            return Err(Failure::new(Code::Busy, "Many people are signing in at the moment. Try again in a second.").retry_after(1).into());
        }
        let _permit = self.permits.acquire().await.map_err(|e| crate::Error::Fault(e.to_string()))?;
        let done = tokio::task::spawn_blocking(work).await.map_err(|e| crate::Error::Fault(e.to_string()));
        drop(place);
        done
    }
}

/// Unicode has several ways to write one text; the same text is the same password.
fn normal(password: &str) -> String {
    password.nfc().collect()
}

fn check(argon2: &Argon2<'_>, password: &str, kept: &str, blocks: &mut Vec<Block>) -> Verdict {
    if ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| kept.starts_with(prefix)) {
        return Verdict { is_right: bcrypt::verify(password, kept).unwrap_or(false), is_stale: true };
    }
    let wrong = Verdict { is_right: false, is_stale: false };
    let Ok(hash) = PasswordHash::new(kept) else { return wrong };
    let Ok(params) = Params::try_from(&hash) else { return wrong };
    let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    let is_stale = cost(&params) != cost(argon2.params());
    let is_right = memory::is_password(password.as_bytes(), &hash, params, blocks).unwrap_or_default();
    Verdict { is_right, is_stale }
}

/// What is wrong with a new password, if anything: its size, or that it is easy to guess.
/// `about` holds what a guesser would know: the username, the address.
#[must_use]
pub fn weakness(password: &str, least: usize, about: &[&str]) -> Option<String> {
    if let Some(problem) = wire::password::size_problem(password) {
        return Some(problem);
    }
    if password.len() < least {
        return Some(format!("A password has at least {least} characters."));
    }
    // The estimate looks at the first 100 characters; more would only take longer.
    let start: String = password.chars().take(100).collect();
    let known: Vec<&str> = about.iter().copied().chain(["doorward"]).collect();
    let estimate = zxcvbn::zxcvbn(&start, &known);
    if u8::from(estimate.score()) >= wire::password::ENOUGH {
        return None;
    }
    let reason = estimate.feedback().and_then(zxcvbn::feedback::Feedback::warning).map(|w| w.to_string());
    let reason = reason.unwrap_or_else(|| "It follows a pattern that guessing programs try early.".into());
    Some(format!(
        "This password is easy to guess. {reason} Three or four words that have nothing to do with each other are strong and easy to remember."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher() -> Hasher {
        Hasher::new(Hashing { memory_kib: 64, iterations: 1, parallelism: 1, at_once: 1, queue: 1 }).expect("good parameters")
    }

    #[tokio::test]
    async fn only_the_same_text_is_right() {
        let hasher = hasher();
        let kept = hasher.hash("Zo\u{eb} opens").await.unwrap();
        assert!(hasher.verify("Zoe\u{308} opens", Some(&kept)).await.unwrap().is_right, "NFD is the same text");
        assert!(!hasher.verify("zo\u{eb} opens", Some(&kept)).await.unwrap().is_right);
        assert!(!hasher.verify("nobody has this password", None).await.unwrap().is_right, "the dummy is nobody's");
    }

    /// LOG-030
    #[tokio::test]
    async fn nothing_is_cut_off() {
        let hasher = hasher();
        let kept = hasher.hash(&format!("{}X", "a".repeat(72))).await.unwrap();
        assert!(!hasher.verify(&format!("{}Y", "a".repeat(72)), Some(&kept)).await.unwrap().is_right);
        assert!(!hasher.verify(&"a".repeat(72), Some(&kept)).await.unwrap().is_right);
        let kept = hasher.hash("abc\0def").await.unwrap();
        assert!(!hasher.verify("abc", Some(&kept)).await.unwrap().is_right);
    }

    #[tokio::test]
    async fn memory_that_was_used_before_changes_nothing_and_goes_back() {
        let hasher = hasher();
        let (one, two) = (hasher.hash("brass lantern tide").await.unwrap(), hasher.hash("seven quiet otters").await.unwrap());
        // Somebody waits, so the memory is kept.
        hasher.inside.store(1, Ordering::SeqCst);
        for _ in 0..3 {
            assert!(hasher.verify("brass lantern tide", Some(&one)).await.unwrap().is_right);
            assert!(!hasher.verify("brass lantern tide", Some(&two)).await.unwrap().is_right);
            assert!(hasher.verify("seven quiet otters", Some(&two)).await.unwrap().is_right);
        }
        assert!(!hasher.memory.take().is_empty(), "it was kept");
        hasher.inside.store(0, Ordering::SeqCst);
        assert!(hasher.verify("seven quiet otters", Some(&two)).await.unwrap().is_right);
        assert!(hasher.memory.take().is_empty(), "it was given back");
    }

    #[tokio::test]
    async fn a_hash_with_other_parameters_verifies_and_is_stale() {
        let kept = Hasher::new(Hashing { memory_kib: 128, iterations: 2, parallelism: 2, at_once: 1, queue: 1 }).unwrap();
        let kept = kept.hash("brass lantern tide").await.unwrap();
        assert_eq!(hasher().verify("brass lantern tide", Some(&kept)).await.unwrap(), Verdict { is_right: true, is_stale: true });
        for broken in ["", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ", &kept.replace("argon2id", "argon2x")] {
            assert!(!hasher().verify("brass lantern tide", Some(broken)).await.unwrap().is_right, "{broken}");
        }
    }

    #[tokio::test]
    async fn an_imported_hash_verifies_and_is_stale() {
        let kept = bcrypt::hash("brass lantern tide", 4).unwrap();
        let verdict = hasher().verify("brass lantern tide", Some(&kept)).await.unwrap();
        assert_eq!(verdict, Verdict { is_right: true, is_stale: true });
    }

    /// DOS-211
    #[tokio::test]
    async fn a_full_queue_says_busy() {
        let hasher = hasher();
        hasher.inside.store(2, Ordering::SeqCst);
        assert_eq!(hasher.hash("x").await.map_err(|e| e.code()), Err(Code::Busy));
        assert_eq!(hasher.inside.load(Ordering::SeqCst), 2, "the place is given back");
    }

    #[test]
    fn easy_passwords_are_refused_with_a_reason() {
        for weak in ["password1", "mara.lindqvist", "aaaaaaaaaaaaaaaa", "doorward1", "12345678", "short"] {
            assert!(weakness(weak, 8, &["mara.lindqvist"]).is_some(), "{weak}");
        }
        assert_eq!(weakness("brass lantern tide", 8, &["mara"]), None);
        assert!(weakness("kV9#mQ2!xL7p", 15, &[]).is_some(), "a higher minimum counts");
    }
}
