//! The palette: pages, apps and actions that the role opens, and people by name.

use super::{
    switcher::turn,
    ways::{PROFILE, WAYS},
};
use crate::{
    calls::{client::in_background, stats::get_overview, users::list_users, workspaces::list_workspaces},
    pages::{narrow::rested, rights::open_environments, words},
    state::{scope::Acting, session::Session},
    ui::{Command, Icon, Palette, use_theme, use_toaster},
};
use leptos::{prelude::*, task::spawn_local};
use wire::{
    apps::AppTile,
    policy::{CREATE_APP, CREATE_USER, GET_OVERVIEW, LIST_USERS},
    users::{User, UserQuery},
    workspaces::{Scope, Workspace, WorkspaceQuery},
};

/// The palette, for the whole frame.
#[component]
pub fn Find(open: RwSignal<bool>, is_helping: RwSignal<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let theme = use_theme();
    let query = RwSignal::new(String::new());
    let people = RwSignal::new(Vec::<User>::new());
    let may_list = move || session.me.with(|me| me.as_ref().is_some_and(|me| me.may(&LIST_USERS)));
    let acting = expect_context::<Acting>();
    let reports = use_toaster();
    let places = RwSignal::new(Vec::<Workspace>::new());
    let is_still = move |typed: &str| query.try_with_untracked(|now| now == typed) == Some(true);
    // It begins empty each time, and nothing of the last time may stand in it.
    Effect::new(move || {
        if query.with(String::is_empty) {
            people.set(Vec::new());
            places.set(Vec::new());
        }
    });
    rested(query, move |typed| {
        if typed.trim().len() < 2 || !untrack(may_list) {
            people.set(Vec::new());
            return;
        }
        spawn_local(async move {
            let wanted = UserQuery { query: words::given(&typed), limit: Some(6), ..UserQuery::default() };
            if let Ok(page) = list_users(wanted).await
                && is_still(&typed)
            {
                let _ = people.try_set(page.items);
            }
        });
    });
    rested(query, move |typed| {
        // What stands behind the slash is found among the environments.
        let slug = typed.split('/').next().and_then(|slug| words::given(&slug.to_lowercase()));
        if slug.is_none() || !acting.has_choice.get_untracked() {
            places.set(Vec::new());
            return;
        }
        spawn_local(async move {
            let wanted = WorkspaceQuery { query: slug, limit: Some(4), cursor: None };
            if let Ok(page) = list_workspaces(wanted).await
                && is_still(&typed)
            {
                let _ = places.try_set(page.items);
            }
        });
    });
    let apps = RwSignal::new(Vec::<AppTile>::new());
    Effect::new(move || {
        let may_look = session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(&GET_OVERVIEW)));
        if open.get() && may_look {
            spawn_local(async move {
                if let Ok(overview) = in_background(get_overview()).await {
                    let _ = apps.try_set(overview.apps);
                }
            });
        }
    });
    let commands = Signal::derive(move || {
        let mut commands: Vec<Command> = session.me.with(|me| {
            session.capabilities.with(|capabilities| {
                WAYS.iter()
                    .chain([&PROFILE])
                    .filter(|way| way.is_open_to(me.as_ref(), capabilities))
                    .map(|way| {
                        let command = Command::go("Go to", way.icon, way.label, way.path);
                        match way.keys {
                            Some(keys) => command.hint(keys.join(" ").to_uppercase()),
                            None => command,
                        }
                    })
                    .collect()
            })
        });
        let (may_add, is_somebody) =
            session.me.with(|me| me.as_ref().map_or((false, false), |me| (me.may(&CREATE_USER), me.user.is_some())));
        if session.me.with(|me| me.as_ref().is_some_and(|me| me.may(&CREATE_APP))) {
            commands.push(Command::go("Do", Icon::Plus, "Add an app", "/apps/new"));
        }
        if may_add {
            commands.push(Command::go("Do", Icon::UserPlus, "Add a user", "/settings/users/new"));
        }
        commands.push(Command::go("Do", Icon::Key, "Create an API key", "/settings/api-keys/new"));
        commands.push(Command::run("Do", Icon::Contrast, "Change the theme", move || theme.update(|theme| *theme = theme.next())));
        commands.push(Command::run("Do", Icon::Help, "Show keyboard shortcuts", move || is_helping.set(true)).hint("?"));
        if is_somebody {
            commands.push(Command::go("Do", Icon::Lock, "Change my password", "/change-password"));
            commands.push(Command::go("Do", Icon::Logout, "Sign out", "/logout"));
        }
        for scope in elsewhere(acting, session, &places.get()) {
            commands.push(Command::run("Act in", Icon::Layers, scope.to_string(), move || turn(acting, reports, scope.clone())));
        }
        apps.with(|apps| {
            commands.extend(apps.iter().map(|app| {
                let address = ["/apps/", &app.slug.0].concat();
                Command::go("Apps", Icon::Apps, app.name.clone(), address).hint(app.slug.0.clone())
            }));
        });
        people.with(|people| {
            commands.extend(people.iter().map(|user| {
                let address = ["/settings/users/", &user.id.to_string()].concat();
                Command::go("People", Icon::User, label(user), address).hint(words::role(&user.role))
            }));
        });
        commands
    });
    view! { <Palette open=open commands=commands placeholder="Search people, apps, pages, actions…" query=query /> }
}

/// The environments to act in, beside the one where one acts: those of the same workspace, and those
/// of the workspaces that were found.
fn elsewhere(acting: Acting, session: Session, found: &[Workspace]) -> Vec<Scope> {
    if !acting.has_choice.get() {
        return Vec::new();
    }
    let now = acting.scope.get();
    let here = acting.here.get();
    let known = here.iter().chain(found.iter().filter(|other| here.as_ref().is_none_or(|here| here.slug != other.slug)));
    session.me.with(|me| {
        known
            .flat_map(|workspace| {
                let scope = |environment| Scope { workspace: workspace.slug.clone(), environment };
                open_environments(me.as_ref(), workspace).into_iter().map(scope)
            })
            .filter(|scope| *scope != now)
            .collect()
    })
}

/// All that a person can be found by, so that the palette's own search keeps them.
fn label(user: &User) -> String {
    let mut label = user.name().to_owned();
    for more in [Some(&user.username), user.email.as_ref()].into_iter().flatten() {
        if !label.eq_ignore_ascii_case(more) {
            label.push_str(" · ");
            label.push_str(more);
        }
    }
    label
}
