//! Signing in again over the page, with the password or in another tab: what was being typed below
//! stays.

use crate::{
    calls::sessions::sign_in,
    pages::summary::Summary,
    prefix::{self, at},
    state::{attempt::Attempt, browser, live::Live, next, session::Session},
    ui::{Avatar, Button, ButtonKind, ButtonVariant, Dialog, Icon, LinkButton, PasswordField, Size},
};
use leptos::prelude::*;
use wire::{Check, live::EndedBy, sessions::SignIn};

/// The dialog; open once the session has ended and could not be renewed.
#[component]
pub fn ExpiredDialog() -> impl IntoView {
    let session = expect_context::<Session>();
    let live = expect_context::<Live>();
    let attempt = Attempt::new();
    let password = RwSignal::new(String::new());
    let open = session.has_expired;
    Effect::new(move || {
        open.track();
        password.set(String::new());
        attempt.failure.set(None);
    });
    let user = Memo::new(move |_| session.me.with(|me| me.as_ref()?.user.clone()));
    let username = move || user.with(|user| user.as_ref().map(|user| user.username.clone()).unwrap_or_default());
    let submit = move |()| {
        let who = SignIn {
            username: Some(untrack(username)),
            email: None,
            password: password.get_untracked(),
            remember_me: session.was_remembered(),
        };
        attempt.run(
            move || {
                let who = who.clone();
                async move {
                    who.check()?;
                    sign_in(who).await
                }
            },
            move |tokens| session.resume(tokens),
        );
    };
    let has_password = move || {
        let is_on = session.capabilities.with(|capabilities| capabilities.password_sign_in);
        is_on && user.with(|user| user.as_ref().is_none_or(|user| user.has_password))
    };
    let elsewhere = move || prefix::with(|prefix| next::login(prefix, &browser::place()));
    let portrait =
        move || user.with(|user| user.as_ref().map(|user| view! { <Avatar name=user.name().to_owned() key=user.id.to_string() /> }));
    view! {
        <Dialog
            id="expired"
            title="Sign in to go on"
            lead=Signal::derive(move || Some([why(live.ended.get()), " What you were doing is still here."].concat()))
            open=open
            size=Size::Small
            sticky=true
            before=portrait
            on_submit=submit
            foot=move || {
                view! {
                    <LinkButton href=elsewhere() variant=ButtonVariant::Ghost attr:rel="external">
                        "Sign in as someone else"
                    </LinkButton>
                    <span class="push"></span>
                    {move || {
                        has_password()
                            .then(|| {
                                view! {
                                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                                        "Sign in"
                                    </Button>
                                }
                            })
                    }}
                }
            }
        >
            <Summary id="expired-error" attempt=attempt />
            <div class="field">
                <label for="expired-username">"Username"</label>
                <input class="input" id="expired-username" readonly autocomplete="username" value=username />
            </div>
            {move || {
                has_password()
                    .then(|| {
                        view! {
                            <PasswordField
                                id="expired-password"
                                label="Password"
                                value=password
                                error=attempt.problem("password")
                                autofocus=true
                            />
                        }
                    })
            }}
            {move || ways(session)}
        </Dialog>
    }
}

/// Why the session is over, as far as one may know.
const fn why(by: Option<EndedBy>) -> &'static str {
    match by {
        Some(EndedBy::Admin) => "Your session was ended by an admin.",
        Some(EndedBy::Owner) => "You have ended this session from elsewhere.",
        Some(EndedBy::Provider) => "Your session was ended by the provider you came with.",
        None => "Your session has ended.",
    }
}

/// The ways in besides the password. They open a tab of their own, which tells this one when it is done.
fn ways(session: Session) -> Option<AnyView> {
    let ways = session.capabilities.with(|capabilities| capabilities.providers.clone());
    let ways: Vec<_> = ways
        .into_iter()
        .map(|way| {
            let href = ["/auth/oidc/", &way.id.0, "/login?next=", &next::escaped(&at("/"))].concat();
            view! {
                <LinkButton href=href block=true icon_end=Icon::External attr:target="_blank" attr:rel="external noopener">
                    {way.label}
                </LinkButton>
            }
        })
        .collect();
    (!ways.is_empty()).then(|| {
        view! {
            <div class="stack" data-gap="2">
                {ways}
                <p class="hint">"It opens another tab; this one goes on by itself afterwards."</p>
            </div>
        }
        .into_any()
    })
}
