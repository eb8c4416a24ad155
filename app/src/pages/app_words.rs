//! Apps in words and drawings: for Home, and for their own pages.

use crate::ui::{Beat, Pulse, Status, Tone, counted, grouped};
use leptos::prelude::*;
use wire::apps::{AppHour, HealthState, PARTS_OF_HOUR};

/// How an app is, as a shape and a word.
#[must_use]
pub const fn state(state: HealthState, is_enabled: bool) -> (Tone, &'static str) {
    match state {
        _ if !is_enabled => (Tone::Off, "Disabled"),
        HealthState::Up => (Tone::Success, "Healthy"),
        HealthState::Slow => (Tone::Warning, "Slow"),
        HealthState::Down => (Tone::Danger, "Down"),
        HealthState::Unknown => (Tone::Off, "Not checked yet"),
    }
}

/// The mark of how an app is.
pub fn status(health: HealthState, is_enabled: bool) -> AnyView {
    let (tone, word) = state(health, is_enabled);
    view! { <Status tone=tone>{word}</Status> }.into_any()
}

/// How long an answer took.
#[must_use]
pub fn latency(millis: Option<u64>) -> String {
    match millis {
        None => "none".into(),
        Some(millis @ ..1000) => [&millis.to_string(), " ms"].concat(),
        Some(millis) => [&(millis / 1000).to_string(), ".", &(millis % 1000 / 100).to_string(), " s"].concat(),
    }
}

/// An address as it is shown: without its scheme.
#[must_use]
pub fn address(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/')
}

/// The last hour in words: requests, and those that the upstream failed.
#[must_use]
pub fn hour(hour: &AppHour) -> String {
    let requests = counted(hour.requests, "request", "requests");
    match (hour.requests, hour.errors) {
        (0, _) => "no requests".into(),
        (_, 0) => [&requests, ", none failed"].concat(),
        (_, errors) => [&requests, ", ", &grouped(errors), " failed"].concat(),
    }
}

/// The last hour as bars.
pub fn pulse(name: &str, passed: &AppHour) -> AnyView {
    let label = [name, ", last hour: ", &hour(passed)].concat();
    view! { <Pulse label=label beats=beats(passed) /> }.into_any()
}

/// How each part of the hour was.
fn beats(hour: &AppHour) -> Vec<Beat> {
    let at = |parts: &[u64], part: usize| parts.get(part).copied().unwrap_or_default();
    (0..PARTS_OF_HOUR)
        .map(|part| match (at(&hour.requests_by_part, part), at(&hour.errors_by_part, part)) {
            (0, _) => Beat::None,
            (_, 0) => Beat::Fine,
            (requests, errors) if errors < requests => Beat::Poor,
            _ => Beat::Bad,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_drawn_part_by_part() {
        assert_eq!(beats(&AppHour::default()), [Beat::None; PARTS_OF_HOUR]);
        let mut passed = AppHour::default();
        passed.add(0, 3, 1, 0);
        passed.add(1, 3, 0, 1);
        passed.add(29, 2, 0, 2);
        let beats = beats(&passed);
        assert_eq!((beats[0], beats[1], beats[2], beats[29]), (Beat::Fine, Beat::Poor, Beat::None, Beat::Bad));
        assert_eq!(hour(&passed), "8 requests, 3 failed");
        assert_eq!(hour(&AppHour::default()), "no requests");
    }

    #[test]
    fn seconds_are_written_as_seconds() {
        assert_eq!([None, Some(38), Some(999), Some(1000), Some(2450)].map(latency), ["none", "38 ms", "999 ms", "1.0 s", "2.4 s"]);
    }

    #[test]
    fn an_address_is_short() {
        assert_eq!(address("http://tasks.localhost:8080"), "tasks.localhost:8080");
        assert_eq!(address("https://door.example.com/admin/x/"), "door.example.com/admin/x");
    }
}
