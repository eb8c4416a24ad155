//! Whether one can sign in with a password: off only once an admin has come in by a provider.

use crate::{
    calls::settings::update_auth_settings,
    state::{attempt::Attempt, session::Session},
    ui::{Card, Note, SettingRow, Settings, Switch, Tone, use_toaster},
};
use leptos::prelude::*;
use wire::settings::AuthSettingsPatch;

/// The card.
#[component]
pub fn PasswordSwitch(is_on: bool, can_turn_off: bool) -> impl IntoView {
    let session = expect_context::<Session>();
    let reports = use_toaster();
    let attempt = Attempt::new();
    let checked = RwSignal::new(is_on);
    let switched = move |is_on: bool| {
        let patch = AuthSettingsPatch { password_sign_in: Some(is_on), ..AuthSettingsPatch::default() };
        attempt.run(
            move || update_auth_settings(patch.clone()),
            move |(settings, _)| {
                checked.set(settings.password_sign_in);
                session.capabilities.update(|capabilities| capabilities.password_sign_in = settings.password_sign_in);
                reports.say(if settings.password_sign_in { "Password sign-in is on" } else { "Password sign-in is off" });
            },
        );
    };
    // What was refused, or not confirmed, has not happened.
    Effect::new(move |was_busy: Option<bool>| {
        let is_busy = attempt.is_busy.get();
        if was_busy == Some(true) && !is_busy {
            let is_on = session.capabilities.with_untracked(|capabilities| capabilities.password_sign_in);
            if checked.get_untracked() != is_on {
                checked.set(is_on);
            }
        }
        is_busy
    });
    let text = move || {
        match (checked.get(), can_turn_off) {
            (false, _) => "Everybody signs in by a provider. Should that fail: “doorward auth enable --password” on the server turns this on again.",
            (true, true) => "Turn it off when everybody signs in by a provider. Passwords are kept, and “doorward auth enable --password” on the server turns it on again.",
            (true, false) => "It can be turned off once an admin has signed in by a provider: else nobody could get in who is meant to.",
        }
        .to_owned()
    };
    let refusal = move || {
        attempt.failure.get().map(|failure| {
            view! {
                <div class="card__body">
                    <Note tone=Tone::Danger title=[&failure.title, "."].concat()>
                        {failure.detail}
                    </Note>
                </div>
            }
        })
    };
    view! {
        <Card id="passwords" label="Passwords" flush=true>
            <Settings>
                <SettingRow title="Sign in with a password" text=Signal::derive(move || Some(text()))>
                    <Switch
                        id="password-sign-in"
                        label="Sign in with a password"
                        checked=checked
                        on_change=switched
                        disabled=Signal::derive(move || attempt.is_busy.get() || (checked.get() && !can_turn_off))
                    />
                </SettingRow>
            </Settings>
            <div role="alert">{refusal}</div>
        </Card>
    }
    .into_any()
}
