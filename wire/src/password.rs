//! A light estimate of how easily a password is guessed, for the meter beside the field.
//!
//! The server's verdict (zxcvbn) decides; that one would add 700 KB to the browser's bundle. The
//! two share the scale, 0 to 4, and 3 is enough.

/// The score from which a password is taken.
pub const ENOUGH: u8 = 3;
/// The fewest bytes of a password, unless configured higher.
pub const MIN_BYTES: usize = 8;
/// The most bytes of a password; longer input is refused before it is hashed.
pub const MAX_BYTES: usize = 1024;

/// What is wrong with a password's size, if anything.
#[must_use]
pub fn size_problem(password: &str) -> Option<String> {
    if password.is_empty() {
        Some("Enter a password.".into())
    } else if password.len() < MIN_BYTES {
        Some(format!("A password has at least {MIN_BYTES} characters."))
    } else if password.len() > MAX_BYTES {
        Some(format!("A password has at most {MAX_BYTES} bytes."))
    } else {
        None
    }
}

/// Words that guessers try first; enough to keep the meter honest about the worst ones.
const COMMON: &[&str] = &[
    "password", "passwort", "letmein", "welcome", "qwerty", "qwertz", "azerty", "admin", "secret", "iloveyou", "monkey", "dragon",
    "football", "baseball", "sunshine", "princess", "master", "shadow", "superman", "batman", "trustno1", "changeme", "doorward", "abc123",
    "login", "hello", "freedom", "whatever", "test",
];

/// How hard the password is to guess, 0 to 4; `about` holds what a guesser knows: name, address.
#[must_use]
pub fn estimate(password: &str, about: &[&str]) -> u8 {
    if password.len() < MIN_BYTES {
        return 0;
    }
    let lower = password.to_lowercase();
    let mut rest = lower.clone();
    let known = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric())).filter(|word| word.len() > 2);
    for word in known.map(str::to_lowercase).chain(COMMON.iter().map(|word| (*word).to_owned())) {
        rest = rest.replace(&word, "\u{1}");
    }
    // Each character adds what a guesser has to try; a repeat or a step to the neighbour adds little.
    let mut bits = 0.0_f32;
    let mut before: Option<char> = None;
    for c in rest.chars() {
        let near = before.is_some_and(|b| u32::from(b).abs_diff(u32::from(c)) <= 1);
        bits += match c {
            '\u{1}' => 6.0,
            _ if near => 0.8,
            '0'..='9' => 2.8,
            'a'..='z' => 3.6,
            _ => 4.8,
        };
        before = Some(c);
    }
    if lower != password && password.chars().skip(1).any(char::is_uppercase) {
        bits += 4.0;
    }
    match bits {
        b if b < 14.0 => 0,
        b if b < 22.0 => 1,
        b if b < 29.0 => 2,
        b if b < 38.0 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_are_weak_and_a_phrase_is_strong() {
        for weak in ["short", "password", "password1", "aaaaaaaaaaaa", "12345678901", "Mara.Lindqvist1", "abcdefghij"] {
            assert!(estimate(weak, &["mara.lindqvist"]) < ENOUGH, "{weak}");
        }
        for strong in ["correct horse battery staple", "kV9#mQ2!xL7p", "brass lantern tide"] {
            assert!(estimate(strong, &["mara.lindqvist"]) >= ENOUGH, "{strong}");
        }
    }
}
