//! The sign-ins of the last day, hour by hour.

use crate::{
    state::browser,
    ui::{AreaChart, Series},
};
use leptos::prelude::*;
use wire::{Timestamp, stats::SignInBucket};

/// The chart. The server names the hours in UTC; the browser, once awake, in the reader's zone.
#[component]
pub fn SignIns(hours: Vec<SignInBucket>) -> impl IntoView {
    let is_awake = RwSignal::new(false);
    Effect::new(move || is_awake.set(true));
    let series = vec![
        Series::new("signed in", hours.iter().map(|hour| hour.succeeded).collect()),
        Series::new("refused", hours.iter().map(|hour| hour.refused).collect()),
    ];
    let starts: StoredValue<Vec<Timestamp>> = StoredValue::new(hours.into_iter().map(|hour| hour.at).collect());
    let offset = move || if is_awake.get() { browser::zone_minutes() } else { 0 };
    let points = Signal::derive(move || {
        let offset = offset();
        starts.with_value(|starts| starts.iter().map(|start| span(*start, offset)).collect())
    });
    let ticks = Signal::derive(move || {
        let offset = offset();
        starts.with_value(|starts| {
            let mut ticks: Vec<String> = starts.iter().step_by(4).map(|start| clock(*start, offset)).collect();
            ticks.push("now".into());
            ticks
        })
    });
    view! { <AreaChart label="Sign-ins of the last 24 hours" series=series points=points ticks=ticks /> }
}

/// The hour of the day, `offset` minutes east of Greenwich.
fn clock(at: Timestamp, offset: i64) -> String {
    let minutes = (at.seconds() / 60 + offset).rem_euclid(24 * 60);
    let two = |number: i64| if number < 10 { ["0", &number.to_string()].concat() } else { number.to_string() };
    [&two(minutes / 60), ":", &two(minutes % 60)].concat()
}

/// The hour from its beginning to its end.
fn span(at: Timestamp, offset: i64) -> String {
    [&clock(at, offset), "–", &clock(at.plus(3_600_000), offset)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_named_in_the_zone_of_the_reader() {
        let at = Timestamp::parse("2026-11-20T23:00:00Z").unwrap();
        assert_eq!(clock(at, 0), "23:00");
        assert_eq!(span(at, 60), "00:00–01:00");
        assert_eq!(clock(at, -330), "17:30");
    }
}
