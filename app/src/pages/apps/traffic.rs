//! An app's last hour: what became of the requests, in sums and minute by minute.

use crate::{
    pages::clock::{clock, reader_zone},
    ui::{BarChart, Empty, Series},
};
use leptos::prelude::*;
use wire::apps::TrafficMinute;

/// The sums of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// All requests.
    pub requests: u64,
    /// Refused because nobody was signed in.
    pub unauthenticated: u64,
    /// Refused for lack of a permission.
    pub denied: u64,
}

impl Sums {
    /// Of these minutes.
    #[must_use]
    pub fn of(minutes: &[TrafficMinute]) -> Self {
        minutes.iter().fold(Self::default(), |sums, minute| Self {
            requests: sums.requests + minute.requests,
            unauthenticated: sums.unauthenticated + minute.unauthenticated,
            denied: sums.denied + minute.denied,
        })
    }

    /// What reached the upstream, or tried to.
    #[must_use]
    pub const fn let_through(self) -> u64 {
        self.requests.saturating_sub(self.unauthenticated + self.denied)
    }
}

/// The parts of the bars: every request is in one of them.
fn series(minutes: &[TrafficMinute]) -> Vec<Series> {
    let part = |name: &str, of: fn(&TrafficMinute) -> u64| Series::new(name, minutes.iter().map(of).collect());
    vec![
        part("let through", |minute| minute.requests.saturating_sub(minute.unauthenticated + minute.denied + minute.errors)),
        part("not allowed (403)", |minute| minute.denied),
        part("not signed in (401)", |minute| minute.unauthenticated),
        part("app error (5xx)", |minute| minute.errors),
    ]
}

/// The chart, or that there is nothing to draw. It keeps up with the minutes as they come.
#[component]
pub fn Traffic(#[prop(into)] minutes: Signal<Vec<TrafficMinute>>) -> impl IntoView {
    let is_quiet = Memo::new(move |_| minutes.with(|minutes| Sums::of(minutes).requests == 0));
    let zone = reader_zone();
    let series = Signal::derive(move || minutes.with(|minutes| series(minutes)));
    let clocks = move |step: usize| {
        let offset = zone.get();
        minutes.with(|minutes| minutes.iter().step_by(step).map(|minute| clock(minute.at, offset)).collect::<Vec<_>>())
    };
    let points = Signal::derive(move || clocks(1));
    let ticks = Signal::derive(move || {
        let mut ticks = clocks(15);
        ticks.push("now".into());
        ticks
    });
    move || {
        if is_quiet.get() {
            view! {
                <Empty title="No requests in the last hour" text="Each request shows here, with what became of it.".to_owned() />
            }
            .into_any()
        } else {
            view! { <BarChart label="Requests of the last hour" series=series points=points ticks=ticks /> }.into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Timestamp;

    #[test]
    fn every_request_is_in_one_part_of_its_bar() {
        let minute = TrafficMinute { at: Timestamp(0), requests: 10, unauthenticated: 2, denied: 1, client_errors: 3, errors: 2 };
        let parts: Vec<u64> = series(&[minute]).iter().map(|part| part.values[0]).collect();
        assert_eq!(parts, [5, 1, 2, 2]);
        assert_eq!(parts.iter().sum::<u64>(), minute.requests);
        assert_eq!(Sums::of(&[minute, minute]), Sums { requests: 20, unauthenticated: 4, denied: 2 });
        assert_eq!(Sums::of(&[minute]).let_through(), 7);
    }
}
