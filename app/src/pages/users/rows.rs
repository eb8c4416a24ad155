//! The rows of the list, what stands there instead of them, and the way to the next ones.

use super::{
    people::{People, link_words, state},
    query,
};
use crate::{
    pages::{failed, role::RoleMark, trail::Trail, words},
    state::session::Session,
    ui::{
        Badge, Cell, Empty, Icon, LinkButton, MainCell, MenuButton, MenuItem, Person, Place, RelativeTime, Row, RowActions, Status,
        TableState, Time, TimeStyle, Tone, counted,
    },
};
use leptos::prelude::*;
use wire::{
    Failure, Page,
    policy::{CREATE_RESET_LINK, DELETE_USER, RESET_PASSWORD, UPDATE_USER},
    users::User,
};

/// How many columns the list has.
pub const COLUMNS: usize = 6;

/// The rows, or why there are none.
pub fn shown(people: People, part: Result<Page<User>, Failure>) -> AnyView {
    match part {
        Ok(part) if part.items.is_empty() => nobody(people),
        Ok(part) => part.items.into_iter().map(|user| row(people, user)).collect::<Vec<_>>().into_any(),
        Err(failure) => failed(&failure),
    }
}

/// How many there are, for the toolbar.
pub fn count(part: Option<&Result<Page<User>, Failure>>) -> String {
    match part {
        None => "Loading users".into(),
        Some(Ok(Page { total: Some(total), .. })) => counted(*total, "person", "people"),
        Some(_) => String::new(),
    }
}

fn row(people: People, user: User) -> AnyView {
    let session = expect_context::<Session>();
    let is_self = session.user_id() == Some(user.id);
    let (off, name) = (user.is_disabled, user.name().to_owned());
    let (tone, state) = state(&user);
    let seen = match user.last_login_at {
        Some(at) => view! { <RelativeTime at=at.millis() /> }.into_any(),
        None => "Never".into_any(),
    };
    let href = {
        let user = user.clone();
        people.address_of(&user)
    };
    let role = user.role.clone();
    let (key, detail, created) = (user.id.to_string(), words::below(&user), user.created_at.millis());
    view! {
        <Row off=off>
            <MainCell>
                <Person name=name key=key detail=detail href=href off=off>
                    {is_self.then(|| view! { <Badge tone=Tone::Accent>"You"</Badge> })}
                </Person>
            </MainCell>
            <Cell label="Role" place=Place::Left>
                <RoleMark role=role.clone() />
            </Cell>
            <Cell label="Status" place=Place::Right>
                <Status tone=tone>{state}</Status>
            </Cell>
            <Cell label="Added" place=Place::Drop>
                <Time at=created style=TimeStyle::Day />
            </Cell>
            <Cell label="Last sign-in">{seen}</Cell>
            <RowActions>{actions(people, session, user)}</RowActions>
        </Row>
    }
    .into_any()
}

fn actions(people: People, session: Session, user: User) -> AnyView {
    let may = move |operation| session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(operation)));
    let id = ["user-", &user.id.to_string()].concat();
    let label = ["Actions for ", user.name()].concat();
    let href = people.address_of(&user);
    let person = StoredValue::new(user.clone());
    let is_disabled = user.is_disabled;
    let links = may(&CREATE_RESET_LINK).then(|| {
        let words = link_words(&user);
        view! { <MenuItem icon=Icon::Mail label=words run=move |()| people.make_link(person.get_value()) /> }
    });
    let password = may(&RESET_PASSWORD).then(|| {
        view! { <MenuItem icon=Icon::Key label="Set a password" run=move |()| people.to_set.set(Some(person.get_value())) /> }
    });
    let disable = may(&UPDATE_USER).then(|| {
        let (icon, words) = if is_disabled { (Icon::Check, "Enable") } else { (Icon::Ban, "Disable") };
        view! { <MenuItem icon=icon label=words run=move |()| people.set_disabled(person.get_value(), !is_disabled) /> }
    });
    let delete = may(&DELETE_USER).then(|| {
        view! {
            <hr />
            <MenuItem
                icon=Icon::Trash
                label="Delete"
                tone=Tone::Danger
                run=move |()| people.to_delete.set(Some(person.get_value()))
            />
        }
    });
    view! {
        <MenuButton id=id label=label>
            <MenuItem icon=Icon::Edit label="Edit" href=href />
            {links}
            {password}
            {disable}
            {delete}
        </MenuButton>
    }
    .into_any()
}

/// Nobody matches, or nobody is there yet.
fn nobody(people: People) -> AnyView {
    let wanted = people.query.get_untracked();
    let state = if query::is_narrowed(&wanted) {
        view! {
            <Empty
                title=["Nobody matches", &query::words(&wanted)].concat()
                text="Try another spelling, or look at everyone.".to_owned()
            >
                <LinkButton href=query::LIST>"Clear search and filters"</LinkButton>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty title="No users yet" text="Add the first one, and turn sign-in on in Settings, Authentication.".to_owned()>
                <LinkButton href="/settings/users/new" icon=Icon::UserPlus>
                    "Add a user"
                </LinkButton>
            </Empty>
        }
        .into_any()
    };
    view! { <TableState columns=COLUMNS>{state}</TableState> }.into_any()
}

fn failed(failure: &Failure) -> AnyView {
    let state = failed::failed("Couldn’t load the users", failure);
    view! { <TableState columns=COLUMNS>{state}</TableState> }.into_any()
}

/// What is shown, and the way to the rest.
pub fn pager(people: People, trail: Trail, part: &Page<User>) -> AnyView {
    let wanted = people.query.get_untracked();
    let address = |cursor: Option<String>| {
        let wanted = wire::users::UserQuery { cursor, ..wanted.clone() };
        [query::LIST, &query::write(&wanted)].concat()
    };
    trail.pager(part, wanted.cursor.as_deref(), ("person", "people"), address)
}
