//! Setting a password by a one-time link: an invitation, or a reset.

use super::{
    entry::Entry,
    strength::NewPassword,
    summary::{FieldName, Summary},
};
use crate::pages::title::PageTitle;
use crate::{
    calls::links::{check_link, use_link},
    frame::Posted,
    given::resource,
    prefix::at,
    state::{attempt::Attempt, session::retry_failed},
    ui::{Button, ButtonKind, ButtonVariant, LinkButton, Note, Size, Tone},
};
use leptos::{either::Either, ev::SubmitEvent, prelude::*};
use leptos_router::hooks::use_params_map;
use wire::{
    Check, Failure,
    links::{LinkCheck, LinkInfo, LinkKind, LinkUse},
};

const FIELDS: &[FieldName] = &[("newPassword", "new-password", "Password")];

/// The page behind a one-time link.
#[component]
pub fn ResetPage() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token").unwrap_or_default()));
    let attempt = Attempt::after(use_context::<Posted>().unwrap_or_default().failure);
    let link = resource(move || token.get(), |token| check_link(LinkCheck { token }));
    retry_failed(expect_context(), link);
    let body = move || {
        Suspend::new(async move {
            match link.await {
                Ok(info) => Either::Left(view! { <ResetForm token=token info=info attempt=attempt /> }),
                Err(failure) => Either::Right(gone(&failure)),
            }
        })
    };
    view! {
        <PageTitle text="Set your password" />
        <Suspense fallback=|| ()>{body}</Suspense>
    }
    .into_any()
}

#[component]
fn ResetForm(token: Memo<String>, info: LinkInfo, attempt: Attempt) -> impl IntoView {
    let password = RwSignal::new(String::new());
    let done = RwSignal::new(None::<LinkInfo>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let link = LinkUse { token: token.get_untracked(), new_password: password.get_untracked() };
        attempt.run(
            move || {
                let link = link.clone();
                async move {
                    link.check()?;
                    use_link(link).await
                }
            },
            move |info| done.set(Some(info)),
        );
    };
    let username = StoredValue::new(info.username);
    let is_invitation = info.kind == LinkKind::Invitation;
    let (title, lead) = if is_invitation {
        ("Welcome: set your password", "With it and your username you sign in from now on.")
    } else {
        ("Set a new password", "It replaces the old one, and ends every session you have.")
    };
    let form = move || {
        view! {
            <Entry title=title lead=lead>
                <form
                    class="stack"
                    data-gap="5"
                    method="post"
                    action=move || at(&["/reset/", &token.get()].concat())
                    novalidate
                    on:submit=submit
                >
                    <Summary id="reset-error" attempt=attempt fields=FIELDS />
                    <div class="field">
                        <label for="username">"Username"</label>
                        <input
                            class="input"
                            id="username"
                            data-size="lg"
                            readonly
                            autocomplete="username"
                            value=username.get_value()
                        />
                    </div>
                    <NewPassword
                        id="new-password"
                        name="newPassword"
                        label="Password"
                        value=password
                        about=Signal::derive(move || vec![username.get_value()])
                        error=attempt.problem("newPassword")
                        large=true
                        autofocus=true
                    />
                    <Button
                        kind=ButtonKind::Submit
                        variant=ButtonVariant::Primary
                        size=Size::Large
                        block=true
                        busy=attempt.is_busy
                    >
                        "Set password"
                    </Button>
                </form>
            </Entry>
        }
        .into_any()
    };
    move || if done.with(Option::is_some) { finished(&username.get_value()) } else { form() }
}

/// The password is set; nothing is left but to sign in.
fn finished(username: &str) -> AnyView {
    view! {
        <Entry title="Your password is set" lead=["Sign in as ", username, " with it."].concat()>
            <LinkButton href="/login" variant=ButtonVariant::Primary size=Size::Large block=true attr:rel="external">
                "Sign in"
            </LinkButton>
        </Entry>
    }
    .into_any()
}

/// The link is no good, or could not be looked at.
fn gone(failure: &Failure) -> AnyView {
    let detail = failure.detail.clone();
    let (title, advice) = if failure.status >= 500 {
        ("This link couldn’t be checked", "Reload the page in a moment. The link is still good.")
    } else {
        ("This link is no longer good", "A link works once, for 24 hours, and a newer one replaces it. Ask an admin for another.")
    };
    view! {
        <Entry title=title lead=advice>
            <Note tone=Tone::Danger>{detail}</Note>
            <LinkButton href="/forgot" variant=ButtonVariant::Primary size=Size::Large block=true>
                "See whom to ask"
            </LinkButton>
            <LinkButton href="/login" size=Size::Large block=true>
                "Back to sign-in"
            </LinkButton>
        </Entry>
    }
    .into_any()
}
