//! A list to choose one value from.
use leptos::{html, prelude::*};

use super::{
    Choice, Size,
    field::{described_by, remarks},
};

/// A native list. With `hide_label` the label is only for those who can't see where it stands.
#[component]
pub fn Select(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// Its label.
    #[prop(into)]
    label: String,
    /// Whether the label is not shown: in toolbars and rows.
    #[prop(optional)]
    hide_label: bool,
    /// Its name in the form; the id when it is left out.
    #[prop(optional, into)]
    name: Option<String>,
    /// What there is to choose from.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// The value chosen, both ways.
    value: RwSignal<String>,
    /// Called when a person chooses, after `value` has changed.
    #[prop(optional, into)]
    on_change: Option<Callback<String>>,
    /// How tall it is.
    #[prop(optional)]
    size: Size,
    /// What the choice means.
    #[prop(optional, into)]
    help: Signal<Option<String>>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether it can't be used now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Select>::new();
    let rendered = value.get_untracked();
    Effect::new(move |bound: Option<bool>| {
        let wanted = value.get();
        let is_empty = choices.read().is_empty();
        let Some(select) = node.get().filter(|_| !is_empty) else {
            return bound.unwrap_or_default();
        };
        if bound != Some(true) && select.value() != rendered {
            value.set(select.value());
        } else {
            select.set_value(&wanted);
        }
        true
    });
    let changed = move |event| {
        let chosen = event_target_value(&event);
        value.set(chosen.clone());
        if let Some(on_change) = on_change {
            on_change.run(chosen);
        }
    };
    let options = move || {
        let chosen = value.get_untracked();
        choices.read().chunk_by(|a, b| a.group == b.group).map(|group| grouped(group, &chosen)).collect::<Vec<_>>()
    };
    let control = view! {
        <select
            class="select"
            node_ref=node
            id=id.clone()
            name=name.unwrap_or_else(|| id.clone())
            data-auto=hide_label
            data-size=size.as_str()
            aria-label=hide_label.then(|| label.clone())
            aria-describedby=described_by(id.clone(), help, error, None)
            aria-invalid=move || error.read().is_some().then_some("true")
            disabled=disabled
            on:change=changed
        >
            {options}
        </select>
    };
    if hide_label {
        return control.into_any();
    }
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            {control}
            {remarks(id, help, error)}
        </div>
    }
    .into_any()
}

/// The options of a group, below its name where it has one.
fn grouped(choices: &[Choice], chosen: &str) -> AnyView {
    let options: Vec<_> = choices
        .iter()
        .map(|choice| {
            let is_chosen = choice.value == chosen;
            view! {
                <option value=choice.value.clone() selected=is_chosen>
                    {choice.label.clone()}
                </option>
            }
        })
        .collect();
    match choices.first().and_then(|first| first.group) {
        Some(name) => view! { <optgroup label=name>{options}</optgroup> }.into_any(),
        None => options.into_any(),
    }
}
