//! The way back in for those who forgot the password: somebody has to help.

use super::entry::Entry;
use crate::pages::title::PageTitle;
use crate::{
    state::session::Session,
    ui::{Code, LinkButton, Size},
};
use leptos::prelude::*;

/// Says whom to ask, and what the one who runs the server can do.
#[component]
pub fn ForgotPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let contact = move || {
        session.capabilities.with(|capabilities| capabilities.help_contact.clone()).map(|contact| view! { <p><b>{contact}</b></p> })
    };
    view! {
        <PageTitle text="Forgot your password?" />
        <Entry
            title="Forgot your password?"
            lead="Nobody can read it back to you. There are two ways to a new one."
        >
            <div class="stack" data-gap="5">
                <div class="stack" data-gap="2">
                    <h2>"Ask an admin"</h2>
                    <p class="muted">
                        "They make a link in Settings, Users. It works once, for 24 hours, and lets you choose a new password."
                    </p>
                    {contact}
                </div>
                <div class="stack" data-gap="2">
                    <h2>"You run the server"</h2>
                    <p class="muted">"This prints such a link. Put your own username at the end."</p>
                    <Code title="On the server" text="doorward user reset-password NAME" />
                </div>
                <LinkButton href="/login" size=Size::Large block=true>
                    "Back to sign-in"
                </LinkButton>
            </div>
        </Entry>
    }
    .into_any()
}
