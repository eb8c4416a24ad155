//! Durations as Go writes them: `1h30m`, `90s`, `500ms`, `1.5h`, `0`.

use std::{fmt, str::FromStr, time::Duration};

/// A duration that is read and printed as Go does it; never negative, at most 2,562,047 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GoDuration(pub Duration);

/// Why a text is no duration: a sentence for the one who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DurationError(String);

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DurationError {}

const SECOND: u128 = 1_000_000_000;
const HOUR: u128 = 3600 * SECOND;
/// Go keeps nanoseconds in 64 bits with a sign.
const LONGEST: u128 = i64::MAX as u128;

/// The nanoseconds of a unit; days and weeks are known here only to say what to write instead.
fn unit(name: &str) -> Option<u128> {
    Some(match name {
        "ns" => 1,
        // The micro sign and the Greek letter look alike; Go takes both.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => HOUR,
        "d" => 24 * HOUR,
        "w" => 7 * 24 * HOUR,
        _ => return None,
    })
}

/// Splits the text where the first character fails the test.
fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// The nanoseconds of `whole.fraction` units, or nothing where it overflows.
fn amount(whole: &str, fraction: &str, unit: u128) -> Option<u128> {
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u128>().ok()? };
    // Eighteen digits are finer than a nanosecond of a week; the rest cannot matter.
    let fraction = &fraction[..fraction.len().min(18)];
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let part = if fraction.is_empty() { 0 } else { fraction.parse::<u128>().ok()? * unit / scale };
    whole.checked_mul(unit)?.checked_add(part).filter(|nanos| *nanos <= LONGEST)
}

impl From<Duration> for GoDuration {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl FromStr for GoDuration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |what: String| Err(DurationError(what));
        let no_duration = || error(format!("{text}: not a duration; write it like 1h30m, 90s or 500ms"));
        if text.starts_with('-') {
            return error(format!("{text}: a duration can't be negative here"));
        }
        let mut rest = text.strip_prefix('+').unwrap_or(text);
        if rest == "0" {
            return Ok(Self(Duration::ZERO));
        }
        if rest.is_empty() {
            return no_duration();
        }
        let mut nanos: u128 = 0;
        let mut has_days = false;
        while !rest.is_empty() {
            let (whole, after) = split(rest, |c| c.is_ascii_digit());
            let (fraction, after) = match after.strip_prefix('.') {
                Some(after) => split(after, |c| c.is_ascii_digit()),
                None => ("", after),
            };
            if whole.is_empty() && fraction.is_empty() {
                return no_duration();
            }
            let (name, after) = split(after, |c| c != '.' && !c.is_ascii_digit());
            if name.is_empty() {
                return error(format!("{text}: the unit is missing; write {text}s for seconds, {text}m for minutes, {text}h for hours"));
            }
            let Some(unit) = unit(name) else {
                return error(format!("{text}: no unit is called {name}; there are h, m, s, ms, us and ns"));
            };
            has_days |= matches!(name, "d" | "w");
            let sum = amount(whole, fraction, unit).and_then(|more| nanos.checked_add(more)).filter(|sum| *sum <= LONGEST);
            let Some(sum) = sum else {
                return error(format!("{text}: too long; the longest duration is 2562047h"));
            };
            nanos = sum;
            rest = after;
        }
        let duration = Self(nanoseconds(nanos));
        if has_days {
            let hours = if nanos.is_multiple_of(HOUR) { format!("{}h", nanos / HOUR) } else { duration.to_string() };
            return error(format!("{text}: write hours instead, {hours}"));
        }
        Ok(duration)
    }
}

/// The duration of so many nanoseconds, which are at most [`LONGEST`].
fn nanoseconds(nanos: u128) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

impl GoDuration {
    /// The duration as people say it: "1 hour", "30 days", "1 hour 30 minutes". What is finer than a
    /// second is written as Go does it.
    #[must_use]
    pub fn words(self) -> String {
        const UNITS: [(u64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
        let mut rest = self.0.as_secs();
        if rest == 0 || self.0.subsec_nanos() > 0 {
            return self.to_string();
        }
        let mut words = Vec::new();
        for (seconds, unit) in UNITS {
            let count = rest / seconds;
            rest %= seconds;
            if count > 0 {
                words.push([count.to_string().as_str(), " ", unit, if count == 1 { "" } else { "s" }].concat());
            }
        }
        words.join(" ")
    }
}

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        if nanos == 0 {
            return f.write_str("0s");
        }
        if nanos < SECOND {
            let (unit, name) = match nanos {
                0..1_000 => (1, "ns"),
                1_000..1_000_000 => (1_000, "\u{b5}s"),
                _ => (1_000_000, "ms"),
            };
            return write_decimal(f, nanos, unit, name);
        }
        let (hours, minutes) = (nanos / HOUR, nanos / (60 * SECOND) % 60);
        if hours > 0 {
            write!(f, "{hours}h")?;
        }
        if hours > 0 || minutes > 0 {
            write!(f, "{minutes}m")?;
        }
        write_decimal(f, nanos % (60 * SECOND), SECOND, "s")
    }
}

