//! The two cookies of an app's host: the one that a browser begins with, and the one that stands for
//! the session. Both are for that host alone, and both name the app, for hosts do not part by port.

use crate::{
    hash::{hex, same},
    secret::{Keys, Purpose},
    sessions::cookie::Jar,
};
use http::{HeaderMap, header};
use wire::{SessionId, workspaces::Slug};

/// How long a browser may take to sign in, in seconds.
const BEGUN: u32 = 15 * 60;

/// The cookies of one app in one jar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cookies<'a> {
    jar: Jar,
    app: &'a Slug,
}

impl<'a> Cookies<'a> {
    pub(super) const fn new(jar: Jar, app: &'a Slug) -> Self {
        Self { jar, app }
    }

    fn name(&self, what: &str) -> String {
        match self.jar {
            Jar::Secure => format!("__Host-doorward-{what}-{}", self.app),
            Jar::Loopback => format!("doorward-{what}-{}", self.app),
            Jar::Insecure => format!("doorward-{what}-{}-insecure", self.app),
        }
    }

    const fn flags(&self) -> &'static str {
        match self.jar {
            Jar::Secure => "; Path=/; HttpOnly; SameSite=Lax; Secure",
            Jar::Loopback | Jar::Insecure => "; Path=/; HttpOnly; SameSite=Lax",
        }
    }

    fn value<'h>(&self, headers: &'h HeaderMap, what: &str) -> Option<&'h str> {
        let name = self.name(what);
        let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
        pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// What the browser began with.
    pub(super) fn begun<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let is_secret = |text: &&str| text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        self.value(headers, "way").filter(is_secret)
    }

    /// The header that lets a browser begin.
    pub(super) fn begin(&self, secret: &str) -> String {
        format!("{}={secret}{}; Max-Age={BEGUN}", self.name("way"), self.flags())
    }

    /// The header that removes what a browser began with.
    pub(super) fn drop_begun(&self) -> String {
        format!("{}={}; Max-Age=0", self.name("way"), self.flags())
    }

    /// Whether there is a cookie of a session, good or not.
    pub(super) fn has_session(&self, headers: &HeaderMap) -> bool {
        self.value(headers, "app").is_some()
    }

    /// The session that the cookie stands for, if we made it, for this app.
    pub(super) fn session(&self, keys: &Keys, headers: &HeaderMap) -> Option<SessionId> {
        let (id, tag) = self.value(headers, "app")?.split_once('.')?;
        let session: SessionId = id.parse().ok()?;
        let mut ours = keys.macs(Purpose::AppCookie, self.meaning(session).as_bytes());
        ours.any(|ours| same(tag.as_bytes(), hex(&ours).as_bytes())).then_some(session)
    }

    /// The header that keeps a session for this host, as long as the browser runs.
    pub(super) fn keep(&self, keys: &Keys, session: SessionId) -> String {
        format!("{}={session}.{}{}", self.name("app"), self.tag(keys, session), self.flags())
    }

    fn tag(&self, keys: &Keys, session: SessionId) -> String {
        hex(&keys.mac(Purpose::AppCookie, self.meaning(session).as_bytes()))
    }

    fn meaning(&self, session: SessionId) -> String {
        format!("{session} {}", self.app)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_good_for_its_app_and_its_jar_alone() {
        let keys = Keys::derive(b"sixteen bytes ..");
        let (tasks, dags) = (Slug("tasks".into()), Slug("dags".into()));
        let session: SessionId = uuid::Uuid::from_u128(7).into();
        let kept = Cookies::new(Jar::Secure, &tasks).keep(&keys, session);
        assert!(
            kept.starts_with("__Host-doorward-app-tasks=")
                && kept.contains("Secure")
                && kept.contains("HttpOnly")
                && !kept.contains("Domain")
        );
        let carry = |line: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, line.parse().unwrap());
            headers
        };
        let pair = kept.split(';').next().unwrap();
        assert_eq!(Cookies::new(Jar::Secure, &tasks).session(&keys, &carry(&format!("a=b; {pair}"))), Some(session));
        assert_eq!(Cookies::new(Jar::Loopback, &tasks).session(&keys, &carry(pair)), None);
        assert_eq!(Cookies::new(Jar::Secure, &dags).session(&keys, &carry(&pair.replace("tasks", "dags"))), None);
        assert_eq!(Cookies::new(Jar::Secure, &tasks).session(&Keys::derive(b"another secret .."), &carry(pair)), None);
    }
}
