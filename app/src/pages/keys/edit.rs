//! A key in a drawer beside the list: all that is known of it, what can be changed, and what else
//! can be done.

use super::{
    desk::{Desk, Reach, beginning, networks, news_of_keys, roles_to_give, scope_of, state, works_in},
    expiry::{End, Expiry, ExpiryFields, PRESENT},
    rows::{end, last_use},
};
use crate::{
    calls::{
        self,
        keys::{get_api_key, update_api_key},
    },
    pages::{
        beside::{Meanwhile, Words, back_to, drawn, followed, named, taken_over},
        places::{Place, PlaceFields},
        role::RoleMark,
        summary::{FieldName, Summary},
        title::PageTitle,
        words,
    },
    state::{attempt::Attempt, roles::Roles, session::Session},
    ui::{
        Actor, Align, Avatar, Button, ButtonKind, ButtonVariant, Drawer, Fact, Facts, Field, Icon, Menu, MenuItem, Note, Select, Size,
        Status, TagInput, Time, TimeStyle, Tone, counted,
    },
};
use leptos::prelude::*;
use wire::{
    Check, Failure, KeyId, RoleName, Timestamp,
    keys::{ApiKey, ApiKeyPatch, KeyKind, KeyScope, KeyStatus},
};

const FIELDS: &[FieldName] = &[
    ("name", "key-name", "Name"),
    ("description", "key-description", "Description"),
    ("role", "key-role", "Role"),
    ("expiresAt", "key-expires", "Expires"),
    ("expiresIn", "key-expires", "Expires"),
    ("scope.workspace", "key-place-workspace", "Workspace"),
    ("scope.environment", "key-place-environment", "Environment"),
    ("allowedIps", "key-networks", "Allowed addresses"),
];

/// What is being changed about a key.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    description: RwSignal<String>,
    role: RwSignal<String>,
    expiry: Expiry,
    place: Place,
    networks: RwSignal<Vec<String>>,
}

impl Draft {
    fn of(key: &ApiKey) -> Self {
        Self {
            name: RwSignal::new(key.name.clone()),
            description: RwSignal::new(key.description.clone().unwrap_or_default()),
            role: RwSignal::new(key.role.0.clone()),
            expiry: Expiry::new(PRESENT),
            place: Place::new(key.scope.workspace.as_deref(), key.scope.environment.as_deref()),
            networks: RwSignal::new(key.allowed_ips.clone().unwrap_or_default()),
        }
    }

    /// Takes over what was changed elsewhere, where nothing else was typed.
    fn learn(self, before: &ApiKey, now: &ApiKey) {
        let (was, is) = (Self::texts(before), Self::texts(now));
        for (at, field) in [self.name, self.description, self.role].into_iter().enumerate() {
            taken_over(field, &was[at], &is[at]);
        }
        self.place.learn(&was[3..], &is[3..]);
        let networks = |key: &ApiKey| key.allowed_ips.clone().unwrap_or_default();
        taken_over(self.networks, &networks(before), &networks(now));
    }

    /// A key's name, description and role, and where it works, as they stand in the fields.
    fn texts(key: &ApiKey) -> [String; 5] {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [key.name.clone(), text(&key.description), key.role.0.clone(), text(&key.scope.workspace), text(&key.scope.environment)]
    }

    /// What differs from the key; what does not is left out.
    ///
    /// # Errors
    /// All fields that are wrong, before the server is asked.
    fn patch(self, key: &ApiKey, now: Timestamp) -> Result<ApiKeyPatch, Failure> {
        let (name, description) = (self.name.get(), words::given(&self.description.get()));
        let (role, networks) = (RoleName(self.role.get()), self.networks.get());
        let end = self.expiry.end();
        let scope = scope_of(self.place.workspace(), self.place.environment(), &key.scope);
        let patch = ApiKeyPatch {
            name: (name.trim() != key.name).then_some(name),
            description: (description != key.description).then_some(description),
            role: (role != key.role).then_some(role),
            allowed_ips: (networks != key.allowed_ips.clone().unwrap_or_default())
                .then(|| Some(networks).filter(|networks| !networks.is_empty())),
            expires_at: match &end {
                Err(_) | Ok(End::Present) => None,
                Ok(end) => Some(end.moment(now)).filter(|at| *at != key.expires_at),
            },
            scope: (scope != key.scope).then(|| Some(scope).filter(|scope| *scope != KeyScope::default())),
        };
        let mut problems = patch.problems();
        problems.extend(end.err());
        if problems.is_empty() { Ok(patch) } else { Err(Failure::invalid(problems)) }
    }
}

