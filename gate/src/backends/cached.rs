//! Spares a slow backend: who was right a moment ago is right still.

use super::{Backend, Credentials, Found, Identity};
use crate::random::{Os, Random};
use aws_lc_rs::hmac;
use secrecy::ExposeSecret;
use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The most that are remembered; beyond it all are forgotten.
const MOST: usize = 10_000;
/// The longest lifetime: for so long somebody may get in whom the backend would refuse by now.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// A backend whose right answers are remembered for a moment. A wrong password is asked for each time,
/// and so is everything while the backend is away.
///
/// ```
/// use doorward_gate::backends::{Cached, Credentials};
/// use std::time::Duration;
///
/// let nobody = async |_: Credentials| Ok(None);
/// let cached = Cached::new(nobody, Duration::from_secs(30));
/// ```
pub struct Cached<B> {
    backend: B,
    lifetime: Duration,
    /// Names and passwords are remembered under a key that ends with the process.
    key: hmac::Key,
    right: Mutex<HashMap<[u8; 32], (Identity, Instant)>>,
}

impl<B> fmt::Debug for Cached<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

impl<B: Backend> Cached<B> {
    /// Remembers right answers for so long, five minutes at the most.
    #[must_use]
    pub fn new(backend: B, lifetime: Duration) -> Self {
        let mut bytes = [0; 32];
        Os.fill(&mut bytes);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        Self { backend, lifetime: lifetime.min(LONGEST), key, right: Mutex::default() }
    }

    /// Under what credentials are remembered; the length keeps apart what is name and what is password.
    fn mark(&self, credentials: &Credentials) -> [u8; 32] {
        let name = credentials.name.as_bytes();
        let length = (name.len() as u64).to_be_bytes();
        let tag = hmac::sign(&self.key, &[&length, name, credentials.password.expose_secret().as_bytes()].concat());
        let mut mark = [0; 32];
        mark.copy_from_slice(tag.as_ref());
        mark
    }
}

impl<B: Backend> Backend for Cached<B> {
    async fn authenticate(&self, credentials: &Credentials) -> Found {
        let (mark, now) = (self.mark(credentials), Instant::now());
        let kept = self.right.lock().unwrap_or_else(PoisonError::into_inner).get(&mark).cloned();
        if let Some((identity, until)) = kept
            && until > now
        {
            return Ok(Some(identity));
        }
        let found = self.backend.authenticate(credentials).await?;
        let mut right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        match &found {
            Some(identity) => {
                right.retain(|_, (_, until)| *until > now);
                if right.len() >= MOST {
                    right.clear();
                }
                right.insert(mark, (identity.clone(), now + self.lifetime));
            }
            None => {
                right.remove(&mark);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backends::{BackendError, Person};
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    /// A backend that knows one password and counts how often it is asked.
    fn counting(lifetime: Duration) -> (Cached<impl Backend>, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let backend = move |credentials: Credentials| {
            count.fetch_add(1, Ordering::SeqCst);
            async move {
                match credentials.password.expose_secret() {
                    "right" => Ok(Some(Identity::Person(Box::new(Person { subject: credentials.name, ..Person::default() })))),
                    "away" => Err(BackendError::Away("gone fishing".into())),
                    _ => Ok(None),
                }
            }
        };
        (Cached::new(backend, lifetime), asked)
    }

    async fn ask(backend: &impl Backend, name: &str, password: &str) -> Option<bool> {
        let credentials = Credentials { name: name.into(), password: password.into() };
        backend.authenticate(&credentials).await.ok().map(|found| found.is_some())
    }

    #[tokio::test]
    async fn who_was_right_is_not_asked_for_again() {
        let (cached, asked) = counting(Duration::from_secs(60));
        for _ in 0..3 {
            assert_eq!(ask(&cached, "ada", "right").await, Some(true));
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(ask(&cached, "bo", "right").await, Some(true));
        assert_eq!(ask(&cached, "ad", "aright").await, Some(false), "names and passwords are kept apart");
        assert_eq!(asked.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn wrong_passwords_and_outages_are_not_remembered() {
        let (cached, asked) = counting(Duration::from_secs(60));
        for _ in 0..2 {
            assert_eq!(ask(&cached, "ada", "wrong").await, Some(false));
            assert_eq!(ask(&cached, "ada", "away").await, None);
        }
        assert_eq!(asked.load(Ordering::SeqCst), 4);
    }

    #[tokio::test]
    async fn what_is_remembered_ends() {
        let (cached, asked) = counting(Duration::ZERO);
        ask(&cached, "ada", "right").await;
        ask(&cached, "ada", "right").await;
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        assert_eq!(Cached::new(|_: Credentials| async { Ok(None) }, Duration::from_secs(3600)).lifetime, LONGEST);
    }
}
