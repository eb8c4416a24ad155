//! The shape of what is on its way.
use leptos::prelude::*;

/// What a skeleton stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SkeletonShape {
    /// A line of text.
    #[default]
    Line,
    /// A title or a number.
    Large,
    /// A person.
    Arch,
    /// A chart.
    Chart,
}

impl SkeletonShape {
    /// Returns the word the style sheet knows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Large => "line-lg",
            Self::Arch => "arch",
            Self::Chart => "chart",
        }
    }
}

/// One grey shape. Say "Loading …" beside it, in a `role="status"`.
#[component]
pub fn Skeleton(
    /// What it stands for.
    #[prop(optional)]
    shape: SkeletonShape,
    /// From 1, a word, to 5, a sentence.
    #[prop(optional)]
    width: u8,
) -> impl IntoView {
    let width = match width {
        0 => None,
        1 => Some("1"),
        2 => Some("2"),
        3 => Some("3"),
        4 => Some("4"),
        _ => Some("5"),
    };
    view! { <span class="skeleton" data-shape=shape.as_str() data-w=width></span> }
}
