//! What happened last, from the audit log: as it was when the page was loaded, and what comes since.

use crate::{
    pages::events::{Sentence, drawing},
    prefix::at,
    state::{
        browser,
        follow::{topic, watch},
        live::{Line, Live},
        session::Session,
        watched::News,
    },
    ui::{Card, Empty, Happening, Icon, IconButton, Status, TimeStyle, Timeline, Tone, counted},
};
use leptos::{prelude::*, task::spawn_local};
use std::cmp::Reverse;
use wire::{audit::Event, policy::LIST_EVENTS};

/// So many are shown.
const SHORT: usize = 10;
/// So many wait at the most, while nothing moves.
const MOST: usize = 500;
/// How often it is looked whether rows may move, in milliseconds.
const LOOK: u32 = 300;

/// The latest events; it goes on while the rest of the page is loaded again.
#[derive(Clone, Copy)]
pub struct Latest {
    /// What is shown, the newest first; nothing for whom the log is closed.
    shown: RwSignal<Option<Vec<Event>>>,
    /// What came since, and is not shown yet.
    waiting: RwSignal<Vec<Event>>,
    is_paused: RwSignal<bool>,
    is_due: StoredValue<bool>,
}

impl Latest {
    /// Nothing yet; what happens is taken in from now on.
    pub fn new(session: Session) -> Self {
        let latest = Self {
            shown: RwSignal::new(None),
            waiting: RwSignal::new(Vec::new()),
            is_paused: RwSignal::new(false),
            is_due: StoredValue::new(false),
        };
        let may_know = Memo::new(move |_| session.me.with(|me| me.as_ref().is_some_and(|me| me.may(&LIST_EVENTS))));
        watch(
            move || if may_know.get() { topic("audit:*") } else { None },
            None,
            move |news| {
                let News::Message(message) = news else { return };
                if let Ok(event) = wire::objects::from_value::<Event>(&message.data) {
                    latest.came(event);
                }
            },
        );
        latest
    }

    /// Takes over what was loaded.
    pub fn learn(self, events: Option<Vec<Event>>) {
        let Some(events) = events else { return self.shown.set(None) };
        if self.is_paused.get_untracked() {
            self.waiting.update(|waiting| merge(waiting, events, MOST));
        } else {
            self.shown.update(|shown| merge(shown.get_or_insert_default(), events, SHORT));
        }
    }

    fn came(self, event: Event) {
        self.waiting.update(|waiting| merge(waiting, vec![event], MOST));
        if self.is_due.try_get_value() != Some(false) {
            return;
        }
        self.is_due.set_value(true);
        spawn_local(async move {
            while self.is_held() {
                browser::pause(LOOK).await;
            }
            let _ = self.is_due.try_set_value(false);
            self.show();
        });
    }

    /// Whether nothing may move: by the button, or because somebody is just there.
    fn is_held(self) -> bool {
        self.is_paused.try_get_untracked() == Some(true) || browser::finds("#latest:hover,#latest :focus-visible")
    }

    fn show(self) {
        let Some(events) = self.waiting.try_update(std::mem::take) else { return };
        if !events.is_empty() {
            let _ = self.shown.try_update(|shown| merge(shown.get_or_insert_default(), events, SHORT));
        }
    }
}

/// Puts events together, each once, the newest first, so many at the most.
fn merge(into: &mut Vec<Event>, events: Vec<Event>, most: usize) {
    for event in events {
        if !into.iter().any(|known| known.id == event.id) {
            into.push(event);
        }
    }
    into.sort_by_key(|event| Reverse((event.at, event.id)));
    into.truncate(most);
}

/// The card; nothing for whom the log is closed.
pub fn card(latest: Latest) -> AnyView {
    let is_open = Memo::new(move |_| latest.shown.with(Option::is_some));
    (move || is_open.get().then(|| view! { <Shown latest=latest /> })).into_any()
}

#[component]
fn Shown(latest: Latest) -> impl IntoView {
    let line = expect_context::<Live>().line;
    let is_empty = Memo::new(move |_| latest.shown.with(|shown| shown.as_ref().is_none_or(Vec::is_empty)));
    let stand = move || match (latest.is_paused.get(), line.get()) {
        (true, _) => {
            let waiting = latest.waiting.with(|waiting| waiting.len() as u64);
            Some((Tone::Off, ["Paused, ", &counted(waiting, "event waits", "events wait")].concat()))
        }
        (false, Line::On) => Some((Tone::Success, "Live".to_owned())),
        (false, Line::Broken) => Some((Tone::Warning, "Connecting again".to_owned())),
        (false, Line::Off) => None,
    };
    let beside = move || {
        move || {
            stand().map(|(tone, words)| {
                view! {
                    <Status tone=tone>
                        <span class="caption muted">{words}</span>
                    </Status>
                }
            })
        }
    };
    let press = move |()| {
        latest.is_paused.update(|is_paused| *is_paused = !*is_paused);
        if !latest.is_paused.get_untracked() {
            latest.show();
        }
    };
    let pressed = move || if latest.is_paused.get() { "true" } else { "false" };
    let actions = move || {
        view! {
            <a class="link" href=at("/settings/audit")>
                "See all"
                <span class="sr-only">" events"</span>
            </a>
            <IconButton icon=Icon::Pause label="Pause the latest events" on_press=press attr:aria-pressed=pressed />
        }
    };
    let rows = move || latest.shown.get().unwrap_or_default();
    view! {
        <Card id="latest" title="Latest events".to_owned() beside=beside actions=actions>
            {move || {
                if is_empty.get() {
                    view! { <Empty title="Nothing has happened yet" text="Sign-ins and changes show here.".to_owned() /> }.into_any()
                } else {
                    view! {
                        <Timeline>
                            <For each=rows key=|event| event.id children=row />
                        </Timeline>
                    }
                        .into_any()
                }
            }}
        </Card>
    }
    .into_any()
}

fn row(event: Event) -> AnyView {
    let (icon, tone) = drawing(event.action, event.outcome);
    let Sentence { who, what, target } = Sentence::of(&event);
    let who = who.name.clone();
    let target = target.map(|target| view! { " " <b>{target.name.clone()}</b> });
    view! {
        <Happening icon=icon tone=tone at=event.at.millis() style=TimeStyle::Relative detail=event.ip.clone()>
            <b>{who}</b>
            " "
            {what}
            {target}
        </Happening>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::events::tests::event;
    use wire::{
        Timestamp,
        audit::{Action, Outcome},
    };

    #[test]
    fn each_event_is_shown_once_the_newest_first() {
        let at = |at: i64| Event {
            id: format!("00000000-0000-7000-8000-{at:012}").parse().unwrap(),
            at: Timestamp(at),
            ..event(Action::UserUpdate, Outcome::Success, None)
        };
        let mut shown = vec![at(30), at(10)];
        merge(&mut shown, vec![at(30), at(20), at(40)], 3);
        let order: Vec<_> = shown.iter().map(|event| event.at.0).collect();
        assert_eq!(order, [40, 30, 20]);
    }
}
