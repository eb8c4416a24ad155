//! A control for several lines, with its label, its help and its error.
use leptos::{html, prelude::*};

use super::field::{described_by, remarks};

/// A labelled control for text of several lines. The error takes the place of the help.
#[component]
pub fn TextArea(
    /// Its id and its name in the form, the same on server and browser.
    #[prop(into)]
    id: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What is in it, both ways.
    value: RwSignal<String>,
    /// How to fill it.
    #[prop(optional, into)]
    help: Signal<Option<String>>,
    /// What is wrong with it and how to write it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether it may stay empty: said beside the label.
    #[prop(optional)]
    optional: bool,
    /// An example, shown while it is empty.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// How many lines it shows.
    #[prop(default = 4)]
    rows: u32,
) -> impl IntoView {
    let node = NodeRef::<html::Textarea>::new();
    Effect::new(move |bound: Option<bool>| {
        let text = value.get();
        let Some(area) = node.get() else {
            return bound.unwrap_or_default();
        };
        let typed = area.value();
        // The server sends it empty: what is in it when the page wakes was typed before, and wins.
        if bound != Some(true) && !typed.is_empty() {
            value.set(typed);
        } else if typed != text {
            area.set_value(&text);
        }
        true
    });
    view! {
        <div class="field">
            <label for=id.clone()>
                {label} {optional.then(|| view! { <span class="optional">"optional"</span> })}
            </label>
            <textarea
                class="textarea"
                node_ref=node
                id=id.clone()
                name=id.clone()
                rows=rows.to_string()
                placeholder=placeholder
                data-mono=true
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-describedby=described_by(id.clone(), help, error, None)
                aria-invalid=move || error.read().is_some().then_some("true")
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
            {remarks(id, help, error)}
        </div>
    }
    .into_any()
}
