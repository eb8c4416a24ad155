//! Where to go after signing in: only ever a path of this site.

pub use wire::next::{escaped, is_local};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_elsewhere_leads_home() {
        for path in ["//e", "/\\e", "https://e", "/\te", "javascript:alert(1)", ""] {
            assert_eq!(or_home(Some(path)), "/", "{path:?}");
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
