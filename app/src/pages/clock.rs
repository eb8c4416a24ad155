//! Times of the day, for charts. The server names them in UTC; the browser, once awake, in the reader's
//! zone.

use crate::state::browser;
use leptos::prelude::*;
use wire::Timestamp;

/// How many minutes east of Greenwich the reader is; none until the page is awake, so that the first
/// render is the server's.
pub fn reader_zone() -> Signal<i64> {
    let is_awake = RwSignal::new(false);
    Effect::new(move || is_awake.set(true));
    Signal::derive(move || if is_awake.get() { browser::zone_minutes() } else { 0 })
}

/// The time of the day, `offset` minutes east of Greenwich.
#[must_use]
pub fn clock(at: Timestamp, offset: i64) -> String {
    let minutes = (at.seconds() / 60 + offset).rem_euclid(24 * 60);
    let two = |number: i64| if number < 10 { ["0", &number.to_string()].concat() } else { number.to_string() };
    [&two(minutes / 60), ":", &two(minutes % 60)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_named_in_the_zone_of_the_reader() {
        let at = Timestamp::parse("2026-11-20T23:00:00Z").unwrap();
        assert_eq!(clock(at, 0), "23:00");
        assert_eq!(clock(at, 60), "00:00");
        assert_eq!(clock(at, -330), "17:30");
    }
}
