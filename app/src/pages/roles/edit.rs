//! A role in a drawer: made anew, or changed.

use super::{Desk, LIST, matrix::GROUPS};
use crate::pages::title::PageTitle;
use crate::{
    calls::roles::{create_role, update_role},
    pages::{
        summary::{FieldName, Summary},
        words,
    },
    state::{attempt::Attempt, roles::Roles as Known, session::Session},
    ui::{Button, ButtonKind, ButtonVariant, Check as Tick, Drawer, Empty, Field},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use wire::{
    Check, Permission, Permissions, RoleName,
    roles::{NewRole, Role, RolePatch},
};

const FIELDS: &[FieldName] =
    &[("name", "role-name", "Name"), ("description", "role-description", "Description"), ("permissions", "role-read", "Permissions")];

/// What is being typed and ticked about a role.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    description: RwSignal<String>,
    permissions: RwSignal<Permissions>,
}

impl Draft {
    fn of(role: Option<&Role>) -> Self {
        Self {
            name: RwSignal::new(role.map(|role| role.name.0.clone()).unwrap_or_default()),
            description: RwSignal::new(role.map(|role| role.description.clone()).unwrap_or_default()),
            permissions: RwSignal::new(role.map_or(Permissions::of(&[Permission::Read]), |role| role.permissions)),
        }
    }

    fn new_role(self) -> NewRole {
        NewRole {
            name: RoleName(self.name.get_untracked().trim().to_owned()),
            description: self.description.get_untracked(),
            permissions: self.permissions.get_untracked(),
        }
    }

    fn patch(self) -> RolePatch {
        RolePatch { description: Some(self.description.get_untracked()), permissions: Some(self.permissions.get_untracked()) }
    }
}

/// The drawer of a role that is not there yet.
#[component]
pub fn New() -> impl IntoView {
    view! { <Editor role=None /> }.into_any()
}

/// The drawer of the role in the address.
#[component]
pub fn Edit() -> impl IntoView {
    let known = expect_context::<Known>();
    let params = use_params_map();
    let name = Memo::new(move |_| RoleName(params.with(|params| params.get("name")).unwrap_or_default()));
    move || {
        let name = name.get();
        let role = untrack(|| known.all()).into_iter().find(|role| role.name == name && !role.is_built_in);
        match role {
            Some(role) => view! { <Editor role=Some(role) /> }.into_any(),
            None => view! { <Absent /> }.into_any(),
        }
    }
}

/// Back to the page.
fn close() -> impl Fn(()) + Clone + Send + Sync + 'static {
    let navigate = use_navigate();
    move |()| navigate(LIST, NavigateOptions { scroll: false, ..NavigateOptions::default() })
}

#[component]
fn Absent() -> impl IntoView {
    let closed = close();
    view! {
        <Drawer id="role-absent" title="There is no such role" open=RwSignal::new(true) on_close=closed>
            <Empty title="Nothing to change" text="The built-in roles stay as they are, and another of this name there is not.".to_owned() />
        </Drawer>
    }
    .into_any()
}

#[component]
fn Editor(role: Option<Role>) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let draft = Draft::of(role.as_ref());
    let attempt = Attempt::new();
    let open = RwSignal::new(true);
    let closed = close();
    let is_new = role.is_none();
    let name = role.as_ref().map(|role| role.name.clone());
    let submit = move |()| {
        let name = name.clone();
        attempt.run(
            move || {
                let name = name.clone();
                let (new, patch) = (draft.new_role(), draft.patch());
                async move {
                    if let Some(name) = name {
                        patch.check()?;
                        update_role(name, patch).await
                    } else {
                        new.check()?;
                        create_role(new).await
                    }
                }
            },
            move |role| {
                desk.changed(["The role ", &role.name.0, if is_new { " is made" } else { " is changed" }].concat());
                open.set(false);
            },
        );
    };
    let title = role.as_ref().map_or("Make a role".to_owned(), |role| ["Role ", &role.name.0].concat());
    let role = StoredValue::new(role);
    let foot = move || {
        view! {
            {role
                .get_value()
                .map(|role| {
                    let remove = move |_| {
                        open.set(false);
                        desk.to_delete.set(Some(role.clone()));
                    };
                    view! {
                        <Button variant=ButtonVariant::DangerQuiet on_press=remove>
                            "Delete"
                        </Button>
                    }
                })}
            <span class="push"></span>
            <Button on_press=move |()| open.set(false)>"Cancel"</Button>
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                {if is_new { "Make the role" } else { "Save changes" }}
            </Button>
        }
    };
    view! {
        <PageTitle text=title.clone() />
        <Drawer id="edit-role" title=title open=open on_submit=submit on_close=closed foot=foot>
            <Fields draft=draft attempt=attempt is_new=is_new />
        </Drawer>
    }
    .into_any()
}

#[component]
fn Fields(draft: Draft, attempt: Attempt, is_new: bool) -> impl IntoView {
    let session = expect_context::<Session>();
    let own = session.me.with_untracked(|me| me.as_ref().map(|me| me.permissions).unwrap_or_default());
    let problem = attempt.problem("permissions");
    let groups: Vec<_> = GROUPS
        .into_iter()
        .map(|(title, permissions)| {
            let ticks: Vec<_> = permissions.iter().map(|permission| tick(*permission, draft.permissions, own)).collect();
            view! {
                <fieldset class="stack" data-gap="2">
                    <legend>{title}</legend>
                    {ticks}
                </fieldset>
            }
        })
        .collect();
    view! {
        <Summary id="edit-role-error" attempt=attempt fields=FIELDS />
        {is_new
            .then(|| {
                view! {
                    <Field
                        id="role-name"
                        label="Name"
                        help="Lower-case letters, digits and hyphens: on-call. It stays as it is."
                        value=draft.name
                        error=attempt.problem("name")
                        exact=true
                        mono=true
                        autocomplete="off"
                    />
                }
            })}
        <Field
            id="role-description"
            label="Description"
            help="What it is for, in one sentence."
            value=draft.description
            error=attempt.problem("description")
            optional=true
            autocomplete="off"
        />
        {groups}
        {move || problem.get().map(|problem| view! { <p class="error">{problem}</p> })}
    }
    .into_any()
}

/// One permission; what one does not have oneself can not be given.
fn tick(permission: Permission, permissions: RwSignal<Permissions>, own: Permissions) -> AnyView {
    let is_in = RwSignal::new(permissions.with_untracked(|set| set.has(permission)));
    Effect::new(move |was: Option<bool>| {
        let is_in = is_in.get();
        if was.is_some_and(|was| was != is_in) {
            permissions.update(|set| *set = set.with(permission, is_in));
        }
        is_in
    });
    let id = ["role-", permission.as_str()].concat();
    let label = words::capital(words::permission(permission));
    if own.has(permission) {
        view! { <Tick id=id label=label checked=is_in hint=permission.as_str().to_owned() /> }.into_any()
    } else {
        view! { <Tick id=id label=label checked=is_in hint="Your own role does not have it.".to_owned() disabled=true /> }.into_any()
    }
}
