//! What happens to a request: a way through arches, with what was turned away at each.
use leptos::prelude::*;

use super::{Icon, Size};

/// The way; `PassageStep`s from the outside in.
#[component]
pub fn Passage(
    /// The steps.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="passage-wrap">
            <ol class="passage">{children()}</ol>
        </div>
    }
    .into_any()
}

/// A step of the way.
#[component]
pub fn PassageStep(
    /// Its drawing.
    icon: Icon,
    /// Whether it is an arch, where something is asked, and not an end of the way.
    #[prop(optional)]
    arch: bool,
    /// What stands there: a question, a number.
    #[prop(into)]
    title: String,
    /// What was turned away there, if anything.
    #[prop(optional, into)]
    turned: Option<String>,
    /// What is asked, or what it leads to.
    children: Children,
) -> impl IntoView {
    view! {
        <li>
            <span class=if arch { "arch" } else { "end" } aria-hidden="true">
                {icon.draw_as(Size::Large)}
            </span>
            <div>
                <b>{title}</b>
                <small>{children()}</small>
                {turned
                    .map(|turned| {
                        view! {
                            <small class="turned">
                                {Icon::GateClosed.draw_as(Size::Small)}
                                <span>{turned}</span>
                            </small>
                        }
                    })}
            </div>
        </li>
    }
    .into_any()
}
