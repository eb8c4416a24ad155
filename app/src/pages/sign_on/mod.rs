//! Settings, Authentication: a provider's own page, and that of one that is added.

mod access;
mod bench;
mod configured;
mod connection;
mod create;
mod desk;
mod draft;
mod form;
mod groups;
mod mapping;
mod remove;
pub mod told;

pub use create::Create;
pub use desk::ProviderPage;

/// The address of the page that lists them.
pub const LIST: &str = "/settings/authentication";

#[cfg(test)]
mod tests {
    use wire::{
        Timestamp,
        apps::Source,
        sso::{Provider, ProviderState, RoleMapping, usual_algorithms, usual_scopes},
        workspaces::Slug,
    };

    /// A provider of the dashboard that works.
    pub fn provider() -> Provider {
        let client_url = "https://door.example.com".to_owned();
        Provider {
            id: Slug("okta".into()),
            button_label: "Login with SSO".into(),
            issuer: "https://example.okta.com/oauth2/default".into(),
            client_id: "0oa9".into(),
            callback_url: [&client_url, "/oidc-callback"].concat(),
            backchannel_logout_url: [&client_url, "/auth/oidc/okta/backchannel-logout"].concat(),
            client_url,
            scopes: usual_scopes(),
            algorithms: usual_algorithms(),
            auto_signup: true,
            link_by_email: false,
            allowed_domains: Vec::new(),
            whitelist: Vec::new(),
            role_mapping: RoleMapping::default(),
            preset: Some("okta".into()),
            source: Source::Dashboard,
            state: ProviderState::On,
            problem: None,
            checked_at: None,
            keys_fetched_at: None,
            keys: Some(2),
            tested_at: None,
            test_problem: None,
            last_sign_in_at: None,
            last_sign_in_by: None,
            people: 1,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }
}
