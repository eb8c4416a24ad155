//! Settings, Workspaces: each with its environments. Its dialog and its drawer have addresses of their
//! own below it.

mod cards;
mod create;
mod desk;
mod edit;
mod extend;
mod members;
mod query;
mod questions;

pub use create::Create;
pub use edit::Edit;

use crate::{
    calls::workspaces::list_workspaces,
    given::resource,
    pages::{
        narrow::{leads_to, searched},
        title::PageTitle,
        trail::Trail,
    },
    state::{follow::Follow, scope::Acting, session::Session},
    ui::{ButtonVariant, Card, Code, Icon, LinkButton, Page, SearchField, Skeleton, SkeletonShape, Toolbar},
};
use desk::Desk;
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_query_map};
use wire::workspaces::WorkspaceQuery;

/// The list; it stays while a dialog or the drawer opens over it.
#[component]
pub fn Workspaces() -> impl IntoView {
    let session = expect_context::<Session>();
    let params = use_query_map();
    let wanted = Memo::new(move |_| params.with(query::read));
    let desk = Desk::new(wanted);
    provide_context(desk);
    let news = Follow::of(&["workspaces"], "#main .card");
    let workspaces = resource(
        move || (wanted.get(), desk.version.get(), session.revision.get(), news.turn()),
        move |(wanted, ..)| news.quietly(list_workspaces(query::asked(wanted))),
    );
    let trail = Trail::new();
    let body = move || Suspend::new(async move { cards::shown(desk, workspaces.await) });
    let foot = move || Suspend::new(async move { workspaces.await.ok().map(|part| cards::pager(desk, trail, &part)) });
    let make = move || {
        move || {
            let href = [query::LIST, "/new", &wanted.with(query::write)].concat();
            view! {
                <LinkButton href=href variant=ButtonVariant::Primary icon=Icon::Plus>
                    "Create a workspace"
                </LinkButton>
            }
        }
    };
    let go = leads_to(|wanted| [query::LIST, &query::write(wanted)].concat());
    let text = searched(wanted, |wanted| wanted.query.clone(), |_, query| WorkspaceQuery { query, ..WorkspaceQuery::default() }, go);
    view! {
        <PageTitle text="Workspaces" />
        <Page
            title="Workspaces"
            lead="A workspace holds what belongs together, in one environment or several. A grant gives somebody another role there."
                .to_owned()
            narrow=true
            actions=make
        >
            <Card id="workspaces-search" label="Search workspaces" flush=true>
                <Toolbar>
                    <SearchField
                        id="workspace-search"
                        name="query"
                        label="Search workspaces"
                        placeholder="Beginning of a slug"
                        value=text
                    />
                </Toolbar>
            </Card>
            <Transition fallback=waiting>{body}</Transition>
            <Transition fallback=|| ()>{foot}</Transition>
            <Script />
        </Page>
        <Outlet />
        <extend::Extend desk=desk />
        <questions::Delete desk=desk />
    }
    .into_any()
}

fn waiting() -> AnyView {
    view! {
        <p class="sr-only" role="status">
            "Loading the workspaces"
        </p>
        <Card id="workspaces-loading" label="Workspaces">
            <Skeleton shape=SkeletonShape::Large width=3 />
            <Skeleton width=5 />
            <Skeleton width=4 />
        </Card>
    }
    .into_any()
}

/// How a request says where it acts.
#[component]
fn Script() -> impl IntoView {
    expect_context::<Acting>().header().map(|header| {
        let command = ["curl -H \"Authorization: Bearer $KEY\" -H \"", &header, ": billing/staging\" $DOORWARD/api/v1/auth/me"].concat();
        view! {
            <Card
                id="workspaces-script"
                title="Choosing an environment from a script".to_owned()
                lead="One session or key, one header. Without it a request acts in default/default.".to_owned()
            >
                <Code title="curl" text=command wrap=true />
            </Card>
        }
    })
}
