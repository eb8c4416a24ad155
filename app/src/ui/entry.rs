//! The frame of the pages before the door: setup, sign-in, reset. They work without script.
use leptos::prelude::*;

use super::Wordmark;
use crate::prefix::at;

/// The form on one side, the passage on the other.
#[component]
pub fn Entry(
    /// The name beside the mark.
    #[prop(into)]
    name: String,
    /// The news over the passage.
    #[prop(into)]
    note_title: Signal<String>,
    /// A sentence over the passage.
    #[prop(into)]
    note: Signal<String>,
    /// Whether the form is wider: setup.
    #[prop(optional)]
    wide: bool,
    /// Small links below the form.
    #[prop(optional, into)]
    foot: Option<ViewFnOnce>,
    /// `Stepper`, `EntryHead`, the form.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="entry">
            <div class="entry__art" aria-hidden="true">
                <img class="arches" src=at("/arches.svg") alt="" />
                <p class="entry__art-note">
                    <strong>{note_title}</strong>
                    {note}
                </p>
            </div>
            <main class="entry__main" id="main">
                <div class="entry__top">
                    <Wordmark name=name />
                </div>
                <div class="entry__body" data-width=wide.then_some("wide")>
                    {children()}
                </div>
                {foot.map(|foot| view! { <footer class="entry__foot">{foot.run()}</footer> })}
            </main>
        </div>
    }
    .into_any()
}

/// The title of such a page.
#[component]
pub fn EntryHead(
    /// What one does here, or what has happened.
    #[prop(into)]
    title: Signal<String>,
    /// What it is for.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="entry__head">
            <h1>{title}</h1>
            {children.map(|lead| view! { <p>{lead()}</p> })}
        </div>
    }
    .into_any()
}
