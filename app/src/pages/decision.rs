//! The event that says why somebody was turned away.

use crate::{
    prefix::at,
    state::{attempt::Attempt, session::Session},
    ui::{ButtonVariant, CopyButton, Size, Toast},
};
use leptos::prelude::*;
use wire::{EventId, Failure, policy::GET_EVENT};

/// The number of a decision: a link for those who may look it up, else to copy for one of them.
#[component]
pub fn Decision(id: EventId) -> impl IntoView {
    let session = expect_context::<Session>();
    let may_look = session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(&GET_EVENT)));
    let id = id.to_string();
    if may_look {
        let href = ["/settings/audit/", &id].concat();
        return view! {
            <a class="link break" href=at(&href)>
                <code>{id}</code>
            </a>
        }
        .into_any();
    }
    view! {
        <span class="row">
            <code class="break">{id.clone()}</code>
            <CopyButton text=id what="decision number" variant=ButtonVariant::Ghost size=Size::Small />
        </span>
    }
    .into_any()
}

/// The same as a line below what was refused.
#[component]
pub fn DecisionLine(id: EventId) -> impl IntoView {
    view! {
        <span class="row">
            <span>"Decision"</span>
            <Decision id=id />
        </span>
    }
}

/// The same below what was tried in a dialog, once it was refused by a right.
#[component]
pub fn DecisionOf(
    /// The try.
    attempt: Attempt,
) -> impl IntoView {
    move || attempt.failure.with(|failure| failure.as_ref()?.decision_id).map(|id| view! { <DecisionLine id=id /> })
}

/// The report of a failure, with the number of the decision where there is one.
pub fn report(title: impl Into<String>, failure: &Failure) -> Toast {
    let toast = Toast::failure(title).detail(failure.detail.clone());
    match failure.decision_id {
        Some(id) => toast.more(move || view! { <DecisionLine id=id /> }),
        None => toast,
    }
}
