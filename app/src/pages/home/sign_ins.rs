//! The sign-ins of the last day, hour by hour.

use crate::{
    pages::clock::{clock, reader_zone},
    ui::{AreaChart, Series},
};
use leptos::prelude::*;
use wire::{Timestamp, stats::SignInBucket};

/// The chart.
#[component]
pub fn SignIns(hours: Vec<SignInBucket>) -> impl IntoView {
    let series = vec![
        Series::new("signed in", hours.iter().map(|hour| hour.succeeded).collect()),
        Series::new("refused", hours.iter().map(|hour| hour.refused).collect()),
    ];
    let starts: StoredValue<Vec<Timestamp>> = StoredValue::new(hours.into_iter().map(|hour| hour.at).collect());
    let zone = reader_zone();
    let points = Signal::derive(move || {
        let offset = zone.get();
        starts.with_value(|starts| starts.iter().map(|start| span(*start, offset)).collect())
    });
    let ticks = Signal::derive(move || {
        let offset = zone.get();
        starts.with_value(|starts| {
            let mut ticks: Vec<String> = starts.iter().step_by(4).map(|start| clock(*start, offset)).collect();
            ticks.push("now".into());
            ticks
        })
    });
    view! { <AreaChart label="Sign-ins of the last 24 hours" series=series points=points ticks=ticks /> }
}

/// The hour from its beginning to its end.
fn span(at: Timestamp, offset: i64) -> String {
    [&clock(at, offset), "–", &clock(at.plus(3_600_000), offset)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_named_by_its_beginning_and_its_end() {
        let at = Timestamp::parse("2026-11-20T23:00:00Z").unwrap();
        assert_eq!(span(at, 60), "00:00–01:00");
    }
}
