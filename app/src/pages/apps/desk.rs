//! The frame of an app's pages: its name, how it is, the tabs; and what the tabs share.

use super::{query::LIST, rows::configured};
use crate::{
    calls::apps::get_app,
    given::{Resource, resource},
    pages::{
        app_words::{address, status},
        failed::failed,
        title::PageTitle,
    },
    prefix::at,
    state::session::{Session, retry_failed},
    ui::{
        AppIcon, ButtonVariant, Card, Icon, LinkButton, PageHead, Reports, Scene, Size, Skeleton, SkeletonShape, StatePage, Tab, Tabs,
        use_toaster,
    },
};
use leptos::prelude::*;
use leptos_router::{
    components::Outlet,
    hooks::{use_location, use_params_map},
};
use wire::{
    Code, Failure,
    apps::{AppHealth, AppView, Source},
    workspaces::Slug,
};

/// What the pages of an app share.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The app's slug, from the address.
    pub slug: Memo<Slug>,
    /// The app as it was loaded; it is loaded again after a change alone, so that nothing typed is lost.
    pub app: Resource<Result<AppView, Failure>>,
    /// How it is by now, of which app.
    pub health: RwSignal<Option<(Slug, AppHealth)>>,
    version: RwSignal<u32>,
    reports: Reports,
}

impl Desk {
    /// Has the app loaded again, and says what was done.
    pub fn changed(self, done: String) {
        self.reports.say(done);
        self.version.update(|version| *version += 1);
    }
}

/// The frame.
#[component]
pub fn App() -> impl IntoView {
    let session = expect_context::<Session>();
    let params = use_params_map();
    let slug = Memo::new(move |_| Slug(params.with(|params| params.get("slug")).unwrap_or_default()));
    let version = RwSignal::new(0);
    let app = resource(move || (slug.get(), version.get()), |(slug, _)| get_app(slug));
    retry_failed(session, app);
    let desk = Desk { slug, app, health: RwSignal::new(None), version, reports: use_toaster() };
    provide_context(desk);
    let path = use_location().pathname;
    let head = move || {
        Suspend::new(async move {
            match app.await {
                Ok(app) => view! { <Head app=app desk=desk path=path /> }.into_any(),
                Err(failure) if failure.code == Code::NotFound => missing(),
                Err(failure) => unloaded(&failure),
            }
        })
    };
    view! {
        <main class="page" id="main" tabindex="-1" data-width="wide">
            <Transition fallback=waiting>{head}</Transition>
            <Outlet />
        </main>
    }
    .into_any()
}

#[component]
fn Head(app: AppView, desk: Desk, path: Memo<String>) -> impl IntoView {
    let url = app.urls.first().cloned();
    let (slug, is_enabled, first) = (app.slug.clone(), app.enabled, app.health.state);
    let state = Memo::new(move |_| {
        desk.health.with(|health| health.as_ref().filter(|(of, _)| *of == slug).map_or(first, |(_, health)| health.state))
    });
    let link = url.clone().map(|url| {
        let shown = address(&url).to_owned();
        view! {
            <a class="link mono break" data-size="sm" href=url rel="external">
                {shown}
            </a>
        }
    });
    let source = (app.source == Source::Config).then(configured);
    let under = move || {
        view! {
            <p class="row" data-gap="3">
                {link}
                {move || status(state.get(), is_enabled)}
                {source}
            </p>
        }
    };
    let open = url.filter(|_| is_enabled);
    let actions = move || {
        open.map(|url| {
            view! {
                <LinkButton href=url icon=Icon::External attr:rel="external">
                    "Open app"
                </LinkButton>
            }
        })
    };
    let base = [LIST, "/", &app.slug.0].concat();
    let tab = |end: &'static str, label: &'static str, count: Option<String>| {
        let href = [&base, end].concat();
        let own = at(&href);
        let is_current = Signal::derive(move || path.with(|path| path.trim_end_matches('/') == own));
        view! { <Tab href=href label=label current=is_current count=Signal::stored(count) /> }
    };
    let rules = app.definition.as_ref().map(|definition| definition.rules.len().to_string());
    let manages = app.definition.is_some();
    let tabs = (
        tab("", "Overview", None),
        manages.then(|| tab("/rules", "Rules", rules)),
        tab("/connect", "Connect", None),
        manages.then(|| tab("/settings", "Settings", None)),
    );
    view! {
        <PageTitle text=app.name.clone() />
        <PageHead title=app.name.clone() before=|| view! { <AppIcon size=Size::Large /> } under=under actions=actions />
        <Tabs label=app.name>{tabs}</Tabs>
    }
    .into_any()
}

/// There is no such app, or it is not open to whoever looks.
fn missing() -> AnyView {
    let actions = || {
        view! {
            <LinkButton href=LIST variant=ButtonVariant::Primary>
                "See all apps"
            </LinkButton>
        }
    };
    view! {
        <PageTitle text="No such app" />
        <StatePage scene=Scene::Missing title="There is no such app" code="404".to_owned() actions=actions>
            <p>"It may have been renamed or removed, or your role does not open it."</p>
        </StatePage>
    }
    .into_any()
}

fn unloaded(failure: &Failure) -> AnyView {
    let state = failed("Couldn’t load the app", failure);
    view! {
        <PageTitle text="App" />
        <h1 class="sr-only">"App"</h1>
        <Card id="failed" label="App" flush=true>
            {state}
        </Card>
    }
    .into_any()
}

fn waiting() -> AnyView {
    view! {
        <p class="sr-only" role="status">
            "Loading the app"
        </p>
        <div class="page__head">
            <Skeleton shape=SkeletonShape::Large width=4 />
        </div>
    }
    .into_any()
}
