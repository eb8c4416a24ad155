//! Adding a provider: what it is, the fields that it needs, and what to enter there.

use super::{
    LIST,
    connection::{Callback, Connection, Details},
    draft::{Draft, folded},
};
use crate::{
    calls::{
        self,
        sso::{create_provider, list_provider_presets},
    },
    given::resource,
    pages::{
        failed::failed,
        summary::{FieldName, Summary},
        title::PageTitle,
    },
    prefix::at,
    state::{
        attempt::Attempt,
        session::{Session, retry_failed},
    },
    ui::{Button, ButtonKind, ButtonVariant, Card, Choice, Field, LinkButton, Note, Page, Select, Skeleton, SkeletonShape, use_toaster},
};
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::hooks::use_navigate;
use wire::sso::{PresetInfo, USUAL_LABEL, usual_scopes};

const FIELDS: &[FieldName] = &[
    ("id", "provider-id", "Short name"),
    ("buttonLabel", "provider-label", "Button"),
    ("issuer", "provider-issuer", "Issuer"),
    ("clientId", "provider-client", "Client ID"),
    ("clientSecret", "provider-secret", "Client secret"),
    ("clientUrl", "provider-client-url", "Address of this dashboard"),
    ("scopes", "provider-scopes", "Scopes"),
    ("algorithms", "provider-algorithms", "Algorithms"),
];

/// The choice for a provider that nothing is known of.
const OTHER: &str = "";

/// The page.
#[component]
pub fn Create() -> impl IntoView {
    let session = expect_context::<Session>();
    let presets = resource(
        || (),
        |()| async {
            let origin = calls::origin();
            list_provider_presets().await.map(|part| (part.items, origin))
        },
    );
    retry_failed(session, presets);
    let body = move || {
        Suspend::new(async move {
            match presets.await {
                Ok((presets, origin)) => view! { <Form presets=presets origin=origin /> }.into_any(),
                Err(failure) => {
                    let state = failed("Couldn’t load what is known of providers", &failure);
                    view! {
                        <Card id="failed" label="Provider" flush=true>
                            {state}
                        </Card>
                    }
                    .into_any()
                }
            }
        })
    };
    view! {
        <PageTitle text="Connect a provider" />
        <Page
            title="Connect a provider"
            lead="Any OpenID Connect provider. Nobody else sees its button before you have signed in by it once.".to_owned()
            narrow=true
        >
            <Transition fallback=waiting>{body}</Transition>
        </Page>
    }
    .into_any()
}

#[component]
fn Form(presets: Vec<PresetInfo>, origin: String) -> impl IntoView {
    let draft = Draft::new(origin);
    let chosen = RwSignal::new(OTHER.to_owned());
    let parts = [RwSignal::new(String::new()), RwSignal::new(String::new())];
    let choices: Vec<_> = presets.iter().map(|preset| Choice::new(preset.name.clone(), preset.label.clone())).collect();
    let choices: Vec<_> = choices.into_iter().chain([Choice::new(OTHER, "Another one")]).collect();
    let presets = StoredValue::new(presets);
    let preset = Memo::new(move |_| {
        chosen.with(|chosen| presets.with_value(|presets| presets.iter().find(|preset| preset.name == *chosen).cloned()))
    });
    let choose = move |_: String| {
        for part in parts {
            part.set(String::new());
        }
        take(draft, preset.get_untracked().as_ref());
    };
    // The issuer is made of its parts while they are typed; where it has none it is typed itself.
    Effect::new(move |_| {
        let typed = parts.map(|part| part.get());
        let made = preset.get_untracked().filter(|preset| !preset.fields.is_empty()).and_then(|preset| issuer(&preset, &typed));
        if let Some(made) = made {
            draft.issuer.set(made);
        }
    });
    let attempt = Attempt::new();
    let reports = use_toaster();
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let made_of = chosen.with_untracked(|chosen| Some(chosen.clone()).filter(|chosen| chosen != OTHER));
        let new = untrack(|| draft.new_provider(made_of));
        let navigate = navigate.clone();
        attempt.run(
            move || {
                let new = new.clone();
                async move { create_provider(new?).await.map_err(folded) }
            },
            move |provider| {
                reports.say("The provider is saved. Sign in by it once, then everybody sees it");
                navigate(&[LIST, "/", &provider.id.0].concat(), Default::default());
            },
        );
    };
    let fields = move || preset.get().map(|preset| of_preset(preset, parts));
    let callback = Signal::derive(move || draft.client_url.with(|url| [url.trim().trim_end_matches('/'), &at("/oidc-callback")].concat()));
    let save = move || {
        view! {
            <span class="push"></span>
            <LinkButton href=LIST>"Cancel"</LinkButton>
            <Button kind=ButtonKind::Submit variant=ButtonVariant::Primary busy=attempt.is_busy attr:form="provider-form">
                "Save the provider"
            </Button>
        }
    };
    view! {
        <Card id="provider" title="Connection".to_owned() foot=save>
            <form class="stack" data-gap="4" id="provider-form" novalidate on:submit=submit>
                <Summary id="provider-error" attempt=attempt fields=FIELDS />
                <Select id="provider-preset" label="Provider" choices=choices value=chosen on_change=choose />
                {fields}
                <Callback text=callback />
                <Field
                    id="provider-id"
                    label="Short name"
                    help="Lower-case letters, digits and hyphens, in addresses and in the audit log. It stays."
                    value=draft.id
                    error=attempt.problem("id")
                    mono=true
                    exact=true
                    autocomplete="off"
                />
                <Connection draft=draft attempt=attempt secret_help="It is sealed, and never shown again." />
                <Details draft=draft attempt=attempt />
            </form>
        </Card>
    }
    .into_any()
}

