//! Names of headers, by what they do to the one who believes them.

use http::{HeaderMap, header};
use std::borrow::Cow;

/// A name in the form in which names are compared: lower case, with `-` for `_` and `.`.
pub(crate) fn fold(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| !byte.is_ascii_uppercase() && byte != b'_' && byte != b'.') {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.chars().map(|c| if c == '_' || c == '.' { '-' } else { c.to_ascii_lowercase() }).collect())
}

/// The names that the client's `Connection` lists, folded: they are for the next hop alone
/// (RFC 9110, section 7.6.1).
pub(super) fn listed(headers: &HeaderMap) -> Vec<Cow<'_, str>> {
    let lines = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|name| fold(name.trim())).filter(|name| !name.is_empty()).collect()
}

/// Whether a header is for the next hop alone, listed or not.
pub(super) fn is_hop_by_hop(folded: &str) -> bool {
    matches!(folded, "connection" | "keep-alive" | "te" | "transfer-encoding" | "upgrade" | "http2-settings" | "alt-used")
        || folded == "proxy"
        || folded.starts_with("proxy-")
}

/// Whether a header shapes the message itself, so that it counts in its one true spelling alone.
pub(super) fn is_structural(folded: &str) -> bool {
    matches!(
        folded,
        "host"
            | "content-length"
            | "content-type"
            | "content-encoding"
            | "cookie"
            | "authorization"
            | "expect"
            | "origin"
            | "referer"
            | "range"
    ) || folded.starts_with("sec-")
}

/// What names one header, or with a `*` all that begin so.
const SPEAKING: &[&str] = &[
    // Ours.
    "x-doorward-*",
    "doorward-*",
    "remote-*",
    "x-remote-*",
    // Where a request comes from, and what was asked for.
    "forwarded",
    "x-forwarded",
    "x-forwarded-*",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "fastly-client-ip",
    "client-ip",
    "x-host",
    "x-scheme",
    "x-url-scheme",
    "front-end-https",
    "x-original-*",
    "x-rewrite-url",
    "x-request-id",
    // A method other than the one that was judged.
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    // Who somebody is, as others say it.
    "x-auth-request-*",
    "x-auth-user*",
    "x-auth-email",
    "x-auth-name",
    "x-auth-role*",
    "x-auth-group*",
    "x-authenticated-*",
    "x-authentik-*",
    "x-webauth-*",
    "x-user",
    "x-user-id",
    "x-user-name",
    "x-user-email",
    "x-user-role*",
    "x-user-group*",
    "x-username",
    "x-email",
    "x-role",
    "x-roles",
    "x-groups",
    "x-proxy-*",
    "x-sso-*",
    "x-pomerium-*",
    "x-vouch-*",
    "x-token-*",
    "x-goog-authenticated-*",
    "x-goog-iap-*",
    "x-ms-client-principal*",
    "x-ms-token-*",
    "x-amzn-oidc-*",
    "x-ssl-*",
    "ssl-client-*",
    "x-client-cert*",
    "client-cert*",
    "cf-access-*",
    "tailscale-user-*",
    "oidc-*",
    "auth-user",
];

/// Whether a header says something that only we may say: who the caller is, where the request comes
/// from, or that it is another one.
pub(super) fn speaks_for_us(folded: &str) -> bool {
    let first = folded.as_bytes().first();
    SPEAKING.iter().filter(|name| name.as_bytes().first() == first).any(|name| match name.strip_suffix('*') {
        Some(start) => folded.starts_with(start),
        None => folded == *name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_some_servers_take_for_one_are_one() {
        for name in ["X-Doorward-User", "x_doorward_user", "X.Doorward.User", "x-DOORWARD_user"] {
            assert_eq!(fold(name), "x-doorward-user");
        }
        assert!(matches!(fold("accept"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_speaks_for_us_is_known_and_other_headers_are_left_alone() {
        for name in
            ["x-doorward-user", "remote-user", "x-forwarded-for", "x-webauth-user", "x-auth-request-email", "x-http-method-override"]
        {
            assert!(speaks_for_us(name), "{name}");
        }
        for name in ["accept", "x-auth-token", "x-csrf-token", "user-agent", "x-requested-with", "x-api-key", "range", "last-event-id"] {
            assert!(!speaks_for_us(name) && !is_hop_by_hop(name), "{name}");
        }
    }
}
