//! Plain rows: a drawing, two lines, something at the end.
use leptos::prelude::*;

/// A list of rows.
#[component]
pub fn List(
    /// Its name for those who can't see what stands above.
    #[prop(optional, into)]
    label: Option<String>,
    /// Whether it stands alone and needs a frame.
    #[prop(optional)]
    framed: bool,
    /// Whether the end of a row may go below on a phone.
    #[prop(optional)]
    wrap: bool,
    /// `ListRow`s.
    children: Children,
) -> impl IntoView {
    view! {
        <ul class=if framed { "list card" } else { "list" } data-wrap=wrap aria-label=label>
            {children()}
        </ul>
    }
}

/// One row.
#[component]
pub fn ListRow(
    /// The first line.
    #[prop(into)]
    title: Signal<String>,
    /// The second line.
    #[prop(optional, into)]
    detail: Signal<Option<String>>,
    /// A drawing before the lines: a node, an avatar.
    #[prop(optional, into)]
    before: Option<ViewFnOnce>,
    /// What the row ends with.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <li>
            {before.map(ViewFnOnce::run)} <div class="grow">
                <b>{title}</b>
                {move || detail.get().map(|detail| view! { <small>{detail}</small> })}
            </div> {children.map(|end| end())}
        </li>
    }
    .into_any()
}
