//! What is left to do, and the next step of it.
use leptos::prelude::*;

use super::Icon;

/// A list of steps; put it flush into a card whose head has a `Progress`.
#[component]
pub fn Checklist(
    /// `Step`s.
    children: Children,
) -> impl IntoView {
    view! { <ol class="checklist">{children()}</ol> }
}

/// One step.
#[component]
pub fn Step(
    /// What to do.
    #[prop(into)]
    title: String,
    /// Why.
    #[prop(optional, into)]
    text: Option<String>,
    /// Whether it is done.
    #[prop(optional)]
    done: bool,
    /// The link that does it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <li data-done=done>
            <span class="tickbox" aria-hidden="true">
                {done.then(|| Icon::Check.draw())}
            </span>
            <div>
                <b>
                    {done.then(|| view! { <span class="sr-only">"Done: "</span> })}
                    {title}
                </b>
                {text.filter(|_| !done).map(|text| view! { <p>{text}</p> })}
            </div>
            {children.filter(|_| !done).map(|link| link())}
        </li>
    }
    .into_any()
}

/// How much is done, as a bar.
#[component]
pub fn Progress(
    /// How many are done.
    done: u32,
    /// Of how many.
    of: u32,
) -> impl IntoView {
    let (done, of) = (done.to_string(), of.to_string());
    let label = [&done, " of ", &of, " steps done"].concat();
    view! { <progress class="progress" value=done max=of aria-label=label></progress> }
}

/// The next step alone, once a few are done.
#[component]
pub fn NextStep(
    /// How many are done.
    done: u32,
    /// Of how many.
    of: u32,
    /// What to do next: "Next: add a second admin".
    #[prop(into)]
    title: String,
    /// Why.
    #[prop(into)]
    text: String,
    /// The link that does it, and the one to all steps.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card nextstep" aria-label="Finish setting up">
            <Progress done=done of=of />
            <div>
                <b>{title}</b>
                <p>{text}</p>
            </div>
            <div class="row">{children()}</div>
        </section>
    }
    .into_any()
}
