//! The text control itself, bound to a signal. Labels and errors are in `field.rs`.
use leptos::{html, prelude::*};

/// What a text control expects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InputKind {
    /// Anything.
    #[default]
    Text,
    /// An email address.
    Email,
    /// An address on the web.
    Url,
    /// A search.
    Search,
    /// A day.
    Date,
}

impl InputKind {
    /// Returns the value of the attribute `type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Url => "url",
            Self::Search => "search",
            Self::Date => "date",
        }
    }
}

/// A text control without a visible label: name it with `label`, or use `Field`.
#[component]
pub fn Input(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// Its name in the form; the id when it is left out.
    #[prop(optional, into)]
    name: Option<String>,
    /// What it expects.
    #[prop(optional)]
    kind: InputKind,
    /// What is in it, both ways.
    #[prop(optional)]
    value: RwSignal<String>,
    /// Its name for those who can't see where it stands.
    #[prop(optional, into)]
    label: Option<String>,
    /// An example, shown while it is empty.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// The ids of what describes it.
    #[prop(optional, into)]
    described_by: Signal<Option<String>>,
    /// Whether what is in it is wrong.
    #[prop(optional, into)]
    invalid: Signal<bool>,
    /// Whether it can't be used now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether it only shows.
    #[prop(optional, into)]
    readonly: Signal<bool>,
    /// Whether a machine reads it: shown in mono.
    #[prop(optional)]
    mono: bool,
    /// Whether every letter counts: nothing is capitalised or corrected.
    #[prop(optional)]
    exact: bool,
    /// Whether it is as tall as on entry pages.
    #[prop(optional)]
    large: bool,
    /// Whether it has the focus at first.
    #[prop(optional)]
    autofocus: bool,
    /// What a password manager may put in.
    #[prop(optional_no_strip, into)]
    autocomplete: Option<&'static str>,
    /// Which keys a phone shows, for instance `numeric`.
    #[prop(optional_no_strip, into)]
    inputmode: Option<&'static str>,
    /// How many letters wide it is.
    #[prop(optional, into)]
    width: Option<u32>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let rendered = value.get_untracked();
    bind_text(node, value, rendered.clone());
    view! {
        <input
            class="input"
            node_ref=node
            name=name.unwrap_or_else(|| id.clone())
            id=id
            type=kind.as_str()
            value=rendered
            placeholder=placeholder
            aria-label=label
            aria-describedby=described_by
            aria-invalid=move || invalid.get().then_some("true")
            disabled=disabled
            readonly=readonly
            data-mono=mono
            data-size=large.then_some("lg")
            autofocus=autofocus
            autocomplete=autocomplete
            autocapitalize=exact.then_some("none")
            spellcheck=exact.then_some("false")
            inputmode=inputmode
            size=width.map(|letters| letters.to_string())
            on:input=move |event| value.set(event_target_value(&event))
        />
    }
}

/// Keeps a control and a signal equal. What differs from `rendered` when the page wakes was typed
/// before, or put in by a password manager: it wins over the signal.
pub(super) fn bind_text(node: NodeRef<html::Input>, value: RwSignal<String>, rendered: String) {
    Effect::new(move |bound: Option<bool>| {
        let text = value.get();
        let Some(input) = node.get() else {
            return bound.unwrap_or_default();
        };
        let typed = input.value();
        if bound != Some(true) && typed != rendered {
            value.set(typed);
        } else if typed != text {
            input.set_value(&text);
        }
        true
    });
}
