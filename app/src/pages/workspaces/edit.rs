//! A workspace in a drawer beside the list: what it is called, whom it is for, and who has a grant in it.

use super::{
    desk::{Desk, Doomed},
    members::{self, Members},
};
use crate::{
    calls::workspaces::{get_workspace, list_members, update_workspace},
    pages::{
        beside::{Words, back_to, drawn, named},
        summary::{FieldName, Summary},
        title::PageTitle,
    },
    state::attempt::Attempt,
    ui::{Button, ButtonKind, ButtonVariant, Check as Tick, Drawer, Fact, Facts, Field, Time, TimeStyle, WorkspaceIcon},
};
use futures::future::try_join;
use leptos::prelude::*;
use wire::{
    Check, Page,
    workspaces::{Member, Slug, Workspace, WorkspacePatch},
};

const FIELDS: &[FieldName] = &[("name", "workspace-name", "Name"), ("isPrivate", "workspace-private", "Private")];

const WORDS: Words = Words {
    id: "edit-workspace",
    loading: "Loading the workspace",
    absent: "There is no such workspace",
    failed: "Couldn’t load the workspace",
};

/// The drawer over the list.
#[component]
pub fn Edit() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let closed = back_to(move || desk.address());
    let workspace = named("slug", |slug: Slug| try_join(get_workspace(slug.clone()), list_members(slug, members::from(None))));
    drawn(WORDS, workspace, closed, |(workspace, members)| view! { <Editor workspace=workspace members=members /> }.into_any())
}

/// What differs from the workspace; what does not is left out.
fn patch(workspace: &Workspace, name: &str, is_private: bool) -> WorkspacePatch {
    WorkspacePatch {
        name: (name.trim() != workspace.name).then(|| name.trim().to_owned()),
        is_private: (is_private != workspace.is_private).then_some(is_private),
    }
}

#[component]
fn Editor(workspace: Workspace, members: Page<Member>) -> impl IntoView {
    let desk = expect_context::<Desk>();
    let name = RwSignal::new(workspace.name.clone());
    let is_private = RwSignal::new(workspace.is_private);
    let attempt = Attempt::new();
    let open = RwSignal::new(true);
    let closed = back_to(move || desk.address());
    let (title, mark) = (workspace.name.clone(), workspace.name.clone());
    let (workspace, members) = (StoredValue::new(workspace), StoredValue::new(members));
    let submit = move |()| {
        let (slug, patch) = workspace
            .with_value(|workspace| (workspace.slug.clone(), patch(workspace, &name.read_untracked(), is_private.get_untracked())));
        if patch == WorkspacePatch::default() {
            open.set(false);
            return;
        }
        attempt.run(
            move || {
                let (slug, patch) = (slug.clone(), patch.clone());
                async move {
                    patch.check()?;
                    update_workspace(slug, patch).await
                }
            },
            move |workspace| {
                desk.changed(["The workspace ", &workspace.name, " is changed"].concat());
                open.set(false);
            },
        );
    };
    let is_default = workspace.with_value(|workspace| workspace.slug.is_default());
    let foot = move || {
        let delete = move |()| {
            open.set(false);
            desk.to_delete.set(Some(Doomed { workspace: workspace.get_value(), environment: None }));
        };
        view! {
            {(!is_default)
                .then(|| {
                    view! {
                        <Button variant=ButtonVariant::DangerQuiet on_press=delete>
                            "Delete"
                        </Button>
                    }
                })}
            <span class="push"></span>
            <Button on_press=move |()| open.set(false)>"Cancel"</Button>
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                "Save changes"
            </Button>
        }
    };
    view! {
        <PageTitle text=title.clone() />
        <Drawer
            id="edit-workspace"
            title=title
            open=open
            on_submit=submit
            on_close=closed
            before=move || view! { <WorkspaceIcon name=mark.clone() /> }
            foot=foot
        >
            <Summary id="edit-workspace-error" attempt=attempt fields=FIELDS />
            <Field id="workspace-name" label="Name" value=name error=attempt.problem("name") autocomplete="off" />
            <Private is_private=is_private is_default=is_default />
            <Facts>
                <Fact name="Slug" mono=true>
                    {workspace.with_value(|workspace| workspace.slug.0.clone())}
                </Fact>
                <Fact name="Created">
                    <Time at=workspace.with_value(|workspace| workspace.created_at.millis()) style=TimeStyle::Day />
                </Fact>
            </Facts>
            <Members slug=workspace.with_value(|workspace| workspace.slug.clone()) first=members.get_value() />
        </Drawer>
    }
    .into_any()
}

/// Whom it is for; the default one is everybody's.
#[component]
fn Private(is_private: RwSignal<bool>, is_default: bool) -> impl IntoView {
    let hint = if is_default {
        "The default workspace is everybody’s."
    } else {
        "Only those with a grant in it, and whoever manages the settings, see it and act in it. It holds from the next request on."
    };
    view! { <Tick id="workspace-private" label="Private" hint=hint checked=is_private disabled=is_default /> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Timestamp;

    #[test]
    fn only_what_differs_is_sent() {
        let workspace = Workspace {
            slug: Slug("billing".into()),
            name: "Billing".into(),
            is_private: true,
            environments: Vec::new(),
            members: None,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        };
        assert_eq!(patch(&workspace, " Billing ", true), WorkspacePatch::default());
        assert_eq!(patch(&workspace, "Bills", true), WorkspacePatch { name: Some("Bills".into()), is_private: None });
        assert_eq!(patch(&workspace, "Billing", false), WorkspacePatch { name: None, is_private: Some(false) });
    }
}