/// Takes over what is known of a provider of this make.
fn take(draft: Draft, preset: Option<&PresetInfo>) {
    draft.id.set(preset.map(|preset| preset.name.clone()).unwrap_or_default());
    draft.label.set(preset.map_or_else(|| USUAL_LABEL.to_owned(), |preset| ["Continue with ", &preset.label].concat()));
    draft.scopes.set(preset.map_or_else(usual_scopes, |preset| preset.scopes.clone()));
    draft.mapping.set_claim(preset.map_or("groups", |preset| preset.groups_claim.as_str()));
    let whole = preset.filter(|preset| preset.fields.is_empty());
    draft.issuer.set(whole.map(|preset| preset.issuer.clone()).unwrap_or_default());
}

/// The issuer of a preset, once all of its parts are typed.
fn issuer(preset: &PresetInfo, typed: &[String]) -> Option<String> {
    preset.fields.iter().zip(typed).try_fold(preset.issuer.clone(), |text, ([name, ..], part)| {
        let part = part.trim();
        let part = part.split_once("://").map_or(part, |(_, rest)| rest).trim_end_matches('/');
        (!part.is_empty()).then(|| text.replace(&["{", name, "}"].concat(), part))
    })
}

/// What a preset needs, and where to find it.
fn of_preset(preset: PresetInfo, parts: [RwSignal<String>; 2]) -> AnyView {
    let PresetInfo { label, fields, hint, groups_hint, .. } = preset;
    let fields: Vec<_> = fields
        .into_iter()
        .zip(parts)
        .map(|([name, label, example], part)| {
            let id = ["preset-", &name].concat();
            view! {
                <Field
                    id=id
                    label=label
                    placeholder=example
                    value=part
                    mono=true
                    exact=true
                    autocomplete="off"
                />
            }
        })
        .collect();
    let fields = (!fields.is_empty()).then(|| view! { <div class="fields">{fields}</div> });
    view! {
        <Note title=["At ", &label].concat()>
            <span>{hint}</span>
            <span>{groups_hint}</span>
        </Note>
        {fields}
    }
    .into_any()
}

fn waiting() -> AnyView {
    view! {
        <p class="sr-only" role="status">
            "Loading what is known of providers"
        </p>
        <Card id="loading" label="Provider">
            <Skeleton shape=SkeletonShape::Large width=3 />
            <Skeleton width=5 />
        </Card>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::sso::Preset;

    #[test]
    fn an_issuer_is_made_of_its_parts() {
        let made = |name: &str, typed: &[&str]| {
            let typed: Vec<String> = typed.iter().map(|part| (*part).to_owned()).collect();
            issuer(&Preset::find(name).unwrap().info(), &typed)
        };
        assert_eq!(made("keycloak", &["id.example.com", "main"]).as_deref(), Some("https://id.example.com/realms/main"));
        assert_eq!(made("keycloak", &["https://id.example.com/", " "]), None, "half of an address is none");
        assert_eq!(made("auth0", &["example.eu.auth0.com", ""]).as_deref(), Some("https://example.eu.auth0.com/"));
        assert_eq!(made("google", &["", ""]).as_deref(), Some("https://accounts.google.com"));
    }

    #[test]
    fn a_preset_fills_in_what_is_known_and_another_one_empties_it() {
        Owner::new().with(|| {
            let draft = Draft::new("https://door.example.com".into());
            let okta = Preset::find("okta").unwrap().info();
            take(draft, Some(&okta));
            assert_eq!((draft.id.get_untracked().as_str(), draft.label.get_untracked().as_str()), ("okta", "Continue with Okta"));
            assert!(draft.scopes.with_untracked(|scopes| scopes.contains(&"groups".to_owned())));
            take(draft, None);
            assert_eq!((draft.id.get_untracked().as_str(), draft.label.get_untracked().as_str()), ("", USUAL_LABEL));
        });
    }

    #[test]
    fn there_is_room_for_the_parts_of_every_preset() {
        assert!(wire::sso::PRESETS.iter().all(|preset| preset.fields.len() <= 2));
    }
}
