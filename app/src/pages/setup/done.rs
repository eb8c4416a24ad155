//! The end of setup: what is on now, and what would be good to do next.

use crate::pages::title::PageTitle;
use crate::{
    pages::{entry::Entry, words},
    state::{roles::rank, session::Session},
    ui::{Badge, ButtonVariant, Icon, LinkButton, List, ListRow, Node, Note, Person, RoleBadge, SettingRow, Settings, Size, Tone},
};
use leptos::prelude::*;

/// The page after the first admin was made.
#[component]
pub fn DonePage() -> impl IntoView {
    let session = expect_context::<Session>();
    let me = session.me.get_untracked();
    let permissions = me.as_ref().map(|me| me.permissions).unwrap_or_default();
    let user = me.and_then(|me| me.user);
    let (name, username) = user.as_ref().map(|user| (user.name().to_owned(), user.username.clone())).unwrap_or_default();
    let account = user.map(|user| {
        view! {
            <li>
                <Person name=user.name().to_owned() key=user.id.to_string() detail=words::below(&user) />
                <RoleBadge rank=rank(permissions) name=words::role(&user.role) />
            </li>
        }
    });
    view! {
        <PageTitle text="Done" />
        <Entry
            step=4
            title="Sign-in is on"
            lead=["You’re signed in as ", &name, " on this device. From now on nothing opens without a check."].concat()
            news="The gate is working."
            remark="Everything that happens from here is in the audit log."
        >
            <Settings label="What is set up" framed=true>
                <SettingRow
                    title="Sign-in is on"
                    text="Pages ask people to sign in. APIs answer 401 without a valid session."
                >
                    <Badge tone=Tone::Success icon=Icon::Check>
                        "On"
                    </Badge>
                </SettingRow>
                {account}
            </Settings>
            <Note title="If you are ever locked out".to_owned()>
                "Run this on the server. It prints a link that sets a new password once. "
                <code class="mono">{["doorward user reset-password ", &username].concat()}</code>
            </Note>
            <div class="stack" data-gap="2">
                <h2>"Next"</h2>
                <List framed=true>
                    <ListRow
                        title="Add an app"
                        detail="Point Doorward at a dashboard or an API"
                        before=|| view! { <Node icon=Icon::Apps tone=Tone::Accent /> }
                    >
                        <LinkButton href="/apps/new" size=Size::Small attr:rel="external">
                            "Add an app"
                        </LinkButton>
                    </ListRow>
                    <ListRow
                        title="Add a second admin"
                        detail="So one lost password doesn’t lock everyone out"
                        before=|| view! { <Node icon=Icon::UserPlus /> }
                    >
                        <LinkButton href="/settings/users/new" size=Size::Small attr:rel="external">
                            "Add"
                        </LinkButton>
                    </ListRow>
                    <ListRow
                        title="Say whom to ask for help"
                        detail="Shown to people who can’t sign in"
                        before=|| view! { <Node icon=Icon::Help /> }
                    >
                        <LinkButton href="/settings/general" size=Size::Small attr:rel="external">
                            "Write it"
                        </LinkButton>
                    </ListRow>
                </List>
            </div>
            <LinkButton
                href="/"
                variant=ButtonVariant::Primary
                size=Size::Large
                block=true
                icon_end=Icon::ArrowRight
                attr:rel="external"
            >
                "Go to Home"
            </LinkButton>
        </Entry>
    }
    .into_any()
}
