//! The frame of the signed-in pages, and the head of a page.
use leptos::prelude::*;

use super::dom;

/// Sidebar on the left, banners and topbar over the page.
#[component]
pub fn Frame(
    /// The `Sidebar`.
    #[prop(into)]
    sidebar: ViewFnOnce,
    /// `Banner`s and the `Topbar`.
    #[prop(into)]
    top: ViewFnOnce,
    /// The page.
    children: Children,
) -> impl IntoView {
    view! {
        // The router goes to the place, but leaves the focus here.
        <a class="skip" href="#main" on:click=|_| dom::focus("main")>
            "Skip to content"
        </a>
        <div class="app">
            {sidebar.run()} <div class="app__col">{top.run()} {children()}</div>
        </div>
    }
    .into_any()
}

/// A page: its title, a sentence, what can be done, the content.
#[component]
pub fn Page(
    /// Its title; may carry the news.
    #[prop(into)]
    title: Signal<String>,
    /// A sentence under the title.
    #[prop(optional, into)]
    lead: Signal<Option<String>>,
    /// Whether it is no wider than a form.
    #[prop(optional)]
    narrow: bool,
    /// A drawing before the title: an avatar.
    #[prop(optional, into)]
    before: Option<ViewFnOnce>,
    /// A line of badges under the title.
    #[prop(optional, into)]
    under: Option<ViewFnOnce>,
    /// Buttons; at most one is primary.
    #[prop(optional, into)]
    actions: Option<ViewFnOnce>,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <main
            class="page"
            id="main"
            tabindex="-1"
            data-width=if narrow { "narrow" } else { "wide" }
        >
            {head(title, lead, before, under, actions)} {children()}
        </main>
    }
    .into_any()
}

/// The head of a page whose frame stands before it is known what is in it.
#[component]
pub fn PageHead(
    /// The title.
    #[prop(into)]
    title: Signal<String>,
    /// A drawing before the title: an avatar.
    #[prop(optional, into)]
    before: Option<ViewFnOnce>,
    /// A line of badges under the title.
    #[prop(optional, into)]
    under: Option<ViewFnOnce>,
    /// Buttons; at most one is primary.
    #[prop(optional, into)]
    actions: Option<ViewFnOnce>,
) -> impl IntoView {
    head(title, Signal::stored(None), before, under, actions)
}

fn head(
    title: Signal<String>,
    lead: Signal<Option<String>>,
    before: Option<ViewFnOnce>,
    under: Option<ViewFnOnce>,
    actions: Option<ViewFnOnce>,
) -> AnyView {
    view! {
        <div class="page__head">
            {before.map(ViewFnOnce::run)} <div class="page__title">
                <h1>{title}</h1>
                {move || lead.get().map(|lead| view! { <p>{lead}</p> })}
                {under.map(ViewFnOnce::run)}
            </div>
            {actions
                .map(|actions| view! { <div class="page__actions">{actions.run()}</div> })}
        </div>
    }
    .into_any()
}
