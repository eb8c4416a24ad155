//! Settings, Audit log: who did what, and who was refused. The drawer for one event has an address of
//! its own below the list.

mod choices;
mod detail;
mod live;
mod query;
mod rows;
pub(super) mod told;
mod toolbar;

pub use detail::Detail;

use crate::{
    calls::audit::list_events,
    frame::Posted,
    given::resource,
    pages::{title::PageTitle, trail::Trail},
    state::session::Session,
    ui::{Card, Column, Icon, LinkButton, MainWidth, Note, Page, Table, TableLoading, Tone},
};
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_query_map};
use live::Tail;
use query::Narrowed;

/// What the list and its drawer share.
#[derive(Clone, Copy)]
struct Log(Memo<Narrowed>);

impl Log {
    /// The address of the list as it is shown.
    fn address(self) -> String {
        [query::LIST, &self.0.with_untracked(query::write)].concat()
    }
}

/// The list; it stays while the drawer opens over it.
#[component]
pub fn Audit() -> impl IntoView {
    let session = expect_context::<Session>();
    let params = use_query_map();
    let wanted = Memo::new(move |_| params.with(query::read));
    provide_context(Log(wanted));
    let events = resource(move || (wanted.with(|wanted| wanted.list.clone()), session.revision.get()), |(list, _)| list_events(list));
    let tail = Tail::new(session, wanted, events);
    let trail = Trail::new();
    let body = move || Suspend::new(async move { rows::shown(wanted, tail, events.await) });
    let chips = move || {
        // A filter that matches nothing is shown all the same.
        Suspend::new(async move { rows::narrowed_to(wanted, events.await.ok().as_ref()) })
    };
    let foot = move || Suspend::new(async move { events.await.ok().map(|part| rows::pager(wanted, trail, &part)) });
    let new = move || tail.rows.get();
    let actions = move || {
        let export = move |format: &'static str| Signal::derive(move || wanted.with(|wanted| query::export(wanted, format)));
        view! {
            <LinkButton href=export("csv") icon=Icon::Download attr:rel="external">
                "Export CSV"
            </LinkButton>
            <LinkButton href=export("jsonl") icon=Icon::Download attr:rel="external">
                "Export JSON lines"
            </LinkButton>
        }
    };
    let failure = use_context::<Posted>().and_then(|posted| posted.failure);
    view! {
        <PageTitle text="Audit log" />
        <Page
            title="Audit log"
            lead="Who changed what, and who was refused. Events can’t be edited, and each one is chained to the one before it."
                .to_owned()
            actions=actions
        >
            {failure
                .map(|failure| {
                    view! {
                        <Note tone=Tone::Danger title="Nothing was exported".to_owned()>
                            {failure.detail}
                        </Note>
                    }
                })}
            <Card id="audit" label="Audit log" flush=true>
                <toolbar::Narrow wanted=wanted tail=tail />
                <Transition fallback=|| ()>{chips}</Transition>
                <div
                    on:mouseenter=move |_| tail.is_held.set(true)
                    on:mouseleave=move |_| tail.is_held.set(false)
                    on:focusin=move |_| tail.is_held.set(true)
                    on:focusout=move |_| tail.is_held.set(false)
                >
                    <Table
                        caption="Audit log, newest first"
                        columns=vec![
                            Column::new("Time"),
                            Column::new("Who"),
                            Column::new("Did"),
                            Column::new("To"),
                            Column::new("Result"),
                            Column::new("From"),
                            Column::hidden("Details"),
                        ]
                        main=MainWidth::Small
                        dense=true
                    >
                        <For each=new key=|event| event.id children=move |event| rows::row(&wanted.get_untracked(), &event) />
                        <Transition fallback=|| view! { <TableLoading columns=rows::COLUMNS /> }>{body}</Transition>
                    </Table>
                </div>
                <Transition fallback=|| ()>{foot}</Transition>
            </Card>
        </Page>
        <Outlet />
    }
    .into_any()
}
