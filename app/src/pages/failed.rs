//! What stands where something could not be loaded.

use crate::{pages::decision::DecisionLine, state::session, ui::Failed};
use leptos::prelude::*;
use wire::Failure;

/// Says what could not be loaded and why, and tries again.
pub fn failed(title: &'static str, failure: &Failure) -> AnyView {
    let request = Some(failure.request_id.clone()).filter(|id| !id.is_empty());
    let text = [failure.detail.as_str(), " Nothing was changed."].concat();
    let decision = failure.decision_id.map(|id| view! { <DecisionLine id=id /> });
    view! {
        <Failed title=title text=text request=request on_retry=|()| session::loads_again()>
            {decision}
        </Failed>
    }
    .into_any()
}
