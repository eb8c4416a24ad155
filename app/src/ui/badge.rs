//! Badges, the status mark, the role badge.
use leptos::prelude::*;

use super::{Icon, Tone};

/// A word in a pill.
#[component]
pub fn Badge(
    /// What it is about.
    #[prop(optional, into)]
    tone: Signal<Tone>,
    /// Whether it is only outlined.
    #[prop(optional)]
    outline: bool,
    /// An icon before the word.
    #[prop(optional)]
    icon: Option<Icon>,
    /// The word.
    children: Children,
) -> impl IntoView {
    view! {
        <span
            class="badge"
            data-tone=move || tone.get().as_str()
            data-variant=outline.then_some("outline")
        >
            {icon.map(Icon::draw)}
            {children()}
        </span>
    }
}

/// A state: shape first, colour second, and the word.
#[component]
pub fn Status(
    /// Disc for success, triangle for warning, square for danger, ring for off.
    #[prop(into)]
    tone: Signal<Tone>,
    /// The word.
    children: Children,
) -> impl IntoView {
    view! {
        <span class="status" data-tone=move || tone.get().as_str()>
            {children()}
        </span>
    }
}

/// A role: five posts, filled up to the rank, and the name. Weight follows power.
#[component]
pub fn RoleBadge(
    /// From 1, looks on, to 5, may do everything.
    #[prop(into)]
    rank: Signal<u8>,
    /// The name of the role.
    #[prop(into)]
    name: Signal<String>,
) -> impl IntoView {
    view! {
        <span
            class="role"
            data-rank=move || match rank.get() {
                0 | 1 => "1",
                2 => "2",
                3 => "3",
                4 => "4",
                _ => "5",
            }
        >
            {name}
        </span>
    }
}

/// A small disc with an icon: what kind of thing stands in this row.
#[component]
pub fn Node(
    /// The drawing.
    icon: Icon,
    /// What it is about.
    #[prop(optional)]
    tone: Tone,
) -> impl IntoView {
    view! {
        <span class="node" data-tone=tone.as_str() aria-hidden="true">
            {icon.draw()}
        </span>
    }
}
