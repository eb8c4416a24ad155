//! A password that an admin sets for somebody, who replaces it at the next sign-in.

use super::people::{People, is_explained};
use crate::{
    calls::users::reset_password,
    pages::{
        strength::NewPassword,
        summary::{FieldName, Summary},
    },
    state::attempt::Attempt,
    ui::{Button, ButtonKind, ButtonVariant, Check, Dialog},
};
use leptos::prelude::*;
use wire::{Failure, password, users::PasswordReset};

const FIELDS: &[FieldName] = &[("newPassword", "reset-password", "New password")];

/// The dialog; open while there is somebody whose password is set.
#[component]
pub fn SetPassword(people: People) -> impl IntoView {
    let open = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let must_change = RwSignal::new(true);
    let attempt = Attempt::new();
    Effect::new(move || {
        let is_wanted = people.to_set.with(Option::is_some);
        if is_wanted {
            typed.set(String::new());
            must_change.set(true);
            attempt.failure.set(None);
        }
        if open.get_untracked() != is_wanted {
            open.set(is_wanted);
        }
    });
    let name = move || people.to_set.with(|user| user.as_ref().map(|user| user.name().to_owned()).unwrap_or_default());
    let about = Signal::derive(move || {
        people.to_set.with(|user| {
            user.as_ref().map(|user| [Some(user.username.clone()), user.email.clone()].into_iter().flatten().collect()).unwrap_or_default()
        })
    });
    let submit = move |()| {
        let Some(user) = people.to_set.get_untracked() else { return };
        let reset = PasswordReset { new_password: typed.get_untracked(), must_change: must_change.get_untracked() };
        let (id, done) = (user.id, ["The password of ", user.name(), " is set, and their sessions have ended"].concat());
        attempt.run(
            move || {
                let (reset, user) = (reset.clone(), user.clone());
                async move {
                    if let Some(problem) = password::size_problem(&reset.new_password) {
                        return Err(Failure::field("newPassword", problem));
                    }
                    let outcome = reset_password(id, reset).await;
                    if let Err(failure) = &outcome
                        && is_explained(failure.code)
                    {
                        people.to_set.set(None);
                        people.refusal.set(Some((user, failure.clone())));
                    }
                    outcome
                }
            },
            move |_| {
                people.to_set.set(None);
                people.changed(done);
            },
        );
    };
    view! {
        <Dialog
            id="set-password"
            title=Signal::derive(move || ["Set a password for ", &name()].concat())
            lead="Their sessions end at once, and their own API keys are revoked. Tell them the new one over a channel you trust.".to_owned()
            open=open
            on_submit=submit
            on_close=move |()| people.to_set.set(None)
            foot=move || {
                view! {
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                        "Set password"
                    </Button>
                }
            }
        >
            <Summary id="set-password-error" attempt=attempt fields=FIELDS />
            <NewPassword
                id="reset-password"
                name="newPassword"
                label="New password"
                value=typed
                about=about
                error=attempt.problem("newPassword")
                autofocus=true
            />
            <Check id="reset-must-change" label="They choose their own at the next sign-in" checked=must_change />
        </Dialog>
    }
    .into_any()
}
