//! Names as they are compared. What is shown is what was typed; these keys are what is unique, found
//! and sorted by.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// A username as it is compared: by compatibility and without case (Unicode 3.13, D146), so that
/// `MARA`, `Mara` and the fullwidth `ｍａｒａ` are one person.
#[must_use]
pub fn username_key(username: &str) -> String {
    username.nfd().default_case_fold().nfkd().default_case_fold().nfkc().collect()
}

/// An address as it is compared: in lower case.
#[must_use]
pub fn email_key(address: &str) -> String {
    address.nfc().collect::<String>().to_lowercase()
}

/// A name for display as a search compares it: like a username.
#[must_use]
pub fn display_key(name: &str) -> String {
    username_key(name.trim_start())
}

/// What somebody typed to sign in, as it is compared: only an address has an `@`.
#[must_use]
pub fn key(typed: &str) -> String {
    if typed.contains('@') { email_key(typed) } else { username_key(typed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_name_has_one_key_however_it_is_written() {
        for same in ["mara", "Mara", "MARA", "ｍａｒａ", "ＭＡＲＡ", "ℳara"] {
            assert_eq!(username_key(same), "mara", "{same}");
        }
        assert_eq!(username_key("Straße"), username_key("STRASSE"));
        assert_eq!(username_key("Zoe\u{308}"), username_key("ZO\u{cb}"));
        assert_eq!(username_key("ΟΔΟΣ"), username_key("οδος"));
        assert_ne!(username_key("mara"), username_key("mаra"), "the second has a Cyrillic letter");
    }

    #[test]
    fn an_address_is_told_from_a_username_by_its_at() {
        assert_eq!(key("Mara@Example.COM"), "mara@example.com");
        assert_eq!(key("Mara"), "mara");
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(text in "\\PC{0,20}") {
            prop_assert_eq!(username_key(&username_key(&text)), username_key(&text));
        }

        #[test]
        fn case_never_matters(text in "[a-zA-Zäöüßéñøåçğş._-]{1,20}") {
            prop_assert_eq!(username_key(&text.to_uppercase()), username_key(&text));
        }
    }
}
