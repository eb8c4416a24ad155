//! Single sign-on: OpenID Connect providers, what becomes of the people whom they know, and whose
//! identity belongs to which account.

mod asked;
mod identity;
mod mapping;
mod preset;
mod seen;

pub use asked::{NewProvider, ProviderPatch, usual_algorithms, usual_scopes};
pub use identity::Identity;
pub use mapping::{Access, DecidedBy, GroupMapping, LONGEST_EXPRESSION, MappingOutcome, MappingTrial, RoleMapping, TrialResult};
pub use preset::{PRESETS, Preset, PresetField, PresetInfo};
pub use seen::{Provider, ProviderSignOut, ProviderState, SignInProblem, SignInWay, SignedOut};

/// The most providers that can be made in the dashboard.
pub const MOST_PROVIDERS: usize = 20;
/// The most entries of a list of a provider's: scopes, domains, addresses, groups.
pub const MOST_ENTRIES: usize = 200;
/// The algorithms by which a provider may sign; HMAC and `none` are never among them.
pub const ALGORITHMS: [&str; 9] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];
/// What a provider's button says when nobody says otherwise.
pub const USUAL_LABEL: &str = "Login with SSO";
/// Slugs that are words in the addresses of the interface or of the dashboard.
pub const RESERVED: [&str; 2] = ["new", "presets"];

#[cfg(test)]
mod tests;
