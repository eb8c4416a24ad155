//! Somebody's account in a drawer beside the list: name, address, role, and what else can be done.

use super::{
    grants::Rights,
    identities::{BreakGlass, Identities},
    people::{People, is_explained, link_words, state},
};
use crate::pages::title::PageTitle;
use crate::{
    calls::{
        sso::list_user_identities,
        users::{get_user, update_user},
    },
    pages::{
        beside::{Words, back_to, drawn, named},
        role::RoleMark,
        summary::{FieldName, Summary},
        words,
    },
    state::{attempt::Attempt, roles::Roles, session::Session},
    ui::{
        Align, Avatar, Badge, Button, ButtonKind, ButtonVariant, Choice, Drawer, Field, Icon, InputKind, Menu, MenuItem, Note, Select,
        Size, Status, Tone,
    },
};
use leptos::prelude::*;
use wire::{
    Check, Permissions, RoleName, UserId,
    policy::{CREATE_RESET_LINK, DELETE_USER, LIST_EVENTS, RESET_PASSWORD},
    sso::Identity,
    users::{User, UserPatch},
};

const FIELDS: &[FieldName] = &[
    ("displayName", "edit-name", "Name"),
    ("username", "edit-username", "Username"),
    ("email", "edit-email", "Email"),
    ("role", "edit-role", "Role"),
];

/// What is being changed about somebody.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    username: RwSignal<String>,
    email: RwSignal<String>,
    role: RwSignal<String>,
    is_break_glass: RwSignal<bool>,
}

impl Draft {
    fn of(user: &User) -> Self {
        Self {
            name: RwSignal::new(user.display_name.clone().unwrap_or_default()),
            username: RwSignal::new(user.username.clone()),
            email: RwSignal::new(user.email.clone().unwrap_or_default()),
            role: RwSignal::new(user.role.0.clone()),
            is_break_glass: RwSignal::new(user.is_break_glass),
        }
    }

    /// What differs from the account; what does not is left out.
    fn patch(self, user: &User) -> UserPatch {
        let (name, email) = (words::given(&self.name.get_untracked()), words::given(&self.email.get_untracked()));
        let (username, role) = (self.username.get_untracked().trim().to_owned(), RoleName(self.role.get_untracked()));
        let is_break_glass = self.is_break_glass.get_untracked();
        UserPatch {
            is_break_glass: (is_break_glass != user.is_break_glass).then_some(is_break_glass),
            username: (username != user.username).then_some(username),
            display_name: (name != user.display_name).then_some(name),
            email: (email != user.email).then_some(email),
            role: (role != user.role).then_some(role),
            ..UserPatch::default()
        }
    }
}

const WORDS: Words =
    Words { id: "edit-user", loading: "Loading the user", absent: "There is nobody here", failed: "Couldn’t load the user" };

/// The drawer over the list.
#[component]
pub fn Edit() -> impl IntoView {
    let people = expect_context::<People>();
    let closed = back_to(move || people.address());
    let person = named("id", |id: UserId| async move {
        let user = get_user(id).await?;
        Ok((user, list_user_identities(id).await?.items))
    });
    drawn(WORDS, person, closed, |(user, identities)| view! { <Editor user=user identities=identities /> }.into_any())
}

#[component]
fn Editor(user: User, identities: Vec<Identity>) -> impl IntoView {
    let people = expect_context::<People>();
    let draft = Draft::of(&user);
    let attempt = Attempt::new();
    let open = RwSignal::new(true);
    let closed = back_to(move || people.address());
    let (person, identities) = (StoredValue::new(user.clone()), StoredValue::new(identities));
    let submit = move |()| {
        let user = person.get_value();
        let patch = draft.patch(&user);
        if patch == UserPatch::default() {
            open.set(false);
            return;
        }
        let (id, done) = (user.id, [user.name(), " is changed"].concat());
        attempt.run(
            move || {
                let (patch, user) = (patch.clone(), user.clone());
                async move {
                    patch.check()?;
                    let outcome = update_user(id, patch).await;
                    if let Err(failure) = &outcome
                        && is_explained(failure.code)
                    {
                        people.refusal.set(Some((user, failure.clone())));
                    }
                    outcome
                }
            },
            move |_| {
                people.changed(done);
                open.set(false);
            },
        );
    };
    let (name, key) = (user.name().to_owned(), user.id.to_string());
    let portrait = move || view! { <Avatar name=name.clone() key=key.clone() size=Size::Large /> };
    let under = move || {
        let user = person.get_value();
        let (tone, state) = state(&user);
        view! {
            <p class="row">
                <RoleMark role=user.role.clone() />
                <Status tone=tone>{state}</Status>
                {user.is_break_glass.then(|| view! { <Badge tone=Tone::Warning>"Break-glass"</Badge> })}
            </p>
        }
    };
    let foot = move || {
        view! {
            <More people=people user=person.get_value() open=open />
            <span class="push"></span>
            <Button on_press=move |()| open.set(false)>"Cancel"</Button>
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                "Save changes"
            </Button>
        }
    };
    let title = user.name().to_owned();
    view! {
        <PageTitle text=title.clone() />
        <Drawer
            id="edit-user"
            title=title
            open=open
            on_submit=submit
            on_close=closed
            before=portrait
            under=under
            foot=foot
        >
            <Fields draft=draft attempt=attempt was=person.with_value(|user| user.role.clone()) />
            <Rights user=person.get_value() />
            <Identities user=person.get_value() identities=identities.get_value() />
        </Drawer>
    }
    .into_any()
}

