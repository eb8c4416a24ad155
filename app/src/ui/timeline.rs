//! What happened, newest first.
use leptos::prelude::*;

use super::{
    Icon, Tone,
    badge::Node,
    time::{Time, TimeStyle},
};

/// A list of happenings.
#[component]
pub fn Timeline(
    /// `Happening`s.
    children: Children,
) -> impl IntoView {
    view! { <ol class="timeline">{children()}</ol> }
}

/// One of them.
#[component]
pub fn Happening(
    /// Its drawing.
    icon: Icon,
    /// What it is about.
    #[prop(optional)]
    tone: Tone,
    /// When it was, in milliseconds since 1970.
    at: i64,
    /// How the time is written.
    #[prop(default = TimeStyle::Relative)]
    style: TimeStyle,
    /// A line below: where from, what exactly.
    #[prop(optional, into)]
    detail: Option<String>,
    /// The sentence; who and what in `<b>`.
    children: Children,
) -> impl IntoView {
    view! {
        <li>
            <Node icon=icon tone=tone />
            <p>{children()} {detail.map(|detail| view! { <small>{detail}</small> })}</p>
            <Time at=at style=style />
        </li>
    }
    .into_any()
}

/// One of several steps that were taken one after the other, at once.
#[component]
pub fn TimelineStep(
    /// Its drawing.
    icon: Icon,
    /// What it is about.
    #[prop(optional)]
    tone: Tone,
    /// What was looked at.
    #[prop(into)]
    title: String,
    /// What was found.
    #[prop(into)]
    detail: String,
) -> impl IntoView {
    view! {
        <li>
            <Node icon=icon tone=tone />
            <p>
                <b>{title}</b>
                " "
                {detail}
            </p>
        </li>
    }
    .into_any()
}
