//! A thing looked at or edited beside its list.
use leptos::prelude::*;

use super::{
    Size, Tone,
    modal::{Parts, draw},
};

/// A dialog at the edge of the page. Everything said of `Dialog` holds.
#[component]
pub fn Drawer(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// What it shows.
    #[prop(into)]
    title: Signal<String>,
    /// A sentence under the title.
    #[prop(optional, into)]
    lead: Signal<Option<String>>,
    /// Whether it is open, both ways.
    open: RwSignal<bool>,
    /// Runs when its form is sent.
    #[prop(optional, into)]
    on_submit: Option<Callback<()>>,
    /// Runs after it has closed, however that happened.
    #[prop(optional, into)]
    on_close: Option<Callback<()>>,
    /// A drawing before the title: an avatar.
    #[prop(optional, into)]
    before: ViewFn,
    /// A line of badges under the title.
    #[prop(optional, into)]
    under: ViewFn,
    /// The buttons, the one that saves last.
    #[prop(optional, into)]
    foot: Option<ViewFn>,
    /// The body, made anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    draw(Parts {
        class: "drawer",
        id,
        title,
        lead,
        open,
        tone: Tone::Neutral.as_str(),
        size: Size::Medium.as_str(),
        sticky: false.into(),
        on_submit,
        on_close,
        before,
        under,
        foot,
        children,
    })
}
