//! The password again, before something that matters; then the action goes on by itself.

use crate::{
    calls::sessions::confirm_password,
    state::{attempt::Attempt, confirm::Confirm, session::Session},
    ui::{Button, ButtonKind, ButtonVariant, Dialog, PasswordField, Size},
};
use leptos::prelude::*;
use wire::{Failure, sessions::Confirmation};

/// The dialog; open while an action waits for the password.
#[component]
pub fn ConfirmDialog() -> impl IntoView {
    let confirm = expect_context::<Confirm>();
    let session = expect_context::<Session>();
    let attempt = Attempt::new();
    let password = RwSignal::new(String::new());
    let open = confirm.is_asked;
    Effect::new(move || {
        open.track();
        password.set(String::new());
        attempt.failure.set(None);
    });
    let submit = move |()| {
        let typed = password.get_untracked();
        attempt.run(
            move || {
                let password = typed.clone();
                async move {
                    if password.is_empty() {
                        return Err(Failure::field("password", "Enter your password."));
                    }
                    confirm_password(Confirmation { password }).await
                }
            },
            move |()| confirm.answer(true),
        );
    };
    let problem = Signal::derive(move || {
        attempt.failure.with(|failure| failure.as_ref().map(|failure| failure.of("password").unwrap_or(&failure.detail).to_owned()))
    });
    let username = move || session.me.with(|me| me.as_ref()?.user.as_ref().map(|user| user.username.clone()));
    view! {
        <Dialog
            id="confirm"
            title="Confirm it’s you"
            lead="This needs your password once more. Then it holds for ten minutes."
            open=open
            size=Size::Small
            on_submit=submit
            on_close=move |()| confirm.answer(false)
            foot=move || {
                view! {
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                        "Confirm"
                    </Button>
                }
            }
        >
            <input type="text" autocomplete="username" value=username hidden readonly />
            <PasswordField id="confirm-password" label="Your password" value=password error=problem autofocus=true />
        </Dialog>
    }
}
