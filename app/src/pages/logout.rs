//! Signing out. Opening the page alone does nothing: only the button does, so that no image or
//! link elsewhere can sign anybody out. Afterwards it says where else one is signed in.

use super::{entry::Entry, summary::Summary};
use crate::pages::title::PageTitle;
use crate::{
    calls::sessions::sign_out,
    frame::Posted,
    prefix::at,
    state::{attempt::Attempt, session::Session, storage},
    ui::{Button, ButtonKind, ButtonVariant, LinkButton, Size},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{
    Failure,
    sso::{ProviderSignOut, SignedOut},
};

/// The page.
const PAGE: &str = "/logout";

/// The page that asks whether to sign out.
#[component]
pub fn LogoutPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let posted = use_context::<Posted>().unwrap_or_default();
    let elsewhere = RwSignal::new(given(&posted));
    let attempt = Attempt::after(posted.failure);
    Effect::new(move || {
        if let Some(left) = storage::take(storage::LEAVE).and_then(|text| wire::objects::from_str::<ProviderSignOut>(&text).ok()) {
            elsewhere.set(Some(left));
        }
    });
    let is_out = Memo::new(move |_| elsewhere.with(Option::is_some));
    let title = move || if is_out.get() { "You’re signed out" } else { "Sign out?" }.to_owned();
    let lead = move || match elsewhere.get() {
        Some(there) => ["At the provider you are signed in still: by “", &there.label, "” anybody on this device gets in again."].concat(),
        None => session.me.with(|me| match me.as_ref().and_then(|me| me.user.as_ref()) {
            Some(user) => ["You’re signed in as ", user.name(), " on this device."].concat(),
            None => "Nobody is signed in on this device.".into(),
        }),
    };
    let body = move || match elsewhere.get() {
        Some(there) => ways_on(there),
        None => form(attempt),
    };
    view! {
        <PageTitle text="Sign out" />
        <Entry title=Signal::derive(title) lead=Signal::derive(move || Some(lead()))>
            {body}
        </Entry>
    }
    .into_any()
}

/// What the server has handed to a page without script.
fn given(posted: &Posted) -> Option<ProviderSignOut> {
    let (label, url) = (posted.value("label"), posted.value("url"));
    (!url.is_empty()).then_some(ProviderSignOut { label, url })
}

/// The fields in which the server hands it over.
#[must_use]
pub fn handed(left: ProviderSignOut) -> Vec<(String, String)> {
    vec![("label".into(), left.label), ("url".into(), left.url)]
}

fn ways_on(there: ProviderSignOut) -> AnyView {
    view! {
        <div class="stack" data-gap="3">
            <LinkButton href=there.url variant=ButtonVariant::Primary size=Size::Large block=true attr:rel="external">
                "Sign out there, too"
            </LinkButton>
            <LinkButton href="/login" size=Size::Large variant=ButtonVariant::Ghost block=true attr:rel="external">
                "Back to sign-in"
            </LinkButton>
        </div>
    }
    .into_any()
}

fn form(attempt: Attempt) -> AnyView {
    view! {
        <SignOutForm attempt=attempt>
            <Summary id="logout-error" attempt=attempt />
            <Button
                kind=ButtonKind::Submit
                variant=ButtonVariant::Primary
                size=Size::Large
                block=true
                busy=attempt.is_busy
            >
                "Sign out"
            </Button>
            <LinkButton href="/" attr:rel="external" size=Size::Large variant=ButtonVariant::Ghost block=true>
                "Stay signed in"
            </LinkButton>
        </SignOutForm>
    }
    .into_any()
}

/// The form that signs out, with or without script.
#[component]
pub fn SignOutForm(
    /// Its state.
    attempt: Attempt,
    /// The button.
    children: Children,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        attempt.run(end, move |out| {
            // The address at the provider names who it was: it goes into no address of ours.
            let left = out.provider.and_then(|left| serde_json::to_string(&left).ok());
            if let Some(left) = &left {
                storage::hand_over(storage::LEAVE, left);
            }
            session.signed_out(if left.is_some() { PAGE } else { "/login" });
        });
    };
    view! {
        <form class="stack" data-gap="3" method="post" action=at(PAGE) on:submit=submit>
            {children()}
        </form>
    }
    .into_any()
}

/// Ends the session; one that is over already is as good.
async fn end() -> Result<SignedOut, Failure> {
    match sign_out().await {
        Err(failure) if failure.status == 401 => Ok(SignedOut::default()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_over_arrives() {
        let left = ProviderSignOut { label: "Okta".into(), url: "https://id.example.com/end?id_token_hint=x".into() };
        let posted = Posted { failure: None, values: handed(left.clone()) };
        assert_eq!(given(&posted), Some(left));
        assert_eq!(given(&Posted::default()), None);
    }
}
