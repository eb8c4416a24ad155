//! A provider of the dashboard, to be changed: one form of three cards.

use super::{
    access::AccessCard,
    connection::{Callback, Connection, Details},
    draft::{Draft, folded},
    mapping::MappingCard,
};
use crate::{
    calls::sso::update_provider,
    pages::summary::{FieldName, Summary},
    state::attempt::Attempt,
    ui::{Button, ButtonKind, ButtonVariant, Card, Code},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::sso::{Provider, ProviderPatch};

const FIELDS: &[FieldName] = &[
    ("buttonLabel", "provider-label", "Button"),
    ("issuer", "provider-issuer", "Issuer"),
    ("clientId", "provider-client", "Client ID"),
    ("clientSecret", "provider-secret", "Client secret"),
    ("clientUrl", "provider-client-url", "Address of this dashboard"),
    ("scopes", "provider-scopes", "Scopes"),
    ("algorithms", "provider-algorithms", "Algorithms"),
    ("allowedDomains", "provider-domains", "Allowed email domains"),
    ("whitelist", "provider-whitelist", "Always let in"),
    ("roleMapping.groupsClaim", "groups-claim", "Claim with the groups"),
    ("roleMapping.groupMappings", "add-group", "Groups"),
    ("roleMapping.roleAttributePath", "role-expression", "Expression"),
    ("roleMapping.defaultRole", "role-otherwise", "Role of the others"),
];

/// The form.
#[component]
pub fn Form(
    provider: Provider,
    draft: Draft,
    /// Takes over the provider as it is now.
    on_saved: Callback<Provider>,
) -> impl IntoView {
    let attempt = Attempt::new();
    let (callback, backchannel) = (provider.callback_url.clone(), provider.backchannel_logout_url.clone());
    let provider = StoredValue::new(provider);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let patch = untrack(|| provider.with_value(|provider| draft.patch(provider)));
        let (id, now) = provider.with_value(|provider| (provider.id.clone(), provider.clone()));
        if patch == Ok(ProviderPatch::default()) {
            attempt.failure.set(None);
            on_saved.run(now);
            return;
        }
        attempt.run(
            move || {
                let (id, patch) = (id.clone(), patch.clone());
                async move { update_provider(id, patch?).await.map_err(folded) }
            },
            move |provider| on_saved.run(provider),
        );
    };
    let save = move || {
        view! {
            <span>"Another issuer, client or secret has to be tested anew."</span>
            <span class="push"></span>
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy>
                "Save the provider"
            </Button>
        }
    };
    view! {
        <form class="stack" data-gap="6" id="provider-form" novalidate on:submit=submit>
            <Summary id="provider-error" attempt=attempt fields=FIELDS />
            <Card id="provider" title="Connection".to_owned()>
                <Connection
                    draft=draft
                    attempt=attempt
                    secret_help="It is sealed. Leave this empty to keep it; another issuer needs it again."
                />
                <Callback text=callback />
                <Code title="Back-channel logout address, where the provider has a field for it" text=backchannel wrap=true />
                <Details draft=draft attempt=attempt />
            </Card>
            <AccessCard draft=draft attempt=attempt />
            <MappingCard mapping=draft.mapping attempt=attempt foot=save />
        </form>
    }
    .into_any()
}
