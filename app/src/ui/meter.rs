//! Password strength in posts and words, and the list of rules beside it.
use leptos::prelude::*;

use super::{Icon, Size};

/// Four posts, filled up to the score, and the same in words.
#[component]
pub fn Strength(
    /// Its id, for the control it describes.
    #[prop(into)]
    id: String,
    /// From 0, nothing typed, to 4.
    #[prop(into)]
    score: Signal<u8>,
    /// The score in words: "Too short", "Good".
    #[prop(into)]
    words: Signal<String>,
) -> impl IntoView {
    view! {
        <div
            class="strength"
            id=id
            role="status"
            data-score=move || match score.get() {
                0 => "0",
                1 => "1",
                2 => "2",
                3 => "3",
                _ => "4",
            }
        >
            <i></i>
            <i></i>
            <i></i>
            <i></i>
            <span>{words}</span>
        </div>
    }
}

/// A list of things that are met or not, or that will happen or not.
#[component]
pub fn Checks(
    /// Its id, for the control it describes.
    #[prop(optional, into)]
    id: Option<String>,
    /// `CheckItem`s.
    children: Children,
) -> impl IntoView {
    view! {
        <ul class="checks" id=id>
            {children()}
        </ul>
    }
}

/// One of them.
#[component]
pub fn CheckItem(
    /// Whether it is met, or stays.
    #[prop(optional, into)]
    met: Signal<bool>,
    /// The drawing while it is not met.
    #[prop(default = Icon::Minus)]
    icon: Icon,
    /// The sentence.
    children: Children,
) -> impl IntoView {
    let drawing = move || if met.get() { Icon::Check } else { icon }.draw_as(Size::Small);
    view! {
        <li data-met=move || met.get().then_some("")>{drawing} <span>{children()}</span></li>
    }
}
