//! Making a key: the dialog over the list, and its text, which is shown once.

use super::{
    desk::{Desk, manages, may_own, roles_to_give, scope_of},
    expiry::{End, Expiry, ExpiryFields},
    hand_over::KeyShown,
};
use crate::{
    calls::keys::create_api_key,
    pages::{
        places::{Place, PlaceFields},
        summary::{FieldName, Summary},
        title::PageTitle,
        words,
    },
    state::{attempt::Attempt, roles::Roles, session::Session},
    ui::{Button, ButtonKind, ButtonVariant, Check as Tick, Choice, Dialog, Field, Radios, Select, Size, TagInput},
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wire::{
    Check, Failure, RoleName,
    keys::{CreatedKey, KeyKind, KeyScope, NewApiKey},
};

const FIELDS: &[FieldName] = &[
    ("name", "key-name", "Name"),
    ("role", "key-role", "Role"),
    ("expiresAt", "key-expires", "Expires"),
    ("expiresIn", "key-expires", "Expires"),
    ("scope.workspace", "key-place-workspace", "Workspace"),
    ("scope.environment", "key-place-environment", "Environment"),
    ("allowedIps", "key-networks", "Allowed addresses"),
    ("description", "key-description", "Description"),
];

/// What was typed about a new key.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    kind: RwSignal<String>,
    role: RwSignal<String>,
    expiry: Expiry,
    place: Place,
    networks: RwSignal<Vec<String>>,
    description: RwSignal<String>,
}

impl Draft {
    fn new(kind: KeyKind, roles: &[Choice]) -> Self {
        let mildest = roles.iter().find(|role| role.value == "viewer").or_else(|| roles.first());
        Self {
            name: RwSignal::default(),
            kind: RwSignal::new(kind.as_str().to_owned()),
            role: RwSignal::new(mildest.map(|role| role.value.clone()).unwrap_or_default()),
            expiry: Expiry::new("90d"),
            place: Place::new(None, None),
            networks: RwSignal::default(),
            description: RwSignal::default(),
        }
    }

    /// The key to make.
    ///
    /// # Errors
    /// All fields that are wrong, before the server is asked.
    fn new_key(self) -> Result<NewApiKey, Failure> {
        let end = self.expiry.end();
        let new = NewApiKey {
            name: self.name.get(),
            role: RoleName(self.role.get()),
            kind: if self.kind.with(|kind| kind == KeyKind::Personal.as_str()) { KeyKind::Personal } else { KeyKind::Service },
            description: words::given(&self.description.get()),
            // The server counts from its own clock.
            expires_in: match end {
                Ok(End::After(seconds)) => Some([&seconds.to_string(), "s"].concat()),
                _ => None,
            },
            expires_at: match end {
                Ok(End::At(at)) => Some(at),
                _ => None,
            },
            scope: Some(scope_of(self.place.workspace(), self.place.environment(), &KeyScope::default()))
                .filter(|scope| !scope.is_everywhere()),
            allowed_ips: Some(self.networks.get()).filter(|list| !list.is_empty()),
        };
        let mut problems = new.problems();
        problems.extend(end.err());
        if problems.is_empty() { Ok(new) } else { Err(Failure::invalid(problems)) }
    }
}

/// Which kinds one may make: keys of services, keys of one's own.
#[derive(Clone, Copy)]
struct Kinds {
    has_service: bool,
    has_personal: bool,
}

impl Kinds {
    const fn has_any(self) -> bool {
        self.has_service || self.has_personal
    }
}

