//! The text of a key: `dw_`, eight characters that are public, `_`, 43 characters of 256 bits, and
//! six of a checksum over all that stands before. A typo, and what was never a key, is told from a
//! real one without a look into the database.

use crate::random::Random;

/// What every key begins with; no other secret of ours does.
pub(crate) const START: &str = "dw_";
const PREFIX: usize = 8;
const SECRET: usize = 43;
const CHECKSUM: usize = 6;
/// Bytes before the checksum.
const BODY: usize = START.len() + PREFIX + 1 + SECRET;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Bytes from here on would make some characters likelier than others.
const FAIR: u8 = 248;

/// The parts of a key's text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyText<'a> {
    /// What it is found by.
    pub(crate) prefix: &'a str,
    /// What it is proved by.
    pub(crate) secret: &'a str,
}

/// Takes a text apart; nothing when it was never a key, or was mistyped.
pub(crate) fn parse(text: &str) -> Option<KeyText<'_>> {
    // Each place is a byte from here on, whatever the text is.
    if text.len() != BODY + CHECKSUM || !text.is_ascii() {
        return None;
    }
    let (body, checksum) = text.split_at(BODY);
    let (prefix, secret) = body.strip_prefix(START)?.split_at(PREFIX);
    let secret = secret.strip_prefix('_')?;
    let is_plain = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric());
    (is_plain(prefix) && is_plain(secret) && checksum == checksum_of(body)).then_some(KeyText { prefix, secret })
}

/// The whole text of a key.
pub(crate) fn write(prefix: &str, secret: &str) -> String {
    let body = format!("{START}{prefix}_{secret}");
    let checksum = checksum_of(&body);
    body + &checksum
}

/// A new public part.
pub(crate) fn new_prefix(random: &dyn Random) -> String {
    draw(random, PREFIX)
}

/// A new secret part.
pub(crate) fn new_secret(random: &dyn Random) -> String {
    draw(random, SECRET)
}

/// So many characters, each as likely as any other.
fn draw(random: &dyn Random, length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 64];
    while text.len() < length {
        random.fill(&mut bytes);
        let fair = bytes.iter().filter(|byte| **byte < FAIR).map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        text.extend(fair.take(length - text.len()));
    }
    text
}

/// CRC-32 in base 62, the highest digit first.
fn checksum_of(body: &str) -> String {
    let mut rest = u64::from(crc32fast::hash(body.as_bytes()));
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[usize::try_from(rest % 62).unwrap_or(0)];
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seeded;
    use proptest::prelude::*;

    fn key() -> String {
        let random = Seeded::new(1);
        write(&new_prefix(&random), &new_secret(&random))
    }

    #[test]
    fn a_key_has_its_parts_at_their_places() {
        let key = key();
        assert_eq!(key.len(), 61);
        let text = parse(&key).unwrap();
        assert_eq!((text.prefix, text.secret), (&key[3..11], &key[12..55]));
        assert_eq!(write(text.prefix, text.secret), key);
    }

    /// The check value of CRC-32 as it is commonly listed (IEEE 802.3), so that other programs can
    /// check our keys too.
    #[test]
    fn the_checksum_is_the_common_one() {
        assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
        assert_eq!(checksum_of("123456789"), "3jZRME");
    }

    #[test]
    fn a_typo_in_any_character_is_caught() {
        let key = key();
        for at in 0..key.len() {
            for other in ALPHABET.iter().chain(b"_-. ").filter(|other| **other != key.as_bytes()[at]) {
                let mut typo = key.clone().into_bytes();
                typo[at] = *other;
                assert!(parse(std::str::from_utf8(&typo).unwrap()).is_none(), "{at} {other}");
            }
        }
    }

    #[test]
    fn two_characters_that_changed_places_are_caught() {
        let key = key();
        for at in 0..key.len() - 1 {
            let mut swapped = key.clone().into_bytes();
            swapped.swap(at, at + 1);
            assert!(swapped == key.as_bytes() || parse(std::str::from_utf8(&swapped).unwrap()).is_none(), "{at}");
        }
    }

    #[test]
    fn no_two_keys_are_alike() {
        let random = Seeded::new(1);
        let keys: std::collections::HashSet<_> = (0..1000).map(|_| new_secret(&random)).collect();
        assert_eq!(keys.len(), 1000);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seed in any::<u64>()) {
            let random = Seeded::new(seed);
            let (prefix, secret) = (new_prefix(&random), new_secret(&random));
            let text = write(&prefix, &secret);
            prop_assert!(parse(&text).is_some_and(|parsed| parsed.prefix == prefix && parsed.secret == secret));
        }

        #[test]
        fn junk_is_nothing_and_never_panics(text in "(dw_)?[0-9A-Za-z]{0,8}_?.{0,60}") {
            prop_assert!(parse(&text).is_none());
        }

        #[test]
        fn a_cut_or_longer_key_is_nothing(cut in 0_usize..61, more in "[0-9A-Za-z]{1,8}") {
            let key = key();
            prop_assert!(parse(&key[..cut]).is_none());
            prop_assert!(parse(&(key.clone() + &more)).is_none());
            prop_assert!(parse(&(more + &key)).is_none());
        }
    }
}
