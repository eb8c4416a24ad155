//! The first admin. Making the account turns sign-in on.

use crate::pages::title::PageTitle;
use crate::{
    calls::setup::set_up,
    frame::Posted,
    pages::{
        entry::Entry,
        strength::NewPassword,
        summary::{FieldName, Summary},
        words,
    },
    prefix::at,
    state::{attempt::Attempt, browser, session::Session},
    ui::{Button, ButtonKind, ButtonVariant, Field, InputKind, LinkButton, Size},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{Check, setup::NewSetup};

/// The fields of an account that is made together with sign-in.
pub const FIELDS: &[FieldName] = &[
    ("setupCode", "setup-code", "Setup code"),
    ("username", "username", "Username"),
    ("email", "email", "Email"),
    ("password", "password", "Password"),
];

/// What was typed about the first account.
#[derive(Clone, Copy)]
pub struct FirstAccount {
    username: RwSignal<String>,
    email: RwSignal<String>,
    password: RwSignal<String>,
    code: RwSignal<String>,
}

impl FirstAccount {
    /// As it stands after a form that was posted without script, or empty.
    #[must_use]
    pub fn after(posted: &Posted) -> Self {
        Self {
            username: RwSignal::new(posted.value("username")),
            email: RwSignal::new(posted.value("email")),
            password: RwSignal::new(String::new()),
            code: RwSignal::new(posted.value("setupCode")),
        }
    }

    /// The account as it goes over the wire.
    #[must_use]
    pub fn read(self) -> NewSetup {
        NewSetup {
            username: self.username.get_untracked().trim().to_owned(),
            email: words::given(&self.email.get_untracked()),
            password: self.password.get_untracked(),
            setup_code: words::given(&self.code.get_untracked()),
        }
    }
}

/// The fields of the first account.
#[component]
pub fn FirstAccountFields(account: FirstAccount, attempt: Attempt, needs_code: bool, #[prop(optional)] large: bool) -> impl IntoView {
    let about = Signal::derive(move || vec![account.username.get(), account.email.get()]);
    let code = needs_code.then(|| {
        view! {
            <Field
                id="setup-code"
                name="setupCode"
                label="Setup code"
                help="The server printed it when it started: 20 characters, new at each start."
                value=account.code
                error=attempt.problem("setupCode")
                mono=true
                exact=true
                large=large
                autocomplete="off"
            />
        }
    });
    view! {
        {code}
        <Field
            id="username"
            label="Username"
            help="What you type to sign in."
            value=account.username
            error=attempt.problem("username")
            exact=true
            large=large
            autofocus=true
            autocomplete="username"
        />
        <Field
            id="email"
            label="Email"
            kind=InputKind::Email
            help="Signs you in just as well."
            value=account.email
            error=attempt.problem("email")
            optional=true
            large=large
            autocomplete="email"
        />
        <NewPassword
            id="password"
            label="Password"
            name="password"
            value=account.password
            about=about
            error=attempt.problem("password")
            large=large
        />
    }
    .into_any()
}

/// The page that makes the first admin.
#[component]
pub fn AdminPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let posted = use_context::<Posted>().unwrap_or_default();
    let account = FirstAccount::after(&posted);
    let attempt = Attempt::after(posted.failure);
    let needs_code = session.capabilities.with_untracked(|capabilities| capabilities.setup_code_required);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let new = account.read();
        attempt.run(
            move || {
                let new = new.clone();
                async move {
                    new.check()?;
                    set_up(new).await
                }
            },
            move |tokens| {
                session.adopt(tokens, false);
                browser::enter("/setup/app");
            },
        );
    };
    view! {
        <PageTitle text="Create the first admin" />
        <Entry
            step=2
            title="Create the first admin"
            lead="This account can do everything, including adding other people. Creating it turns sign-in on."
            news="Keep this one safe."
            remark="Passwords are hashed with Argon2id and never stored. Nobody, including you, can read one back."
        >
            <form class="stack" data-gap="5" method="post" action=at("/setup/admin") novalidate on:submit=submit>
                <Summary id="setup-error" attempt=attempt fields=FIELDS />
                <FirstAccountFields account=account attempt=attempt needs_code=needs_code large=true />
                <div class="row" data-between=true>
                    <LinkButton href="/setup" variant=ButtonVariant::Ghost size=Size::Large>
                        "Back"
                    </LinkButton>
                    <Button
                        kind=ButtonKind::Submit
                        variant=ButtonVariant::Primary
                        size=Size::Large
                        busy=attempt.is_busy
                    >
                        "Create admin and sign in"
                    </Button>
                </div>
            </form>
        </Entry>
    }
    .into_any()
}
