//! Where one is in a sequence.
use leptos::prelude::*;

use super::Icon;

/// The steps of a wizard.
#[component]
pub fn Stepper(
    /// What the steps lead to: "Setup".
    name: &'static str,
    /// The steps.
    steps: Vec<&'static str>,
    /// Which one it is, from 1.
    current: usize,
) -> impl IntoView {
    let label = [name, ", step ", &current.to_string(), " of ", &steps.len().to_string()].concat();
    let steps: Vec<_> = steps
        .into_iter()
        .zip(1..)
        .map(|(step, at)| {
            if at < current {
                view! { <li data-done=true><span>{Icon::Check.draw()} " " {step}</span></li> }.into_any()
            } else {
                view! { <li aria-current=(at == current).then_some("step")>{step}</li> }.into_any()
            }
        })
        .collect();
    view! {
        <ol class="stepper" aria-label=label>
            {steps}
        </ol>
    }
}
