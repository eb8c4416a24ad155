//! Buttons, and links that look like them.
use leptos::{ev, prelude::*};

use super::{Icon, Size};
use crate::prefix::at;

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonVariant {
    /// The usual button.
    #[default]
    Plain,
    /// The one thing to do here; at most one in a view.
    Primary,
    /// Deletes, or opens what should be closed.
    Danger,
    /// Leads to something dangerous.
    DangerQuiet,
    /// Only as much button as needed.
    Ghost,
    /// Looks like a link.
    Link,
}

impl ButtonVariant {
    /// Returns the word the style sheet knows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Primary => "primary",
            Self::Danger => "danger",
            Self::DangerQuiet => "danger-quiet",
            Self::Ghost => "ghost",
            Self::Link => "link",
        }
    }
}

/// What a button does to its form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// Nothing.
    #[default]
    Button,
    /// Sends it.
    Submit,
}

impl ButtonKind {
    /// Returns the value of the attribute `type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Button => "button",
            Self::Submit => "submit",
        }
    }
}

/// A button: a verb and its object. Takes `attr:` from outside.
#[component]
pub fn Button(
    /// How much it asks for attention.
    #[prop(optional)]
    variant: ButtonVariant,
    /// How large it is.
    #[prop(optional)]
    size: Size,
    /// Whether it sends its form.
    #[prop(optional)]
    kind: ButtonKind,
    /// Whether it takes the whole width.
    #[prop(optional)]
    block: bool,
    /// Whether it can't be pressed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether its work is under way; presses are ignored until it is over.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Runs when it is pressed. A handler that is put on from outside would be left behind, and
    /// called, when the view around the button is built again.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<Icon>,
    /// An icon after the words.
    #[prop(optional)]
    icon_end: Option<Icon>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class="btn"
            type=kind.as_str()
            data-variant=variant.as_str()
            data-size=size.as_str()
            data-block=block
            disabled=disabled
            aria-busy=move || busy.get().then_some("true")
            on:click=move |event| press(busy, on_press, &event)
        >
            {icon.map(Icon::draw)}
            {children()}
            {icon_end.map(Icon::draw)}
        </button>
    }
}

/// A button that is only an icon; its name is for those who can't see it.
#[component]
pub fn IconButton(
    /// The drawing.
    icon: Icon,
    /// What it does, in words.
    #[prop(into)]
    label: Signal<String>,
    /// How much it asks for attention.
    #[prop(default = ButtonVariant::Ghost)]
    variant: ButtonVariant,
    /// How large it is.
    #[prop(default = Size::Small)]
    size: Size,
    /// Whether it can't be pressed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Runs when it is pressed.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <button
            class="btn"
            type="button"
            data-icon=true
            data-variant=variant.as_str()
            data-size=size.as_str()
            disabled=disabled
            aria-label=label
            on:click=move |event| press(Signal::stored(false), on_press, &event)
        >
            {icon.draw()}
        </button>
    }
}

/// A link that looks like a button, because it leads to where one acts.
#[component]
pub fn LinkButton(
    /// Where it leads: a path of ours, or an address elsewhere.
    #[prop(into)]
    href: Signal<String>,
    /// Whether it is an address of this host as a browser asks for it, ours or not.
    #[prop(optional)]
    whole: bool,
    /// How much it asks for attention.
    #[prop(optional)]
    variant: ButtonVariant,
    /// How large it is.
    #[prop(optional)]
    size: Size,
    /// Whether it takes the whole width.
    #[prop(optional)]
    block: bool,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<Icon>,
    /// An icon after the words.
    #[prop(optional)]
    icon_end: Option<Icon>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <a
            class="btn"
            href=move || if whole { href.get() } else { at(&href.get()) }
            data-variant=variant.as_str()
            data-size=size.as_str()
            data-block=block
        >
            {icon.map(Icon::draw)}
            {children()}
            {icon_end.map(Icon::draw)}
        </a>
    }
}

/// A link that looks like a button and is only an icon; its name is for those who can't see it.
#[component]
pub fn IconLink(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// The drawing.
    icon: Icon,
    /// Where it leads, in words.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <a
            class="btn"
            href=at(&href)
            data-icon=true
            data-variant=ButtonVariant::Ghost.as_str()
            data-size=Size::Small.as_str()
            aria-label=label
        >
            {icon.draw()}
        </a>
    }
}

/// Does what a press is for; while the work of the last one is under way, nobody hears of it.
fn press(busy: Signal<bool>, on_press: Option<Callback<()>>, event: &ev::MouseEvent) {
    if busy.get_untracked() {
        event.prevent_default();
        event.stop_immediate_propagation();
    } else if let Some(on_press) = on_press {
        on_press.run(());
    }
}
