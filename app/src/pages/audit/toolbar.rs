//! The search and the filters above the list; the address says what they are set to.

use super::{
    choices::{CUSTOM, actions, outcomes, times},
    live::Tail,
    query::{self, Narrowed, When},
};
use crate::{
    pages::narrow::{filtered, leads_to, searched},
    prefix::inside,
    state::browser,
    ui::{Button, ButtonVariant, Input, InputKind, SearchField, Select, Size, Switch, Toolbar},
};
use leptos::prelude::*;
use wire::{Timestamp, audit::EventQuery};

const DAY: i64 = 86_400_000;
/// From here on a time that moves along has moved.
const STALE: i64 = 300_000;

/// The toolbar.
#[component]
pub fn Narrow(wanted: Memo<Narrowed>, tail: Tail) -> impl IntoView {
    let go = leads_to(|wanted: &Narrowed| {
        let list = EventQuery { cursor: None, ..wanted.list.clone() };
        [query::LIST, &query::write(&Narrowed { list, ..wanted.clone() })].concat()
    });
    let text =
        searched(wanted, |wanted| query::searched(&wanted.list).map(str::to_owned), |wanted, typed| query::search(&wanted, typed), go);
    let action = filtered(wanted, |wanted| wanted.list.action.clone().unwrap_or_default());
    let outcome = filtered(wanted, |wanted| wanted.list.outcome.map(|outcome| outcome.as_str().to_owned()).unwrap_or_default());
    let when = filtered(wanted, time_name);
    // A time that moves along has moved since its address was written.
    Effect::new(move |is_done: Option<()>| {
        let now = wanted.get_untracked();
        let Some(fresh) = now.when.filter(|_| is_done.is_none()).map(beginning) else { return };
        let has_moved = now.list.from.is_none_or(|from| (from.0 - fresh.0).abs() > STALE);
        if has_moved && inside(&browser::place()) == query::LIST {
            go.run(Narrowed { list: EventQuery { from: Some(fresh), ..now.list }, ..now });
        }
    });
    let change = move |set: &dyn Fn(&mut EventQuery)| {
        let mut narrowed = wanted.get_untracked();
        set(&mut narrowed.list);
        go.run(narrowed);
    };
    let pick_action = move |name: String| change(&|list| list.action = Some(name.clone()).filter(|name| !name.is_empty()));
    let pick_outcome = move |name: String| change(&|list| list.outcome = query::outcome(&name));
    let pick_when = move |name: String| go.run(timed(wanted.get_untracked(), &name));
    let clear = move |()| {
        text.set(String::new());
        go.run(Narrowed::default());
    };
    let all_actions = Signal::derive(move || wanted.with(|wanted| actions(wanted.list.action.as_deref())));
    let is_custom = Memo::new(move |_| wanted.with(|wanted| time_name(wanted) == CUSTOM));
    view! {
        <Toolbar count=Signal::derive(move || tail.words())>
            <SearchField
                id="audit-search"
                name="query"
                label="Search the audit log"
                placeholder="Name, address or request number"
                value=text
            />
            <Select
                id="audit-action"
                name="action"
                label="Action"
                hide_label=true
                choices=all_actions
                value=action
                on_change=pick_action
            />
            <Select
                id="audit-outcome"
                name="outcome"
                label="Result"
                hide_label=true
                choices=outcomes()
                value=outcome
                on_change=pick_outcome
            />
            <Select id="audit-when" name="when" label="Time" hide_label=true choices=times() value=when on_change=pick_when />
            {move || is_custom.get().then(|| view! { <Days wanted=wanted go=go /> })}
            {move || {
                wanted
                    .with(query::is_narrowed)
                    .then(|| {
                        view! {
                            <Button variant=ButtonVariant::Ghost size=Size::Small on_press=clear>
                                "Clear"
                            </Button>
                        }
                    })
            }}
            <label class="row small" data-nowrap=true>
                <Switch
                    id="audit-live"
                    label="Live: new events appear by themselves"
                    checked=tail.is_on
                    disabled=Signal::derive(move || !tail.can_follow())
                />
                "Live"
            </label>
        </Toolbar>
    }
    .into_any()
}

/// The two days between which events are shown.
#[component]
fn Days(wanted: Memo<Narrowed>, go: Callback<Narrowed>) -> impl IntoView {
    // At first as the server has it, which knows no zone.
    let (first, last) =
        wanted.with_untracked(|wanted| days(wanted, |at| Timestamp(at).to_string().get(..10).unwrap_or_default().to_owned()));
    let (first, last) = (RwSignal::new(first), RwSignal::new(last));
    Effect::new(move || {
        let (from, to) = wanted.with(|wanted| days(wanted, browser::day_of));
        first.set(from);
        last.set(to);
    });
    Effect::new(move |is_set: Option<()>| {
        let typed = (first.get(), last.get());
        let now = wanted.get_untracked();
        if is_set.is_none() || typed == days(&now, browser::day_of) {
            return;
        }
        // A control is empty while somebody types into it; that is no other day yet.
        let from = browser::beginning_of(&typed.0).map(Timestamp).or(now.list.from);
        // Six hours into the next day at the latest, whatever the clocks do, the next day has begun.
        let to = browser::beginning_of(&typed.1).and_then(|at| browser::beginning_of(&browser::day_of(at + DAY + DAY / 4))).map(Timestamp);
        let to = to.or(now.list.to).filter(|to| from.is_none_or(|from| from < *to));
        if (from, to) == (now.list.from, now.list.to) {
            return;
        }
        go.run(Narrowed { list: EventQuery { from, to, ..now.list }, when: None });
    });
    view! {
        <Input id="audit-from" kind=InputKind::Date label="From this day" value=first />
        <Input id="audit-to" kind=InputKind::Date label="To this day" value=last />
    }
    .into_any()
}

/// The days that the list begins and ends with, as the control writes them.
fn days(wanted: &Narrowed, day_of: impl Fn(i64) -> String) -> (String, String) {
    let first = wanted.list.from.map(|from| day_of(from.0)).unwrap_or_default();
    let last = wanted.list.to.map(|to| day_of(to.0 - 1)).unwrap_or_default();
    (first, last)
}

/// When a time that moves along begins now.
fn beginning(when: When) -> Timestamp {
    let now = browser::now();
    Timestamp(match when {
        When::Today => browser::beginning_of(&browser::day_of(now)).unwrap_or(now),
        When::Week => now - 7 * DAY,
        When::Month => now - 30 * DAY,
    })
}

/// The list at the time of this name.
fn timed(now: Narrowed, name: &str) -> Narrowed {
    let when = When::parse(name);
    let (from, to) = match (when, name) {
        (Some(when), _) => (Some(beginning(when)), None),
        (None, CUSTOM) => (now.list.from.or_else(|| Some(beginning(When::Today))), now.list.to),
        _ => (None, None),
    };
    Narrowed { list: EventQuery { from, to, ..now.list }, when }
}

/// The name of the time, as the filter has it.
fn time_name(wanted: &Narrowed) -> String {
    let has_ends = wanted.list.from.is_some() || wanted.list.to.is_some();
    wanted.when.map_or(if has_ends { CUSTOM } else { "" }, When::as_str).to_owned()
}
