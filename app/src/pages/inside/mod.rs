//! The frame around every page behind the sign-in: the sidebar, the bar, the banners, the dialogs
//! that may open anywhere; and the decision whether the page in it is shown.

mod banners;
mod confirm_dialog;
mod expired_dialog;
mod find;
mod shortcuts;
mod sidebar;
pub mod states;
mod switcher;
pub mod ways;

use crate::{
    calls::client::in_background,
    frame::{Behind, PageStatus, Verdict, decide},
    given::shared,
    prefix::inside,
    state::{
        address, browser,
        confirm::Confirm,
        follow::Follow,
        live::Live,
        roles::Roles,
        scope::Acting,
        session::{Session, signs_in_again},
    },
    ui::{Crumb, Frame, Toaster, Topbar, provide_toaster},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{components::Outlet, hooks::use_location};

/// The frame.
#[component]
pub fn Inside() -> impl IntoView {
    let session = expect_context::<Session>();
    provide_context(Confirm::new());
    provide_toaster();
    let given = shared(|| use_context::<Behind>().unwrap_or_default());
    provide_context(Roles::new(given.roles.clone()));
    provide_context(given.clone());
    keep_live(session, given.after);
    let acting = Acting::new(session);
    provide_context(acting);
    switcher::keep(acting);
    let location = use_location();
    let here = location.pathname;
    let path = Memo::new(move |_| here.with(|here| inside(here)));
    Effect::new(move || {
        let query = location.search.get();
        address::keep([here.get().as_str(), if query.is_empty() { "" } else { "?" }, &query].concat());
    });
    let verdict = verdict(session, path, given.status);
    session.refusal.update_untracked(|refusal| *refusal = given.decision.map(|id| (here.get_untracked(), id)));
    // The browser moves on by itself; where the server would send it elsewhere, it goes there.
    Effect::new(move || match verdict.get() {
        Verdict::Show(_) => {}
        Verdict::SignIn => signs_in_again(),
        Verdict::Setup => browser::enter("/setup"),
        Verdict::Home => browser::enter("/"),
        Verdict::ChangePassword => browser::enter("/change-password"),
    });
    let is_finding = RwSignal::new(false);
    let is_helping = RwSignal::new(false);
    let are_keys_on = RwSignal::new(true);
    shortcuts::listen(session, is_finding, is_helping, are_keys_on);
    let steps = Signal::derive(move || steps(session, &path.get()));
    let news = arrival(path);
    view! {
        <Frame
            sidebar=move || view! { <sidebar::Ways path=path is_helping=is_helping /> }
            top=move || {
                view! {
                    <switcher::Line acting=acting />
                    <banners::Banners />
                    <Topbar steps=steps on_search=move |()| is_finding.set(true) />
                }
            }
        >
            {move || match verdict.get() {
                Verdict::Show(PageStatus::Ok) => view! { <Outlet /> }.into_any(),
                Verdict::Show(PageStatus::Forbidden { needs }) => {
                    view! { <states::Forbidden needs=needs /> }.into_any()
                }
                Verdict::Show(PageStatus::NotFound) => view! { <states::NotFound is_finding=is_finding /> }.into_any(),
                _ => ().into_any(),
            }}
        </Frame>
        <p class="sr-only" role="status">
            {news}
        </p>
        <find::Find open=is_finding is_helping=is_helping />
        <shortcuts::Help open=is_helping is_on=are_keys_on />
        <confirm_dialog::ConfirmDialog />
        <expired_dialog::ExpiredDialog />
        <Toaster />
    }
    .into_any()
}

/// What may change the rights of whoever looks.
const RIGHTS: &[&str] = &["users", "roles", "workspaces", "settings"];

/// Has what happens come by itself, as long as the frame stands; and one's own rights looked up again
/// when they may have changed.
fn keep_live(session: Session, after: Option<i64>) {
    let live = Live::new(session);
    provide_context(live);
    let rights = Follow::of(RIGHTS, "");
    Effect::new(move || {
        if rights.turn() > 0 {
            spawn_local(in_background(session.learn()));
        }
    });
    Effect::new(move || browser::when_awake(move || live.start(after)));
}

/// The name of the page that one has come to, to be read out; nothing for the first one, which the
/// browser reads out itself.
fn arrival(path: Memo<String>) -> Memo<&'static str> {
    let way = Memo::new(move |_| path.with(|path| ways::of(path).map(|way| way.label)));
    let first = way.get_untracked();
    let has_moved = RwSignal::new(false);
    Effect::new(move || {
        if way.get() != first {
            has_moved.set(true);
        }
    });
    Memo::new(move |_| if has_moved.get() { way.get().unwrap_or_default() } else { "" })
}

/// How the page is shown: at first as the server has decided, later by the same table.
fn verdict(session: Session, path: Memo<String>, given: PageStatus) -> Memo<Verdict> {
    Memo::new(move |before: Option<&Verdict>| {
        let decided =
            session.me.with(|me| session.capabilities.with(|capabilities| path.with(|path| decide(path, me.as_ref(), capabilities))));
        if before.is_none() { Verdict::Show(given) } else { decided }
    })
}

/// Where one is: the installation, the group, the page, and what the page is about where that has a name.
fn steps(session: Session, path: &str) -> Vec<Crumb> {
    let home = session.capabilities.with(|capabilities| Crumb::to(capabilities.name.clone(), "/"));
    let Some(way) = ways::of(path) else { return vec![home] };
    let group = way.is_setting.then(|| Crumb::to("Settings", "/settings"));
    let crumb = |label: &str, address: &str| {
        if path.trim_end_matches('/') == address.trim_end_matches('/') { Crumb::here(label) } else { Crumb::to(label, address) }
    };
    let thing = named(path).map(|(name, address)| crumb(name, address));
    [Some(home), group, Some(crumb(way.label, way.path)), thing].into_iter().flatten().collect()
}

/// The app or the provider that an address is about, and its own address.
fn named(path: &str) -> Option<(&str, &str)> {
    let rest = ["/apps/", "/settings/authentication/"].into_iter().find_map(|list| path.strip_prefix(list))?;
    let name = rest.split('/').next().filter(|name| !name.is_empty() && *name != "new")?;
    Some((name, &path[..path.len() - rest.len() + name.len()]))
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn an_app_s_pages_are_below_its_name() {
        assert_eq!(named("/apps/tasks/rules"), Some(("tasks", "/apps/tasks")));
        assert_eq!(named("/settings/authentication/halden"), Some(("halden", "/settings/authentication/halden")));
        for path in ["/apps", "/apps/", "/apps/new", "/settings/users/new", "/"] {
            assert_eq!(named(path), None, "{path}");
        }
    }
}
