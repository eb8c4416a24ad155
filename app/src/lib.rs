//! The dashboard: rendered on the server, woken in the browser.
//!
//! The server provides [`frame::Frame`], [`frame::Behind`] for pages behind the door, and
//! [`frame::Posted`] after a form without script, as contexts; the route table below says what lies where, and `wire::policy::PAGES` who may see it.
#![recursion_limit = "256"]

pub mod calls;
pub mod frame;
pub mod given;
pub mod hydration;
pub mod pages;
pub mod prefix;
pub mod state;
pub mod ui;

pub use frame::{Behind, Frame, PageStatus, Posted, Verdict, decide};

use hydration::{Bundle, hydration_tags};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};
use pages::{login::LoginPage, parts::Later};
use prefix::at;
use serde::{Deserialize, Serialize};
use state::{browser, session::Session};

/// The document around the app; only the server renders it. A page before the door has no use for
/// the style sheet of those behind it; a link from the one to the other loads a new document.
pub fn shell(bundle: Bundle, is_before_the_door: bool) -> impl IntoView {
    let sheets = [Some(bundle.css.clone()), (!is_before_the_door).then(|| bundle.inside.clone())];
    let sheets: Vec<_> = sheets
        .into_iter()
        .flatten()
        .filter(|sheet| !sheet.is_empty())
        .map(|sheet| view! { <link rel="stylesheet" href=sheet /> })
        .collect();
    let below = prefix::with(|prefix| Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty()));
    view! {
        <!DOCTYPE html>
        <html lang="en" data-prefix=below>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="robots" content="noindex" />
                <link rel="icon" href=at("/favicon.svg") type="image/svg+xml" />
                <link rel="icon" href=at("/favicon.ico") sizes="32x32" />
                <link rel="apple-touch-icon" href=at("/apple-touch-icon.png") />
                <script src=at("/theme.js") nonce=use_nonce()></script>
                {sheets}
                {hydration_tags(&bundle)}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Takes over the page that the server sent, with its lazy parts.
///
/// Until they have arrived nothing may move under them: a click then is the browser's own, which
/// follows a link by loading its page.
#[cfg(feature = "hydrate")]
pub async fn wake() {
    let held = browser::hold_clicks();
    hydrate_from_async(leptos::tachys::dom::body(), App).await.forget();
    drop(held);
    browser::awake();
}

/// What the server hands to the page, so that the browser's first render is the server's.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Given {
    frame: Frame,
    posted: Posted,
}

/// The dashboard.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    ui::provide_theme();
    let Given { frame, posted } =
        given::shared(|| Given { frame: use_context().unwrap_or_default(), posted: use_context().unwrap_or_default() });
    let session = Session::new(frame.me, frame.capabilities);
    provide_context(session);
    provide_context(posted);
    Effect::new(move || {
        browser::when_awake(move || {
            session.start();
            // The page answers from now on; the tests wait for this mark.
            browser::mark_root("data-hydrated", Some(""));
        });
    });
    let base = prefix::with(str::to_owned);
    view! {
        <Router base=base>
            <Ways />
        </Router>
    }
}

/// The route table. Every page is rendered whole, so that it can be read without script and its
/// status is right.
#[component]
fn Ways() -> impl IntoView {
    use SsrMode::Async;
    view! {
        <Routes fallback=|| ()>
            <Route path=path!("/login") view=LoginPage ssr=Async />
            <Route path=path!("/login/not-allowed") view=Later::NotAllowed ssr=Async />
            <Route path=path!("/logout") view=Later::Logout ssr=Async />
            <Route path=path!("/forgot") view=Later::Forgot ssr=Async />
            <Route path=path!("/reset/:token") view=Later::Reset ssr=Async />
            <Route path=path!("/setup") view=Later::Welcome ssr=Async />
            <Route path=path!("/setup/admin") view=Later::FirstAdmin ssr=Async />
            <Route path=path!("/setup/app") view=Later::FirstApp ssr=Async />
            <Route path=path!("/setup/done") view=Later::SetupDone ssr=Async />
            <Route path=path!("/change-password") view=Later::ChangePassword ssr=Async />
            <ParentRoute path=path!("") view=Later::Inside ssr=Async>
                <Route path=path!("/") view=Later::Home ssr=Async />
                <ParentRoute path=path!("/apps") view=Later::Apps ssr=Async>
                    <Route path=path!("") view=|| () ssr=Async />
                    <Route path=path!("new") view=Later::AddApp ssr=Async />
                </ParentRoute>
                <ParentRoute path=path!("/apps/:slug") view=Later::App ssr=Async>
                    <Route path=path!("") view=Later::AppOverview ssr=Async />
                    <Route path=path!("rules") view=Later::AppRules ssr=Async />
                    <Route path=path!("connect") view=Later::AppConnect ssr=Async />
                    <Route path=path!("settings") view=Later::AppSettings ssr=Async />
                </ParentRoute>
                <ParentRoute path=path!("/activity/channels") view=Later::Live ssr=Async>
                    <Route path=path!("") view=Later::Channels ssr=Async />
                    <Route path=path!(":name") view=Later::Channel ssr=Async />
                </ParentRoute>
                <Route path=path!("/profile") view=Later::Profile ssr=Async />
                <Route path=path!("/settings") view=Later::FirstSetting ssr=Async />
                <Route path=path!("/settings/general") view=Later::General ssr=Async />
                <ParentRoute path=path!("/settings/authentication") view=Later::SignOn ssr=Async>
                    <Route path=path!("") view=Later::Authentication ssr=Async />
                    <Route path=path!("new") view=Later::AddProvider ssr=Async />
                    <Route path=path!(":id") view=Later::Provider ssr=Async />
                </ParentRoute>
                <Route path=path!("/settings/sessions") view=Later::Sessions ssr=Async />
                <ParentRoute path=path!("/settings/users") view=Later::Users ssr=Async>
                    <Route path=path!("") view=|| () ssr=Async />
                    <Route path=path!("new") view=Later::AddUser ssr=Async />
                    <Route path=path!(":id") view=Later::EditUser ssr=Async />
                </ParentRoute>
                <ParentRoute path=path!("/settings/roles") view=Later::Roles ssr=Async>
                    <Route path=path!("") view=|| () ssr=Async />
                    <Route path=path!("new") view=Later::NewRole ssr=Async />
                    <Route path=path!(":name") view=Later::EditRole ssr=Async />
                </ParentRoute>
                <ParentRoute path=path!("/settings/api-keys") view=Later::Keys ssr=Async>
                    <Route path=path!("") view=|| () ssr=Async />
                    <Route path=path!("new") view=Later::CreateKey ssr=Async />
                    <Route path=path!(":id") view=Later::EditKey ssr=Async />
                </ParentRoute>
                <ParentRoute path=path!("/settings/audit") view=Later::Audit ssr=Async>
                    <Route path=path!("") view=|| () ssr=Async />
                    <Route path=path!(":id") view=Later::AuditEvent ssr=Async />
                </ParentRoute>
                <ParentRoute path=path!("/settings/workspaces") view=Later::Workspaces ssr=Async>
                    <Route path=path!("") view=|| () ssr=Async />
                    <Route path=path!("new") view=Later::CreateWorkspace ssr=Async />
                    <Route path=path!(":slug") view=Later::EditWorkspace ssr=Async />
                </ParentRoute>
                <Route path=path!("/*any") view=Later::Elsewhere ssr=Async />
            </ParentRoute>
        </Routes>
    }
}
