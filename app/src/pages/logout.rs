//! Signing out. Opening the page alone does nothing: only the button does, so that no image or
//! link elsewhere can sign anybody out.

use super::{entry::Entry, summary::Summary};
use crate::pages::title::PageTitle;
use crate::{
    calls::sessions::sign_out,
    state::{attempt::Attempt, session::Session},
    ui::{Button, ButtonKind, ButtonVariant, LinkButton, Size},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::Failure;

/// The page that asks whether to sign out.
#[component]
pub fn LogoutPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let attempt = Attempt::after(use_context::<crate::frame::Posted>().unwrap_or_default().failure);
    let lead = move || {
        session.me.with(|me| match me.as_ref().and_then(|me| me.user.as_ref()) {
            Some(user) => ["You’re signed in as ", user.name(), " on this device."].concat(),
            None => "Nobody is signed in on this device.".into(),
        })
    };
    view! {
        <PageTitle text="Sign out" />
        <Entry title="Sign out?" lead=Signal::derive(move || Some(lead()))>
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
        </Entry>
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
        attempt.run(end, move |()| session.signed_out());
    };
    view! {
        <form class="stack" data-gap="3" method="post" action="/logout" on:submit=submit>
            {children()}
        </form>
    }
    .into_any()
}

/// Ends the session; one that is over already is as good.
async fn end() -> Result<(), Failure> {
    match sign_out().await {
        Err(failure) if failure.status == 401 => Ok(()),
        other => other.map(drop),
    }
}
