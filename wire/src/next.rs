//! Addresses that somebody is sent on to: only ever a path of the site that sends.

/// The most bytes of such a path.
const LONGEST: usize = 2048;

/// Whether a browser would take `path` for an address of the very site that it is on: one leading
/// slash, and nothing that its parser strips or turns into another host (WHATWG URL, section 4.4).
#[must_use]
pub fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= LONGEST
        && !path.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace())
        && !has_empty_host(path)
}

/// Whether dot segments are all that stands between the slash and another one: `/.//host` is
/// read as a path, but what repeats it in a header may not.
fn has_empty_host(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.contains("//")
}

/// A text as it stands in a query (RFC 3986, section 3.4).
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(byte.into());
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(|n| char::from(b"0123456789ABCDEF"[usize::from(n)])));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_this_site_is_taken() {
        for path in ["/", "/settings/users", "/settings/users?role=admin&query=a%20b", "/profile#password", "/?next=https://x.example"] {
            assert!(is_local(path), "{path}");
        }
    }

    /// OID-133
    #[test]
    fn what_leads_elsewhere_is_not() {
        for path in [
            "",
            "e",
            "//e",
            "///e",
            "/\\e",
            "\\e",
            "\\\\e",
            "/\te",
            "/\r\n/e",
            "/\u{b}/e",
            "/./\\e",
            "/a/..//e",
            "/.//e",
            "https:e",
            "https://host@e",
            "javascript:alert(1)",
            "data:text/html,x",
            "〱e",
            " /e",
            "/ /e",
            "/\u{a0}e",
            "/\0",
        ] {
            assert!(!is_local(path), "{path:?}");
        }
    }
}
