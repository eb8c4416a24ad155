//! What went wrong with a form, from the failure of its last try: one sentence, and links to the
//! fields that are meant.

use crate::{pages::decision::DecisionLine, state::attempt::Attempt, ui::ErrorSummary};
use leptos::prelude::*;
use wire::{Code, Failure};

/// A field of a form: its name on the wire, its id on the page, its label.
pub type FieldName = (&'static str, &'static str, &'static str);

/// Shows the failure above the form that it belongs to.
#[component]
pub fn Summary(
    /// The id of the summary.
    #[prop(into)]
    id: String,
    /// The try.
    attempt: Attempt,
    /// The fields that the failure may name.
    #[prop(default = &[])]
    fields: &'static [FieldName],
) -> impl IntoView {
    let failure = attempt.failure;
    let title = Signal::derive(move || failure.with(|failure| failure.as_ref().map(|failure| title(failure, fields))));
    let detail = Signal::derive(move || failure.with(|failure| failure.as_ref().and_then(|failure| detail(failure, fields))));
    let links = Signal::derive(move || failure.with(|failure| failure.as_ref().map(|failure| named(failure, fields)).unwrap_or_default()));
    let more = move || move || failure.with(|failure| failure.as_ref()?.decision_id).map(|id| view! { <DecisionLine id=id /> });
    view! { <ErrorSummary id=id title=title detail=detail fields=links more=more /> }.into_any()
}

/// The fields that the failure names and that the form has.
fn named(failure: &Failure, fields: &[FieldName]) -> Vec<(String, String)> {
    fields.iter().filter(|(name, ..)| failure.of(name).is_some()).map(|(_, id, label)| ((*id).to_owned(), (*label).to_owned())).collect()
}

/// The failure in one line.
#[must_use]
pub fn title(failure: &Failure, fields: &[FieldName]) -> String {
    match (failure.code, named(failure, fields).len()) {
        (Code::InvalidCredentials, _) => "That name and password don’t match.".into(),
        (_, 0) => [&failure.title, "."].concat(),
        (_, 1) => "One thing needs another look.".into(),
        (_, several) => [&several.to_string(), " things need another look."].concat(),
    }
}

/// More about it, unless the fields say it already.
#[must_use]
pub fn detail(failure: &Failure, fields: &[FieldName]) -> Option<String> {
    if !named(failure, fields).is_empty() {
        return None;
    }
    let detail = (failure.detail != failure.title).then_some(failure.detail.as_str());
    // Only where the operator has to look does the number help.
    let request = (failure.status >= 500 && !failure.request_id.is_empty()).then_some(failure.request_id.as_str());
    match (detail, request) {
        (None, None) => None,
        (Some(detail), None) => Some(detail.to_owned()),
        (None, Some(request)) => Some(["Request ", request, "."].concat()),
        (Some(detail), Some(request)) => Some([detail, " Request ", request, "."].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[FieldName] = &[("username", "u", "Username"), ("password", "p", "Password")];

    #[test]
    fn fields_are_named_once_and_by_link() {
        let failure = Failure::field("username", "Enter a username.");
        assert_eq!(title(&failure, FIELDS), "One thing needs another look.");
        assert_eq!(detail(&failure, FIELDS), None);
        assert_eq!(named(&failure, FIELDS), [("u".to_owned(), "Username".to_owned())]);
    }

    #[test]
    fn a_failure_of_ours_tells_its_number() {
        let failure = Failure { request_id: "r1".into(), ..Failure::from(Code::Internal) };
        assert_eq!(detail(&failure, FIELDS).as_deref(), Some("Request r1."));
    }
}
