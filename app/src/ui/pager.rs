//! What is shown, and the way to the rest.
use leptos::prelude::*;

use super::{Button, Icon, LinkButton, Size};

/// The foot of a long table. Cursors are opaque: it says what it shows, not which page of how many.
#[component]
pub fn Pager(
    /// What is shown: "First 20 of 23".
    #[prop(into)]
    shown: Signal<String>,
    /// Where the rows before lead.
    #[prop(optional, into)]
    previous: Signal<Option<String>>,
    /// Where the rows after lead.
    #[prop(optional, into)]
    next: Signal<Option<String>>,
    /// What the two ways are called.
    #[prop(default = ["Previous", "Next"])]
    words: [&'static str; 2],
) -> impl IntoView {
    let previous = move || match previous.get() {
        Some(href) => view! {
            <LinkButton href=href size=Size::Small icon=Icon::Left attr:rel="prev">
                {words[0]}
            </LinkButton>
        }
        .into_any(),
        None => view! {
            <Button size=Size::Small icon=Icon::Left disabled=true>
                {words[0]}
            </Button>
        }
        .into_any(),
    };
    let next = move || match next.get() {
        Some(href) => view! {
            <LinkButton href=href size=Size::Small icon_end=Icon::Right attr:rel="next">
                {words[1]}
            </LinkButton>
        }
        .into_any(),
        None => view! {
            <Button size=Size::Small icon_end=Icon::Right disabled=true>
                {words[1]}
            </Button>
        }
        .into_any(),
    };
    view! {
        <div class="pager">
            <span>{shown}</span>
            <nav aria-label="Pages">{previous} {next}</nav>
        </div>
    }
    .into_any()
}
