//! An event in a drawer beside the list: everything that is known of it.

use super::{
    Log,
    query::{self, Narrowed},
    told::{Step, Told},
};
use crate::{
    calls::audit::get_event,
    pages::{
        beside::{Words, back_to, drawn, named},
        events::{Sentence, drawing, is_known, result, shape},
        title::PageTitle,
    },
    prefix::at,
    state::session::Session,
    ui::{
        Avatar, ButtonVariant, Changes, CopyButton, Drawer, Fact, Facts, Icon, LinkButton, Size, Status, Time, TimeStyle, Timeline,
        TimelineStep, Tone,
    },
};
use leptos::prelude::*;
use wire::{
    SessionId, Timestamp,
    audit::{Event, EventQuery, Party},
    policy::GET_USER,
};

const WORDS: Words =
    Words { id: "event", loading: "Loading the event", absent: "There is no such event", failed: "Couldn’t load the event" };

/// The drawer over the list.
#[component]
pub fn Detail() -> impl IntoView {
    let log = expect_context::<Log>();
    let closed = back_to(move || log.address());
    drawn(WORDS, named("id", get_event), closed, |event| view! { <Shown event=event /> }.into_any())
}

#[component]
fn Shown(event: Event) -> impl IntoView {
    let log = expect_context::<Log>();
    let closed = back_to(move || log.address());
    let sentence = Sentence::of(&event);
    let (title, who) = (sentence.text(), sentence.who.clone());
    let portrait = move || {
        let (name, key) = (who.name.clone(), [&who.kind, &who.id].map(String::as_str).concat());
        view! { <Avatar name=name key=key actor=shape(&who) off=!is_known(&who) /> }
    };
    let (tone, word) = result(event.outcome);
    let at = event.at.millis();
    let under = move || {
        view! {
            <p class="row">
                <Status tone=tone>{word}</Status>
                <Time at=at style=TimeStyle::Exact />
            </p>
        }
    };
    let event = StoredValue::new(event);
    view! {
        <PageTitle text=title.clone() />
        <Drawer id="event" title=title open=RwSignal::new(true) on_close=closed before=portrait under=under>
            {event.with_value(everything)}
        </Drawer>
    }
    .into_any()
}

/// All that is known of an event.
fn everything(event: &Event) -> AnyView {
    let Told { changes, steps, facts } = Told::of(event);
    let changes = (!changes.is_empty()).then(|| {
        view! {
            <section class="stack" data-gap="2">
                <h3 class="label">"What changed"</h3>
                <Changes caption="What changed" changes=changes />
            </section>
        }
    });
    let (_, tone) = drawing(event.action, event.outcome);
    let last = steps.len().saturating_sub(1);
    let steps: Vec<_> =
        steps.into_iter().enumerate().map(|(at, step)| looked_at(step, if at == last { tone } else { Tone::Neutral })).collect();
    let steps = (!steps.is_empty()).then(|| {
        view! {
            <section class="stack" data-gap="2">
                <h3 class="label">"How it was decided"</h3>
                <Timeline>{steps}</Timeline>
            </section>
        }
    });
    let facts: Vec<_> = facts.into_iter().map(|(name, value)| view! { <Fact name=name>{value}</Fact> }).collect();
    let facts = (!facts.is_empty()).then(|| view! { <Facts>{facts}</Facts> });
    view! { {known(event)} {changes} {steps} {facts} {others(event)} }.into_any()
}

