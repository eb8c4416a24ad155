//! Checks of what a person typed: the same code warns in the browser and refuses on the server.

use crate::failure::{Failure, FieldError};

/// Input that can say what is wrong with it.
pub trait Check {
    /// The fields that are wrong, and how to write them; empty when all is well.
    fn problems(&self) -> Vec<FieldError>;

    /// The problems as the failure that a client gets.
    ///
    /// # Errors
    /// `invalid` (422) with one entry for each wrong field.
    fn check(&self) -> Result<(), Failure> {
        match self.problems() {
            problems if problems.is_empty() => Ok(()),
            problems => Err(Failure::invalid(problems)),
        }
    }
}

/// What is wrong with a user name, if anything.
#[must_use]
pub fn username(name: &str) -> Option<String> {
    let length = name.chars().count();
    if length == 0 {
        return Some("Enter a username.".into());
    }
    if length > 64 {
        return Some(format!("A username has at most 64 characters; this has {length}."));
    }
    if name.contains(char::is_whitespace) {
        let joined = name.split_whitespace().collect::<Vec<_>>().join(".").to_lowercase();
        return Some(if joined.is_empty() {
            "Usernames can't be blank.".into()
        } else {
            format!("Usernames can't contain spaces. Try {joined}.")
        });
    }
    if name.contains('@') {
        return Some("A username has no @. Put the address into Email; it signs in just as well.".into());
    }
    if !name.chars().next().is_some_and(char::is_alphanumeric) {
        return Some("A username starts with a letter or a digit.".into());
    }
    // Some fillers count as letters, and show nothing.
    let strange = name.chars().find(|c| is_invisible(*c) || (!c.is_alphanumeric() && !matches!(c, '.' | '_' | '-' | '+')));
    strange.map(|c| {
        let shown = if c.is_ascii_graphic() { format!("“{c}”") } else { format!("the character U+{:04X}", u32::from(c)) };
        format!("A username can't contain {shown}. Letters, digits, and . _ - + are fine.")
    })
}

/// What is wrong with an email address, if anything. It only has to be plausible: mail proves it.
#[must_use]
pub fn email(address: &str) -> Option<String> {
    let plausible = address.len() <= 254
        && !address.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | '"'))
        && address.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !local.contains('@')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !domain.contains("..")
                && !domain.is_empty()
        });
    (!plausible).then(|| "This is not an email address. Write it like mara@example.com.".into())
}

/// What is wrong with a name for display, if anything.
#[must_use]
pub fn display_name(name: &str) -> Option<String> {
    if name.chars().count() > 100 {
        return Some("A display name has at most 100 characters.".into());
    }
    name.chars().any(is_invisible).then(|| "A display name can't contain control or invisible characters.".into())
}

/// Whether a character could hide or reorder text: controls, zero-width ones, direction overrides,
/// fillers.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{00ad}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// Collects the problems of several fields.
#[derive(Default)]
pub(crate) struct Problems(Vec<FieldError>);

impl Problems {
    /// Adds what is wrong with `field`, if anything.
    pub(crate) fn field(mut self, field: &str, problem: Option<String>) -> Self {
        self.0.extend(problem.map(|message| FieldError { field: field.into(), message }));
        self
    }

    pub(crate) fn all(self) -> Vec<FieldError> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names_pass() {
        for name in ["a", "mara.lindqvist", "Zoë", "山田", "x_1-2+3"] {
            assert_eq!(username(name), None, "{name}");
        }
    }

    #[test]
    fn bad_names_say_how_to_write_them() {
        assert_eq!(username("Mara Lindqvist").as_deref(), Some("Usernames can't contain spaces. Try mara.lindqvist."));
        for name in ["", "../x", "a\u{200b}b", "mara\u{3164}", "a@b.c", "-a", "a/b", "a\0b", &"a".repeat(65)] {
            assert!(username(name).is_some(), "{name:?}");
        }
    }

    #[test]
    fn addresses_are_plausible() {
        assert_eq!(email("mara@example.com"), None);
        for address in ["", "mara", "@example.com", "mara@", "a b@c.d", "a@b@c", "a@.b"] {
            assert!(email(address).is_some(), "{address:?}");
        }
    }
}
