//! Numbers at a glance.
use leptos::prelude::*;

use super::Tone;

/// A row of numbers.
#[component]
pub fn Stats(
    /// Of when they are: "Today so far".
    #[prop(into)]
    label: String,
    /// `Stat`s.
    children: Children,
) -> impl IntoView {
    view! {
        <dl class="stats" aria-label=label>
            {children()}
        </dl>
    }
}

/// One number.
#[component]
pub fn Stat(
    /// What it counts.
    #[prop(into)]
    label: String,
    /// The number, as people read it.
    #[prop(into)]
    value: Signal<String>,
    /// What the sentence is about.
    #[prop(optional, into)]
    tone: Signal<Tone>,
    /// A `Spark`.
    #[prop(optional, into)]
    spark: Option<ViewFnOnce>,
    /// What it compares with; its news in `<b>`.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="stat">
            <dt>{label}</dt>
            <dd>{value}</dd>
            <dd class="delta" data-tone=move || tone.get().as_str()>
                {children()}
            </dd>
            {spark.map(ViewFnOnce::run)}
        </div>
    }
    .into_any()
}