/// The dialog over the list.
#[component]
pub fn Create() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let session = expect_context::<Session>();
    let kinds = Kinds { has_service: untrack(|| manages(session)), has_personal: untrack(|| may_own(session)) };
    let wants_own = desk.query.with_untracked(|wanted| wanted.mine.is_some() || wanted.kind == Some(KeyKind::Personal));
    let is_service = kinds.has_service && !(wants_own && kinds.has_personal);
    let roles = StoredValue::new(roles_to_give(session, expect_context::<Roles>(), None));
    let draft = roles.with_value(|roles| Draft::new(if is_service { KeyKind::Service } else { KeyKind::Personal }, roles));
    let open = RwSignal::new(true);
    let made = RwSignal::new(None::<CreatedKey>);
    let is_kept = RwSignal::new(false);
    let attempt = Attempt::new();
    let navigate = use_navigate();
    let closed = move |()| navigate(&desk.address(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    let is_made = Memo::new(move |_| made.with(Option::is_some));
    // A key that is on its way, or not taken yet, would be lost with the dialog.
    let is_held = Signal::derive(move || attempt.is_busy.get() || (is_made.get() && !is_kept.get()));
    let submit = move |()| {
        if !kinds.has_any() {
            return;
        }
        if is_made.get_untracked() {
            if is_kept.get_untracked() {
                open.set(false);
            }
            return;
        }
        let new = untrack(|| draft.new_key());
        attempt.run(
            move || {
                let new = new.clone();
                async move { create_api_key(new?).await }
            },
            move |created| {
                desk.changed(["The key ", &created.api_key.name, " is made"].concat());
                made.set(Some(created));
            },
        );
    };
    let foot = move || {
        view! {
            {move || {
                (!is_made.get())
                    .then(|| {
                        view! {
                            <Button disabled=is_held on_press=move |()| open.set(false)>
                                "Cancel"
                            </Button>
                        }
                    })
            }}
            <Button
                kind=ButtonKind::Submit
                variant=ButtonVariant::Primary
                busy=attempt.is_busy
                disabled=Signal::derive(move || (is_made.get() && !is_kept.get()) || !kinds.has_any())
            >
                {move || if is_made.get() { "Done" } else { "Create key" }}
            </Button>
        }
    };
    view! {
        <PageTitle text="Create an API key" />
        <Dialog
            id="create-key"
            title=Signal::derive(move || if is_made.get() { "Copy your new key" } else { "Create an API key" }.to_owned())
            open=open
            size=Size::Large
            sticky=is_held
            on_submit=submit
            on_close=closed
            foot=foot
        >
            {move || match made.get() {
                Some(made) => {
                    view! {
                        <KeyShown made=made />
                        <Tick id="key-kept" label="I’ve copied it" checked=is_kept />
                    }
                        .into_any()
                }
                None if !kinds.has_any() => {
                    view! { <p>"Personal keys are turned off here. For a program, ask an admin for a service key."</p> }.into_any()
                }
                None => view! { <Fields draft=draft attempt=attempt kinds=kinds roles=roles.get_value() /> }.into_any(),
            }}
        </Dialog>
    }
    .into_any()
}

#[component]
fn Fields(draft: Draft, attempt: Attempt, kinds: Kinds, roles: Vec<Choice>) -> impl IntoView {
    const SERVICE: &str = "Its role’s rights, whatever becomes of whoever made it.";
    const PERSONAL: &str = "Never worth more than you are, not for managing people or settings, and silent once you can’t sign in.";
    let choice = if kinds.has_service && kinds.has_personal {
        let choices = vec![Choice::new("service", "A service").hint(SERVICE), Choice::new("personal", "Myself").hint(PERSONAL)];
        view! { <Radios legend="For" name="key-kind" choices=choices value=draft.kind /> }.into_any()
    } else {
        let (word, means) = if kinds.has_service { ("A service key. ", SERVICE) } else { ("A key of your own. ", PERSONAL) };
        view! { <p class="hint">{word} {means}</p> }.into_any()
    };
    view! {
        <Summary id="create-key-error" attempt=attempt fields=FIELDS />
        <Field
            id="key-name"
            label="Name"
            help="Where it will live, so others recognise it."
            value=draft.name
            error=attempt.problem("name")
            exact=true
            autofocus=true
            autocomplete="off"
        />
        {choice}
        <Select id="key-role" label="Role" choices=roles value=draft.role help="At most your own." error=attempt.problem("role") />
        <ExpiryFields expiry=draft.expiry attempt=attempt />
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
        <Field
            id="key-description"
            label="Description"
            value=draft.description
            error=attempt.problem("description")
            optional=true
            autocomplete="off"
        />
    }
    .into_any()
}
