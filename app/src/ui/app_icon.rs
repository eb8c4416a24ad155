//! The sign of an app.
use leptos::prelude::*;

use super::{Icon, Size};

/// Four tiles in a frame.
#[component]
pub fn AppIcon(
    /// How large it is.
    #[prop(optional)]
    size: Size,
) -> impl IntoView {
    view! {
        <span class="app-icon" data-size=size.as_str() aria-hidden="true">
            {Icon::Apps.draw()}
        </span>
    }
    .into_any()
}
