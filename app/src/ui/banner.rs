//! A state of the whole instance, across every page.
use leptos::prelude::*;

use super::{Icon, Tone};

/// A banner. Warning has the striped edge: sign-in is off. Danger: no answer.
#[component]
pub fn Banner(
    /// What it is about.
    tone: Tone,
    /// Whether it is read out at once.
    #[prop(optional)]
    urgent: bool,
    /// The button that ends the state.
    #[prop(optional, into)]
    action: Option<ViewFnOnce>,
    /// The sentence; its news in `<b>`.
    children: Children,
) -> impl IntoView {
    let icon = match tone {
        Tone::Warning => Icon::Warn,
        Tone::Danger => Icon::Offline,
        _ => Icon::Info,
    };
    view! {
        <div
            class="banner"
            data-tone=tone.as_str()
            role=if urgent { "alert" } else { "status" }
        >
            {icon.draw()}
            <p>{children()}</p>
            {action.map(ViewFnOnce::run)}
        </div>
    }
    .into_any()
}
