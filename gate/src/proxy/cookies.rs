//! The two cookies of an app's host: the one that a browser begins with, and the one that stands for
//! the session. Both are for that host alone, and both name the app, for hosts do not part by port.

use crate::{
    gate::Gate,
    hash::{hex, same},
    memory::Memory,
    secret::{Keys, Purpose},
    sessions::cookie::Jar,
};
use http::{HeaderMap, header};
use wire::{SessionId, workspaces::Slug};

/// How long a browser may take to sign in, in seconds.
const BEGUN: u32 = 15 * 60;

/// The app and the session that each cookie of ours stands for, by its text: it stands for the same until the
/// secret is another.
pub(crate) type Known = Memory<String, (Slug, SessionId)>;

/// The most cookies that are known without being verified again.
pub(crate) const MOST: usize = 20_000;

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

    /// Whether a cookie is called as [`Self::name`] says.
    fn is_named(&self, name: &str, what: &str) -> bool {
        let (start, end) = match self.jar {
            Jar::Secure => ("__Host-doorward-", ""),
            Jar::Loopback => ("doorward-", ""),
            Jar::Insecure => ("doorward-", "-insecure"),
        };
        let rest = name.strip_prefix(start).and_then(|rest| rest.strip_prefix(what)).and_then(|rest| rest.strip_prefix('-'));
        rest.and_then(|rest| rest.strip_prefix(self.app.0.as_str())) == Some(end)
    }

    fn value<'h>(&self, headers: &'h HeaderMap, what: &str) -> Option<&'h str> {
        let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
        pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| self.is_named(name, what)).map(|(_, value)| value)
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

    /// The cookie of a session, good or not.
    pub(super) fn kept<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        self.value(headers, "app")
    }

    /// The session that a cookie stands for, if we made it, for this app. Every request passes here.
    pub(super) fn session(&self, gate: &Gate, kept: &str) -> Option<SessionId> {
        let verified = || Some((self.app.clone(), self.verified(gate.keys(), kept)?));
        let known = gate.known_cookies().find_or_make(kept, verified)?;
        let (app, session) = &*known;
        (app == self.app).then_some(*session)
    }

    fn verified(&self, keys: &Keys, kept: &str) -> Option<SessionId> {
        let (id, tag) = kept.split_once('.')?;
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
    fn a_cookie_is_known_by_its_whole_name() {
        let app = Slug("tasks".into());
        for jar in [Jar::Secure, Jar::Loopback, Jar::Insecure] {
            let cookies = Cookies::new(jar, &app);
            assert!(cookies.is_named(&cookies.name("app"), "app"));
            assert!(!cookies.is_named(&cookies.name("way"), "app"));
            assert!(!cookies.is_named(&format!("{}2", cookies.name("app")), "app"));
            assert!(!cookies.is_named(&Cookies::new(jar, &Slug("task".into())).name("app"), "app"));
        }
    }

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
        let found = |jar, app, keys: &Keys, line: &str| {
            let (cookies, headers) = (Cookies::new(jar, app), carry(line));
            cookies.kept(&headers).and_then(|kept| cookies.verified(keys, kept))
        };
        assert_eq!(found(Jar::Secure, &tasks, &keys, &format!("a=b; {pair}")), Some(session));
        assert_eq!(found(Jar::Loopback, &tasks, &keys, pair), None);
        assert_eq!(found(Jar::Secure, &dags, &keys, &pair.replace("tasks", "dags")), None);
        assert_eq!(found(Jar::Secure, &tasks, &Keys::derive(b"another secret .."), pair), None);
    }
}
