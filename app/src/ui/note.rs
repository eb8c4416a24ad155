//! A remark inside a page.
use leptos::prelude::*;

use super::{Icon, Tone};

/// A remark: its news, and a sentence or more.
#[component]
pub fn Note(
    /// What it is about.
    #[prop(optional)]
    tone: Tone,
    /// Its drawing, when the one of the tone isn't right.
    #[prop(optional)]
    icon: Option<Icon>,
    /// Its news.
    #[prop(optional, into)]
    title: Signal<Option<String>>,
    /// The sentence.
    children: Children,
) -> impl IntoView {
    let icon = icon.unwrap_or(match tone {
        Tone::Success => Icon::Check,
        Tone::Warning => Icon::Warn,
        Tone::Danger => Icon::Error,
        Tone::Neutral | Tone::Accent | Tone::Off => Icon::Info,
    });
    view! {
        <div class="note" data-tone=tone.as_str()>
            {icon.draw()}
            <div>{move || title.get().map(|title| view! { <b>{title}</b> })} {children()}</div>
        </div>
    }
    .into_any()
}
