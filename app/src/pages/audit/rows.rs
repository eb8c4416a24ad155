//! The rows of the list, what stands there instead of them, and the way to the next ones.

use super::{
    live::Tail,
    query::{self, Narrowed},
    told,
};
use crate::{
    pages::{
        events::{Sentence, drawing, is_known, result, shape},
        failed,
        trail::Trail,
    },
    prefix::{self, at},
    ui::{
        ButtonVariant, Cell, Empty, Icon, IconLink, LinkButton, MainCell, Node, Pager, Person, Place, RelativeTime, Row, RowActions, Size,
        Status, TableState, counted, grouped,
    },
};
use leptos::prelude::*;
use wire::{
    Failure, Page,
    audit::{Event, EventQuery, Party, WINDOW},
    list::DEFAULT_LIMIT,
};

/// How many columns the list has.
pub const COLUMNS: usize = 7;

/// The rows, or why there are none.
pub fn shown(wanted: Memo<Narrowed>, tail: Tail, part: Result<Page<Event>, Failure>) -> AnyView {
    match part {
        Ok(part) if part.items.is_empty() => nothing(wanted, tail, part.next_cursor),
        Ok(part) => {
            let wanted = wanted.get_untracked();
            part.items.iter().map(|event| row(&wanted, event)).collect::<Vec<_>>().into_any()
        }
        Err(failure) => {
            let state = failed::failed("Couldn’t load the audit log", &failure);
            view! { <TableState columns=COLUMNS>{state}</TableState> }.into_any()
        }
    }
}

/// An event as a row.
pub fn row(wanted: &Narrowed, event: &Event) -> AnyView {
    let sentence = Sentence::of(event);
    let text = sentence.text();
    let Sentence { who, what, target } = sentence;
    let (icon, tone) = drawing(event.action, event.outcome);
    let (result_tone, result) = result(event.outcome);
    let is_actor = *who == event.actor;
    let of_who = by_id(who, wanted, |list, id| if is_actor { list.actor = id } else { list.target = id });
    let target = target.map(|target| {
        let href = by_id(target, wanted, |list, id| list.target = id);
        let name = target.name.clone();
        match href {
            Some(href) => view! { <a class="link" href=at(&href)>{name}</a> }.into_any(),
            None => name.into_any(),
        }
    });
    let more = told::brief(event).map(|more| view! { <small class="caption muted">" " {more}</small> });
    let address = query::with(wanted, |list| list.ip = Some(event.ip.clone()));
    let detail = detail_address(wanted, event);
    let (name, key, actor) = (who.name.clone(), [&who.kind, &who.id].map(String::as_str).concat(), shape(who));
    let (at, ip, is_off) = (event.at.millis(), event.ip.clone(), !is_known(who));
    let label = ["Details: ", &text].concat();
    view! {
        <Row>
            <Cell label="Time" place=Place::Right fit=true>
                <RelativeTime at=at />
            </Cell>
            <MainCell>
                {match of_who {
                    Some(href) => view! { <Person name=name key=key actor=actor size=Size::Small off=is_off href=href /> }.into_any(),
                    None => view! { <Person name=name key=key actor=actor size=Size::Small off=is_off /> }.into_any(),
                }}
            </MainCell>
            <Cell label="Did" place=Place::Left>
                <span class="row" data-nowrap=true>
                    <Node icon=icon tone=tone />
                    <span class="strong">{what}</span>
                </span>
            </Cell>
            <Cell label="To" place=Place::Line>
                <span>{target} {more}</span>
            </Cell>
            <Cell label="Result" place=Place::Left>
                <Status tone=result_tone>{result}</Status>
            </Cell>
            <Cell label="From" place=Place::Drop>
                <a class="link mono" data-size="sm" href=prefix::at(&address)>
                    {ip}
                </a>
            </Cell>
            <RowActions>
                <IconLink href=detail icon=Icon::Right label=label />
            </RowActions>
        </Row>
    }
    .into_any()
}

/// The address of an event over the list.
fn detail_address(wanted: &Narrowed, event: &Event) -> String {
    [query::LIST, "/", &event.id.to_string(), &query::write(wanted)].concat()
}

