//! A text control that suggests what can be typed.
use leptos::prelude::*;

use super::{
    Choice, Input,
    field::{described_by, remarks},
};

/// A labelled control with a native list of suggestions; anything else can be typed as well.
#[component]
pub fn SuggestField(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// What is in it, both ways.
    value: RwSignal<String>,
    /// What is suggested now.
    #[prop(into)]
    suggestions: Signal<Vec<Choice>>,
    /// How to fill it.
    #[prop(optional, into)]
    help: Signal<Option<String>>,
    /// What is wrong with it and how to write it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether it may stay empty: said beside the label.
    #[prop(optional)]
    optional: bool,
    /// Whether it has the focus at first.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let list = [&id, "-list"].concat();
    let options = move || {
        let option = |choice: Choice| view! { <option value=choice.value>{choice.label}</option> };
        suggestions.get().into_iter().map(option).collect::<Vec<_>>()
    };
    view! {
        <div class="field">
            <label for=id.clone()>
                {label} {optional.then(|| view! { <span class="optional">"optional"</span> })}
            </label>
            <Input
                id=id.clone()
                value=value
                described_by=described_by(id.clone(), help, error, None)
                invalid=move || error.read().is_some()
                exact=true
                mono=true
                autofocus=autofocus
                autocomplete="off"
                attr:list=list.clone()
            />
            <datalist id=list>{options}</datalist>
            {remarks(id, help, error)}
        </div>
    }
    .into_any()
}
