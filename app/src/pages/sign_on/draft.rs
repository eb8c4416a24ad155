//! What is typed about a provider, new or changed.

use super::mapping::Mapping;
use leptos::prelude::*;
use wire::{
    Check, Failure,
    sso::{NewProvider, Provider, ProviderPatch},
    workspaces::Slug,
};

/// What is typed and chosen.
#[derive(Clone, Copy)]
pub struct Draft {
    pub id: RwSignal<String>,
    pub label: RwSignal<String>,
    pub issuer: RwSignal<String>,
    pub client_id: RwSignal<String>,
    pub secret: RwSignal<String>,
    pub client_url: RwSignal<String>,
    pub scopes: RwSignal<Vec<String>>,
    pub algorithms: RwSignal<Vec<String>>,
    pub auto_signup: RwSignal<bool>,
    pub link_by_email: RwSignal<bool>,
    pub domains: RwSignal<Vec<String>>,
    pub whitelist: RwSignal<Vec<String>>,
    pub mapping: Mapping,
}

impl Draft {
    /// A provider that is not there yet; browsers reach this dashboard at `client_url`.
    #[must_use]
    pub fn new(client_url: String) -> Self {
        Self::about(&NewProvider { id: Slug(String::new()), client_url: Some(client_url), ..NewProvider::default() })
    }

    /// The provider as it is. Nothing is known of its secret.
    #[must_use]
    pub fn of(provider: &Provider) -> Self {
        Self::about(&ProviderPatch::default().on(provider))
    }

    fn about(provider: &NewProvider) -> Self {
        Self {
            id: RwSignal::new(provider.id.0.clone()),
            label: RwSignal::new(provider.button_label.clone()),
            issuer: RwSignal::new(provider.issuer.clone()),
            client_id: RwSignal::new(provider.client_id.clone()),
            secret: RwSignal::new(String::new()),
            client_url: RwSignal::new(provider.client_url.clone().unwrap_or_default()),
            scopes: RwSignal::new(provider.scopes.clone()),
            algorithms: RwSignal::new(provider.algorithms.clone()),
            auto_signup: RwSignal::new(provider.auto_signup),
            link_by_email: RwSignal::new(provider.link_by_email),
            domains: RwSignal::new(provider.allowed_domains.clone()),
            whitelist: RwSignal::new(provider.whitelist.clone()),
            mapping: Mapping::of(&provider.role_mapping),
        }
    }

    /// The provider to make.
    ///
    /// # Errors
    /// All fields that are wrong, before the server is asked.
    pub fn new_provider(self, preset: Option<String>) -> Result<NewProvider, Failure> {
        let new = NewProvider { preset, ..self.typed() };
        new.check().map_err(folded)?;
        Ok(new)
    }

    /// What differs from the provider; what does not is left out.
    ///
    /// # Errors
    /// All fields that are wrong, before the server is asked.
    pub fn patch(self, provider: &Provider) -> Result<ProviderPatch, Failure> {
        let new = self.typed();
        let client_url = new.client_url.unwrap_or_default();
        let patch = ProviderPatch {
            button_label: (new.button_label != provider.button_label).then_some(new.button_label),
            issuer: (new.issuer != provider.issuer).then_some(new.issuer),
            client_id: (new.client_id != provider.client_id).then_some(new.client_id),
            client_secret: Some(new.client_secret).filter(|secret| !secret.is_empty()),
            client_url: (client_url != provider.client_url).then_some(client_url),
            scopes: (new.scopes != provider.scopes).then_some(new.scopes),
            algorithms: (new.algorithms != provider.algorithms).then_some(new.algorithms),
            auto_signup: (new.auto_signup != provider.auto_signup).then_some(new.auto_signup),
            link_by_email: (new.link_by_email != provider.link_by_email).then_some(new.link_by_email),
            allowed_domains: (new.allowed_domains != provider.allowed_domains).then_some(new.allowed_domains),
            whitelist: (new.whitelist != provider.whitelist).then_some(new.whitelist),
            role_mapping: (new.role_mapping != provider.role_mapping).then_some(new.role_mapping),
        };
        patch.check().map_err(folded)?;
        Ok(patch)
    }

