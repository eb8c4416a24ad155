//! A row of small bars: how it was, a while each. Tall is fine, short is slow, a stub is bad.
use leptos::prelude::*;

/// How it was for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Nothing happened.
    None,
    /// All was well.
    Fine,
    /// Part of it went wrong.
    Poor,
    /// All of it went wrong.
    Bad,
}

impl Beat {
    /// The class, the upper edge and the height of the bar.
    const fn shape(self) -> (Option<&'static str>, u8, u8) {
        match self {
            Self::None => (Some("none"), 16, 2),
            Self::Fine => (None, 0, 18),
            Self::Poor => (Some("slow"), 7, 11),
            Self::Bad => (Some("down"), 13, 5),
        }
    }
}

/// The bars, the oldest first.
#[component]
pub fn Pulse(
    /// What they say, in words.
    #[prop(into)]
    label: String,
    /// How it was.
    beats: Vec<Beat>,
) -> impl IntoView {
    let width = (beats.len().max(1) * 4 - 1).to_string();
    let bars: Vec<_> = beats
        .into_iter()
        .enumerate()
        .map(|(at, beat)| {
            let (class, y, height) = beat.shape();
            view! { <rect class=class x=(at * 4).to_string() y=y.to_string() width="2.5" height=height.to_string() rx=".8" /> }
        })
        .collect();
    let frame = ["0 0 ", &width, " 18"].concat();
    view! {
        <svg class="pulse" viewBox=frame preserveAspectRatio="none" role="img" aria-label=label>
            {bars}
        </svg>
    }
    .into_any()
}
