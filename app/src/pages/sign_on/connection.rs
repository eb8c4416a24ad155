//! How Doorward and a provider know each other: the fields.

use super::draft::Draft;
use crate::{
    state::attempt::Attempt,
    ui::{Code, Field, InputKind, PasswordField, TagInput},
};
use leptos::prelude::*;
use wire::Failure;

/// The issuer, and what it knows Doorward as.
#[component]
pub fn Connection(
    draft: Draft,
    attempt: Attempt,
    /// What stands below the control of the secret.
    secret_help: &'static str,
) -> impl IntoView {
    view! {
        <Field
            id="provider-label"
            label="Button on the sign-in page"
            value=draft.label
            error=attempt.problem("buttonLabel")
            autocomplete="off"
        />
        <Field
            id="provider-issuer"
            label="Issuer"
            kind=InputKind::Url
            help="Exactly as the provider writes it, with or without a slash at the end."
            value=draft.issuer
            error=attempt.problem("issuer")
            mono=true
            exact=true
            autocomplete="off"
        />
        <div class="fields">
            <Field
                id="provider-client"
                label="Client ID"
                value=draft.client_id
                error=attempt.problem("clientId")
                mono=true
                exact=true
                autocomplete="off"
            />
            <PasswordField
                id="provider-secret"
                label="Client secret"
                help=secret_help.to_owned()
                value=draft.secret
                error=attempt.problem("clientSecret")
                fresh=true
            />
        </div>
    }
    .into_any()
}

/// The fields that are folded away.
const HIDDEN: [&str; 3] = ["clientUrl", "scopes", "algorithms"];

/// What hardly anybody changes.
#[component]
pub fn Details(draft: Draft, attempt: Attempt) -> impl IntoView {
    // Only ever opened by what is wrong inside; whoever has opened it keeps it open.
    let is_open = Memo::new(move |_| {
        let is_named = |failure: &Failure| HIDDEN.iter().any(|field| failure.of(field).is_some());
        attempt.failure.with(|failure| failure.as_ref().is_some_and(is_named))
    });
    view! {
        <details open=is_open>
            <summary>"Scopes, addresses, algorithms"</summary>
            <div class="stack" data-gap="4">
                <TagInput
                    id="provider-scopes"
                    label="Scopes"
                    tags=draft.scopes
                    placeholder="groups"
                    help="What Doorward asks the provider for. Enter adds one."
                    error=attempt.problem("scopes")
                />
                <Field
                    id="provider-client-url"
                    label="Address of this dashboard"
                    kind=InputKind::Url
                    help="As browsers reach it, without a path. The provider sends people back to it."
                    value=draft.client_url
                    error=attempt.problem("clientUrl")
                    mono=true
                    exact=true
                    autocomplete="off"
                />
                <TagInput
                    id="provider-algorithms"
                    label="Algorithms"
                    tags=draft.algorithms
                    placeholder="RS256"
                    help="By which it may sign. Fewer are stricter."
                    error=attempt.problem("algorithms")
                />
            </div>
        </details>
    }
    .into_any()
}

/// What has to be entered at the provider.
#[component]
pub fn Callback(
    /// The address that people come back to.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! { <Code title="Callback address, to enter at the provider" text=text wrap=true /> }
}
