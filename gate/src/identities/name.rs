//! Names for accounts and workspaces that nobody was asked about.

use crate::users::name::username_key;
use wire::check;

/// A username out of what is known of somebody, the first of these that makes one.
pub(super) fn username<'a>(known: impl IntoIterator<Item = &'a str>) -> String {
    known.into_iter().find_map(fitting).unwrap_or_else(|| "user".into())
}

/// The text as a username: without what follows an `@`, without what a username can not have.
fn fitting(text: &str) -> Option<String> {
    let local = text.split('@').next().unwrap_or_default().trim();
    let mut name = String::new();
    for c in local.chars() {
        if name.chars().count() == 48 {
            break;
        }
        let is_plain = c.is_alphanumeric() && !check::is_invisible(c) || (matches!(c, '.' | '_' | '-' | '+') && !name.is_empty());
        match c {
            c if is_plain => name.push(c),
            c if c.is_whitespace() && !name.is_empty() && !name.ends_with('.') => name.push('.'),
            _ => {}
        }
    }
    let name = name.trim_end_matches(['.', '-', '_', '+']).to_owned();
    (!name.is_empty() && check::username(&name).is_none() && !username_key(&name).is_empty()).then_some(name)
}

/// The slug of a workspace for somebody of this username.
pub(super) fn slug(username: &str) -> String {
    let plain: String = username.to_ascii_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(24).collect();
    let slug = plain.trim_matches('-');
    if slug.starts_with(|c: char| c.is_ascii_lowercase()) { slug.to_owned() } else { format!("w-{slug}").trim_end_matches('-').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wire::workspaces::Slug;

    #[test]
    fn a_username_is_made_of_the_first_that_fits() {
        assert_eq!(username(["mara@example.com", "x"]), "mara");
        assert_eq!(username(["", "@", "Mara Lindqvist"]), "Mara.Lindqvist");
        assert_eq!(username(["auth0|5f7c8ec7c33c6c004bbafe82"]), "auth05f7c8ec7c33c6c004bbafe82");
        assert_eq!(username(["../x", "b"]), "x");
        assert_eq!(username(["\u{3164}", "<>"]), "user");
    }

    proptest! {
        #[test]
        fn whatever_is_known_makes_a_username_and_a_slug(text in ".{0,80}") {
            let name = username([text.as_str()]);
            prop_assert_eq!(check::username(&name), None);
            prop_assert_eq!(Slug(slug(&name)).problem(), None);
        }
    }
}
