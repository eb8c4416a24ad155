//! The first run: a welcome, the first admin, and what is next.

mod admin;
mod done;
mod skip;

pub use admin::{AdminPage, FIELDS, FirstAccount, FirstAccountFields};
pub use done::DonePage;

use super::entry::Entry;
use crate::pages::title::PageTitle;
use crate::{
    state::session::Session,
    ui::{ButtonVariant, Icon, LinkButton, SettingRow, Settings, Size, Status, Tone},
};
use leptos::prelude::*;

/// The first page that a new server shows.
#[component]
pub fn WelcomePage() -> impl IntoView {
    let session = expect_context::<Session>();
    let (is_secure, needs_code) =
        session.capabilities.with_untracked(|capabilities| (capabilities.secure_transport, capabilities.setup_code_required));
    let connection = if is_secure {
        "It is encrypted, or never leaves this machine."
    } else {
        "This page came over plain HTTP. Put TLS in front before anyone else signs in."
    };
    let claim = if needs_code {
        "The server printed one when it started; have it at hand. It proves that the server is yours."
    } else {
        "You are on the server’s own machine, so none is asked for."
    };
    view! {
        <PageTitle text="Set up" />
        <Entry
            step=1
            title="Set up Doorward"
            lead="People sign in once. Every request is checked before it gets through, and every change is written down. This takes about two minutes."
        >
            <Settings label="Checked for you" framed=true>
                <SettingRow title="Storage" text="The database is writable and empty.">
                    <Status tone=Tone::Success>"Ready"</Status>
                </SettingRow>
                <SettingRow title="Connection" text=connection>
                    {if is_secure {
                        view! { <Status tone=Tone::Success>"Ready"</Status> }
                    } else {
                        view! { <Status tone=Tone::Warning>"Check"</Status> }
                    }}
                </SettingRow>
                <SettingRow title="Setup code" text=claim>
                    {if needs_code {
                        view! { <Status tone=Tone::Warning>"Needed"</Status> }
                    } else {
                        view! { <Status tone=Tone::Success>"Not needed"</Status> }
                    }}
                </SettingRow>
            </Settings>
            <div class="stack" data-gap="3">
                <LinkButton
                    href="/setup/admin"
                    variant=ButtonVariant::Primary
                    size=Size::Large
                    block=true
                    icon_end=Icon::ArrowRight
                >
                    "Create the first admin"
                </LinkButton>
                <skip::Skip needs_code=needs_code />
            </div>
        </Entry>
    }
    .into_any()
}
