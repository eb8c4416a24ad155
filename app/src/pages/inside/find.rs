//! The palette: pages, apps and actions that the role opens, and people by name.

use super::ways::{PROFILE, WAYS};
use crate::{
    calls::{client::in_background, stats::get_overview, users::list_users},
    pages::words,
    state::{browser, session::Session},
    ui::{Command, Icon, Palette, use_theme},
};
use leptos::{prelude::*, task::spawn_local};
use wire::{
    apps::AppTile,
    policy::{CREATE_APP, CREATE_USER, GET_OVERVIEW, LIST_USERS},
    users::{User, UserQuery},
};

/// How long typing has to rest before people are looked up, in milliseconds.
const REST: u32 = 200;

/// The palette, for the whole frame.
#[component]
pub fn Find(open: RwSignal<bool>, is_helping: RwSignal<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let theme = use_theme();
    let query = RwSignal::new(String::new());
    let people = RwSignal::new(Vec::<User>::new());
    let may_list = move || session.me.with(|me| me.as_ref().is_some_and(|me| me.may(&LIST_USERS)));
    Effect::new(move || {
        let asked = query.with(|query| query.trim().to_owned());
        if asked.len() < 2 || !may_list() {
            people.set(Vec::new());
            return;
        }
        spawn_local(async move {
            browser::pause(REST).await;
            // Only the last of several letters typed in a row asks.
            if query.try_with_untracked(|now| now.trim() == asked) != Some(true) {
                return;
            }
            let wanted = UserQuery { query: Some(asked), limit: Some(6), ..UserQuery::default() };
            if let Ok(page) = list_users(wanted).await {
                let _ = people.try_set(page.items);
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
