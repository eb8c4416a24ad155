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
        beside::{Meanwhile, Words, back_to, drawn, followed, named, taken_over},
        role::RoleMark,
        summary::{FieldName, Summary},
        words,
    },
    state::{attempt::Attempt, follow::Follow, roles::Roles, session::Session},
    ui::{
        Align, Avatar, Badge, Button, ButtonKind, ButtonVariant, Choice, Drawer, Field, Icon, InputKind, Menu, MenuItem, Note, Select,
        Size, Status, Tone,
    },
};
use leptos::prelude::*;
use wire::{
    Check, Failure, Permissions, RoleName, UserId,
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
        let [name, username, email, role] = Self::texts(user).map(RwSignal::new);
        Self { name, username, email, role, is_break_glass: RwSignal::new(user.is_break_glass) }
    }

    /// Takes over what was changed elsewhere, where nothing else was typed.
    fn learn(self, before: &User, now: &User) {
        let (was, is) = (Self::texts(before), Self::texts(now));
        for (at, field) in [self.name, self.username, self.email, self.role].into_iter().enumerate() {
            taken_over(field, &was[at], &is[at]);
        }
        taken_over(self.is_break_glass, &before.is_break_glass, &now.is_break_glass);
    }

    /// An account's name, username, address and role, as they stand in the fields.
    fn texts(user: &User) -> [String; 4] {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [text(&user.display_name), user.username.clone(), text(&user.email), user.role.0.clone()]
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
    drawn(WORDS, named("id", load), closed, |(user, identities)| view! { <Editor user=user identities=identities /> }.into_any())
}

async fn load(id: UserId) -> Result<(User, Vec<Identity>), Failure> {
    let user = get_user(id).await?;
    Ok((user, list_user_identities(id).await?.items))
}

#[component]
fn Editor(user: User, identities: Vec<Identity>) -> impl IntoView {
    let people = expect_context::<People>();
    let draft = Draft::of(&user);
    let attempt = Attempt::new();
    let open = RwSignal::new(true);
    let closed = back_to(move || people.address());
    let id = user.id;
    let (person, identities) = (RwSignal::new(user), RwSignal::new(identities));
    let news = Follow::of(&["users", "workspaces"], "");
    let version = StoredValue::new(people.version.get_untracked());
    let since = followed(
        news,
        move || load(id),
        move |(user, linked)| {
            let is_another = person.with_untracked(|before| {
                draft.learn(before, &user);
                before.updated_at != user.updated_at
            });
            person.set(user);
            identities.set(linked);
            // A new password, another grant: what is done from here is no news.
            let own = people.version.get_untracked();
            let is_own = version.get_value() != own;
            version.set_value(own);
            is_another && !is_own
        },
    );
    let submit = move |()| {
        let user = person.get_untracked();
        let patch = draft.patch(&user);
        if patch == UserPatch::default() {
            open.set(false);
            return;
        }
        let done = [user.name(), " is changed"].concat();
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
    let title = Memo::new(move |_| person.with(|user| user.name().to_owned()));
    let portrait = move || move || view! { <Avatar name=title.get() key=id.to_string() size=Size::Large /> };
    let under = move || {
        move || {
            let user = person.get();
            let (tone, state) = state(&user);
            view! {
                <p class="row">
                    <RoleMark role=user.role />
                    <Status tone=tone>{state}</Status>
                    {user.is_break_glass.then(|| view! { <Badge tone=Tone::Warning>"Break-glass"</Badge> })}
                </p>
            }
        }
    };
    let foot = move || {
        view! {
            <More people=people person=person open=open />
            <span class="push"></span>
            <Button on_press=move |()| open.set(false)>"Cancel"</Button>
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                "Save changes"
            </Button>
        }
    };
    view! {
        <PageTitle text=move || title.get() />
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
            <Meanwhile since=since gone="This account is gone" />
            <Fields draft=draft attempt=attempt person=person />
            <Rights person=person />
            {move || view! { <Identities user=person.get() identities=identities.get() /> }}
        </Drawer>
    }
    .into_any()
}

#[component]
fn Fields(draft: Draft, attempt: Attempt, person: RwSignal<User>) -> impl IntoView {
    let known = expect_context::<Roles>();
    let roles: Vec<Choice> = known.all().iter().map(|role| Choice::new(role.name.0.clone(), words::role(&role.name))).collect();
    let news = move || {
        let (was, will) = (person.with(|user| user.role.clone()), RoleName(draft.role.get()));
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
fn More(people: People, person: RwSignal<User>, open: RwSignal<bool>) -> impl IntoView {
    let session = expect_context::<Session>();
    let may = move |operation| session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(operation)));
    // Made anew only where something else stands in it: it may be open.
    let kind = Memo::new(move |_| person.with(|user| (user.id.to_string(), user.is_disabled, link_words(user))));
    let items = move || {
        let (id, is_disabled, words) = kind.get();
        let sessions = ["/settings/sessions?user=", &id].concat();
        let did = ["/settings/audit?actor=", &id].concat();
        let done = ["/settings/audit?target=", &id].concat();
        view! {
            {may(&CREATE_RESET_LINK)
                .then(|| {
                    view! { <MenuItem icon=Icon::Mail label=words run=move |()| people.make_link(person.get_untracked()) /> }
                })}
            {may(&RESET_PASSWORD)
                .then(|| {
                    view! {
                        <MenuItem
                            icon=Icon::Key
                            label="Set a password"
                            run=move |()| people.to_set.set(Some(person.get_untracked()))
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
                    people.set_disabled(person.get_untracked(), !is_disabled);
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
                                people.to_delete.set(Some(person.get_untracked()));
                            }
                        />
                    }
                })}
        }
        .into_any()
    };
    view! {
        <Button icon_end=Icon::Up attr:popovertarget="edit-more">
            "More"
        </Button>
        <Menu id="edit-more" align=Align::Start>
            {items}
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
