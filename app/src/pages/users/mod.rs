//! Settings, Users: the list. Its dialogs and its drawer have addresses of their own below it.

mod add;
mod edit;
mod grant;
mod grants;
mod hand_over;
mod identities;
mod people;
mod query;
mod questions;
mod rows;
mod set_password;
mod toolbar;

pub use add::Add;
pub use edit::Edit;

use crate::pages::{title::PageTitle, trail::Trail};
use crate::{
    calls::users::list_users,
    given::resource,
    state::{follow::Follow, session::Session},
    ui::{ButtonVariant, Card, Column, Icon, LinkButton, Page, Sort, Table, TableLoading},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::Outlet,
    hooks::{use_navigate, use_query_map},
};
use people::People;
use wire::{
    Order,
    policy::CREATE_USER,
    users::{UserQuery, UserSort},
};

/// The list; it stays while a dialog or a drawer opens over it.
#[component]
pub fn Users() -> impl IntoView {
    let session = expect_context::<Session>();
    let params = use_query_map();
    let wanted = Memo::new(move |_| params.with(query::read));
    let people = People::new(wanted);
    provide_context(people);
    let news = Follow::of(&["users", "workspaces"], "#users tbody");
    let users = resource(
        move || (wanted.get(), people.version.get(), session.revision.get(), news.turn()),
        move |(wanted, ..)| news.quietly(list_users(wanted)),
    );
    let trail = Trail::new();
    let body = move || Suspend::new(async move { rows::shown(people, users.await) });
    let foot = move || Suspend::new(async move { users.await.ok().map(|part| rows::pager(people, trail, &part)) });
    let count = RwSignal::new(String::new());
    Effect::new(move || count.set(users.with(|part| rows::count(part.as_ref()))));
    let may_add = move || session.me.with(|me| me.as_ref().is_some_and(|me| me.may(&CREATE_USER)));
    let add = move || {
        move || {
            may_add().then(|| {
                let href = ["/settings/users/new", &wanted.with(query::write)].concat();
                view! {
                    <LinkButton href=href variant=ButtonVariant::Primary icon=Icon::UserPlus>
                        "Add a user"
                    </LinkButton>
                }
            })
        }
    };
    let navigate = use_navigate();
    let sort_by = move |sort: Sort| {
        let wanted = sorted(&wanted.get_untracked(), sort);
        navigate(&[query::LIST, &query::write(&wanted)].concat(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    };
    let sort = Signal::derive(move || {
        wanted.with(|wanted| Some(Sort { key: query::sort_name(wanted.sort), is_descending: wanted.order == Order::Desc }))
    });
    view! {
        <PageTitle text="Users" />
        <Page
            title="Users"
            lead="People who can sign in. A role decides what they may do.".to_owned()
            actions=add
        >
            <Card id="users" label="Users" flush=true>
                <toolbar::Narrow people=people count=count />
                <Table
                    caption="Users"
                    columns=vec![
                        Column::new("Person").sort("username"),
                        Column::new("Role"),
                        Column::new("Status"),
                        Column::new("Added").sort("createdAt"),
                        Column::new("Last sign-in").sort("lastLoginAt"),
                        Column::hidden("Actions"),
                    ]
                    sort=sort
                    on_sort=sort_by
                >
                    <Transition fallback=|| view! { <TableLoading columns=rows::COLUMNS /> }>{body}</Transition>
                </Table>
                <Transition fallback=|| ()>{foot}</Transition>
            </Card>
        </Page>
        <Outlet />
        <questions::Questions people=people />
    }
    .into_any()
}

/// The list from its beginning, in another order.
fn sorted(wanted: &UserQuery, sort: Sort) -> UserQuery {
    UserQuery {
        sort: match sort.key {
            "createdAt" => UserSort::CreatedAt,
            "lastLoginAt" => UserSort::LastLoginAt,
            _ => UserSort::Username,
        },
        order: if sort.is_descending { Order::Desc } else { Order::Asc },
        ..query::from_start(wanted)
    }
}

#[cfg(test)]
mod tests {
    use wire::{
        RoleName, Timestamp, UserId,
        users::{Source, User},
    };

    /// Somebody who was added here.
    pub fn user() -> User {
        User {
            id: UserId(Default::default()),
            username: "elif".into(),
            email: None,
            display_name: None,
            role: RoleName("viewer".into()),
            is_disabled: false,
            source: Source::Local,
            must_change_password: false,
            has_password: true,
            is_break_glass: false,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
            last_login_at: None,
            grants: Vec::new(),
        }
    }
}