const WORDS: Words =
    Words { id: "edit-key", loading: "Loading the key", absent: "There is no such key", failed: "Couldn’t load the key" };

/// The drawer over the list.
#[component]
pub fn Edit() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let closed = back_to(move || desk.address());
    drawn(WORDS, named("id", load), closed, |(key, now)| view! { <Editor key=key now=now /> }.into_any())
}

async fn load(id: KeyId) -> Result<(ApiKey, Timestamp), Failure> {
    let now = calls::now();
    get_api_key(id).await.map(|key| (key, now))
}

#[component]
fn Editor(key: ApiKey, now: Timestamp) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let (session, roles) = (expect_context::<Session>(), expect_context::<Roles>());
    let draft = Draft::of(&key);
    let attempt = Attempt::new();
    let open = RwSignal::new(true);
    let closed = back_to(move || desk.address());
    let id = key.id;
    let (key, now) = (RwSignal::new(key), RwSignal::new(now));
    let since = followed(
        news_of_keys(session, ""),
        move || load(id),
        move |(found, at)| {
            let is_another = key.with_untracked(|before| {
                draft.learn(before, &found);
                before.updated_at != found.updated_at
            });
            key.set(found);
            now.set(at);
            is_another
        },
    );
    let reach = Memo::new(move |_| key.with(|key| Reach::of(session, roles, key)));
    let submit = move |()| {
        if !reach.get_untracked().can_change {
            open.set(false);
            return;
        }
        let patch = untrack(|| key.with(|key| draft.patch(key, calls::now())));
        if patch == Ok(ApiKeyPatch::default()) {
            open.set(false);
            return;
        }
        attempt.run(
            move || {
                let patch = patch.clone();
                async move { update_api_key(id, patch?).await }
            },
            move |key| {
                desk.changed(["The key ", &key.name, " is changed"].concat());
                open.set(false);
            },
        );
    };
    let title = Memo::new(move |_| key.with(|key| key.name.clone()));
    let portrait = move || move || view! { <Avatar name=title.get() actor=Actor::Key size=Size::Large /> };
    let under = move || {
        move || {
            let (role, (tone, word)) = key.with(|key| (key.role.clone(), state(key, now.get())));
            view! {
                <p class="row">
                    <RoleMark role=role />
                    <Status tone=tone>{word}</Status>
                </p>
            }
        }
    };
    let foot = move || {
        move || {
            let reach = reach.get();
            let save = reach.can_change.then(|| {
                view! {
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                        "Save changes"
                    </Button>
                }
            });
            view! {
                <More desk=desk key=key reach=reach open=open />
                <span class="push"></span>
                <Button on_press=move |()| open.set(false)>{if reach.can_change { "Cancel" } else { "Close" }}</Button>
                {save}
            }
        }
    };
    view! {
        <PageTitle text=move || title.get() />
        <Drawer
            id="edit-key"
            title=title
            open=open
            on_submit=submit
            on_close=closed
            before=portrait
            under=under
            foot=foot
        >
            <Meanwhile since=since gone="This key is gone" />
            {move || view! { <Known key=key.get() now=now.get() reach=reach.get() /> }}
            {move || {
                reach
                    .get()
                    .can_change
                    .then(|| {
                        let role = key.with_untracked(|key| key.role.clone());
                        view! { <Fields draft=draft attempt=attempt role=role /> }
                    })
            }}
        </Drawer>
    }
    .into_any()
}

