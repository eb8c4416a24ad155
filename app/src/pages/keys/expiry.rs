//! When a key ends: after one of the usual times, on a day, after a time of one's own, or never.

use crate::{
    state::{attempt::Attempt, browser},
    ui::{Choice, DurationField, Field, InputKind, Select, Time, TimeStyle, parse_duration},
};
use leptos::prelude::*;
use wire::{Timestamp, failure::FieldError};

/// The longest time after which a key may end, in seconds: a hundred years.
const LONGEST: u64 = 100 * 365 * 24 * 60 * 60;

/// The end that a key has already.
pub const PRESENT: &str = "present";
/// The times that most keys are good for.
const USUAL: [(&str, &str); 3] = [("30d", "In 30 days"), ("90d", "In 90 days"), ("365d", "In 1 year")];

/// When a key is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// When it ends already.
    Present,
    /// Never.
    Never,
    /// After so many seconds.
    After(u64),
    /// At this moment.
    At(Timestamp),
}

impl End {
    /// The moment for a key that is changed at `now`; none where it stays as it is or never comes.
    #[must_use]
    pub fn moment(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Present | Self::Never => None,
            Self::After(seconds) => Some(now.plus(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000))),
            Self::At(at) => Some(at),
        }
    }
}

/// What is being chosen about a key's end.
#[derive(Clone, Copy)]
pub struct Expiry {
    way: RwSignal<String>,
    day: RwSignal<String>,
    span: RwSignal<String>,
}

impl Expiry {
    /// One of the usual times, or [`PRESENT`].
    #[must_use]
    pub fn new(way: &str) -> Self {
        Self { way: RwSignal::new(way.to_owned()), day: RwSignal::default(), span: RwSignal::new("14d".to_owned()) }
    }

    /// What is chosen.
    ///
    /// # Errors
    /// The field that is wrong, and how to fill it.
    pub fn end(self) -> Result<End, FieldError> {
        end(&self.way.get(), &self.day.get(), &self.span.get(), browser::end_of_day)
    }
}

fn end(way: &str, day: &str, span: &str, end_of_day: impl Fn(&str) -> Option<i64>) -> Result<End, FieldError> {
    let wrong = |field: &str, message: &str| FieldError { field: field.into(), message: message.into() };
    let after = |span: &str| match parse_duration(span) {
        None => Err(wrong("expiresIn", "Write a number and a unit, like 12h or 45d.")),
        Some(0) => Err(wrong("expiresIn", "A key is good for a second at least.")),
        Some(seconds) if seconds > LONGEST => Err(wrong("expiresIn", "That is more than a hundred years. Choose Never instead.")),
        Some(seconds) => Ok(End::After(seconds)),
    };
    match way {
        PRESENT => Ok(End::Present),
        "never" => Ok(End::Never),
        "day" => end_of_day(day).map(|at| End::At(Timestamp(at))).ok_or_else(|| wrong("expiresAt", "Choose a day.")),
        "span" => after(span),
        usual => after(usual),
    }
}

/// The choice, and the field that it needs.
#[component]
pub fn ExpiryFields(
    expiry: Expiry,
    attempt: Attempt,
    /// Whether the key has an end already, which may stay.
    #[prop(optional)]
    has_present: bool,
) -> impl IntoView {
    let choices: Vec<Choice> = has_present
        .then(|| Choice::new(PRESENT, "As it is"))
        .into_iter()
        .chain(USUAL.map(|(way, label)| Choice::new(way, label)))
        .chain([Choice::new("day", "On a day"), Choice::new("span", "After a time"), Choice::new("never", "Never")])
        .collect();
    let at = attempt.problem("expiresAt");
    let is_day = move || expiry.way.with(|way| way == "day");
    let elsewhere = Signal::derive(move || at.get().filter(|_| !is_day()));
    // Only in the browser: the clock and the zone are the reader's.
    let now = RwSignal::new(None::<Timestamp>);
    Effect::new(move || {
        expiry.way.track();
        now.set(Some(Timestamp(browser::now())));
    });
    let moment = move || expiry.end().ok().and_then(|end| end.moment(now.get()?));
    let more = move || match expiry.way.get().as_str() {
        "day" => Some(
            view! {
                <Field
                    id="key-expires-day"
                    label="Last day"
                    kind=InputKind::Date
                    help="It is good to the end of this day."
                    value=expiry.day
                    error=at
                />
            }
            .into_any(),
        ),
        "span" => Some(
            view! { <DurationField id="key-expires-span" label="Time" value=expiry.span error=attempt.problem("expiresIn") /> }.into_any(),
        ),
        _ => None,
    };
    view! {
        <Select id="key-expires" label="Expires" choices=choices value=expiry.way error=elsewhere />
        {more}
        {move || {
            moment()
                .map(|at| {
                    view! {
                        <p class="hint">"Until " <Time at=at.millis() style=TimeStyle::Exact /></p>
                    }
                })
        }}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(way: &str, day: &str, span: &str) -> Result<End, String> {
        end(way, day, span, |day| (day == "2027-02-18").then_some(5)).map_err(|error| error.field)
    }

    #[test]
    fn a_key_ends_after_a_time_on_a_day_or_never() {
        assert_eq!(chosen("90d", "", ""), Ok(End::After(7_776_000)));
        assert_eq!(chosen("span", "", "1h30m"), Ok(End::After(5_400)));
        assert_eq!(chosen("day", "2027-02-18", ""), Ok(End::At(Timestamp(5))));
        assert_eq!(chosen("never", "", ""), Ok(End::Never));
        assert_eq!(chosen(PRESENT, "", ""), Ok(End::Present));
    }

    #[test]
    fn what_is_no_end_is_said_at_its_field() {
        assert_eq!(chosen("day", "", ""), Err("expiresAt".into()));
        for span in ["", "soon", "0s", "36501d"] {
            assert_eq!(chosen("span", "", span), Err("expiresIn".into()), "{span}");
        }
    }

    #[test]
    fn the_moment_is_counted_from_now() {
        assert_eq!(End::After(2).moment(Timestamp(1_000)), Some(Timestamp(3_000)));
        assert_eq!(End::At(Timestamp(7)).moment(Timestamp(1_000)), Some(Timestamp(7)));
        assert_eq!(End::Never.moment(Timestamp(1_000)), None);
    }
}
