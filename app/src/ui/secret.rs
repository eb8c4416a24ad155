//! A value that is shown once.
use leptos::prelude::*;

use super::CopyButton;

/// The value with its copy button, under the striped edge.
#[component]
pub fn Secret(
    /// The value.
    #[prop(into)]
    value: Signal<String>,
    /// What it is: "temporary password".
    #[prop(into)]
    what: String,
    /// That it is shown once, and what to do with it.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="secret">
            <div class="secret__body">
                <p>{children()}</p>
                <div class="secret__value">
                    <code>{value}</code>
                    <CopyButton text=value what=what />
                </div>
            </div>
        </div>
    }
    .into_any()
}
