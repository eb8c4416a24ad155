//! Text to copy into a terminal or a file.
use leptos::prelude::*;

use super::{ButtonVariant, CopyButton, Size};

/// A block of code with its copy button.
#[component]
pub fn Code(
    /// Where it goes: "On the server".
    #[prop(into)]
    title: String,
    /// The code.
    #[prop(into)]
    text: Signal<String>,
    /// Whether long lines break.
    #[prop(optional)]
    wrap: bool,
) -> impl IntoView {
    view! {
        <div class="code" data-wrap=wrap>
            <div class="code__head">
                <span>{title.clone()}</span>
                <CopyButton
                    text=text
                    what="command"
                    variant=ButtonVariant::Ghost
                    size=Size::Small
                />
            </div>
            <pre tabindex="0" aria-label=title>
                <code>{text}</code>
            </pre>
        </div>
    }
    .into_any()
}
