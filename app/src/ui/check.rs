//! Checkbox, switch, and radios in two shapes.
use leptos::{html, prelude::*};

use super::Choice;

/// A box to tick, with its sentence.
#[component]
pub fn Check(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// Its sentence.
    #[prop(into)]
    label: Signal<String>,
    /// Its name in the form; the id when it is left out. A ticked box sends `true`.
    #[prop(optional, into)]
    name: Option<String>,
    /// Whether it is ticked, both ways.
    #[prop(optional)]
    checked: RwSignal<bool>,
    /// One more sentence.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether it can't be used now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    bind_checked(node, checked);
    view! {
        <label class="check">
            <input
                type="checkbox"
                node_ref=node
                name=name.unwrap_or_else(|| id.clone())
                id=id
                value="true"
                checked=checked.get_untracked()
                disabled=disabled
                on:change=move |event| checked.set(event_target_checked(&event))
            />
            <span>{label}</span>
            {hint.map(|hint| view! { <span class="hint">{hint}</span> })}
        </label>
    }
}

/// A switch: takes effect at once, so it stands in a setting row and not in a form.
#[component]
pub fn Switch(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// What it switches, in the words of the row it stands in.
    #[prop(into)]
    label: String,
    /// Whether it is on, both ways.
    #[prop(optional)]
    checked: RwSignal<bool>,
    /// Called when a person switches it, after `checked` has changed.
    #[prop(optional, into)]
    on_change: Option<Callback<bool>>,
    /// Whether it can't be used now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    bind_checked(node, checked);
    let changed = move |event| {
        let is_on = event_target_checked(&event);
        checked.set(is_on);
        if let Some(on_change) = on_change {
            on_change.run(is_on);
        }
    };
    view! {
        <input
            class="switch"
            type="checkbox"
            role="switch"
            node_ref=node
            name=id.clone()
            id=id
            value="true"
            aria-label=label
            checked=checked.get_untracked()
            disabled=disabled
            on:change=changed
        />
    }
}

/// Radios in a column, each with an optional sentence.
#[component]
pub fn Radios(
    /// What is chosen here.
    #[prop(into)]
    legend: String,
    /// Their name in the form; their ids start with it.
    #[prop(into)]
    name: String,
    /// What there is to choose from.
    choices: Vec<Choice>,
    /// The value chosen, both ways.
    value: RwSignal<String>,
) -> impl IntoView {
    let radios: Vec<_> = choices
        .into_iter()
        .map(|choice| {
            view! {
                <label class="check">
                    {radio(&name, choice.value, value)} <span>{choice.label}</span>
                    {choice.hint.map(|hint| view! { <span class="hint">{hint}</span> })}
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="field">
            <legend class="label">{legend}</legend>
            {radios}
        </fieldset>
    }
    .into_any()
}

/// Radios that need a sentence each, as cards.
#[component]
pub fn Choices(
    /// What is chosen here.
    #[prop(into)]
    legend: String,
    /// Whether each takes one line.
    #[prop(optional)]
    compact: bool,
    /// `ChoiceCard`s.
    children: Children,
) -> impl IntoView {
    view! {
        <fieldset class="field">
            <legend class="label">{legend}</legend>
            <div class="choices" data-compact=compact>
                {children()}
            </div>
        </fieldset>
    }
}

/// One of them.
#[component]
pub fn ChoiceCard(
    /// The name all cards of the group share.
    #[prop(into)]
    name: String,
    /// What this card stands for.
    #[prop(into)]
    value: String,
    /// The value chosen in the group, both ways.
    chosen: RwSignal<String>,
    /// The sentence.
    #[prop(into)]
    text: String,
    /// The title: words or a badge.
    children: Children,
) -> impl IntoView {
    view! {
        <label class="choice">
            {radio(&name, value, chosen)} <b>{children()}</b> <small>{text}</small>
        </label>
    }
}

/// Draws one radio of a group bound to `chosen`.
pub(super) fn radio(name: &str, value: String, chosen: RwSignal<String>) -> AnyView {
    let node = NodeRef::<html::Input>::new();
    let own = StoredValue::new(value.clone());
    let rendered = *chosen.read_untracked() == value;
    Effect::new(move |bound: Option<bool>| {
        let is_chosen = own.with_value(|own| *chosen.read() == *own);
        let Some(input) = node.get() else {
            return bound.unwrap_or_default();
        };
        if bound != Some(true) && input.checked() && !rendered {
            chosen.set(own.get_value());
        } else {
            input.set_checked(is_chosen);
        }
        true
    });
    view! {
        <input
            type="radio"
            node_ref=node
            id=[name, "-", &value].concat()
            name=name.to_owned()
            checked=rendered
            value=value
            on:change=move |_| chosen.set(own.get_value())
        />
    }
    .into_any()
}

/// Keeps a box and a signal equal; what was ticked before the page woke wins.
fn bind_checked(node: NodeRef<html::Input>, checked: RwSignal<bool>) {
    let rendered = checked.get_untracked();
    Effect::new(move |bound: Option<bool>| {
        let is_on = checked.get();
        let Some(input) = node.get() else {
            return bound.unwrap_or_default();
        };
        if bound != Some(true) && input.checked() != rendered {
            checked.set(input.checked());
        } else {
            input.set_checked(is_on);
        }
        true
    });
}
