//! What stands where something could not be loaded.

use crate::{state::session, ui::Failed};
use leptos::prelude::*;
use wire::Failure;

/// Says what could not be loaded and why, and tries again.
pub fn failed(title: &'static str, failure: &Failure) -> AnyView {
    let request = Some(failure.request_id.clone()).filter(|id| !id.is_empty());
    let text = [failure.detail.as_str(), " Nothing was changed."].concat();
    view! { <Failed title=title text=text request=request on_retry=|()| session::loads_again() /> }.into_any()
}
