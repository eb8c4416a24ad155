//! Signing in. The form works without script; with it, what was typed stays when something is wrong.

use super::{entry::Entry, summary::Summary};
use crate::pages::title::PageTitle;
use crate::{
    calls::sessions::sign_in,
    frame::Posted,
    prefix::{self, at},
    state::{attempt::Attempt, browser, next, session::Session},
    ui::{Button, ButtonKind, ButtonVariant, Check, Field, LinkButton, Note, PasswordField, Size, Tone},
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use leptos_router::hooks::use_query_map;
use wire::{Check as _, Code, Failure, sessions::SignIn};

/// The sign-in page.
#[component]
pub fn LoginPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let posted = use_context::<Posted>().unwrap_or_default();
    let query = use_query_map();
    let target = Memo::new({
        let typed = posted.value("next");
        move |_| {
            let asked = query.with(|query| query.get("next"));
            let asked = asked.as_deref().or(Some(typed.as_str()).filter(|typed| !typed.is_empty()));
            prefix::with(|prefix| next::or_home(prefix, asked))
        }
    });
    let username = RwSignal::new(posted.value("username"));
    let password = RwSignal::new(String::new());
    let is_remembered = RwSignal::new(posted.value("rememberMe") == "true");
    let attempt = Attempt::after(posted.failure);
    let wait = countdown(attempt);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let who = SignIn {
            username: Some(username.get_untracked().trim().to_owned()),
            email: None,
            password: password.get_untracked(),
            remember_me: is_remembered.get_untracked(),
        };
        let remember_me = who.remember_me;
        attempt.run(
            move || {
                let who = who.clone();
                async move {
                    who.check()?;
                    sign_in(who).await
                }
            },
            move |tokens| {
                let must_change = tokens.user.must_change_password;
                session.adopt(tokens, remember_me);
                if must_change { browser::enter("/change-password") } else { browser::assign(&target.get_untracked()) }
            },
        );
    };
    let is_refused = Signal::derive(move || attempt.failure.with(|failure| is_code(failure, Code::InvalidCredentials)));
    let has_password = session.capabilities.with_untracked(|capabilities| capabilities.password_sign_in);
    let heading = move || session.capabilities.with(|capabilities| ["Sign in to ", &capabilities.name].concat());
    view! {
        <PageTitle text="Sign in" />
        <Entry title=Signal::derive(heading)>
            {move || signed_in(session, target)}
            {move || insecure(session)}
            <Summary id="login-error" attempt=attempt fields=FIELDS />
            {ways(session, target)}
            <form class="stack" data-gap="5" method="post" action=at("/login") novalidate hidden=!has_password on:submit=submit>
                <input type="hidden" name="next" value=target />
                <Field
                    id="username"
                    label="Username or email"
                    value=username
                    error=attempt.problem("username")
                    exact=true
                    large=true
                    autofocus=true
                    autocomplete="username"
                />
                <PasswordField
                    id="password"
                    label="Password"
                    value=password
                    error=attempt.problem("password")
                    invalid=is_refused
                    large=true
                    aside=|| view! { <a class="link" href=at("/forgot")>"Forgot it?"</a> }
                />
                <Check
                    id="remember-me"
                    name="rememberMe"
                    label="Keep me signed in"
                    checked=is_remembered
                    hint="Leave this off on a device other people use. You’ll be signed out when the browser closes."
                />
                <Button
                    kind=ButtonKind::Submit
                    variant=ButtonVariant::Primary
                    size=Size::Large
                    block=true
                    busy=attempt.is_busy
                    disabled=Signal::derive(move || wait.get() > 0)
                >
                    {move || match wait.get() {
                        0 => "Sign in".to_owned(),
                        left => ["Try again in ", &clock(left)].concat(),
                    }}
                </Button>
            </form>
        </Entry>
    }
    .into_any()
}

const FIELDS: &[super::summary::FieldName] = &[("username", "username", "Username or email"), ("password", "password", "Password")];

fn is_code(failure: &Option<Failure>, code: Code) -> bool {
    failure.as_ref().is_some_and(|failure| failure.code == code)
}

/// The seconds until another try makes sense; they run down in the browser.
fn countdown(attempt: Attempt) -> RwSignal<u64> {
    let wait = RwSignal::new(0);
    Effect::new(move || {
        let Some(seconds) = attempt.failure.with(|failure| failure.as_ref()?.retry_after) else { return };
        wait.set(seconds);
        spawn_local(async move {
            while wait.try_get_untracked().is_some_and(|left| left > 0) {
                browser::pause(1000).await;
                let _ = wait.try_update(|left| *left = left.saturating_sub(1));
            }
        });
    });
    wait
}

/// Seconds as a clock shows them, like 1:05.
fn clock(seconds: u64) -> String {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    if minutes == 0 { [&seconds.to_string(), " s"].concat() } else { format!("{minutes}:{seconds:02}") }
}

/// Somebody who is signed in already can go on without typing anything.
fn signed_in(session: Session, target: Memo<String>) -> Option<AnyView> {
    let name = session.me.with(|me| me.as_ref()?.user.as_ref().map(|user| user.name().to_owned()))?;
    Some(
        view! {
            <Note title=["You’re signed in as ", &name, "."].concat()>
                "Sign in below to be somebody else on this device."
            </Note>
            <LinkButton href=target whole=true size=Size::Large block=true attr:rel="external">
                {["Go on as ", &name].concat()}
            </LinkButton>
        }
        .into_any(),
    )
}

/// The ways in besides the password; what does not work at the moment says so.
fn ways(session: Session, target: Memo<String>) -> Option<AnyView> {
    let (ways, has_password) =
        session.capabilities.with_untracked(|capabilities| (capabilities.providers.clone(), capabilities.password_sign_in));
    let or = (has_password && !ways.is_empty()).then(|| view! { <p class="or">"or with a password"</p> });
    let ways: Vec<_> = ways
        .into_iter()
        .map(|way| {
            let href = move || target.with(|target| ["/auth/oidc/", &way.id.0, "/login?next=", &next::escaped(target)].concat());
            view! {
                <LinkButton href=Signal::derive(href) size=Size::Large block=true attr:rel="external">
                    {way.label}
                </LinkButton>
                {way.problem.map(|problem| view! { <p class="hint">{problem}</p> })}
            }
        })
        .collect();
    (!ways.is_empty()).then(|| {
        view! {
            <div class="sso">{ways}</div>
            {or}
        }
        .into_any()
    })
}

/// The warning that passwords would travel in the open.
fn insecure(session: Session) -> Option<AnyView> {
    let is_secure = session.capabilities.with(|capabilities| capabilities.secure_transport);
    (!is_secure).then(|| {
        view! {
            <Note tone=Tone::Warning title="This page came over plain HTTP.">
                "Anyone on the way can read what you type, and signing in may be refused. Open this address with https://, or on the server itself as http://localhost."
            </Note>
        }
        .into_any()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_like_a_clock() {
        assert_eq!(clock(42), "42 s");
        assert_eq!(clock(65), "1:05");
        assert_eq!(clock(600), "10:00");
    }
}