/// The list of what concerns somebody or something that has an id.
fn by_id(party: &Party, wanted: &Narrowed, set: impl FnOnce(&mut EventQuery, Option<String>)) -> Option<String> {
    let id = Some(party.id.clone()).filter(|id| !id.is_empty())?;
    Some(query::with(wanted, |list| set(list, Some(id))))
}

/// What the list is narrowed to besides the filters of the toolbar, each to be taken back.
pub fn narrowed_to(wanted: Memo<Narrowed>, part: Option<&Page<Event>>) -> AnyView {
    let wanted = wanted.get_untracked();
    let list = &wanted.list;
    let name = |of: fn(&Event) -> Option<&Party>, id: &str| {
        let named = part.and_then(|part| part.items.iter().filter_map(of).find(|party| party.id == id));
        named.map_or_else(|| id.to_owned(), |party| party.name.clone())
    };
    let chip = |words: &'static str, value: String, href: String| {
        let label = [words, " ", &value, ": take this filter back"].concat();
        view! {
            <LinkButton href=href size=Size::Small icon_end=Icon::X attr:aria-label=label>
                {words}
                " "
                <b class="truncate">{value}</b>
            </LinkButton>
        }
        .into_any()
    };
    let actor = list
        .actor
        .as_deref()
        .map(|id| chip("Done by", name(|event| Some(&event.actor), id), query::with(&wanted, |list| list.actor = None)));
    let target = list
        .target
        .as_deref()
        .map(|id| chip("Done to", name(|event| event.target.as_ref(), id), query::with(&wanted, |list| list.target = None)));
    let ip = list.ip.clone().filter(|_| list.query.is_some()).map(|ip| chip("From", ip, query::with(&wanted, |list| list.ip = None)));
    let session = list.session.map(|id| chip("In session", id.to_string(), query::with(&wanted, |list| list.session = None)));
    let chips: Vec<AnyView> = [actor, target, ip, session].into_iter().flatten().collect();
    (!chips.is_empty()).then(|| view! { <div class="toolbar" data-in-card=true>{chips}</div> }).into_any()
}

/// Nothing has happened, nothing matches, or nothing so far.
fn nothing(wanted: Memo<Narrowed>, tail: Tail, next: Option<String>) -> AnyView {
    let wanted = wanted.get_untracked();
    let state = move || {
        let body = match &next {
            Some(next) => {
                let href = query::with(&wanted, |list| list.cursor = Some(next.clone()));
                view! {
                    <Empty title="Nothing matches so far" text=looked()>
                        <LinkButton href=href variant=ButtonVariant::Primary>"Go on"</LinkButton>
                    </Empty>
                }
                .into_any()
            }
            None if query::is_narrowed(&wanted) => view! {
                <Empty title="No event matches" text="Try a longer time, or fewer filters.".to_owned()>
                    <LinkButton href=query::LIST>"Clear search and filters"</LinkButton>
                </Empty>
            }
            .into_any(),
            None => {
                view! { <Empty title="Nothing has happened yet" text="Sign-ins, changes and refusals show here.".to_owned() /> }.into_any()
            }
        };
        view! { <TableState columns=COLUMNS>{body}</TableState> }
    };
    (move || tail.rows.with(Vec::is_empty).then(&state)).into_any()
}

/// How far one look reaches.
fn looked() -> String {
    ["Looked through ", &grouped(WINDOW.unsigned_abs()), " events; older ones are still to be looked at."].concat()
}

/// What is shown, and the way to the rest.
pub fn pager(wanted: Memo<Narrowed>, trail: Trail, part: &Page<Event>) -> AnyView {
    let wanted = wanted.get_untracked();
    let address = |cursor: Option<String>| query::with(&wanted, |list| list.cursor = cursor);
    if let Some(next) = &part.next_cursor {
        trail.note(next, wanted.list.cursor.as_deref());
    }
    let previous = wanted.list.cursor.as_deref().map(|cursor| address(trail.before(cursor)));
    let next = part.next_cursor.clone().map(|cursor| address(Some(cursor)));
    let here = counted(part.items.len() as u64, "event", "events");
    let is_short = part.next_cursor.is_some() && part.items.len() < DEFAULT_LIMIT as usize;
    let shown = if is_short { [&here, ". ", &looked()].concat() } else { here };
    let words = ["Newer", if is_short { "Go on" } else { "Older" }];
    view! { <Pager shown=shown previous=previous next=next words=words /> }.into_any()
}
