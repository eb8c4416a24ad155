//! A text control with its label, its help and its error.
use leptos::prelude::*;

use super::{Icon, Input, InputKind, Size};

/// A labelled text control. The error takes the place of the help.
#[component]
pub fn Field(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// Its label.
    #[prop(into)]
    label: Signal<String>,
    /// Its name in the form; the id when it is left out.
    #[prop(optional, into)]
    name: Option<String>,
    /// What it expects.
    #[prop(optional)]
    kind: InputKind,
    /// What is in it, both ways.
    #[prop(optional)]
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
    /// Words before what is typed, inside the frame.
    #[prop(optional, into)]
    before: Option<String>,
    /// Words after what is typed, inside the frame.
    #[prop(optional, into)]
    after: Option<String>,
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
    /// More below the control.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let control = view! {
        <Input
            id=id.clone()
            name=name.unwrap_or_else(|| id.clone())
            kind=kind
            value=value
            placeholder=placeholder.unwrap_or_default()
            described_by=described_by(id.clone(), help, error, None)
            invalid=move || error.read().is_some()
            disabled=disabled
            readonly=readonly
            mono=mono
            exact=exact
            large=large
            autofocus=autofocus
            autocomplete=autocomplete
            inputmode=inputmode
        />
    };
    let control = if before.is_some() || after.is_some() {
        view! {
            <div class="input-group" data-size=large.then_some("lg")>
                {before.map(|words| view! { <span class="affix">{words}</span> })}
                {control}
                {after.map(|words| view! { <span class="affix" data-end=true>{words}</span> })}
            </div>
        }
        .into_any()
    } else {
        control.into_any()
    };
    view! {
        <div class="field">
            <label for=id.clone()>
                {label} {optional.then(|| view! { <span class="optional">"optional"</span> })}
            </label>
            {control}
            {children.map(|more| more())}
            {remarks(id, help, error)}
        </div>
    }
    .into_any()
}

/// Names what describes the control: more ids, then the error, or else the help.
pub(super) fn described_by(
    id: String,
    help: Signal<Option<String>>,
    error: Signal<Option<String>>,
    more: Option<String>,
) -> Signal<Option<String>> {
    Signal::derive(move || {
        let own = if error.read().is_some() {
            Some("-error")
        } else if help.read().is_some() {
            Some("-help")
        } else {
            None
        };
        match (more.as_deref(), own) {
            (None, None) => None,
            (Some(more), None) => Some(more.to_owned()),
            (None, Some(end)) => Some([&id, end].concat()),
            (Some(more), Some(end)) => Some([more, " ", &id, end].concat()),
        }
    })
}

/// Writes the error, or else the help, with the ids `described_by` names.
pub(super) fn remarks(id: String, help: Signal<Option<String>>, error: Signal<Option<String>>) -> AnyView {
    (move || match (error.get(), help.get()) {
        (Some(error), _) => Some(
            view! {
                <p class="error" id=[&id, "-error"].concat()>
                    {Icon::Error.draw_as(Size::Small)}
                    <span>{error}</span>
                </p>
            }
            .into_any(),
        ),
        (None, Some(help)) => Some(view! { <p class="hint" id=[&id, "-help"].concat()>{help}</p> }.into_any()),
        (None, None) => None,
    })
    .into_any()
}
