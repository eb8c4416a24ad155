//! The event that says why somebody was turned away.

use crate::{
    state::session::Session,
    ui::{ButtonVariant, CopyButton, Size},
};
use leptos::prelude::*;
use wire::{EventId, policy::GET_EVENT};

/// The number of a decision: a link for those who may look it up, else to copy for one of them.
#[component]
pub fn Decision(id: EventId) -> impl IntoView {
    let session = expect_context::<Session>();
    let may_look = session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(&GET_EVENT)));
    let id = id.to_string();
    if may_look {
        let href = ["/settings/audit/", &id].concat();
        return view! {
            <a class="link break" href=href>
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
