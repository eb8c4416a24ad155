//! What happened last, from the audit log.

use crate::{
    pages::events::{Sentence, drawing},
    state::session::Session,
    ui::{Card, Empty, Happening, TimeStyle, Timeline},
};
use leptos::prelude::*;
use wire::{audit::Event, policy::LIST_EVENTS};

/// The latest events, the newest first.
pub fn latest(events: Vec<Event>) -> AnyView {
    if events.is_empty() {
        return view! {
            <Card id="latest" title="Latest events".to_owned() flush=true>
                <Empty title="Nothing has happened yet" text="Sign-ins and changes show here.".to_owned() />
            </Card>
        }
        .into_any();
    }
    let rows: Vec<_> = events.into_iter().map(row).collect();
    let may_audit = expect_context::<Session>().me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(&LIST_EVENTS)));
    let all =
        move || may_audit.then(|| view! { <a class="link" href="/settings/audit">"See all"<span class="sr-only">" events"</span></a> });
    view! {
        <Card id="latest" title="Latest events".to_owned() actions=all>
            <Timeline>{rows}</Timeline>
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
