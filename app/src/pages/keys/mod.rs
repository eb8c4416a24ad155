//! Settings, API keys: the list. Its dialog and its drawer have addresses of their own below it.

mod card;
mod create;
mod desk;
mod edit;
mod expiry;
mod hand_over;
mod query;
mod revoke;
mod rotate;
mod rows;
mod toolbar;

pub use card::MyKeys;
pub use create::Create;
pub use edit::Edit;

use crate::{
    calls::{self, keys::list_api_keys},
    given::resource,
    pages::{title::PageTitle, trail::Trail},
    prefix::at,
    state::session::Session,
    ui::{ButtonVariant, Card, Column, Icon, LinkButton, MainWidth, Note, Page, Sort, Tab, Table, TableLoading, Tabs, Tone},
};
use desk::{Desk, manages, may_own, news_of_keys};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::Outlet,
    hooks::{use_navigate, use_query_map},
};
use wire::{
    Order,
    keys::{ApiKeyQuery, KeySort},
};

/// The list; it stays while a dialog or the drawer opens over it.
#[component]
pub fn Keys() -> impl IntoView {
    let session = expect_context::<Session>();
    let params = use_query_map();
    let wanted = Memo::new(move |_| params.with(query::read));
    let desk = Desk::new(wanted);
    provide_context(desk);
    let news = news_of_keys(session, "#keys tbody");
    let keys = resource(
        move || (wanted.get(), desk.version.get(), session.revision.get(), news.turn()),
        move |(wanted, ..)| async move {
            let now = calls::now();
            news.quietly(list_api_keys(wanted)).await.map(|part| (part, now))
        },
    );
    let trail = Trail::new();
    let body = move || Suspend::new(async move { rows::shown(desk, keys.await) });
    let foot = move || Suspend::new(async move { keys.await.ok().map(|(part, _)| rows::pager(desk, trail, &part)) });
    let count = RwSignal::new(String::new());
    Effect::new(move || count.set(keys.with(|listed| rows::count(listed.as_ref()))));
    let create = move || {
        move || {
            let href = [query::LIST, "/new", &wanted.with(query::write)].concat();
            (manages(session) || may_own(session)).then(|| {
                view! {
                    <LinkButton href=href variant=ButtonVariant::Primary icon=Icon::Plus>
                        "Create a key"
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
        <PageTitle text="API keys" />
        <Page
            title="API keys"
            lead="For scripts and services. A key has a role of its own and is checked like a person. Only its first characters are kept readable."
                .to_owned()
            actions=create
            under=move || {
                view! {
                    <a class="link" href=at("/api/docs") rel="external">
                        "What a key can ask for: the API"
                    </a>
                }
            }
        >
            <Ignored session=session />
            <PersonalOff session=session />
            <Whose session=session wanted=wanted />
            <Card id="keys" label="API keys" flush=true>
                <toolbar::Narrow desk=desk count=count />
                <Table
                    caption="API keys"
                    columns=vec![
                        Column::new("Key").sort("name"),
                        Column::new("Role"),
                        Column::new("Status"),
                        Column::new("Last used").sort("lastUsedAt"),
                        Column::new("Expires").sort("expiresAt"),
                        Column::new("Kind"),
                        Column::hidden("Actions"),
                    ]
                    sort=sort
                    on_sort=sort_by
                    main=MainWidth::Small
                >
                    <Transition fallback=|| view! { <TableLoading columns=rows::COLUMNS /> }>{body}</Transition>
                </Table>
                <Transition fallback=|| ()>{foot}</Transition>
            </Card>
        </Page>
        <Outlet />
        <rotate::Rotate desk=desk />
        <revoke::Revoke desk=desk />
    }
    .into_any()
}

/// That keys count for nothing while everybody may do everything.
#[component]
fn Ignored(session: Session) -> impl IntoView {
    move || {
        session.me.with(|me| me.as_ref().is_some_and(|me| me.is_open)).then(|| {
            view! {
                <Note tone=Tone::Warning title="Sign-in is off, so keys are not looked at".to_owned()>
                    "Everybody may do everything without one. Keys that are made now count once sign-in is on."
                </Note>
            }
        })
    }
}

/// That nobody can have keys of their own.
#[component]
fn PersonalOff(session: Session) -> impl IntoView {
    move || {
        (session.user_id().is_some() && !may_own(session)).then(|| {
            view! {
                <Note title="Personal keys are turned off here".to_owned()>
                    "None can be made, and those that exist are not taken. For a program, ask an admin for a service key."
                </Note>
            }
        })
    }
}

/// Whose keys are listed; only who manages everybody's has the choice.
#[component]
fn Whose(session: Session, wanted: Memo<ApiKeyQuery>) -> impl IntoView {
    let has_choice = move || session.user_id().is_some() && manages(session);
    let is_mine = Memo::new(move |_| wanted.with(|wanted| wanted.mine.is_some()));
    move || {
        has_choice().then(|| {
            let mine = [query::LIST, "?mine=true"].concat();
            view! {
                <Tabs label="Whose API keys">
                    <Tab href=mine label="Mine" current=is_mine />
                    <Tab href=query::LIST label="Everyone" current=Signal::derive(move || !is_mine.get()) />
                </Tabs>
            }
        })
    }
}

/// The list from its beginning, in another order.
fn sorted(wanted: &ApiKeyQuery, sort: Sort) -> ApiKeyQuery {
    ApiKeyQuery {
        sort: match sort.key {
            "lastUsedAt" => KeySort::LastUsedAt,
            "expiresAt" => KeySort::ExpiresAt,
            _ => KeySort::Name,
        },
        order: if sort.is_descending { Order::Desc } else { Order::Asc },
        ..query::from_start(wanted)
    }
}