    fn typed(self) -> NewProvider {
        let trimmed = |text: RwSignal<String>| text.with(|text| text.trim().to_owned());
        NewProvider {
            id: Slug(trimmed(self.id)),
            button_label: trimmed(self.label),
            issuer: trimmed(self.issuer),
            client_id: trimmed(self.client_id),
            client_secret: trimmed(self.secret),
            client_url: Some(self.client_url.with(|text| text.trim().trim_end_matches('/').to_owned())).filter(|url| !url.is_empty()),
            scopes: self.scopes.get(),
            algorithms: self.algorithms.get(),
            auto_signup: self.auto_signup.get(),
            link_by_email: self.link_by_email.get(),
            allowed_domains: self.domains.get(),
            whitelist: self.whitelist.get(),
            role_mapping: self.mapping.typed(),
            preset: None,
        }
    }
}

/// The fields that hold a list and are typed in one place.
const LISTS: [&str; 3] = ["allowedDomains", "whitelist", "roleMapping.groupMappings"];

/// A failure about one entry of a list as one about the list, where the entry is named.
#[must_use]
pub fn folded(mut failure: Failure) -> Failure {
    for error in &mut failure.errors {
        let list = LISTS.into_iter().find_map(|list| error.field.strip_prefix(list).map(|rest| (list, rest.to_owned())));
        let Some((list, rest)) = list.filter(|(_, rest)| rest.starts_with('[')) else { continue };
        let number = rest[1..].split(']').next().and_then(|at| at.parse::<usize>().ok());
        if let Some(at) = number {
            error.message = ["Entry ", &(at + 1).to_string(), ": ", &error.message].concat();
        }
        list.clone_into(&mut error.field);
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::sign_on::tests::provider;
    use wire::{RoleName, failure::FieldError, sso::GroupMapping};

    #[test]
    fn what_was_not_touched_is_not_sent() {
        Owner::new().with(|| {
            let provider = provider();
            let draft = Draft::of(&provider);
            assert_eq!(untrack(|| draft.patch(&provider)).unwrap(), ProviderPatch::default());
            draft.label.set(" Continue with Okta ".into());
            draft.secret.set("another".into());
            draft.domains.set(vec!["example.com".into()]);
            let patch = untrack(|| draft.patch(&provider)).unwrap();
            assert_eq!(patch.button_label.as_deref(), Some("Continue with Okta"));
            assert_eq!(patch.client_secret.as_deref(), Some("another"));
            assert_eq!(patch.allowed_domains, Some(vec!["example.com".to_owned()]));
            assert_eq!((patch.issuer, patch.scopes, patch.role_mapping), (None, None, None));
        });
    }

    #[test]
    fn a_new_one_is_whole_or_says_what_is_missing() {
        Owner::new().with(|| {
            let draft = Draft::new("https://door.example.com/".into());
            let wrong = untrack(|| draft.new_provider(None)).unwrap_err();
            let fields: Vec<_> = wrong.errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(fields, ["id", "issuer", "clientId", "clientSecret"]);
            draft.id.set("okta".into());
            draft.issuer.set("https://example.okta.com".into());
            draft.client_id.set("0oa9".into());
            draft.secret.set("s".into());
            draft.mapping.add(Some(&GroupMapping { group: "ops".into(), role: RoleName("operator".into()) }));
            let new = untrack(|| draft.new_provider(Some("okta".into()))).unwrap();
            assert_eq!(new.client_url.as_deref(), Some("https://door.example.com"));
            assert_eq!((new.preset.as_deref(), new.role_mapping.group_mappings.len()), (Some("okta"), 1));
        });
    }

    #[test]
    fn a_bad_entry_is_told_where_the_list_is_typed() {
        let error = |field: &str| FieldError { field: field.into(), message: "Write it.".into() };
        let failure = folded(Failure::invalid(vec![
            error("issuer"),
            error("allowedDomains[1]"),
            error("roleMapping.groupMappings[0].role"),
            error("roleMapping.groupsClaim"),
        ]));
        assert_eq!(failure.of("allowedDomains"), Some("Entry 2: Write it."));
        assert_eq!(failure.of("roleMapping.groupMappings"), Some("Entry 1: Write it."));
        assert_eq!(failure.of("roleMapping.groupsClaim"), Some("Write it."));
        assert_eq!(failure.of("issuer"), Some("Write it."));
    }
}
