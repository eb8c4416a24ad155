//! Where to go after signing in: only ever a path of this site.

/// Whether a browser would take `path` for an address of this very site: one leading slash, and
/// nothing that its parser strips or turns into another host (WHATWG URL, section 4.4).
#[must_use]
pub fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 2048
        && !path.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace())
        && !has_empty_host(path)
}

/// Whether dot segments are all that stands between the slash and another one: `/.//host` is
/// read as a path, but what repeats it in a header may not.
fn has_empty_host(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.contains("//")
}

/// The address to go to: `next` where it is a path of this site and not a page of signing in,
/// else Home.
#[must_use]
pub fn or_home(next: Option<&str>) -> String {
    next.filter(|path| is_local(path) && !is_entry(path)).unwrap_or("/").to_owned()
}

/// Whether the path is one of the pages around signing in, which nobody wants to come back to.
#[must_use]
pub fn is_entry(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    ["/login", "/logout", "/forgot", "/reset", "/setup"]
        .iter()
        .any(|entry| path.strip_prefix(entry).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// The sign-in page that leads back to `path`.
#[must_use]
pub fn login(path: &str) -> String {
    if path == "/" || !is_local(path) || is_entry(path) { "/login".into() } else { format!("/login?next={}", escaped(path)) }
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
            assert_eq!(or_home(Some(path)), "/");
        }
    }

    #[test]
    fn nobody_is_sent_back_to_the_sign_in_page() {
        assert_eq!(or_home(Some("/login?next=/login")), "/");
        assert_eq!(or_home(Some("/logout")), "/");
        assert_eq!(or_home(Some("/loginless")), "/loginless");
        assert_eq!(or_home(None), "/");
    }

    #[test]
    fn the_way_back_survives_the_query() {
        assert_eq!(login("/"), "/login");
        assert_eq!(login("/settings/users?role=admin&x=ä"), "/login?next=/settings/users%3Frole%3Dadmin%26x%3D%C3%A4");
        assert_eq!(login("//evil"), "/login");
    }
}
