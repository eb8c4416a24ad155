//! A few choices in one bar.
use leptos::prelude::*;

use super::{Choice, Size, check::radio};

/// Radios that look like one control: for two to four short words.
#[component]
pub fn Segmented(
    /// What is chosen here, for those who can't see where it stands.
    #[prop(into)]
    label: String,
    /// Their name; their ids start with it.
    #[prop(into)]
    name: String,
    /// What there is to choose from.
    choices: Vec<Choice>,
    /// The value chosen, both ways.
    value: RwSignal<String>,
    /// How large it is.
    #[prop(optional)]
    size: Size,
) -> impl IntoView {
    let segments: Vec<_> =
        choices.into_iter().map(|choice| view! { <label>{radio(&name, choice.value, value)} {choice.label}</label> }).collect();
    view! {
        <div class="segmented" role="radiogroup" aria-label=label data-size=size.as_str()>
            {segments}
        </div>
    }
    .into_any()
}
