//! The switcher: in which workspace and environment the dashboard acts.

use crate::{
    calls::workspaces::list_workspaces,
    pages::{
        narrow::rested,
        rights::{entrance, open_environments, role_in},
        words,
    },
    state::{browser, scope::Acting, session::Session},
    ui::{EnvironmentLine, EnvironmentMark, Icon, MenuItem, MenuLabel, Reports, SearchField, Switcher, Toast, WorkspaceIcon, use_toaster},
};
use leptos::{prelude::*, task::spawn_local};
use wire::{
    Page,
    policy::CREATE_WORKSPACE,
    workspaces::{Scope, Slug, Workspace, WorkspaceQuery},
};

/// How many workspaces the menu lists; more are found by the search.
const LISTED: u32 = 8;

/// Takes up what was chosen before, and says once when it is not there any more.
pub fn keep(acting: Acting) {
    let reports = use_toaster();
    Effect::new(move || browser::when_awake(move || acting.start()));
    acting.watch();
    Effect::new(move || {
        if let Some(scope) = acting.lost.get() {
            let title = ["You can’t act in ", &scope.to_string(), " any more"].concat();
            reports.say(Toast::failure(title).detail("It is gone, or for others now. You act in default/default."));
        }
    });
}

/// The sign of the environment over the page, where there is a choice.
#[component]
pub fn Line(acting: Acting) -> impl IntoView {
    let slug = Signal::derive(move || acting.scope.with(|scope| scope.environment.0.clone()));
    move || acting.has_choice.get().then(|| view! { <EnvironmentLine slug=slug /> })
}

/// The switcher, where there is a choice.
#[component]
pub fn Places() -> impl IntoView {
    let acting = expect_context::<Acting>();
    move || acting.has_choice.get().then(|| view! { <Choose acting=acting /> })
}

#[component]
fn Choose(acting: Acting) -> impl IntoView {
    let session = expect_context::<Session>();
    let typed = RwSignal::new(String::new());
    let found = RwSignal::new(None::<Page<Workspace>>);
    let reports = use_toaster();
    let look = move |text: String| {
        spawn_local(async move {
            let wanted = WorkspaceQuery { query: words::given(&text.to_lowercase()), limit: Some(LISTED), cursor: None };
            if let Ok(part) = list_workspaces(wanted).await
                && typed.try_with_untracked(|now| *now == text) == Some(true)
            {
                let _ = found.try_set(Some(part));
            }
        });
    };
    rested(typed, look);
    let opened = move |()| look(typed.get_untracked());
    let name = Signal::derive(move || {
        acting.scope.with(|scope| {
            let known = acting.here.with(|here| here.as_ref().filter(|here| here.slug == scope.workspace).map(|here| here.name.clone()));
            known.unwrap_or_else(|| scope.workspace.0.clone())
        })
    });
    let environment = Signal::derive(move || acting.scope.with(|scope| scope.environment.0.clone()));
    let has_more = Memo::new(move |_| {
        found.with(|part| part.as_ref().is_some_and(|part| part.next_cursor.is_some())) || typed.with(|typed| !typed.is_empty())
    });
    let may_make = Memo::new(move |_| session.me.with(|me| me.as_ref().is_some_and(|me| me.may(&CREATE_WORKSPACE))));
    view! {
        <Switcher workspace=name environment=environment on_press=opened>
            {move || environments(acting, session, reports)}
            <hr />
            <MenuLabel>"Workspaces"</MenuLabel>
            {move || {
                has_more
                    .get()
                    .then(|| {
                        view! {
                            <SearchField
                                id="switcher-search"
                                label="Search workspaces"
                                placeholder="Beginning of a slug"
                                value=typed
                            />
                        }
                    })
            }}
            {move || found.get().map(|part| workspaces(acting, session, reports, part.items))}
            {move || {
                may_make
                    .get()
                    .then(|| {
                        view! {
                            <hr />
                            <MenuItem icon=Icon::Plus label="Create a workspace" href="/settings/workspaces/new" />
                            <MenuItem icon=Icon::Layers label="Manage workspaces" href="/settings/workspaces" />
                        }
                    })
            }}
        </Switcher>
    }
    .into_any()
}

/// The environments of the workspace that one is in.
fn environments(acting: Acting, session: Session, reports: Reports) -> AnyView {
    let now = acting.scope.get();
    let Some(here) = acting.here.get().filter(|here| here.slug == now.workspace) else { return ().into_any() };
    let open = session.me.with(|me| open_environments(me.as_ref(), &here));
    let items: Vec<_> = open
        .into_iter()
        .map(|slug| {
            let scope = Scope { workspace: here.slug.clone(), environment: slug.clone() };
            let is_current = scope == now;
            let role = session.me.with(|me| role_in(me.as_ref(), &scope)).map(|role| words::role(&role));
            let mark = slug.0.clone();
            view! {
                <MenuItem
                    before=move || view! { <EnvironmentMark slug=mark.clone() /> }
                    label=slug.0
                    hint=role
                    current=is_current
                    run=move |()| turn(acting, reports, scope.clone())
                />
            }
        })
        .collect();
    let title = ["Environment in ", &here.name].concat();
    view! {
        <MenuLabel>{title}</MenuLabel>
        {items}
    }
    .into_any()
}

/// The workspaces that were found; one of which nothing is open can not be chosen.
fn workspaces(acting: Acting, session: Session, reports: Reports, found: Vec<Workspace>) -> AnyView {
    let now = acting.scope.get();
    let items: Vec<_> = found
        .into_iter()
        .map(|workspace| {
            let to = session.me.with(|me| entrance(me.as_ref(), &workspace, &now.environment));
            let is_current = workspace.slug == now.workspace;
            let (name, slug) = (workspace.name.clone(), workspace.slug.clone());
            let hint = (!workspace.name.eq_ignore_ascii_case(&workspace.slug.0)).then(|| workspace.slug.0.clone());
            let go = move |()| {
                // Who is in it already stays in the environment.
                if let Some(to) = to.clone().filter(|_| !is_here(acting, &slug)) {
                    turn(acting, reports, to);
                }
            };
            view! {
                <MenuItem
                    before=move || view! { <WorkspaceIcon name=name.clone() /> }
                    label=workspace.name
                    hint=hint
                    current=is_current
                    run=go
                />
            }
        })
        .collect();
    if items.is_empty() {
        return view! { <p class="menu__label">"Nothing begins like this."</p> }.into_any();
    }
    items.into_any()
}

fn is_here(acting: Acting, slug: &Slug) -> bool {
    acting.scope.with_untracked(|scope| scope.workspace == *slug)
}

/// Acts there from now on.
pub fn turn(acting: Acting, reports: Reports, scope: Scope) {
    reports.say(["You act in ", &scope.to_string(), " now"].concat());
    acting.choose(scope);
}
