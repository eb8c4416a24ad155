//! What the browser's tab says.

use leptos::{prelude::*, text_prop::TextProp};
use leptos_meta::Title;

/// Names the page in the browser's tab, before the product's name.
///
/// Each page brings the whole title: one that only the app formats would be empty until a lazy page
/// has arrived.
#[component]
pub fn PageTitle(
    /// The page's name.
    #[prop(into)]
    text: TextProp,
) -> impl IntoView {
    view! { <Title text=text formatter=|title: String| [&title, " · Doorward"].concat() /> }
}
