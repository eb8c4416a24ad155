//! Menus: popovers of plain buttons and links. Tab moves, Esc closes, no script is needed to open.
use leptos::{ev::MouseEvent, prelude::*};

use super::{ButtonVariant, Icon, Size, Tone, dom};
use crate::prefix::at;

/// On which side of its button a menu opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Towards the start of the line.
    #[default]
    End,
    /// Towards the end of the line.
    Start,
}

impl Align {
    /// Returns the word the style sheet knows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Start => "start",
        }
    }
}

/// The popover itself. Give its opener `attr:popovertarget=<id>`, or use `MenuButton`.
#[component]
pub fn Menu(
    /// Its id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// Where it opens.
    #[prop(optional)]
    align: Align,
    /// `MenuItem`s, `MenuLabel`s, `<hr/>`.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="menu" id=id popover="auto" data-align=align.as_str()>
            {children()}
        </div>
    }
}

/// An icon button and its menu: the actions of a row.
#[component]
pub fn MenuButton(
    /// The menu's id, the same on server and browser.
    #[prop(into)]
    id: String,
    /// What the button is for: "Actions for Mara Lindqvist".
    #[prop(into)]
    label: Signal<String>,
    /// Its drawing.
    #[prop(default = Icon::More)]
    icon: Icon,
    /// Where the menu opens.
    #[prop(optional)]
    align: Align,
    /// `MenuItem`s, `MenuLabel`s, `<hr/>`.
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class="btn"
            type="button"
            data-icon=true
            data-variant=ButtonVariant::Ghost.as_str()
            data-size=Size::Small.as_str()
            aria-label=label
            popovertarget=id.clone()
        >
            {icon.draw()}
        </button>
        <Menu id=id align=align>
            {children()}
        </Menu>
    }
    .into_any()
}

/// An action or a link of a menu.
#[component]
pub fn MenuItem(
    /// What it does.
    #[prop(into)]
    label: Signal<String>,
    /// Its drawing.
    #[prop(optional)]
    icon: Option<Icon>,
    /// A mark in place of the drawing.
    #[prop(optional, into)]
    before: ViewFn,
    /// A word at its end: a count, or why it can't be chosen.
    #[prop(optional, into)]
    hint: Signal<Option<String>>,
    /// Danger for what deletes.
    #[prop(optional)]
    tone: Tone,
    /// Where it leads, if it is a link.
    #[prop(optional, into)]
    href: Option<String>,
    /// What it does, if it is a button.
    #[prop(optional, into)]
    run: Option<Callback<()>>,
    /// Whether it is the chosen one of several.
    #[prop(optional, into)]
    current: Signal<bool>,
    /// Whether it can't be chosen; say why in the hint.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let content = view! {
        {icon.map(Icon::draw)}
        {before.run()}
        <span>{label}</span>
        {move || hint.get().map(|hint| view! { <small>{hint}</small> })}
        {move || current.get().then(|| Icon::Check.draw_as(Size::Small))}
    };
    let is_current = move || current.get().then_some("true");
    let is_disabled = move || disabled.get().then_some("true");
    // The menu closes first: then the focus is back on its button, and whatever opens now can
    // return it there.
    let pressed = move |event: MouseEvent| {
        if disabled.get_untracked() {
            event.prevent_default();
            return;
        }
        if let Some(menu) = dom::closest(&event, "[popover]") {
            dom::hide_popover(&menu.id());
        }
        if let Some(run) = run {
            run.run(());
        }
    };
    match href {
        Some(href) => view! {
            <a
                class="menu__item"
                href=at(&href)
                data-tone=tone.as_str()
                aria-current=is_current
                aria-disabled=is_disabled
                on:click=pressed
            >
                {content}
            </a>
        }
        .into_any(),
        None => view! {
            <button
                class="menu__item"
                type="button"
                data-tone=tone.as_str()
                aria-current=is_current
                aria-disabled=is_disabled
                on:click=pressed
            >
                {content}
            </button>
        }
        .into_any(),
    }
}

/// A heading inside a menu.
#[component]
pub fn MenuLabel(
    /// The words.
    children: Children,
) -> impl IntoView {
    view! { <p class="menu__label">{children()}</p> }
}