#[component]
fn Fields(draft: Draft, attempt: Attempt, was: RoleName) -> impl IntoView {
    let known = expect_context::<Roles>();
    let roles: Vec<Choice> = known.all().iter().map(|role| Choice::new(role.name.0.clone(), words::role(&role.name))).collect();
    let news = move || {
        let will = RoleName(draft.role.get());
        role_news((&was, known.permissions(&was)), (&will, known.permissions(&will)))
    };
    view! {
        <Summary id="edit-user-error" attempt=attempt fields=FIELDS />
        <div class="fields">
            <Field
                id="edit-name"
                label="Name"
                value=draft.name
                error=attempt.problem("displayName")
                optional=true
                autocomplete="off"
            />
            <Field
                id="edit-username"
                label="Username"
                help="What they type to sign in. The audit log keeps the old one."
                value=draft.username
                error=attempt.problem("username")
                exact=true
                autocomplete="off"
            />
        </div>
        <Field
            id="edit-email"
            label="Email"
            kind=InputKind::Email
            value=draft.email
            error=attempt.problem("email")
            optional=true
            autocomplete="off"
        />
        <Select id="edit-role" label="Role" choices=roles value=draft.role error=attempt.problem("role") />
        <BreakGlass role=draft.role checked=draft.is_break_glass />
        {move || {
            news()
                .map(|(title, text)| {
                    view! {
                        <Note tone=Tone::Accent title=title>
                            {text}
                        </Note>
                    }
                })
        }}
    }
    .into_any()
}

/// What another role adds or takes away.
fn role_news((was, before): (&RoleName, Permissions), (will, after): (&RoleName, Permissions)) -> Option<(String, String)> {
    if was == will {
        return None;
    }
    let list = |of: Permissions, without: Permissions| {
        of.iter().filter(|permission| !without.has(*permission)).map(wire::Permission::as_str).collect::<Vec<_>>()
    };
    let (more, less) = (list(after, before), list(before, after));
    let (verb, named) = match (more.is_empty(), less.is_empty()) {
        (true, true) => return None,
        (_, true) => (" adds ", more),
        (_, false) => (" takes away ", less),
    };
    let title = [&words::role(was), " to ", &will.0, verb, &crate::ui::counted(named.len() as u64, "permission", "permissions")].concat();
    let text = [&named.join(", "), ". It applies to the next request, without signing in again."].concat();
    Some((title, text))
}

/// What else can be done with the account.
#[component]
fn More(people: People, user: User, open: RwSignal<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let may = move |operation| session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(operation)));
    let sessions = ["/settings/sessions?user=", &user.id.to_string()].concat();
    let did = ["/settings/audit?actor=", &user.id.to_string()].concat();
    let done = ["/settings/audit?target=", &user.id.to_string()].concat();
    let (is_disabled, words) = (user.is_disabled, link_words(&user));
    let person = StoredValue::new(user);
    view! {
        <Button icon_end=Icon::Up attr:popovertarget="edit-more">
            "More"
        </Button>
        <Menu id="edit-more" align=Align::Start>
            {may(&CREATE_RESET_LINK)
                .then(|| {
                    view! { <MenuItem icon=Icon::Mail label=words run=move |()| people.make_link(person.get_value()) /> }
                })}
            {may(&RESET_PASSWORD)
                .then(|| {
                    view! {
                        <MenuItem
                            icon=Icon::Key
                            label="Set a password"
                            run=move |()| people.to_set.set(Some(person.get_value()))
                        />
                    }
                })}
            <MenuItem icon=Icon::Monitor label="See their sessions" href=sessions />
            {may(&LIST_EVENTS)
                .then(|| {
                    view! {
                        <MenuItem icon=Icon::Audit label="What they did" href=did />
                        <MenuItem icon=Icon::Audit label="What was done to them" href=done />
                    }
                })}
            <MenuItem
                icon=if is_disabled { Icon::Check } else { Icon::Ban }
                label=if is_disabled { "Enable" } else { "Disable" }
                run=move |()| {
                    open.set(false);
                    people.set_disabled(person.get_value(), !is_disabled);
                }
            />
            {may(&DELETE_USER)
                .then(|| {
                    view! {
                        <hr />
                        <MenuItem
                            icon=Icon::Trash
                            label="Delete"
                            tone=Tone::Danger
                            run=move |()| {
                                open.set(false);
                                people.to_delete.set(Some(person.get_value()));
                            }
                        />
                    }
                })}
        </Menu>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_role_says_what_it_changes() {
        let news = |was: &str, will: &str| {
            let (was, will) = (RoleName(was.into()), RoleName(will.into()));
            let permissions = |name: &RoleName| name.built_in().unwrap().permissions;
            role_news((&was, permissions(&was)), (&will, permissions(&will)))
        };
        assert_eq!(news("viewer", "viewer"), None);
        let (title, text) = news("developer", "manager").unwrap();
        assert_eq!(title, "Developer to manager adds 1 permission");
        assert!(text.starts_with("audit."));
        assert!(news("manager", "developer").unwrap().0.contains("takes away 1 permission"));
    }
}