/// Writes so many nanoseconds in a unit, without zeros at the end of the fraction.
fn write_decimal(f: &mut fmt::Formatter<'_>, nanos: u128, unit: u128, name: &str) -> fmt::Result {
    let (whole, rest) = (nanos / unit, nanos % unit);
    if rest == 0 {
        return write!(f, "{whole}{name}");
    }
    let digits = unit.to_string().len() - 1;
    let fraction = format!("{rest:0digits$}");
    write!(f, "{whole}.{}{name}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<u128, String> {
        text.parse::<GoDuration>().map(|d| d.0.as_nanos()).map_err(|e| e.to_string())
    }

    #[test]
    fn what_go_reads_is_read_as_go_reads_it() {
        for (text, nanos) in [
            ("0", 0),
            ("0s", 0),
            ("90s", 90 * SECOND),
            ("1h30m", 90 * 60 * SECOND),
            ("500ms", SECOND / 2),
            ("1.5h", 90 * 60 * SECOND),
            (".5s", SECOND / 2),
            ("5.s", 5 * SECOND),
            ("+5m", 300 * SECOND),
            ("1.5h30m", 120 * 60 * SECOND),
            ("2us", 2_000),
            ("2\u{b5}s", 2_000),
            ("2\u{3bc}s", 2_000),
            ("1h15m30.9s", 4530 * SECOND + 900_000_000),
            ("0.3333333333333333333h", 1_199_999_999_999),
            ("9223372036854775807ns", LONGEST),
        ] {
            assert_eq!(read(text), Ok(nanos), "{text}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for text in ["", "+", "-", ".", "s", ".s", "1", "1h 30m", " 1h", "1.5", "1x", "h1", "1..5s", "-1h", "\u{d7}", "1y", "١s"] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn days_and_weeks_say_the_hours_to_write() {
        assert_eq!(read("1d"), Err("1d: write hours instead, 24h".into()));
        assert_eq!(read("2w"), Err("2w: write hours instead, 336h".into()));
        assert_eq!(read("1d12h"), Err("1d12h: write hours instead, 36h".into()));
        assert_eq!(read("1d30m"), Err("1d30m: write hours instead, 24h30m0s".into()));
    }

    #[test]
    fn too_long_is_said() {
        for text in ["2562048h", "9223372036854775808ns", "999999999999999999999999999999999999999999h", "2562047h2562047h"] {
            assert!(read(text).unwrap_err().ends_with("the longest duration is 2562047h"), "{text}");
        }
    }

    #[test]
    fn it_prints_as_go_prints() {
        for (nanos, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1\u{b5}s"),
            (2_200_000, "2.2ms"),
            (3_300_000_000, "3.3s"),
            (245 * SECOND, "4m5s"),
            (245 * SECOND + 1_000_000, "4m5.001s"),
            (HOUR + 30 * 60 * SECOND, "1h30m0s"),
            (720 * HOUR, "720h0m0s"),
            (LONGEST, "2562047h47m16.854775807s"),
        ] {
            assert_eq!(GoDuration(nanoseconds(nanos)).to_string(), text);
        }
    }

    #[test]
    fn it_is_said_in_words() {
        for (text, words) in [
            ("1h", "1 hour"),
            ("720h", "30 days"),
            ("90m", "1 hour 30 minutes"),
            ("36h", "1 day 12 hours"),
            ("1s", "1 second"),
            ("1.5s", "1.5s"),
            ("0", "0s"),
        ] {
            assert_eq!(text.parse::<GoDuration>().unwrap().words(), words, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(nanos in 0..=i64::MAX) {
            let duration = GoDuration(Duration::from_nanos(nanos.unsigned_abs()));
            prop_assert_eq!(duration.to_string().parse::<GoDuration>(), Ok(duration));
        }

        #[test]
        fn short_ones_read_back_too(nanos in 0..10_000_000_000_u64) {
            let duration = GoDuration(Duration::from_nanos(nanos));
            prop_assert_eq!(duration.to_string().parse::<GoDuration>(), Ok(duration));
        }

        #[test]
        fn no_text_panics(text in "[-+.0-9a-zµ ]{0,24}|.{0,24}") {
            let _ = text.parse::<GoDuration>();
        }
    }
}
