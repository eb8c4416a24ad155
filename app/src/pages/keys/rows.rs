//! The rows of the list, what stands there instead of them, and the way to the next ones.

use super::{
    desk::{Desk, Reach, beginning, ends_soon, manages, may_own, state, works_in},
    query,
};
use crate::{
    pages::{failed, role::RoleMark, trail::Trail},
    prefix::at,
    state::{roles::Roles, session::Session},
    ui::{
        Actor, Avatar, Badge, Cell, Empty, Icon, LinkButton, MainCell, MenuButton, MenuItem, Place, RelativeTime, Row, RowActions, Status,
        TableState, Time, TimeStyle, Tone, counted,
    },
};
use leptos::prelude::*;
use wire::{
    Failure, Page, Timestamp,
    keys::{ApiKey, ApiKeyQuery, KeyKind, KeyStatus},
};

/// How many columns the list has.
pub const COLUMNS: usize = 7;

/// A page of the list, and the time as of which it is drawn.
pub type Listed = (Page<ApiKey>, Timestamp);

/// The rows, or why there are none.
pub fn shown(desk: Desk, listed: Result<Listed, Failure>) -> AnyView {
    match listed {
        Ok((part, _)) if part.items.is_empty() => nothing(desk),
        Ok((part, now)) => part.items.into_iter().map(|key| row(desk, key, now)).collect::<Vec<_>>().into_any(),
        Err(failure) => {
            let state = failed::failed("Couldn’t load the API keys", &failure);
            view! { <TableState columns=COLUMNS>{state}</TableState> }.into_any()
        }
    }
}

/// How many there are, for the toolbar.
pub fn count(listed: Option<&Result<Listed, Failure>>) -> String {
    match listed {
        None => "Loading API keys".into(),
        Some(Ok((Page { total: Some(total), .. }, _))) => counted(*total, "key", "keys"),
        Some(_) => String::new(),
    }
}

fn row(desk: Desk, key: ApiKey, now: Timestamp) -> AnyView {
    let off = key.status != KeyStatus::Active;
    let (tone, word) = state(&key, now);
    let (name, href, text) = (key.name.clone(), desk.address_of(&key), beginning(&key));
    let role = key.role.clone();
    let kind = match key.kind {
        KeyKind::Service => "Service".into_any(),
        KeyKind::Personal => {
            let owner = key.owner_name.clone().map(|owner| view! { <small class="caption muted">" " {owner}</small> });
            view! { "Personal" {owner} }.into_any()
        }
    };
    let place = works_in(&key).map(|place| view! { <small class="caption muted">" in " {place}</small> });
    let (used, ends, actions) = (last_use(&key), end(&key, now), actions(desk, key));
    view! {
        <Row off=off>
            <MainCell>
                <div class="person">
                    <Avatar name=name.clone() actor=Actor::Key off=off />
                    <div>
                        <b>
                            <a href=at(&href)>{name}</a>
                        </b>
                        <small class="mono" data-size="sm">
                            {text}
                        </small>
                    </div>
                </div>
            </MainCell>
            <Cell label="Role" place=Place::Left>
                <RoleMark role=role.clone() />
            </Cell>
            <Cell label="Status" place=Place::Right>
                <Status tone=tone>{word}</Status>
            </Cell>
            <Cell label="Last used">{used}</Cell>
            <Cell label="Expires">{ends}</Cell>
            <Cell label="Kind">{kind} {place}</Cell>
            <RowActions>{actions}</RowActions>
        </Row>
    }
    .into_any()
}

/// When and from where a key was last used.
pub fn last_use(key: &ApiKey) -> AnyView {
    let Some(at) = key.last_used_at else { return "Never".into_any() };
    let from = key.last_used_ip.clone().map(|address| view! { <small class="caption muted">" " {address}</small> });
    view! {
        <RelativeTime at=at.millis() />
        {from}
    }
    .into_any()
}

/// When a key ends; marked where that is soon.
pub fn end(key: &ApiKey, now: Timestamp) -> AnyView {
    match key.expires_at {
        None => "Never".into_any(),
        Some(at) if ends_soon(key, now) => view! {
            <Badge tone=Tone::Warning icon=Icon::Clock>
                <RelativeTime at=at.millis() />
            </Badge>
        }
        .into_any(),
        Some(at) => view! { <Time at=at.millis() style=TimeStyle::Day /> }.into_any(),
    }
}

fn actions(desk: Desk, key: ApiKey) -> AnyView {
    let reach = Reach::of(expect_context::<Session>(), expect_context::<Roles>(), &key);
    let id = ["key-", &key.id.to_string()].concat();
    let label = ["Actions for ", &key.name].concat();
    let href = desk.address_of(&key);
    let key = StoredValue::new(key);
    let (icon, words) = if reach.can_change { (Icon::Edit, "Edit") } else { (Icon::Info, "See") };
    let rotate = reach.can_rotate.then(|| {
        view! { <MenuItem icon=Icon::Refresh label="Rotate" run=move |()| desk.to_rotate.set(Some(key.get_value())) /> }
    });
    let revoke = reach.can_revoke.then(|| {
        view! {
            <hr />
            <MenuItem icon=Icon::Ban label="Revoke" tone=Tone::Danger run=move |()| desk.to_revoke.set(Some(key.get_value())) />
        }
    });
    view! {
        <MenuButton id=id label=label>
            <MenuItem icon=icon label=words href=href />
            {rotate}
            {revoke}
        </MenuButton>
    }
    .into_any()
}

/// None matches, or none is there yet.
fn nothing(desk: Desk) -> AnyView {
    let wanted = desk.query.get_untracked();
    let state = if query::is_narrowed(&wanted) {
        let all = [query::LIST, &query::write(&query::cleared(&wanted))].concat();
        view! {
            <Empty
                title=["No key matches", &query::words(&wanted)].concat()
                text="Names are found by their beginning. Try another one, or look at all keys.".to_owned()
            >
                <LinkButton href=all>"Clear search and filters"</LinkButton>
            </Empty>
        }
        .into_any()
    } else {
        let session = expect_context::<Session>();
        let create = untrack(|| manages(session) || may_own(session)).then(|| {
            let href = [query::LIST, "/new", &query::write(&wanted)].concat();
            view! {
                <LinkButton href=href icon=Icon::Plus>
                    "Create a key"
                </LinkButton>
            }
        });
        view! {
            <Empty title="No API keys yet" text="A script or a service gets in with a key instead of a password.".to_owned()>
                {create}
            </Empty>
        }
        .into_any()
    };
    view! { <TableState columns=COLUMNS>{state}</TableState> }.into_any()
}

/// What is shown, and the way to the rest.
pub fn pager(desk: Desk, trail: Trail, part: &Page<ApiKey>) -> AnyView {
    let wanted = desk.query.get_untracked();
    let address = |cursor: Option<String>| [query::LIST, &query::write(&ApiKeyQuery { cursor, ..wanted.clone() })].concat();
    trail.pager(part, wanted.cursor.as_deref(), ("key", "keys"), address)
}
