//! A question over the page.
use leptos::prelude::*;

use super::{
    Size, Tone,
    modal::{Parts, draw},
};

/// A dialog that follows a signal. The first field gets the focus; Esc closes; the focus returns
/// to where it was. The content is a form: `on_submit` runs when it is sent.
#[component]
pub fn Dialog(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// The question, or what it is about.
    #[prop(into)]
    title: Signal<String>,
    /// A sentence under the title.
    #[prop(optional, into)]
    lead: Signal<Option<String>>,
    /// Whether it is open, both ways.
    open: RwSignal<bool>,
    /// Danger marks what can't be undone.
    #[prop(optional)]
    tone: Tone,
    /// How wide it is.
    #[prop(optional)]
    size: Size,
    /// Whether it can't be left now, not even by Esc.
    #[prop(optional, into)]
    sticky: Signal<bool>,
    /// Runs when its form is sent.
    #[prop(optional, into)]
    on_submit: Option<Callback<()>>,
    /// Runs after it has closed, however that happened.
    #[prop(optional, into)]
    on_close: Option<Callback<()>>,
    /// A drawing before the title: an avatar.
    #[prop(optional, into)]
    before: ViewFn,
    /// The buttons, the one that answers last.
    #[prop(optional, into)]
    foot: Option<ViewFn>,
    /// The body, made anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    draw(Parts {
        class: "dialog",
        id,
        title,
        lead,
        open,
        tone: tone.as_str(),
        size: size.as_str(),
        sticky,
        on_submit,
        on_close,
        before,
        under: ViewFn::default(),
        foot,
        children,
    })
}