/// What is known of the key, and why it can not be changed where that is so.
#[component]
fn Known(key: ApiKey, now: Timestamp, reach: Reach) -> impl IntoView {
    let why = (!reach.can_change).then(|| {
        let (title, text) = match key.status {
            KeyStatus::Revoked => ("This key was revoked", "It can’t be changed or brought back. Make another one."),
            _ => ("This key’s role can do more than yours", "Only somebody whose role covers it can change or revoke it."),
        };
        view! { <Note title=title.to_owned()>{text}</Note> }
    });
    let kind = match (key.kind, &key.owner_name) {
        (KeyKind::Service, _) => "Service".to_owned(),
        (KeyKind::Personal, None) => "Personal".to_owned(),
        (KeyKind::Personal, Some(owner)) => ["Personal, of ", owner].concat(),
    };
    let fixed = (!reach.can_change).then(|| {
        let (description, networks) = (key.description.clone(), networks(&key));
        view! {
            {description.map(|text| view! { <Fact name="Description">{text}</Fact> })}
            <Fact name="Good from">{networks}</Fact>
        }
    });
    let scope = works_in(&key).map(|places| view! { <Fact name="Works in">{places}</Fact> });
    let revoked = key.revoked_at.map(|at| {
        view! {
            <Fact name="Revoked">
                <Time at=at.millis() style=TimeStyle::Exact />
            </Fact>
        }
    });
    let changed = (key.updated_at != key.created_at && key.revoked_at.is_none()).then(|| {
        let at = key.updated_at.millis();
        view! {
            <Fact name="Changed">
                <Time at=at style=TimeStyle::Exact />
            </Fact>
        }
    });
    let (ends, used) = (end(&key, now), last_use(&key));
    let made = key.created_at.millis();
    let (maker, text, id) = (key.created_by.name.clone(), beginning(&key), key.id.to_string());
    view! {
        {why}
        <Facts>
            <Fact name="Begins with" mono=true>
                {text}
            </Fact>
            <Fact name="Kind">{kind}</Fact>
            <Fact name="Expires">{ends}</Fact>
            <Fact name="Last used">{used}</Fact>
            <Fact name="Used in">{counted(key.use_count, "request", "requests")}</Fact>
            {scope}
            {fixed}
            <Fact name="Created">
                <Time at=made style=TimeStyle::Exact />
                " by "
                {maker}
            </Fact>
            {changed}
            {revoked}
            <Fact name="Id" mono=true>
                {id}
            </Fact>
        </Facts>
    }
    .into_any()
}

#[component]
fn Fields(draft: Draft, attempt: Attempt, role: RoleName) -> impl IntoView {
    let roles = roles_to_give(expect_context::<Session>(), expect_context::<Roles>(), Some(&role));
    view! {
        <Summary id="edit-key-error" attempt=attempt fields=FIELDS />
        <Field id="key-name" label="Name" value=draft.name error=attempt.problem("name") exact=true autocomplete="off" />
        <Field
            id="key-description"
            label="Description"
            value=draft.description
            error=attempt.problem("description")
            optional=true
            autocomplete="off"
        />
        <Select
            id="key-role"
            label="Role"
            choices=roles
            value=draft.role
            help="At most your own. It holds from the next request on."
            error=attempt.problem("role")
        />
        <ExpiryFields expiry=draft.expiry attempt=attempt has_present=true />
        <PlaceFields
            id="key-place"
            place=draft.place
            optional=true
            help="The only one that it works in; everywhere when there is none."
            workspace_error=attempt.problem("scope.workspace")
            environment_error=attempt.problem("scope.environment")
        />
        <TagInput
            id="key-networks"
            label="Allowed addresses"
            tags=draft.networks
            placeholder="10.0.0.0/8"
            help="Addresses and networks that it may be used from; any when there is none. Enter adds one."
            error=attempt.problem("allowedIps")
        />
    }
    .into_any()
}

/// What else can be done with the key.
#[component]
fn More(desk: Desk, key: RwSignal<ApiKey>, reach: Reach, open: RwSignal<bool>) -> impl IntoView {
    let rotate = move |()| {
        open.set(false);
        desk.to_rotate.set(Some(key.get_untracked()));
    };
    let revoke = move |()| {
        open.set(false);
        desk.to_revoke.set(Some(key.get_untracked()));
    };
    let items = (reach.can_rotate || reach.can_revoke).then(|| {
        view! {
            <Button icon_end=Icon::Up attr:popovertarget="key-more">
                "More"
            </Button>
            <Menu id="key-more" align=Align::Start>
                {reach.can_rotate.then(|| view! { <MenuItem icon=Icon::Refresh label="Rotate" run=rotate /> })}
                {reach.can_revoke.then(|| view! { <MenuItem icon=Icon::Ban label="Revoke" tone=Tone::Danger run=revoke /> })}
            </Menu>
        }
    });
    view! { {items} }.into_any()
}
