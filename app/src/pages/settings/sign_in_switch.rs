//! Turning sign-in on, with the first admin in place where there is nobody yet; and off, after the
//! password and a list of what becomes reachable.

use crate::{
    calls::{sessions::confirm_password, settings::update_auth_settings},
    frame::Posted,
    pages::{
        decision::DecisionOf,
        setup::{FIELDS, FirstAccount, FirstAccountFields},
        summary::Summary,
        words,
    },
    prefix::at,
    state::{attempt::Attempt, browser, session::Session, storage},
    ui::{Button, ButtonKind, ButtonVariant, Card, CheckItem, Checks, ConfirmPassword, Field, Icon, Node, SettingRow, Settings, Tone},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{
    Check,
    next::escaped,
    sessions::Confirmation,
    settings::{AuthSettings, AuthSettingsPatch},
};

const PAGE: &str = "/settings/authentication";

/// Goes to sign in, and comes back.
fn come_back() {
    browser::enter(&["/login?next=", &escaped(&at(PAGE))].concat());
}

/// The card that says whether one has to sign in.
#[component]
pub fn SignInSwitch(settings: AuthSettings) -> impl IntoView {
    let session = expect_context::<Session>();
    let is_dev = session.capabilities.with_untracked(|capabilities| capabilities.dev_mode);
    if settings.enabled {
        view! { <IsOn /> }.into_any()
    } else if is_dev {
        card(false, "The server was started with --dev. Start it without, and sign-in is as it was set before.", ().into_any())
    } else if settings.has_users {
        view! { <TurnOn needs_code=settings.setup_code_required /> }.into_any()
    } else {
        view! { <FirstAdmin needs_code=settings.setup_code_required /> }.into_any()
    }
}

fn card(is_on: bool, text: &'static str, control: AnyView) -> AnyView {
    let (title, icon, tone) =
        if is_on { ("Sign-in is on", Icon::Gate, Tone::Success) } else { ("Sign-in is off", Icon::Unlock, Tone::Warning) };
    view! {
        <Card id="sign-in" label="Sign-in" flush=true>
            <Settings>
                <SettingRow title=title text=text wide=true before=move || view! { <Node icon=icon tone=tone /> }>
                    {control}
                </SettingRow>
            </Settings>
        </Card>
    }
    .into_any()
}

#[component]
fn IsOn() -> impl IntoView {
    let open = RwSignal::new(false);
    let attempt = Attempt::new();
    let host = RwSignal::new(String::new());
    Effect::new(move || {
        host.set(browser::host());
        if open.get() {
            attempt.failure.set(None);
        }
    });
    let turn_off = move |password: String| {
        attempt.run(
            move || {
                let password = password.clone();
                async move {
                    confirm_password(Confirmation { password }).await?;
                    update_auth_settings(AuthSettingsPatch { enabled: Some(false), ..AuthSettingsPatch::default() }).await
                }
            },
            |_| {
                storage::clear();
                browser::enter(PAGE);
            },
        );
    };
    let button = view! {
        <Button variant=ButtonVariant::DangerQuiet on_press=move |()| open.set(true)>
            "Turn sign-in off"
        </Button>
    };
    view! {
        {card(true, "Pages ask people to sign in, and APIs answer 401 without a session.", button.into_any())}
        <ConfirmPassword
            id="turn-off"
            title="Turn sign-in off?"
            open=open
            keep="Keep sign-in on"
            action="Turn sign-in off"
            on_confirm=turn_off
            busy=attempt.is_busy
            error=attempt.detail()
        >
            <DecisionOf attempt=attempt />
            <p>
                "Everyone who can reach " <span class="mono">{host}</span>
                " gets full admin access, at once and without a trace of who they are."
            </p>
            <Checks>
                <CheckItem icon=Icon::X>"Every page and the whole API open to anybody"</CheckItem>
                <CheckItem icon=Icon::X>"Users, roles and settings can be changed by anybody"</CheckItem>
                <CheckItem icon=Icon::X>"The audit log says “anyone” instead of names"</CheckItem>
                <CheckItem met=true>"Users and settings are kept for when you turn it back on"</CheckItem>
            </Checks>
        </ConfirmPassword>
    }
    .into_any()
}

#[component]
fn TurnOn(needs_code: bool) -> impl IntoView {
    let attempt = Attempt::new();
    let code = RwSignal::new(String::new());
    let turn_on = move |event: SubmitEvent| {
        event.prevent_default();
        let setup_code = words::given(&code.get_untracked());
        attempt.run(
            move || {
                let setup_code = setup_code.clone();
                update_auth_settings(AuthSettingsPatch { enabled: Some(true), setup_code, ..AuthSettingsPatch::default() })
            },
            |_| come_back(),
        );
    };
    let control = view! {
        <form class="stack" data-gap="3" novalidate on:submit=turn_on>
            <Summary id="turn-on-error" attempt=attempt fields=FIELDS />
            {needs_code
                .then(|| {
                    view! {
                        <Field
                            id="setup-code"
                            name="setupCode"
                            label="Setup code"
                            help="The server printed it when it started."
                            value=code
                            error=attempt.problem("setupCode")
                            mono=true
                            exact=true
                            autocomplete="off"
                        />
                    }
                })}
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                "Turn sign-in on"
            </Button>
        </form>
    };
    card(
        false,
        "Everybody who reaches this address may do everything. Once it is on, you sign in with your account, and so does everybody else.",
        control.into_any(),
    )
}

#[component]
fn FirstAdmin(needs_code: bool) -> impl IntoView {
    let session = expect_context::<Session>();
    let account = FirstAccount::after(&Posted::default());
    let attempt = Attempt::new();
    let create = move |event: SubmitEvent| {
        event.prevent_default();
        let admin = account.read();
        attempt.run(
            move || {
                let admin = admin.clone();
                async move {
                    admin.check()?;
                    let setup_code = admin.setup_code.clone();
                    update_auth_settings(AuthSettingsPatch {
                        enabled: Some(true),
                        admin: Some(admin),
                        setup_code,
                        ..AuthSettingsPatch::default()
                    })
                    .await
                }
            },
            move |(_, tokens)| match tokens {
                Some(tokens) => {
                    session.adopt(tokens, false);
                    browser::enter(PAGE);
                }
                None => come_back(),
            },
        );
    };
    let save = move || {
        view! {
            <span class="push"></span>
            <Button
                kind=ButtonKind::Submit
                variant=ButtonVariant::Primary
                busy=attempt.is_busy
                attr:form="first-admin-form"
            >
                "Create admin and turn sign-in on"
            </Button>
        }
    };
    view! {
        {card(false, "Everybody who reaches this address may do everything.", ().into_any())}
        <Card
            id="first-admin"
            title="Turn sign-in on".to_owned()
            lead="Nobody could sign in yet, so the first admin comes first. You are signed in with this account at once.".to_owned()
            foot=save
        >
            <form class="stack" data-gap="4" id="first-admin-form" novalidate on:submit=create>
                <Summary id="first-admin-error" attempt=attempt fields=FIELDS />
                <FirstAccountFields account=account attempt=attempt needs_code=needs_code />
            </form>
        </Card>
    }
    .into_any()
}
