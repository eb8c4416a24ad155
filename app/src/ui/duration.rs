//! Durations as people type them: 45m, 8h, 1h30m, 30d.
use leptos::prelude::*;

use super::{Field, number::grouped};

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A labelled duration. The help says what was understood, the error how to write it.
#[component]
pub fn DurationField(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// Its label.
    #[prop(into)]
    label: Signal<String>,
    /// What was typed, both ways.
    value: RwSignal<String>,
    /// What the duration means.
    #[prop(optional, into)]
    help: Signal<Option<String>>,
    /// What is wrong with it beyond how it is written.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether it can't be used now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let wrong = move || {
        error.get().or_else(|| {
            let is_wrong = parse_duration(&value.read()).is_none();
            is_wrong.then(|| "Write a number and a unit, like 90m, 1h30m or 30d.".to_owned())
        })
    };
    let read = move || {
        help.get().or_else(|| {
            let seconds = parse_duration(&value.read())?;
            Some([&grouped(seconds), " seconds"].concat())
        })
    };
    view! {
        <Field
            id=id
            label=label
            value=value
            help=read
            error=wrong
            disabled=disabled
            mono=true
            exact=true
            autocomplete="off"
        />
    }
}

/// Reads a duration in seconds. Units go from large to small and each comes once.
pub fn parse_duration(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = 0_u64;
    let mut units = UNITS.iter();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: u64 = rest[..end].parse().ok()?;
        let unit = rest[end..].chars().next()?;
        let (_, seconds) = units.find(|(letter, _)| *letter == unit)?;
        total = total.checked_add(number.checked_mul(*seconds)?)?;
        rest = &rest[end + unit.len_utf8()..];
    }
    Some(total)
}

/// Writes seconds the way `parse_duration` reads them, with the fewest units.
pub fn write_duration(seconds: u64) -> String {
    let mut rest = seconds;
    let mut out = String::new();
    for (letter, unit) in UNITS {
        if rest >= unit {
            out.push_str(&(rest / unit).to_string());
            out.push(letter);
            rest %= unit;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_typed() {
        assert_eq!(parse_duration("60m"), Some(3_600));
        assert_eq!(parse_duration(" 1h30m "), Some(5_400));
        assert_eq!(parse_duration("30d"), Some(2_592_000));
        for wrong in ["", "1.5 h", "90", "m", "30m1h", "1h1h", "9999999999999999999d"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_survive_the_way_there_and_back() {
        for seconds in [0, 59, 60, 3_600, 5_400, 86_400, 2_592_000, 90_061] {
            assert_eq!(parse_duration(&write_duration(seconds)), Some(seconds));
        }
    }
}
