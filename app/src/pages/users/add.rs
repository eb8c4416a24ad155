//! Adding somebody: with a password, or by a link with which they set one.

use super::{hand_over::LinkShown, people::People};
use crate::pages::title::PageTitle;
use crate::{
    calls::{links::invite_user, users::create_user},
    pages::{
        role::RoleMark,
        strength::NewPassword,
        summary::{FieldName, Summary},
        words,
    },
    state::{attempt::Attempt, roles::Roles},
    ui::{Button, ButtonKind, ButtonVariant, Check as Tick, Choice, ChoiceCard, Choices, Dialog, Field, InputKind, Radios, Size},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use wire::{
    Check, RoleName,
    links::Link,
    users::{NewInvitation, NewUser},
};

const FIELDS: &[FieldName] = &[
    ("displayName", "new-name", "Name"),
    ("username", "new-username", "Username"),
    ("email", "new-email", "Email"),
    ("role", "new-role-viewer", "Role"),
    ("password", "new-user-password", "Password"),
];

/// What was typed about a new user.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    username: RwSignal<String>,
    email: RwSignal<String>,
    role: RwSignal<String>,
    way: RwSignal<String>,
    password: RwSignal<String>,
    must_change: RwSignal<bool>,
}

impl Draft {
    fn new(role: &str) -> Self {
        Self {
            name: RwSignal::default(),
            username: RwSignal::default(),
            email: RwSignal::default(),
            role: RwSignal::new(role.to_owned()),
            way: RwSignal::new("link".to_owned()),
            password: RwSignal::default(),
            must_change: RwSignal::new(true),
        }
    }

    fn invitation(self) -> NewInvitation {
        NewInvitation {
            username: self.username.get_untracked().trim().to_owned(),
            email: words::given(&self.email.get_untracked()),
            display_name: words::given(&self.name.get_untracked()),
            role: RoleName(self.role.get_untracked()),
        }
    }

    fn user(self) -> NewUser {
        let NewInvitation { username, email, display_name, role } = self.invitation();
        let (password, must_change_password) = (self.password.get_untracked(), self.must_change.get_untracked());
        NewUser { username, email, display_name, role, password, must_change_password }
    }

    /// The name for the button, as far as it is known.
    fn called(self) -> String {
        words::given(&self.name.get()).or_else(|| words::given(&self.username.get())).unwrap_or_else(|| "this user".into())
    }
}

/// The dialog over the list.
#[component]
pub fn Add() -> impl IntoView {
    let people = expect_context::<People>();
    let asked = use_query_map().with_untracked(|query| query.get("role")).map(RoleName);
    let role = asked.filter(|role| role.problem().is_none()).map_or("viewer".to_owned(), |role| role.0);
    let draft = Draft::new(&role);
    let open = RwSignal::new(true);
    let made = RwSignal::new(None::<Link>);
    let is_kept = RwSignal::new(false);
    let attempt = Attempt::new();
    let navigate = use_navigate();
    let closed = move |()| {
        navigate(&people.address(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    };
    let is_made = Memo::new(move |_| made.with(Option::is_some));
    let submit = move |()| {
        if is_made.get_untracked() {
            if is_kept.get_untracked() {
                open.set(false);
            }
        } else if draft.way.with_untracked(|way| way == "link") {
            let new = draft.invitation();
            attempt.run(
                move || {
                    let new = new.clone();
                    async move {
                        new.check()?;
                        invite_user(new).await
                    }
                },
                move |link| {
                    people.changed([link.user.name(), " is invited"].concat());
                    made.set(Some(link));
                },
            );
        } else {
            let new = draft.user();
            attempt.run(
                move || {
                    let new = new.clone();
                    async move {
                        new.check()?;
                        create_user(new).await
                    }
                },
                move |user| {
                    people.changed([user.name(), " is added"].concat());
                    open.set(false);
                },
            );
        }
    };
    let foot = move || {
        view! {
            {move || (!is_made.get()).then(|| view! { <Button on_press=move |()| open.set(false)>"Cancel"</Button> })}
            <Button
                kind=ButtonKind::Submit
                variant=ButtonVariant::Primary
                busy=attempt.is_busy
                disabled=Signal::derive(move || is_made.get() && !is_kept.get())
            >
                {move || match (is_made.get(), draft.way.with(|way| way == "link")) {
                    (true, _) => "Done".to_owned(),
                    (false, true) => ["Invite ", &draft.called()].concat(),
                    (false, false) => ["Add ", &draft.called()].concat(),
                }}
            </Button>
        }
    };
    let title = move || {
        made.with(|made| match made {
            Some(link) => ["Invitation for ", link.user.name()].concat(),
            None => "Add a user".to_owned(),
        })
    };
    view! {
        <PageTitle text="Add a user" />
        <Dialog
            id="add-user"
            title=Signal::derive(title)
            open=open
            size=Size::Large
            sticky=Signal::derive(move || is_made.get() && !is_kept.get())
            on_submit=submit
            on_close=closed
            foot=foot
        >
            {move || match made.get() {
                Some(link) => {
                    view! {
                        <LinkShown link=link />
                        <Tick id="invitation-kept" label="I’ve copied it" checked=is_kept />
                    }
                        .into_any()
                }
                None => view! { <Fields draft=draft attempt=attempt /> }.into_any(),
            }}
        </Dialog>
    }
    .into_any()
}

#[component]
fn Fields(draft: Draft, attempt: Attempt) -> impl IntoView {
    let about = Signal::derive(move || vec![draft.username.get(), draft.email.get(), draft.name.get()]);
    let ways = vec![
        Choice::new("link", "Invite by link").hint("Shown to you once. They set their own password with it, within 24 hours."),
        Choice::new("password", "Set a password").hint("You tell it to them."),
    ];
    view! {
        <Summary id="add-user-error" attempt=attempt fields=FIELDS />
        <div class="fields">
            <Field
                id="new-name"
                label="Name"
                value=draft.name
                error=attempt.problem("displayName")
                optional=true
                autofocus=true
                autocomplete="off"
            />
            <Field
                id="new-username"
                label="Username"
                help="What they type to sign in."
                value=draft.username
                error=attempt.problem("username")
                exact=true
                autocomplete="off"
            />
        </div>
        <Field
            id="new-email"
            label="Email"
            kind=InputKind::Email
            help="Signs them in just as well."
            value=draft.email
            error=attempt.problem("email")
            optional=true
            autocomplete="off"
        />
        <Choices legend="Role" compact=true>
            {expect_context::<Roles>()
                .all()
                .into_iter()
                .map(|role| {
                    view! {
                        <ChoiceCard name="new-role" value=role.name.0.clone() chosen=draft.role text=role.description>
                            <RoleMark role=role.name />
                        </ChoiceCard>
                    }
                })
                .collect::<Vec<_>>()}
        </Choices>
        <Radios legend="First sign-in" name="new-way" choices=ways value=draft.way />
        {move || {
            draft
                .way
                .with(|way| way == "password")
                .then(|| {
                    view! {
                        <NewPassword
                            id="new-user-password"
                            name="password"
                            label="Password"
                            value=draft.password
                            about=about
                            error=attempt.problem("password")
                        />
                        <Tick
                            id="new-must-change"
                            label="They choose their own at the first sign-in"
                            checked=draft.must_change
                        />
                    }
                })
        }}
    }
    .into_any()
}
