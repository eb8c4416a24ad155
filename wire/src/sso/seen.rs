//! Providers as they are shown: to strangers on the sign-in page, and to those who set them.

use super::RoleMapping;
use crate::{apps::Source, time::Timestamp, workspaces::Slug};
use serde::{Deserialize, Serialize};

/// A way in other than the password, as anybody may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignInWay {
    /// Names the provider in addresses: `/auth/oidc/{id}/login`.
    pub id: Slug,
    /// What the button says.
    pub label: String,
    /// The protocol: `oidc`.
    pub kind: String,
    /// That it does not work at the moment, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// How a provider is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum ProviderState {
    /// Nobody has signed in by it since it was saved, so it is offered to nobody.
    Untested,
    /// It is offered.
    On,
    /// It is offered, and does not work at the moment.
    Failing,
}

/// A provider, as those see it who set it. The client's secret is never in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Provider {
    /// Names the provider for ever, also in addresses.
    pub id: Slug,
    /// What its button says.
    pub button_label: String,
    /// Its issuer, exactly as it writes it.
    pub issuer: String,
    /// What it knows Doorward as.
    pub client_id: String,
    /// The address under which browsers reach Doorward, `https://door.example.com`.
    pub client_url: String,
    /// Where it sends people back to: to be registered with it.
    pub callback_url: String,
    /// Where it tells that somebody signed out there: to be registered with it where it can.
    pub backchannel_logout_url: String,
    /// The scopes that are asked for.
    pub scopes: Vec<String>,
    /// The algorithms by which it may sign.
    pub algorithms: Vec<String>,
    /// Whether whoever is unknown gets an account.
    pub auto_signup: bool,
    /// Whether an account of the same verified address is taken for the person's.
    pub link_by_email: bool,
    /// Domains of verified addresses that are let in.
    pub allowed_domains: Vec<String>,
    /// Verified addresses that are let in.
    pub whitelist: Vec<String>,
    /// How claims become a role.
    pub role_mapping: RoleMapping,
    /// The preset that it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// Where it was made: those of the configuration are changed there alone.
    pub source: Source,
    /// How it is.
    pub state: ProviderState,
    /// What does not work, and what to do, in one sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// When it was last looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<Timestamp>,
    /// When its signing keys were fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys_fetched_at: Option<Timestamp>,
    /// How many signing keys it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<usize>,
    /// When a test sign-in went well, with the settings as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_at: Option<Timestamp>,
    /// Why the last test sign-in did not go well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_problem: Option<String>,
    /// When somebody last signed in by it, for as long as the claims are kept (a day).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sign_in_at: Option<Timestamp>,
    /// Who that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sign_in_by: Option<String>,
    /// How many accounts have an identity of it, counted up to 1,001.
    pub people: u64,
    /// When it was made; the start of the server for one of the configuration.
    pub created_at: Timestamp,
    /// When it last changed; its version.
    pub updated_at: Timestamp,
}

/// Why somebody who came back from a provider was not signed in, as a word in the address of the page
/// that says so: `/login?problem=not_allowed&request=…&provider=okta`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInProblem {
    /// The provider knows the person, Doorward does not let them in. The same for all causes: unknown,
    /// not on a list, no role, disabled, an address that another account has.
    NotAllowed,
    /// The person, or the provider, broke it off.
    Cancelled,
    /// It took longer than ten minutes, was used already, or began in another browser.
    Expired,
    /// The provider does not answer, or its settings do not fit.
    ProviderDown,
    /// What the provider answered is not to be believed; the audit log has the cause.
    Failed,
    /// The identity belongs to another account; only where one is linked.
    IdentityTaken,
    /// It needs a fresh sign-in or the password first; only where one is linked or tested.
    ConfirmFirst,
}

impl SignInProblem {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::NotAllowed, Self::Cancelled, Self::Expired, Self::ProviderDown, Self::Failed, Self::IdentityTaken, Self::ConfirmFirst];

    /// The word in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAllowed => "not_allowed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::ProviderDown => "provider_down",
            Self::Failed => "failed",
            Self::IdentityTaken => "identity_taken",
            Self::ConfirmFirst => "confirm_first",
        }
    }

    /// The problem of this word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.as_str() == text)
    }
}

/// A provider where somebody who signed out here is signed in still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProviderSignOut {
    /// What its button on the sign-in page says.
    pub label: String,
    /// The address, at the provider, that signs out there and comes back.
    pub url: String,
}

/// A session that was ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignedOut {
    /// The provider by which it had begun, where one can sign out of that as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderSignOut>,
}
