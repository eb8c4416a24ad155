//! Where one is, and the way back up.
use leptos::prelude::*;

use crate::prefix::at;

/// A step of the way: a name and, for all but the last, an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    label: String,
    href: Option<String>,
}

impl Crumb {
    /// Makes a step that leads back.
    pub fn to(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    /// Makes the last step: the page itself.
    pub fn here(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }
}

/// The steps in order. A phone shows the last two.
#[component]
pub fn Crumbs(
    /// From the top to here.
    #[prop(into)]
    steps: Signal<Vec<Crumb>>,
) -> impl IntoView {
    let steps = move || {
        let steps = steps.get().into_iter().map(|step| match step.href {
            Some(href) => view! { <li><a href=at(&href)>{step.label}</a></li> }.into_any(),
            None => view! { <li aria-current="page">{step.label}</li> }.into_any(),
        });
        steps.collect::<Vec<_>>()
    };
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>{steps}</ol>
        </nav>
    }
}
