//! Apps: the list, and an app's own pages.

mod connect;
mod create;
mod desk;
mod first;
mod found;
mod overview;
mod proxies;
mod query;
mod rows;
mod rules;
mod settings;
mod traffic;

pub use connect::Connect;
pub use create::Create;
pub use desk::App;
pub use first::FirstApp;
pub use overview::Overview;
pub use rules::Rules;
pub use settings::Settings;

use crate::{
    calls::apps::list_apps,
    given::resource,
    pages::{
        narrow::{filtered, leads_to, searched},
        title::PageTitle,
    },
    state::{browser, follow::Follow, session::Session},
    ui::{
        Button, ButtonVariant, Card, Choice, Column, Icon, LinkButton, MainWidth, Page, SearchField, Select, Size, Table, TableLoading,
        Toolbar,
    },
};
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_query_map};
use query::Wanted;
use std::time::Duration;
use wire::{apps::AppQuery, policy::CREATE_APP};

/// How often traffic is asked for, while somebody looks: it is counted by the minute.
const EVERY: Duration = Duration::from_secs(60);

/// The list; it stays while the drawer opens over it.
#[component]
pub fn Apps() -> impl IntoView {
    let session = expect_context::<Session>();
    let params = use_query_map();
    let wanted = Memo::new(move |_| params.with(query::read));
    let news = Follow::of(&["apps", "workspaces"], "#apps tbody");
    counting(session, news);
    let apps = resource(move || (session.revision.get(), news.turn()), move |_| news.quietly(list_apps(AppQuery::default())));
    let body = move || Suspend::new(async move { rows::shown(session, &wanted.get(), apps.await) });
    let count = RwSignal::new(String::new());
    Effect::new(move || count.set(wanted.with(|wanted| apps.with(|listed| rows::count(wanted, listed.as_ref())))));
    let add = move || {
        may_add(session).then(|| {
            view! {
                <LinkButton href="/apps/new" variant=ButtonVariant::Primary icon=Icon::Plus>
                    "Add an app"
                </LinkButton>
            }
        })
    };
    view! {
        <PageTitle text="Apps" />
        <Page title="Apps" lead="Dashboards and APIs behind Doorward, and how they are.".to_owned() actions=add>
            <Card id="apps" label="Apps" flush=true>
                <Narrow wanted=wanted count=count />
                <Table
                    caption="Apps"
                    columns=vec![
                        Column::new("App"),
                        Column::new("Health"),
                        Column::new("Last hour"),
                        Column::new("Requests").number(),
                        Column::new("Answers in").number(),
                        Column::new("Your role"),
                        Column::hidden("Open"),
                    ]
                    main=MainWidth::Medium
                >
                    <Transition fallback=|| view! { <TableLoading columns=rows::COLUMNS rows=4 /> }>{body}</Transition>
                </Table>
            </Card>
        </Page>
        <Outlet />
    }
    .into_any()
}

/// Whether whoever looks may add an app.
fn may_add(session: Session) -> bool {
    session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(&CREATE_APP)))
}

/// Has the numbers of the traffic loaded again from time to time, while somebody looks and the server
/// answers. How the apps are comes by itself.
fn counting(session: Session, news: Follow) {
    Effect::new(move || {
        let next = move || {
            let is_idle = !browser::is_visible() || session.reach.is_away.get_untracked() || session.has_expired.get_untracked();
            if !is_idle {
                news.due();
            }
        };
        if let Ok(handle) = set_interval_with_handle(next, EVERY) {
            on_cleanup(move || handle.clear());
        }
    });
}

/// The search and the filter above the list.
#[component]
fn Narrow(wanted: Memo<Wanted>, #[prop(into)] count: Signal<String>) -> impl IntoView {
    let go = leads_to(query::address);
    let text = searched(wanted, |wanted: &Wanted| wanted.query.clone(), |wanted, query| Wanted { query, ..wanted }, go);
    let health = filtered(wanted, query::health_name);
    let pick = move |name: String| go.run(Wanted { health: query::health(&name), ..wanted.get_untracked() });
    let clear = move |()| {
        text.set(String::new());
        go.run(Wanted::default());
    };
    let states =
        vec![Choice::new("", "Any health"), Choice::new("up", "Healthy"), Choice::new("slow", "Slow"), Choice::new("down", "Down")];
    view! {
        <Toolbar count=count>
            <SearchField id="app-search" name="query" label="Search apps" placeholder="Name or address" value=text />
            <Select id="app-health" name="health" label="Health" hide_label=true choices=states value=health on_change=pick />
            {move || {
                wanted
                    .with(Wanted::is_narrowed)
                    .then(|| {
                        view! {
                            <Button variant=ButtonVariant::Ghost size=Size::Small on_press=clear>
                                "Clear"
                            </Button>
                        }
                    })
            }}
        </Toolbar>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use wire::{
        Permissions, RoleName, Timestamp,
        apps::{AppHealth, AppHour, AppView, HealthState, NewApp, Source},
        workspaces::Slug,
    };

    /// An app that answers, as one who manages apps sees it.
    pub fn app(slug: &str, name: &str) -> AppView {
        let new =
            NewApp { slug: Slug(slug.into()), name: Some(name.into()), upstream: "http://127.0.0.1:8000".into(), ..NewApp::default() };
        AppView {
            slug: Slug(slug.into()),
            name: name.into(),
            workspace: Slug::default(),
            source: Source::Dashboard,
            enabled: true,
            urls: vec![["http://", slug, ".localhost:8080"].concat()],
            role: Some(RoleName::admin()),
            permissions: Permissions::NONE,
            health: AppHealth { state: HealthState::Up, ..AppHealth::default() },
            hour: AppHour::default(),
            updated_at: Timestamp(0),
            definition: Some(new.app(Source::Dashboard, Timestamp(0))),
        }
    }
}
