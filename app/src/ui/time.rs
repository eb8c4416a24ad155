//! Moments. The server writes them in UTC; the browser rewrites them for the reader.
use std::time::Duration;

use leptos::prelude::*;

pub use super::browser::TimeStyle;
use super::browser::write_time;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A moment; the exact one shows on hover.
#[component]
pub fn Time(
    /// Milliseconds since 1970, UTC.
    #[prop(into)]
    at: Signal<i64>,
    /// How it is written.
    #[prop(optional)]
    style: TimeStyle,
) -> impl IntoView {
    let tick = RwSignal::new(0_u32);
    let awake = RwSignal::new(false);
    Effect::new(move |_| {
        awake.set(true);
        if style == TimeStyle::Relative {
            let next = move || tick.update(|tick| *tick = tick.wrapping_add(1));
            if let Ok(handle) = set_interval_with_handle(next, Duration::from_secs(30)) {
                on_cleanup(move || handle.clear());
            }
        }
    });
    // The first render must be the server's, letter for letter.
    let shown = move |style| {
        let at = at.get();
        let own = if awake.get() { write_time(at, style) } else { None };
        own.unwrap_or_else(|| in_utc(at, style))
    };
    view! {
        <time datetime=move || machine(at.get()) title=move || shown(TimeStyle::Exact)>
            {move || {
                tick.track();
                shown(style)
            }}
        </time>
    }
    .into_any()
}

/// How long ago or how soon, like "12 min ago".
#[component]
pub fn RelativeTime(
    /// Milliseconds since 1970, UTC.
    #[prop(into)]
    at: Signal<i64>,
) -> impl IntoView {
    view! { <Time at=at style=TimeStyle::Relative /> }
}

/// A moment taken apart, in UTC.
struct Civil {
    year: i64,
    month: usize,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

/// Counts days into years and months, after Howard Hinnant's `civil_from_days`.
fn civil(at: i64) -> Civil {
    let seconds = at.div_euclid(1000);
    let (days, rest) = (seconds.div_euclid(86_400) + 719_468, seconds.rem_euclid(86_400));
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month: month as usize,
        day: day_of_year - (153 * shifted + 2) / 5 + 1,
        hour: rest / 3_600,
        minute: rest / 60 % 60,
        second: rest % 60,
    }
}

/// Writes a number with at least two digits.
fn two(out: &mut String, number: i64) {
    if number < 10 {
        out.push('0');
    }
    out.push_str(&number.to_string());
}

/// Writes the moment for machines: RFC 3339, UTC.
fn machine(at: i64) -> String {
    let civil = civil(at);
    let mut out = civil.year.to_string();
    for (before, number) in [('-', civil.month as i64), ('-', civil.day), ('T', civil.hour), (':', civil.minute), (':', civil.second)] {
        out.push(before);
        two(&mut out, number);
    }
    out.push('Z');
    out
}

/// Writes the moment for people, in UTC and saying so.
fn in_utc(at: i64, style: TimeStyle) -> String {
    let civil = civil(at);
    let mut out = String::new();
    if style != TimeStyle::Clock {
        out.push_str(&civil.day.to_string());
        out.push(' ');
        out.push_str(MONTHS[civil.month - 1]);
        out.push(' ');
        out.push_str(&civil.year.to_string());
    }
    if style == TimeStyle::Day {
        return out;
    }
    if !out.is_empty() {
        out.push_str(", ");
    }
    two(&mut out, civil.hour);
    out.push(':');
    two(&mut out, civil.minute);
    if style == TimeStyle::Clock {
        out.push(':');
        two(&mut out, civil.second);
    }
    out.push_str(" UTC");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_167_667_000;

    #[test]
    fn a_moment_is_written_in_utc() {
        assert_eq!(machine(AT), "2026-11-20T09:41:07Z");
        assert_eq!(in_utc(AT, TimeStyle::Relative), "20 Nov 2026, 09:41 UTC");
        assert_eq!(in_utc(AT, TimeStyle::Clock), "09:41:07 UTC");
        assert_eq!(in_utc(AT, TimeStyle::Day), "20 Nov 2026");
    }

    #[test]
    fn leap_days_and_the_time_before_1970_are_right() {
        assert_eq!(machine(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(machine(-1), "1969-12-31T23:59:59Z");
    }
}
