//! Who may sign in by a provider.

use super::draft::Draft;
use crate::{
    state::attempt::Attempt,
    ui::{Card, Check as Tick, TagInput},
};
use leptos::prelude::*;

/// The card.
#[component]
pub fn AccessCard(draft: Draft, attempt: Attempt) -> impl IntoView {
    view! {
        <Card
            id="provider-access"
            title="Who may sign in".to_owned()
            lead="Whichever list matches lets the person in; with both empty, everybody whom the provider knows. Only verified addresses count."
                .to_owned()
        >
            <TagInput
                id="provider-domains"
                label="Allowed email domains"
                tags=draft.domains
                placeholder="example.com"
                help="Enter adds one."
                error=attempt.problem("allowedDomains")
            />
            <TagInput
                id="provider-whitelist"
                label="Always let in"
                tags=draft.whitelist
                placeholder="ben@elsewhere.example"
                help="Addresses. Enter adds one."
                error=attempt.problem("whitelist")
            />
            <Tick
                id="provider-signup"
                label="Create accounts at the first sign-in"
                hint="Without it an admin adds each person first, and they link the provider in their profile.".to_owned()
                checked=draft.auto_signup
            />
            <Tick
                id="provider-link-by-email"
                label="Take accounts that have the same address"
                hint="Whoever has a verified address at the provider gets the account with that address here. Only where you trust the provider to check addresses."
                    .to_owned()
                checked=draft.link_by_email
            />
        </Card>
    }
    .into_any()
}
