//! Adding an environment to a workspace.

use super::desk::Desk;
use crate::{
    calls::workspaces::create_environment,
    pages::summary::{FieldName, Summary},
    state::attempt::Attempt,
    ui::{Button, ButtonKind, ButtonVariant, Dialog, Field, Size},
};
use leptos::prelude::*;
use wire::{
    Check,
    workspaces::{NewEnvironment, Slug, Workspace},
};

const FIELDS: &[FieldName] = &[("slug", "environment-slug", "Slug")];

/// The dialog; it is open while there is a workspace to extend.
#[component]
pub fn Extend(desk: Desk) -> impl IntoView {
    let slug = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    let attempt = Attempt::new();
    Effect::new(move || {
        if desk.to_extend.with(Option::is_some) {
            slug.set(String::new());
            attempt.failure.set(None);
            open.set(true);
        }
    });
    // The words stay while the dialog closes.
    let last = Memo::new(move |before: Option<&Option<Workspace>>| desk.to_extend.get().or_else(|| before.cloned().flatten()));
    let submit = move |()| {
        let Some(workspace) = desk.to_extend.get_untracked() else { return };
        let new = NewEnvironment { slug: Slug(slug.get_untracked().trim().to_owned()), name: None };
        attempt.run(
            move || {
                let (new, workspace) = (new.clone(), workspace.slug.clone());
                async move {
                    new.check()?;
                    create_environment(workspace, new).await
                }
            },
            move |made| {
                desk.changed(["The environment ", &made.slug.0, " is added"].concat());
                open.set(false);
            },
        );
    };
    let title = move || last.with(|last| last.as_ref().map(|last| ["Add an environment to ", &last.name].concat()).unwrap_or_default());
    view! {
        <Dialog
            id="add-environment"
            title=Signal::derive(title)
            open=open
            size=Size::Small
            on_submit=submit
            on_close=move |()| desk.to_extend.set(None)
            foot=move || {
                view! {
                    <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                    <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                        "Add environment"
                    </Button>
                }
            }
        >
            <Summary id="add-environment-error" attempt=attempt fields=FIELDS />
            <Field
                id="environment-slug"
                label="Slug"
                help="Names it in headers, for good: lower-case letters, digits and hyphens, like staging."
                value=slug
                error=attempt.problem("slug")
                exact=true
                mono=true
                autofocus=true
                autocomplete="off"
            />
        </Dialog>
    }
    .into_any()
}
