//! One's own account: the name to show, the address, the ways to sign in, the look.

use super::{
    change_password::about,
    identities::{LinkNews, MyIdentities},
    keys::MyKeys,
    rights::{place, sentences},
    role::RoleMark,
    strength::NewPassword,
    summary::{FieldName, Summary},
    words,
};
use crate::pages::title::PageTitle;
use crate::{
    calls::{me::update_me, sessions::change_password},
    state::{
        attempt::Attempt,
        session::{self, Session},
        storage,
    },
    ui::{
        Avatar, Button, ButtonKind, ButtonVariant, Card, Check as Tick, Field, InputKind, LinkButton, List, ListRow, Page, PasswordField,
        SettingRow, Settings, Size, ThemeSwitch, use_toaster,
    },
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{Check, me::MePatch, sessions::PasswordChange, users::User, workspaces::Standing};

/// The page of whoever is signed in.
#[component]
pub fn Profile() -> impl IntoView {
    let session = expect_context::<Session>();
    let user = session.me.with_untracked(|me| me.as_ref().and_then(|me| me.user.clone()));
    view! {
        <PageTitle text="Profile" />
        {user.map(|user| view! { <Account user=user /> })}
    }
    .into_any()
}

#[component]
fn Account(user: User) -> impl IntoView {
    let session = expect_context::<Session>();
    let shown = Memo::new({
        let user = user.clone();
        move |_| session.me.with(|me| me.as_ref().and_then(|me| me.user.clone())).unwrap_or_else(|| user.clone())
    });
    let (name, key) = (user.name().to_owned(), user.id.to_string());
    let (username, role, has_password) = (user.username.clone(), user.role.clone(), user.has_password);
    let under = move || {
        view! {
            <p class="row">
                <span class="mono">{username}</span>
                <RoleMark role=role.clone() />
            </p>
        }
    };
    view! {
        <Page
            title=move || shown.with(|user| user.name().to_owned())
            narrow=true
            before=move || view! { <Avatar name=name key=key size=Size::Large /> }
            under=under
        >
            <LinkNews />
            <Person user=user />
            <MyIdentities />
            {has_password.then(|| view! { <Password /> })}
            <Rights />
            <Card id="appearance" title="Appearance".to_owned() flush=true>
                <Settings>
                    <SettingRow title="Theme" text="System follows your device." wide=true>
                        <ThemeSwitch />
                    </SettingRow>
                </Settings>
            </Card>
            <MyKeys />
            <Card id="devices" title="Where you are signed in".to_owned() flush=true>
                <Settings>
                    <SettingRow title="Sessions" text="Each device and browser has one. End those you don’t know.">
                        <LinkButton href="/settings/sessions" size=Size::Small>
                            "See my sessions"
                        </LinkButton>
                    </SettingRow>
                </Settings>
            </Card>
        </Page>
    }
    .into_any()
}

const PERSON: &[FieldName] = &[("displayName", "display-name", "Name"), ("email", "email", "Email")];

#[component]
fn Person(user: User) -> impl IntoView {
    let session = expect_context::<Session>();
    let reports = use_toaster();
    let name = RwSignal::new(user.display_name.unwrap_or_default());
    let email = RwSignal::new(user.email.unwrap_or_default());
    let attempt = Attempt::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let patch = MePatch { display_name: Some(words::given(&name.get_untracked())), email: Some(words::given(&email.get_untracked())) };
        attempt.run(
            move || {
                let patch = patch.clone();
                async move {
                    patch.check()?;
                    update_me(patch).await
                }
            },
            move |user| {
                session.me.update(|me| {
                    if let Some(me) = me {
                        me.user = Some(user);
                    }
                });
                reports.say("Your profile is saved");
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
                attr:form="person-form"
            >
                "Save profile"
            </Button>
        }
    };
    view! {
        <Card id="person" title="You".to_owned() foot=save>
            <form class="stack" data-gap="4" id="person-form" novalidate on:submit=submit>
                <Summary id="person-error" attempt=attempt fields=PERSON />
                <Field
                    id="display-name"
                    label="Name"
                    help="Shown in lists and in the audit log."
                    value=name
                    error=attempt.problem("displayName")
                    optional=true
                    autocomplete="name"
                />
                <Field
                    id="email"
                    label="Email"
                    kind=InputKind::Email
                    help="Signs you in just as your username does."
                    value=email
                    error=attempt.problem("email")
                    optional=true
                    autocomplete="email"
                />
            </form>
        </Card>
    }
    .into_any()
}

/// What one may do, as it comes out of the role and the grants, and where one acts now.
#[component]
fn Rights() -> impl IntoView {
    let session = expect_context::<Session>();
    let said = move || {
        let lines = session.me.with(|me| {
            let user = me.as_ref()?.user.as_ref()?;
            Some(sentences(&user.role, &user.grants))
        });
        lines.unwrap_or_default().into_iter().map(|line| view! { <li>{line}</li> }).collect::<Vec<_>>()
    };
    let standings = move || {
        session.me.with(|me| {
            let Some(me) = me else { return Vec::new() };
            let now = Some(&me.scope).filter(|now| now.role.is_some()).map(|now| ("Where you act: ", now));
            now.into_iter().chain(me.grants.iter().map(|own| ("", own))).map(|(before, own)| standing(before, own)).collect()
        })
    };
    view! {
        <Card id="rights" title="What you may do".to_owned() flush=true>
            <div class="card__body">
                <ul class="stack" data-gap="1" aria-label="My rights as they come out">
                    {said}
                </ul>
            </div>
            <List label="My rights in each place" wrap=true>
                {standings}
            </List>
        </Card>
    }
    .into_any()
}

/// What one may do in a place.
fn standing(before: &'static str, own: &Standing) -> AnyView {
    let place = [before, &place(&own.workspace, own.environment.as_ref())].concat();
    let may: Vec<_> = own.permissions.iter().map(wire::Permission::as_str).collect();
    let may = if may.is_empty() { "Nothing".to_owned() } else { may.join(", ") };
    let role = own.role.clone();
    view! { <ListRow title=place detail=may>{role.map(|role| view! { <RoleMark role=role /> })}</ListRow> }.into_any()
}

const PASSWORD: &[FieldName] =
    &[("currentPassword", "current-password", "Current password"), ("newPassword", "new-password", "New password")];

#[component]
fn Password() -> impl IntoView {
    let session = expect_context::<Session>();
    let reports = use_toaster();
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let revokes_keys = RwSignal::new(false);
    let attempt = Attempt::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let change = PasswordChange {
            current_password: current.get_untracked(),
            new_password: new.get_untracked(),
            revoke_keys: revokes_keys.get_untracked(),
        };
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
                current.set(String::new());
                new.set(String::new());
                if revokes_keys.get_untracked() {
                    revokes_keys.set(false);
                    session::loads_again();
                }
                reports.say("Your password is changed, and your other sessions have ended");
            },
        );
    };
    let save = move || {
        view! {
            <span>"Your other sessions end; this one stays."</span>
            <span class="push"></span>
            <Button
                kind=ButtonKind::Submit
                variant=ButtonVariant::Primary
                busy=attempt.is_busy
                attr:form="password-form"
            >
                "Change password"
            </Button>
        }
    };
    let username = move || session.me.with(|me| me.as_ref()?.user.as_ref().map(|user| user.username.clone()));
    view! {
        <Card id="password" title="Password".to_owned() foot=save>
            <form class="stack" data-gap="4" id="password-form" novalidate on:submit=submit>
                <Summary id="password-error" attempt=attempt fields=PASSWORD />
                <input type="text" autocomplete="username" value=username hidden readonly />
                <PasswordField
                    id="current-password"
                    name="currentPassword"
                    label="Current password"
                    value=current
                    error=attempt.problem("currentPassword")
                />
                <NewPassword
                    id="new-password"
                    name="newPassword"
                    label="New password"
                    value=new
                    about=Signal::derive(move || session.me.with(about))
                    error=attempt.problem("newPassword")
                />
                <Tick
                    id="revoke-keys"
                    label="Revoke my API keys too"
                    hint="For when somebody may have used your account. They stay otherwise."
                    checked=revokes_keys
                />
            </form>
        </Card>
    }
    .into_any()
}
