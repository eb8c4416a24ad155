//! What went wrong with a form, on top of it.
use leptos::{html, prelude::*};

use super::{Icon, dom};

/// Says what went wrong, links to the fields, and takes the focus. Shows nothing without a title.
#[component]
pub fn ErrorSummary(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// What went wrong: "2 things need fixing before the admin can be created."
    #[prop(into)]
    title: Signal<Option<String>>,
    /// One more sentence.
    #[prop(optional, into)]
    detail: Signal<Option<String>>,
    /// The fields to fix: id and label.
    #[prop(optional, into)]
    fields: Signal<Vec<(String, String)>>,
    /// More to look up.
    #[prop(optional, into)]
    more: ViewFn,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if title.get().is_some()
            && let Some(note) = node.get()
        {
            // The element may be as new as the error: let it be drawn first.
            request_animation_frame(move || drop(note.focus()));
        }
    });
    let links = move || {
        let fields = fields.get();
        let last = fields.len().saturating_sub(1);
        let links = fields.into_iter().enumerate().map(|(at, (id, label))| {
            let href = ["#", &id].concat();
            let go = move |event: leptos::ev::MouseEvent| {
                event.prevent_default();
                dom::focus(&id);
            };
            let before = match at {
                0 => "",
                _ if at == last => " and ",
                _ => ", ",
            };
            view! {
                {before}
                <a href=href on:click=go>
                    {label}
                </a>
            }
        });
        let links: Vec<_> = links.collect();
        (!links.is_empty()).then(|| view! { <span>{links}</span> })
    };
    view! {
        <div
            class="note"
            id=id
            data-tone="danger"
            role="alert"
            tabindex="-1"
            node_ref=node
            hidden=move || title.read().is_none()
        >
            {Icon::Error.draw()}
            <div>
                <b>{title}</b>
                {move || detail.get().map(|detail| view! { <span>{detail}</span> })}
                {links}
                {more.run()}
            </div>
        </div>
    }
    .into_any()
}
