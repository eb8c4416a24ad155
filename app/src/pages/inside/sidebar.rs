//! The sidebar: the pages that the role opens, and the account.

use super::{
    switcher::Places,
    ways::{WAYS, Way},
};
use crate::{
    pages::{logout::SignOutForm, words},
    state::{attempt::Attempt, session::Session},
    ui::{Account, Badge, Icon, MenuItem, NavGroup, NavItem, Sidebar, Toast, Tone, use_theme, use_toaster},
};
use leptos::prelude::*;

/// The sidebar.
#[component]
pub fn Ways(path: Memo<String>, is_helping: RwSignal<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let (name, is_dev) = session.capabilities.with_untracked(|capabilities| (capabilities.name.clone(), capabilities.dev_mode));
    let top = move || {
        view! {
            {is_dev.then(|| view! { <Badge tone=Tone::Danger>"Dev mode"</Badge> })}
            <Places />
        }
    };
    view! {
        <Sidebar name=name home="/" top=top account=move || view! { <Whoever is_helping=is_helping /> }>
            {move || group(session, path, false)}
            {move || group(session, path, true)}
        </Sidebar>
    }
}

/// The pages under Settings, or those outside.
fn group(session: Session, path: Memo<String>, is_setting: bool) -> Option<AnyView> {
    let open: Vec<&'static Way> = session.me.with(|me| {
        session.capabilities.with(|capabilities| {
            WAYS.iter().filter(|way| way.is_setting == is_setting && way.is_open_to(me.as_ref(), capabilities)).collect()
        })
    });
    let items: Vec<_> = open
        .into_iter()
        .map(|way| {
            let is_current = Signal::derive(move || path.with(|path| way.holds(path)));
            view! { <NavItem href=way.path icon=way.icon label=way.label current=is_current /> }
        })
        .collect();
    (!items.is_empty()).then(|| {
        if is_setting {
            view! { <NavGroup title="Settings">{items}</NavGroup> }.into_any()
        } else {
            view! { <NavGroup>{items}</NavGroup> }.into_any()
        }
    })
}

/// Who is signed in, and what they may do about it.
#[component]
fn Whoever(is_helping: RwSignal<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let theme = use_theme();
    move || {
        let user = session.me.with(|me| me.as_ref().and_then(|me| me.user.clone()));
        let is_somebody = user.is_some();
        let (name, detail, key) = match user {
            Some(user) => (user.name().to_owned(), words::role(&user.role), user.id.to_string()),
            None => ("Anyone".to_owned(), "Sign-in is off".to_owned(), "open".to_owned()),
        };
        view! {
            <Account name=name detail=detail key=key>
                {is_somebody
                    .then(|| {
                        view! {
                            <MenuItem icon=Icon::User label="Profile and password" href="/profile" />
                            <MenuItem icon=Icon::Monitor label="My sessions" href="/settings/sessions" />
                        }
                    })}
                <MenuItem
                    icon=Icon::Contrast
                    label="Theme"
                    hint=Signal::derive(move || Some(theme.get().label().to_owned()))
                    run=move |()| theme.update(|theme| *theme = theme.next())
                />
                <MenuItem
                    icon=Icon::Help
                    label="Keyboard shortcuts"
                    hint=Some("?".to_owned())
                    run=move |()| is_helping.set(true)
                />
                {is_somebody.then(|| view! { <SignOutItem /> })}
            </Account>
        }
        .into_any()
    }
}

/// The item that signs out; without script it is a form like any other.
#[component]
fn SignOutItem() -> impl IntoView {
    let attempt = Attempt::new();
    let reports = use_toaster();
    Effect::new(move || {
        if let Some(failure) = attempt.failure.get() {
            reports.say(Toast::failure("You’re still signed in").detail(failure.detail));
        }
    });
    view! {
        <hr />
        <SignOutForm attempt=attempt>
            <button class="menu__item" type="submit">
                {Icon::Logout.draw()}
                <span>"Sign out"</span>
            </button>
        </SignOutForm>
    }
}
