//! Our cookies. The session's holds three parts: the session's id, a constant secret that binds
//! access tokens to this browser, and the refresh secret, which changes with every refresh.

use crate::{
    hash,
    secret::{Keys, Purpose},
};
use http::{HeaderMap, header};
use wire::{SessionId, UserId};

/// How a connection lets a cookie be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jar {
    /// Encrypted: `__Host-`, Secure.
    Secure,
    /// Plain, on the server's own machine.
    Loopback,
    /// Plain, across a network, because the operator said so.
    Insecure,
}

impl Jar {
    const fn session(self) -> &'static str {
        match self {
            Self::Secure => "__Host-doorward",
            Self::Loopback => "doorward",
            Self::Insecure => "doorward-insecure",
        }
    }

    const fn device(self) -> &'static str {
        match self {
            Self::Secure => "__Host-doorward-device",
            Self::Loopback => "doorward-device",
            Self::Insecure => "doorward-device-insecure",
        }
    }

    const fn flags(self) -> &'static str {
        match self {
            Self::Secure => "; Path=/; HttpOnly; SameSite=Lax; Secure",
            Self::Loopback | Self::Insecure => "; Path=/; HttpOnly; SameSite=Lax",
        }
    }
}

/// The session's cookie, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionCookie {
    /// Which session.
    pub session: SessionId,
    /// The constant secret.
    pub binding: String,
    /// The secret that gets the next pair of tokens.
    pub refresh: String,
}

impl std::fmt::Debug for SessionCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionCookie").field("session", &self.session).finish_non_exhaustive()
    }
}

/// Our cookies that came with a request.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    /// The session's.
    pub session: Option<SessionCookie>,
    /// The device's, unread.
    pub(crate) device: Option<String>,
    /// Where they are kept.
    pub(crate) jar: Option<Jar>,
}

/// Remembered for a year; a device is only ever known, never let in by it.
const DEVICE_AGE: u64 = 365 * 24 * 60 * 60;

impl Carried {
    /// Reads our cookies of this jar; those of another are not looked at.
    #[must_use]
    pub fn read(headers: &HeaderMap, jar: Jar) -> Self {
        let mut carried = Self { jar: Some(jar), ..Self::default() };
        let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
        for (name, value) in pairs.filter_map(|pair| pair.trim().split_once('=')) {
            // The first of a name counts: a browser sends the most specific one first.
            if name == jar.session() && carried.session.is_none() {
                carried.session = parse(value);
            } else if name == jar.device() && carried.device.is_none() {
                carried.device = Some(value.to_owned());
            }
        }
        carried
    }

    fn jar(&self) -> Jar {
        self.jar.unwrap_or(Jar::Secure)
    }

    /// The header that keeps the session's cookie; for `seconds`, or as long as the browser runs.
    #[must_use]
    pub fn keep(&self, cookie: &SessionCookie, seconds: Option<u64>) -> String {
        let jar = self.jar();
        let age = seconds.map(|s| format!("; Max-Age={s}")).unwrap_or_default();
        format!("{}={}.{}.{}{}{age}", jar.session(), cookie.session, cookie.binding, cookie.refresh, jar.flags())
    }

    /// The header that removes the session's cookie.
    #[must_use]
    pub fn drop_session(&self) -> String {
        format!("{}={}; Max-Age=0", self.jar().session(), self.jar().flags())
    }

    /// The name of a cookie that is kept beside the session's.
    pub(crate) fn name_beside(&self, name: &str) -> String {
        format!("{}-{name}", self.jar().session())
    }

    /// A header that keeps a cookie beside the session's for `seconds`.
    pub(crate) fn keep_beside(&self, name: &str, value: &str, seconds: u64) -> String {
        format!("{}={value}{}; Max-Age={seconds}", self.name_beside(name), self.jar().flags())
    }

    /// The header that removes it.
    pub(crate) fn drop_beside(&self, name: &str) -> String {
        self.keep_beside(name, "", 0)
    }

    /// A header that removes a cookie that nobody has, named and kept as the session's would be.
    pub(crate) fn sample(&self) -> String {
        format!("{}-sample={}; Max-Age=0", self.jar().session(), self.jar().flags())
    }

    /// The header that lets this device be known for the user.
    #[must_use]
    pub fn keep_device(&self, keys: &Keys, user: UserId) -> String {
        let jar = self.jar();
        format!("{}={user}.{}{}; Max-Age={DEVICE_AGE}", jar.device(), device_tag(keys, user), jar.flags())
    }

    /// Whether this user signed in on this device before.
    #[must_use]
    pub fn knows(&self, keys: &Keys, user: UserId) -> bool {
        let Some((id, tag)) = self.device.as_deref().and_then(|value| value.split_once('.')) else { return false };
        let mut ours = keys.macs(Purpose::Device, user.0.as_bytes());
        id.parse::<UserId>().is_ok_and(|id| id == user) && ours.any(|ours| hash::same(tag.as_bytes(), hash::hex(&ours).as_bytes()))
    }
}

fn device_tag(keys: &Keys, user: UserId) -> String {
    hash::hex(&keys.mac(Purpose::Device, user.0.as_bytes()))
}

fn parse(value: &str) -> Option<SessionCookie> {
    let mut parts = value.split('.');
    let (session, binding, refresh) = (parts.next()?, parts.next()?, parts.next()?);
    let is_secret = |text: &str| text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if parts.next().is_some() || !is_secret(binding) || !is_secret(refresh) {
        return None;
    }
    Some(SessionCookie { session: session.parse().ok()?, binding: binding.to_owned(), refresh: refresh.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn carried(line: &str) -> Carried {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, line.parse().unwrap());
        Carried::read(&headers, Jar::Loopback)
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let cookie = SessionCookie { session: uuid::Uuid::nil().into(), binding: "b".repeat(43), refresh: "r".repeat(43) };
        let header = carried("x=y").keep(&cookie, None);
        let pair = header.split(';').next().unwrap();
        assert_eq!(carried(&format!("a=b; {pair}; c=d")).session, Some(cookie));
        assert!(header.contains("HttpOnly") && header.contains("SameSite=Lax") && !header.contains("Domain"));
    }

    #[test]
    fn a_cookie_of_another_jar_is_not_looked_at() {
        let value = format!("{}.{}.{}", uuid::Uuid::nil(), "b".repeat(43), "r".repeat(43));
        assert!(carried(&format!("doorward={value}")).session.is_some());
        assert!(carried(&format!("__Host-doorward={value}")).session.is_none());
    }

    #[test]
    fn a_device_is_known_for_its_user_alone() {
        let keys = Keys::derive(b"sixteen bytes ..");
        let (ada, bob): (UserId, UserId) = (uuid::Uuid::from_u128(1).into(), uuid::Uuid::from_u128(2).into());
        let header = carried("x=y").keep_device(&keys, ada);
        let known = carried(header.split(';').next().unwrap());
        assert!(known.knows(&keys, ada));
        assert!(!known.knows(&keys, bob));
    }

    proptest! {
        #[test]
        fn no_header_panics(line in "[ -~]{0,200}") {
            let _ = carried(&line);
        }
    }
}
