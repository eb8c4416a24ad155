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
) -> impl IntoView {
    let previous = move || match previous.get() {
        Some(href) => view! {
            <LinkButton href=href size=Size::Small icon=Icon::Left attr:rel="prev">
                "Previous"
            </LinkButton>
        }
        .into_any(),
        None => view! {
            <Button size=Size::Small icon=Icon::Left disabled=true>
                "Previous"
            </Button>
        }
        .into_any(),
    };
    let next = move || match next.get() {
        Some(href) => view! {
            <LinkButton href=href size=Size::Small icon_end=Icon::Right attr:rel="next">
                "Next"
            </LinkButton>
        }
        .into_any(),
        None => view! {
            <Button size=Size::Small icon_end=Icon::Right disabled=true>
                "Next"
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
