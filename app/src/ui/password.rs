//! A password control that can be looked into.
use leptos::{html, prelude::*};

use super::{
    field::{described_by, remarks},
    input::bind_text,
};

/// A labelled password control. Paste and password managers work; nothing is sent back into it.
#[component]
pub fn PasswordField(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// Its label.
    #[prop(into)]
    label: Signal<String>,
    /// Its name in the form; the id when it is left out.
    #[prop(optional, into)]
    name: Option<String>,
    /// What is in it, both ways.
    #[prop(optional)]
    value: RwSignal<String>,
    /// Whether it is a new one: `new-password` instead of `current-password`.
    #[prop(optional)]
    fresh: bool,
    /// How to fill it.
    #[prop(optional, into)]
    help: Signal<Option<String>>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether it is marked as wrong without an error of its own.
    #[prop(optional, into)]
    invalid: Signal<bool>,
    /// The ids of what else describes it, for instance the strength.
    #[prop(optional, into)]
    described: Option<String>,
    /// Whether it is as tall as on entry pages.
    #[prop(optional)]
    large: bool,
    /// Whether it has the focus at first.
    #[prop(optional)]
    autofocus: bool,
    /// Whether it can't be used now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// A link at the other end of the label's line.
    #[prop(optional, into)]
    aside: Option<ViewFnOnce>,
    /// More below the control: the strength, the rules.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let shown = RwSignal::new(false);
    // Without script the button could do nothing, so it appears with the script.
    let awake = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    bind_text(node, value, String::new());
    let words = match aside {
        Some(aside) => view! {
            <div class="label-row">
                <label class="label" for=id.clone()>
                    {label}
                </label>
                {aside.run()}
            </div>
        }
        .into_any(),
        None => view! { <label for=id.clone()>{label}</label> }.into_any(),
    };
    view! {
        <div class="field">
            {words} <div class="input-group" data-size=large.then_some("lg")>
                <input
                    class="input"
                    node_ref=node
                    id=id.clone()
                    name=name.unwrap_or_else(|| id.clone())
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=if fresh { "new-password" } else { "current-password" }
                    autocapitalize="none"
                    spellcheck="false"
                    autofocus=autofocus
                    disabled=disabled
                    aria-describedby=described_by(id.clone(), help, error, described)
                    aria-invalid=move || {
                        (invalid.get() || error.read().is_some()).then_some("true")
                    }
                    on:input=move |event| value.set(event_target_value(&event))
                />
                <button
                    class="btn"
                    type="button"
                    data-variant="ghost"
                    data-size="sm"
                    hidden=move || !awake.get()
                    aria-controls=id.clone()
                    aria-pressed=move || if shown.get() { "true" } else { "false" }
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {move || if shown.get() { "Hide" } else { "Show" }}
                    <span class="sr-only">" password"</span>
                </button>
            </div> {children.map(|more| more())} {remarks(id, help, error)}
        </div>
    }
    .into_any()
}
