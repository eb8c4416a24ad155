//! Where to go after signing in: only ever a path of this site.

use wire::prefix::{at, inside};

pub use wire::next::{escaped, is_local};

/// The address to go to from a door below this prefix: `next` where it is a path of this site and not a
/// page of signing in, else Home.
#[must_use]
pub fn or_home(prefix: &str, next: Option<&str>) -> String {
    next.filter(|address| is_local(address) && !is_entry(prefix, address)).map_or_else(|| at(prefix, "/"), str::to_owned)
}

/// Whether the address is one of the pages around signing in, which nobody wants to come back to.
#[must_use]
pub fn is_entry(prefix: &str, address: &str) -> bool {
    let Some(path) = inside(prefix, address) else { return false };
    ["/login", "/logout", "/forgot", "/reset", "/setup"]
        .iter()
        .any(|entry| path.strip_prefix(entry).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// The path of the sign-in page that leads back to an address.
#[must_use]
pub fn login(prefix: &str, address: &str) -> String {
    let is_usual = address == at(prefix, "/") || !is_local(address) || is_entry(prefix, address);
    if is_usual { "/login".into() } else { format!("/login?next={}", escaped(address)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_elsewhere_leads_home() {
        for path in ["//e", "/\\e", "https://e", "/\te", "javascript:alert(1)", ""] {
            assert_eq!(or_home("", Some(path)), "/", "{path:?}");
            assert_eq!(or_home("/tasks/auth", Some(path)), "/tasks/auth", "{path:?}");
        }
    }

    #[test]
    fn nobody_is_sent_back_to_the_sign_in_page() {
        assert_eq!(or_home("", Some("/login?next=/login")), "/");
        assert_eq!(or_home("", Some("/logout")), "/");
        assert_eq!(or_home("", Some("/loginless")), "/loginless");
        assert_eq!(or_home("", None), "/");
        assert_eq!(or_home("/tasks/auth", Some("/tasks/auth/login")), "/tasks/auth");
        assert_eq!(or_home("/tasks/auth", Some("/tasks")), "/tasks", "the site around the door");
        assert_eq!(or_home("/tasks/auth", Some("/login")), "/login", "a page of that site");
    }

    #[test]
    fn the_way_back_survives_the_query() {
        assert_eq!(login("", "/"), "/login");
        assert_eq!(login("", "/settings/users?role=admin&x=ä"), "/login?next=/settings/users%3Frole%3Dadmin%26x%3D%C3%A4");
        assert_eq!(login("", "//evil"), "/login");
        assert_eq!(login("/tasks/auth", "/tasks/auth"), "/login");
        assert_eq!(login("/tasks/auth", "/tasks/auth/apps"), "/login?next=/tasks/auth/apps");
    }
}
