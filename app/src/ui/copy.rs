//! A button that copies.
use std::time::Duration;

use leptos::prelude::*;

use super::{ButtonVariant, Icon, Size, browser};

/// Copies a text and says so for a moment.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What it is, for those who can't see where the button stands: "temporary password".
    #[prop(into)]
    what: String,
    /// How much it asks for attention.
    #[prop(optional)]
    variant: ButtonVariant,
    /// How large it is.
    #[prop(optional)]
    size: Size,
    /// The words, when they are not "Copy".
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let outcome = RwSignal::new(None::<bool>);
    let copy = move |event: leptos::ev::MouseEvent| {
        let told = move |is_copied| {
            outcome.set(Some(is_copied));
            set_timeout(
                move || {
                    outcome.try_set(None);
                },
                Duration::from_secs(2),
            );
        };
        browser::copy(&text.get_untracked(), &event, told);
    };
    let words = match children {
        Some(words) => words(),
        None => view! { "Copy" <span class="sr-only">" " {what}</span> }.into_any(),
    };
    view! {
        <button
            class="btn"
            type="button"
            data-variant=variant.as_str()
            data-size=size.as_str()
            on:click=copy
        >
            {move || if outcome.get() == Some(true) { Icon::Check } else { Icon::Copy }.draw()}
            <span hidden=move || outcome.get().is_some()>{words}</span>
            <span role="status">
                {move || match outcome.get() {
                    Some(true) => "Copied",
                    Some(false) => "Select and copy it by hand",
                    None => "",
                }}
            </span>
        </button>
    }
    .into_any()
}
