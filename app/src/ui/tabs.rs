//! Tabs that are links: each has an address.
use leptos::prelude::*;

use crate::prefix::at;

/// A row of tabs.
#[component]
pub fn Tabs(
    /// What they divide: "Whose sessions".
    #[prop(into)]
    label: String,
    /// `Tab`s.
    children: Children,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            {children()}
        </nav>
    }
}

/// One tab.
#[component]
pub fn Tab(
    /// The path that it leads to.
    #[prop(into)]
    href: Signal<String>,
    /// Its name.
    #[prop(into)]
    label: Signal<String>,
    /// Whether it is the one shown.
    #[prop(into)]
    current: Signal<bool>,
    /// How many it holds.
    #[prop(optional, into)]
    count: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <a href=move || at(&href.get()) aria-current=move || current.get().then_some("page")>
            {label}
            {move || count.get().map(|count| view! { <span class="n">{count}</span> })}
        </a>
    }
}