fn known(event: &Event) -> AnyView {
    let request = Some(event.request_id.clone()).filter(|id| !id.is_empty()).map(|id| {
        view! {
            <Fact name="Request">
                <span class="row">
                    <code class="break">{id.clone()}</code>
                    <CopyButton text=id what="request number" variant=ButtonVariant::Ghost size=Size::Small />
                </span>
            </Fact>
        }
    });
    let target = event.target.as_ref().map(party).map(|target| view! { <Fact name="To">{target}</Fact> });
    let place = [&event.workspace, &event.environment].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
    let place = (!place.is_empty()).then(|| view! { <Fact name="Workspace">{place}</Fact> });
    let session = event.session_id.map(|id| view! { <Fact name="Session" mono=true>{id.to_string()}</Fact> });
    let program = Some(event.user_agent.clone()).filter(|agent| !agent.is_empty()).map(|agent| view! { <Fact name="With">{agent}</Fact> });
    let (who, did, at) = (party(&event.actor), event.action.as_str(), event.at.to_string());
    let (ip, id) = (event.ip.clone(), event.id.to_string());
    view! {
        <Facts>
            <Fact name="Who">{who}</Fact>
            <Fact name="Did" mono=true>
                {did}
            </Fact>
            {target}
            {place}
            <Fact name="Time" mono=true>
                {at}
            </Fact>
            <Fact name="From" mono=true>
                {ip}
            </Fact>
            {program}
            {session}
            {request}
            <Fact name="Event" mono=true>
                {id}
            </Fact>
        </Facts>
    }
    .into_any()
}

/// Somebody or something: the name, a link where there is a page for it, the kind and the id.
fn party(party: &Party) -> AnyView {
    let may_see = expect_context::<Session>().me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(&GET_USER)));
    let href = (party.kind == "user" && may_see && !party.id.is_empty()).then(|| ["/settings/users/", &party.id].concat());
    let name = party.name.clone();
    let name = match href {
        Some(href) => view! { <a href=at(&href)>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    let kind = is_known(party).then(|| ["  ", &party.kind].concat().replace('_', " "));
    view! {
        {name}
        <small class="caption muted">{kind}</small>
    }
    .into_any()
}

fn looked_at(step: Step, tone: Tone) -> AnyView {
    let icon = match step.looked.as_str() {
        "Who asked" => Icon::User,
        "Their role" => Icon::Roles,
        "What it allows" => Icon::Check,
        "So" => Icon::GateClosed,
        _ => Icon::Lock,
    };
    view! { <TimelineStep icon=icon tone=tone title=step.looked detail=step.found /> }.into_any()
}

/// The ways to what else there is of the same actor, target, session and address.
fn others(event: &Event) -> AnyView {
    let only = |set: &dyn Fn(&mut EventQuery)| query::with(&Narrowed::default(), |list| set(list));
    let given = |party: &Party| Some(party.id.clone()).filter(|id| !id.is_empty());
    let actor = given(&event.actor);
    let target = event.target.as_ref().and_then(given);
    let links = [
        actor.clone().map(|id| ("What they did", only(&|list| list.actor = Some(id.clone())))),
        target.map(|id| ("What was done to the target", only(&|list| list.target = Some(id.clone())))),
        event.session_id.map(|id| {
            let of_session = |list: &mut EventQuery| {
                list.session = Some(id);
                list.actor.clone_from(&actor);
                list.from = Some(beginning(id));
            };
            ("Events of this session", only(&of_session))
        }),
        Some(("Events from this address", only(&|list| list.ip = Some(event.ip.clone())))),
    ];
    let links: Vec<_> = links
        .into_iter()
        .flatten()
        .map(|(words, href)| {
            view! {
                <LinkButton href=href size=Size::Small>
                    {words}
                </LinkButton>
            }
        })
        .collect();
    view! { <div class="row">{links}</div> }.into_any()
}

/// When a session began, which its id tells (RFC 9562, section 5.7); nothing of it is older.
fn beginning(session: SessionId) -> Timestamp {
    Timestamp(i64::try_from(session.0.as_u128() >> 80).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_tells_when_it_began() {
        let id: SessionId = "01a0cc9e-a800-7000-8000-000000000000".parse().unwrap();
        assert_eq!(beginning(id), Timestamp(0x01a0_cc9e_a800));
    }
}
