//! Where Doorward stands on its host: at the root, or below a prefix like `/tasks/auth`. The addresses in
//! tables and in code are those of a door at the root.

/// An address of Doorward's own as a browser has to ask for it. The first page of a door below a prefix is
/// the prefix itself, without a slash; what is no path of this host (`mailto:`, `https:`, `#here`) stays.
#[must_use]
pub fn at(prefix: &str, path: &str) -> String {
    let rest = if prefix.is_empty() { None } else { path.strip_prefix('/') };
    match rest {
        None => path.to_owned(),
        Some(rest) if rest.is_empty() || rest.starts_with(['?', '#']) => [prefix, rest].concat(),
        Some(_) => [prefix, path].concat(),
    }
}

/// The path of this address, without its query, as a door at the root has it; nothing where the address is
/// not below the prefix.
#[must_use]
pub fn inside<'a>(prefix: &str, address: &'a str) -> Option<&'a str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    match path.strip_prefix(prefix)? {
        "" => Some("/"),
        rest => Some(rest).filter(|rest| rest.starts_with('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_moves_below_the_prefix() {
        for (path, moved) in [
            ("/", "/tasks/auth"),
            ("/?x=1", "/tasks/auth?x=1"),
            ("/#x", "/tasks/auth#x"),
            ("/login", "/tasks/auth/login"),
            ("/login?next=/tasks", "/tasks/auth/login?next=/tasks"),
            ("https://a.example/b", "https://a.example/b"),
            ("mailto:a@b.example", "mailto:a@b.example"),
            ("#main", "#main"),
            ("?x=1", "?x=1"),
        ] {
            assert_eq!(at("/tasks/auth", path), moved);
            assert_eq!(at("", path), path, "at the root everything stays");
        }
    }

    #[test]
    fn what_is_below_the_prefix_is_known_by_whole_segments() {
        for (address, path) in [
            ("/tasks/auth", Some("/")),
            ("/tasks/auth/", Some("/")),
            ("/tasks/auth?x=1", Some("/")),
            ("/tasks/auth/login?next=/tasks", Some("/login")),
            ("/tasks/author", None),
            ("/tasks", None),
            ("/", None),
        ] {
            assert_eq!(inside("/tasks/auth", address), path, "{address}");
        }
        assert_eq!(inside("", "/"), Some("/"));
        assert_eq!(inside("", "/login?x=1"), Some("/login"));
        assert_eq!(inside("", "login"), None);
    }
}
