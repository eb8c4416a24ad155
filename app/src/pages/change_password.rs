//! Choosing a password of one's own, where somebody else has set the one until now.

use super::{
    entry::Entry,
    strength::NewPassword,
    summary::{FieldName, Summary},
};
use crate::pages::title::PageTitle;
use crate::{
    calls::sessions::change_password,
    frame::Posted,
    prefix::{self, at},
    state::{attempt::Attempt, browser, next, session::Session, storage},
    ui::{Button, ButtonKind, ButtonVariant, LinkButton, PasswordField, Size},
};
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::hooks::use_query_map;
use wire::{Check, sessions::PasswordChange};

const FIELDS: &[FieldName] =
    &[("currentPassword", "current-password", "Current password"), ("newPassword", "new-password", "New password")];

/// The page that changes one's own password.
#[component]
pub fn ChangePasswordPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let posted = use_context::<Posted>().unwrap_or_default();
    let query = use_query_map();
    let target = Memo::new(move |_| prefix::with(|prefix| next::or_home(prefix, query.with(|query| query.get("next")).as_deref())));
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let attempt = Attempt::after(posted.failure);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let change = PasswordChange { current_password: current.get_untracked(), new_password: new.get_untracked(), revoke_keys: false };
        attempt.run(
            move || {
                let change = change.clone();
                async move {
                    change.check()?;
                    change_password(change).await
                }
            },
            move |tokens| {
                session.adopt(tokens, storage::is_remembered());
                browser::assign(&target.get_untracked());
            },
        );
    };
    let is_pending =
        move || session.me.with(|me| me.as_ref().and_then(|me| me.user.as_ref()).is_some_and(|user| user.must_change_password));
    let lead = move || {
        if is_pending() {
            "Somebody else knows the one until now. Replace it to go on; your other sessions end."
        } else {
            "Your other sessions end; this one stays."
        }
    };
    let username = move || session.me.with(|me| me.as_ref()?.user.as_ref().map(|user| user.username.clone()));
    view! {
        <PageTitle text="Change your password" />
        <Entry title="Choose your own password" lead=Signal::derive(move || Some(lead().to_owned()))>
            <form class="stack" data-gap="5" method="post" action=at("/change-password") novalidate on:submit=submit>
                <Summary id="change-error" attempt=attempt fields=FIELDS />
                <input type="hidden" name="next" value=target />
                // Tells a password manager whose password changes.
                <input type="text" name="username" autocomplete="username" value=username hidden readonly />
                <PasswordField
                    id="current-password"
                    name="currentPassword"
                    label="Current password"
                    value=current
                    error=attempt.problem("currentPassword")
                    large=true
                    autofocus=true
                />
                <NewPassword
                    id="new-password"
                    name="newPassword"
                    label="New password"
                    value=new
                    about=Signal::derive(move || session.me.with(about))
                    error=attempt.problem("newPassword")
                    large=true
                />
                <Button
                    kind=ButtonKind::Submit
                    variant=ButtonVariant::Primary
                    size=Size::Large
                    block=true
                    busy=attempt.is_busy
                >
                    "Save password and go on"
                </Button>
                {move || {
                    is_pending()
                        .then(|| {
                            view! {
                                <LinkButton href="/logout" size=Size::Large variant=ButtonVariant::Ghost block=true>
                                    "Sign out"
                                </LinkButton>
                            }
                        })
                }}
            </form>
        </Entry>
    }
    .into_any()
}

/// What a guesser knows of the signed-in user.
#[must_use]
pub fn about(me: &Option<wire::me::Me>) -> Vec<String> {
    let user = me.as_ref().and_then(|me| me.user.as_ref());
    user.map(|user| [Some(user.username.clone()), user.email.clone(), user.display_name.clone()].into_iter().flatten().collect())
        .unwrap_or_default()
}
