//! Settings, Authentication: whether one has to sign in, by what, and for how long that holds.

use super::{password_switch::PasswordSwitch, providers::Providers, sign_in_switch::SignInSwitch, trusted::Trusted};
use crate::pages::title::PageTitle;
use crate::{
    calls::{settings::get_auth_settings, sso::list_providers},
    given::{Resource, resource},
    pages::failed::failed,
    state::session::{Session, retry_failed},
    ui::{Card, Page, SettingRow, Settings, Skeleton, SkeletonShape},
};
use leptos::prelude::*;
use wire::{Failure, Page as Part, duration::GoDuration, settings::AuthSettings, sso::Provider};

/// The page.
#[component]
pub fn Authentication() -> impl IntoView {
    let session = expect_context::<Session>();
    let settings = resource(|| (), |()| get_auth_settings());
    retry_failed(session, settings);
    let providers = resource(|| (), |()| list_providers());
    retry_failed(session, providers);
    let body = move || {
        Suspend::new(async move {
            match settings.await {
                Ok(settings) => shown(settings, providers),
                Err(failure) => unloaded(&failure),
            }
        })
    };
    view! {
        <PageTitle text="Authentication" />
        <Page
            title="Authentication"
            lead="How people prove who they are, and for how long that holds.".to_owned()
            narrow=true
        >
            <Transition fallback=loading>{body}</Transition>
        </Page>
    }
    .into_any()
}

fn shown(settings: AuthSettings, providers: Resource<Result<Part<Provider>, Failure>>) -> AnyView {
    let idle = settings.idle_ttl.as_deref().map_or_else(|| "Never".into(), spoken);
    let least = [&settings.password_min.to_string(), " characters"].concat();
    let rows = [
        ("Access token", "Renews by itself while somebody works", spoken(&settings.access_ttl), "auth.access_ttl"),
        ("Signed in, not remembered", "Or until the browser closes", spoken(&settings.browser_ttl), "auth.browser_ttl"),
        ("Signed in, remembered", "Counts anew with each visit", spoken(&settings.refresh_ttl), "auth.refresh_ttl"),
        ("Signed in, at the most", "However often one comes back", spoken(&settings.session_max), "auth.session_max"),
        ("Signed out when idle for", "Only what a person does counts", idle, "auth.idle_ttl"),
        ("Shortest password", "Easy ones are refused at any length", least, "auth.password_min"),
    ];
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(title, text, value, key)| {
            view! {
                <SettingRow title=title text=[text, ". Set by ", key, "."].concat()>
                    <span>{value}</span>
                </SettingRow>
            }
        })
        .collect();
    let (has_password, can_turn_off) = (settings.password_sign_in, settings.can_turn_password_off);
    let trusted = (!settings.trusted.is_empty()).then(|| view! { <Trusted parties=settings.trusted.clone() /> });
    let password = settings.enabled.then(|| view! { <PasswordSwitch is_on=has_password can_turn_off=can_turn_off /> });
    view! {
        <SignInSwitch settings=settings />
        <Providers providers=providers />
        {trusted}
        {password}
        <Card
            id="lifetimes"
            title="Lifetimes and passwords".to_owned()
            lead="These come from the server’s configuration. Change the key named there and start it again.".to_owned()
            flush=true
        >
            <Settings>{rows}</Settings>
        </Card>
    }
    .into_any()
}

/// A duration in words, where it is one.
fn spoken(text: &str) -> String {
    text.parse::<GoDuration>().map_or_else(|_| text.to_owned(), GoDuration::words)
}

fn unloaded(failure: &Failure) -> AnyView {
    let state = failed("Couldn’t load how signing in is set", failure);
    view! {
        <Card id="failed" label="Authentication" flush=true>
            {state}
        </Card>
    }
    .into_any()
}

fn loading() -> AnyView {
    view! {
        <p class="sr-only" role="status">
            "Loading how signing in is set"
        </p>
        <Card id="loading" label="Authentication">
            <Skeleton shape=SkeletonShape::Large width=3 />
            <Skeleton width=5 />
            <Skeleton width=4 />
        </Card>
    }
    .into_any()
}
