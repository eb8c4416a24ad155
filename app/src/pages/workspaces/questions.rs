//! The question before a workspace or an environment goes.

use super::desk::{Desk, Doomed};
use crate::{
    calls::workspaces::{delete_environment, delete_workspace},
    pages::{decision::DecisionOf, rights::place},
    state::attempt::Attempt,
    ui::{CheckItem, Checks, ConfirmDelete, Icon},
};
use leptos::prelude::*;
use wire::workspaces::Scope;

/// The dialog; it is open while there is something to delete.
#[component]
pub fn Delete(desk: Desk) -> impl IntoView {
    let attempt = Attempt::new();
    let open = RwSignal::new(false);
    Effect::new(move || {
        let is_wanted = desk.to_delete.with(Option::is_some);
        if is_wanted {
            attempt.failure.set(None);
        }
        if open.get_untracked() != is_wanted {
            open.set(is_wanted);
        }
    });
    Effect::new(move || {
        if !open.get() && desk.to_delete.with_untracked(Option::is_some) {
            desk.to_delete.set(None);
        }
    });
    // The words stay while the dialog closes.
    let last = Memo::new(move |before: Option<&Option<Doomed>>| desk.to_delete.get().or_else(|| before.cloned().flatten()));
    let text = move |read: fn(&Doomed) -> String| last.with(|doomed| doomed.as_ref().map(read).unwrap_or_default());
    let is_whole = Memo::new(move |_| last.with(|doomed| doomed.as_ref().is_some_and(|doomed| doomed.environment.is_none())));
    let confirm = move |()| {
        let Some(doomed) = desk.to_delete.get_untracked() else { return };
        let done = ["The ", kind(&doomed), " ", &named(&doomed), " is deleted"].concat();
        let gone = doomed.clone();
        attempt.run(
            move || {
                let Doomed { workspace, environment } = doomed.clone();
                async move {
                    match environment {
                        Some(environment) => delete_environment(workspace.slug, environment).await,
                        None => delete_workspace(workspace.slug).await,
                    }
                }
            },
            move |()| {
                desk.to_delete.set(None);
                if desk.acting.scope.with_untracked(|scope| gone.has(scope)) {
                    desk.acting.choose(Scope::default());
                }
                desk.changed(done);
            },
        );
    };
    view! {
        <ConfirmDelete
            id="delete-workspace"
            title=Signal::derive(move || text(|doomed| ["Delete the ", kind(doomed), " ", &named(doomed), "?"].concat()))
            lead="This can’t be undone.".to_owned()
            open=open
            name=Signal::derive(move || text(named))
            action=Signal::derive(move || text(|doomed| ["Delete the ", kind(doomed)].concat()))
            on_confirm=confirm
            busy=attempt.is_busy
            error=attempt.detail()
        >
            <DecisionOf attempt=attempt />
            <Checks>
                {move || is_whole.get().then(|| view! { <CheckItem icon=Icon::X>"All its environments go"</CheckItem> })}
                <CheckItem icon=Icon::X>"Grants there end; who had one is judged by their role again"</CheckItem>
                <CheckItem icon=Icon::X>"API keys that are good there alone are revoked"</CheckItem>
                <CheckItem met=true>"What happened there stays in the audit log"</CheckItem>
            </Checks>
        </ConfirmDelete>
    }
    .into_any()
}

/// What it is, in a word.
const fn kind(doomed: &Doomed) -> &'static str {
    if doomed.environment.is_some() { "environment" } else { "workspace" }
}

/// What has to be typed.
fn named(doomed: &Doomed) -> String {
    place(&doomed.workspace.slug, doomed.environment.as_ref())
}
