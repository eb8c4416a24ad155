//! What stands above a table: search, filters, the count.
use leptos::prelude::*;

use super::{Icon, Input, InputKind, Size};

/// A toolbar at the top of a card.
#[component]
pub fn Toolbar(
    /// How many there are: "12 people". Read out when it changes.
    #[prop(optional, into)]
    count: Signal<String>,
    /// `SearchField`, `Select`s with `hide_label`, a button that clears them.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="toolbar" data-in-card=true role="search">
            {children()}
            <span class="count" role="status">
                {count}
            </span>
        </div>
    }
}

/// A search control. `/` moves the focus here.
#[component]
pub fn SearchField(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// What is searched: "Search users".
    #[prop(into)]
    label: String,
    /// What one may search by: "Name, username or email".
    #[prop(into)]
    placeholder: String,
    /// What is searched for, both ways.
    value: RwSignal<String>,
    /// Its name in the form; the id when it is left out.
    #[prop(optional, into)]
    name: Option<String>,
) -> impl IntoView {
    view! {
        <div class="input-group search">
            <span class="affix">{Icon::Search.draw_as(Size::Small)}</span>
            <Input
                name=name.unwrap_or_else(|| id.clone())
                id=id
                kind=InputKind::Search
                label=label
                placeholder=placeholder
                value=value
                autocomplete="off"
            />
        </div>
    }
}
