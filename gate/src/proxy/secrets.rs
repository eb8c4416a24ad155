//! Our own credentials in what a client sent: no upstream ever sees one.

use crate::{
    gate::Gate,
    issuers::{self, Issuers},
    keys::START,
    secret::Keys,
    sessions::access,
};
use http::{HeaderMap, HeaderValue, header};
use std::borrow::Cow;

/// What the texts of ours begin with that are no access tokens: keys, tickets, refresh tokens.
const STARTS: [&str; 3] = [START, "dwt_", "dwr_"];

/// Tells our credentials from others'.
pub(crate) struct Secrets<'a> {
    keys: &'a Keys,
    issuers: Option<&'a Issuers>,
}

impl<'a> Secrets<'a> {
    /// By all that this gate gives out, or takes from trusted issuers.
    pub(crate) fn of(gate: &'a Gate) -> Self {
        Self { keys: gate.keys(), issuers: Some(gate.issuers()) }
    }

    /// By what is signed with these keys alone.
    #[cfg(test)]
    pub(crate) const fn new(keys: &'a Keys) -> Self {
        Self { keys, issuers: None }
    }

    /// Whether a text is a credential of ours, good or not.
    pub(super) fn is_ours(&self, text: &str) -> bool {
        let text = text.trim();
        STARTS.iter().any(|start| text.starts_with(start))
            || access::is_of_ours(self.keys, text)
            || self.issuers.is_some_and(|all| issuers::is_ours(all, text))
    }

    /// Whether a header's value is a key, a ticket or a refresh token of ours, whatever its name is.
    pub(super) fn is_key(&self, value: &HeaderValue) -> bool {
        STARTS.iter().any(|start| value.as_bytes().starts_with(start.as_bytes()))
    }

    /// Whether this `Authorization` is for us, whatever scheme it is said to be of.
    pub(crate) fn is_ours_in_authorization(&self, value: &HeaderValue) -> bool {
        let text = String::from_utf8_lossy(value.as_bytes());
        text.split([' ', ',', '=', '"', '\t']).any(|word| !word.is_empty() && self.is_ours(word))
    }

    /// The cookies that are not ours, as one header: HTTP/2 may send them in several.
    pub(crate) fn others_cookies(&self, sent: &HeaderMap) -> Option<HeaderValue> {
        let mut kept: Vec<&[u8]> = Vec::new();
        for line in sent.get_all(header::COOKIE) {
            let pairs = line.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            kept.extend(pairs.filter(|pair| {
                let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
                !pair.is_empty() && !is_our_cookie(&String::from_utf8_lossy(name))
            }));
        }
        (!kept.is_empty()).then(|| HeaderValue::from_bytes(&kept.join(&b"; "[..])).ok()).flatten()
    }

    /// The query without what is ours in it; nothing where nothing is left.
    pub(crate) fn others_query<'q>(&self, query: &'q str) -> Option<Cow<'q, str>> {
        if !["dw", "ey", "%"].iter().any(|sign| query.contains(sign)) {
            return Some(Cow::Borrowed(query));
        }
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| {
                let value = pair.split_once('=').map_or(*pair, |(_, value)| value);
                let decoded = form_urlencoded::parse(value.as_bytes()).next().map(|(text, _)| text.into_owned()).unwrap_or_default();
                !self.is_ours(&decoded)
            })
            .collect();
        (!kept.is_empty()).then(|| Cow::Owned(kept.join("&")))
    }
}

/// Whether a cookie of this name is ours: all of ours begin alike, with or without a prefix that
/// browsers give a meaning.
pub(super) fn is_our_cookie(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    let bare = name.strip_prefix("__host-").or_else(|| name.strip_prefix("__secure-")).unwrap_or(&name);
    super::headers::fold(bare).starts_with("doorward")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::derive(b"sixteen bytes ..")
    }

    #[test]
    fn our_cookies_are_known_in_every_jar() {
        for name in
            ["doorward", "__Host-doorward", "doorward-insecure", "doorward-device", "__Host-doorward-app-x", "DOORWARD", " doorward"]
        {
            assert!(is_our_cookie(name), "{name}");
        }
        for name in ["session", "adoorward", "__Host-session", "csrftoken"] {
            assert!(!is_our_cookie(name), "{name}");
        }
    }

    /// PRX-149
    #[test]
    fn only_the_cookies_of_others_are_left() {
        let keys = keys();
        let secrets = Secrets::new(&keys);
        let mut headers = HeaderMap::new();
        headers.append("cookie", HeaderValue::from_static("a=1; doorward=x; b=\"2; doorward-app-x=y\";; c"));
        headers.append("cookie", HeaderValue::from_static("d=4"));
        assert_eq!(secrets.others_cookies(&headers).unwrap(), "a=1; b=\"2; c; d=4");
        headers.clear();
        headers.append("cookie", HeaderValue::from_static("__Host-doorward=x"));
        assert_eq!(secrets.others_cookies(&headers), None);
    }

    /// PRX-149, TOK-061
    #[test]
    fn what_is_ours_leaves_the_query() {
        let keys = keys();
        let secrets = Secrets::new(&keys);
        for (query, kept) in [
            ("a=1&token=dwt_x&b=2", Some("a=1&b=2")),
            ("token=dwt_x", None),
            ("api_key=dw_abc", None),
            ("t=%64wt_x", None),
            ("dw=1&x=eyJub3QifQ", Some("dw=1&x=eyJub3QifQ")),
            ("a=b%20c&a", Some("a=b%20c&a")),
        ] {
            assert_eq!(secrets.others_query(query).as_deref(), kept, "{query}");
        }
    }

    #[test]
    fn the_credentials_of_others_are_left_alone() {
        let keys = keys();
        let secrets = Secrets::new(&keys);
        for text in ["Basic dXNlcjpwYXNz", "Bearer abc", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", "Digest username=\"x\""] {
            assert!(!secrets.is_ours_in_authorization(&HeaderValue::from_str(text).unwrap()), "{text}");
        }
        for text in ["Bearer dw_abc", "bearer  dwr_x", "Token dwt_x", "Foo token=\"dw_x\""] {
            assert!(secrets.is_ours_in_authorization(&HeaderValue::from_str(text).unwrap()), "{text}");
        }
    }
}
