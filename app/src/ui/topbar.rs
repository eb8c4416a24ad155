//! The bar over the page: the menu's button on a phone, where one is, search.
use leptos::prelude::*;

use super::{ButtonVariant, Crumb, Crumbs, Icon, IconButton, Size};

/// The bar.
#[component]
pub fn Topbar(
    /// The sidebar's id.
    #[prop(default = "nav")]
    nav: &'static str,
    /// Where one is.
    #[prop(into)]
    steps: Signal<Vec<Crumb>>,
    /// Opens the palette.
    #[prop(into)]
    on_search: Callback<()>,
) -> impl IntoView {
    view! {
        <header class="topbar">
            <span class="only-narrow">
                <IconButton
                    icon=Icon::Menu
                    label="Open menu"
                    size=Size::Medium
                    attr:popovertarget=nav
                />
            </span>
            <Crumbs steps=steps />
            <span class="push"></span>
            <button
                class="topbar__search only-wide"
                type="button"
                aria-keyshortcuts="Control+K"
                on:click=move |_| on_search.run(())
            >
                {Icon::Search.draw_as(Size::Small)}
                "Search or jump to"
                <kbd>"Ctrl K"</kbd>
            </button>
            <span class="only-narrow-2">
                <IconButton
                    icon=Icon::Search
                    label="Search or jump to"
                    size=Size::Medium
                    variant=ButtonVariant::Ghost
                    on_press=move |()| on_search.run(())
                />
            </span>
        </header>
    }
    .into_any()
}
