//! Making a workspace: the dialog over the list.

use super::desk::Desk;
use crate::{
    calls::workspaces::create_workspace,
    pages::{
        beside::back_to,
        summary::{FieldName, Summary},
        title::PageTitle,
        words,
    },
    state::attempt::Attempt,
    ui::{Button, ButtonKind, ButtonVariant, Check as Tick, Dialog, Field},
};
use leptos::prelude::*;
use wire::{
    Check,
    workspaces::{NewWorkspace, Slug},
};

const FIELDS: &[FieldName] = &[("slug", "workspace-slug", "Slug"), ("name", "workspace-name", "Name")];

/// The dialog over the list.
#[component]
pub fn Create() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let (slug, name, is_private) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(false));
    let open = RwSignal::new(true);
    let attempt = Attempt::new();
    let closed = back_to(move || desk.address());
    let submit = move |()| {
        let new = NewWorkspace {
            slug: Slug(slug.get_untracked().trim().to_owned()),
            name: words::given(&name.get_untracked()),
            is_private: is_private.get_untracked(),
        };
        attempt.run(
            move || {
                let new = new.clone();
                async move {
                    new.check()?;
                    create_workspace(new).await
                }
            },
            move |made| {
                desk.changed(["The workspace ", &made.name, " is made"].concat());
                open.set(false);
            },
        );
    };
    let foot = move || {
        view! {
            <Button on_press=move |()| open.set(false)>"Cancel"</Button>
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                "Create workspace"
            </Button>
        }
    };
    view! {
        <PageTitle text="Create a workspace" />
        <Dialog
            id="create-workspace"
            title="Create a workspace"
            lead="It begins with one environment, default.".to_owned()
            open=open
            on_submit=submit
            on_close=closed
            foot=foot
        >
            <Summary id="create-workspace-error" attempt=attempt fields=FIELDS />
            <Field
                id="workspace-slug"
                label="Slug"
                help="Names it in addresses and headers, for good: lower-case letters, digits and hyphens."
                value=slug
                error=attempt.problem("slug")
                exact=true
                mono=true
                autofocus=true
                autocomplete="off"
            />
            <Field
                id="workspace-name"
                label="Name"
                help="What people call it; the slug when left empty."
                value=name
                error=attempt.problem("name")
                optional=true
                autocomplete="off"
            />
            <Tick
                id="workspace-private"
                label="Private"
                hint="Only those with a grant in it, and whoever manages the settings, see it and act in it."
                checked=is_private
            />
        </Dialog>
    }
    .into_any()
}
