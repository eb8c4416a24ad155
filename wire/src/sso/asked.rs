//! What is asked about providers: a new one, a changed one.

use super::{ALGORITHMS, MOST_ENTRIES, Provider, RESERVED, RoleMapping, USUAL_LABEL};
use crate::{
    check::{self, Check, Problems},
    failure::FieldError,
    workspaces::Slug,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An OpenID Connect provider to make.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewProvider {
    /// Its id: a lower-case letter, then at most 31 letters, digits or hyphens. It stays.
    pub id: Slug,
    /// What its button says, at most 60 characters; `Login with SSO` when not given.
    #[serde(default = "usual_label")]
    pub button_label: String,
    /// Its issuer, exactly as it writes it: `https://id.example.com/realms/main`.
    pub issuer: String,
    /// What it knows Doorward as.
    pub client_id: String,
    /// The secret that goes with it; never given back.
    pub client_secret: String,
    /// The address under which browsers reach Doorward, without a path; the public URL when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_url: Option<String>,
    /// The scopes to ask for; `openid, profile, email` when not given.
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
    /// The algorithms by which it may sign; the asymmetric ones when not given.
    #[serde(default = "usual_algorithms")]
    pub algorithms: Vec<String>,
    /// Whether whoever is unknown gets an account; yes when not given.
    #[serde(default = "yes")]
    pub auto_signup: bool,
    /// Whether an account of the same verified address is taken for the person's.
    #[serde(default)]
    pub link_by_email: bool,
    /// Domains of verified addresses that are let in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_domains: Vec<String>,
    /// Verified addresses that are let in. With neither list everybody is whom the provider lets in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whitelist: Vec<String>,
    /// How claims become a role.
    #[serde(default)]
    pub role_mapping: RoleMapping,
    /// The preset that it was made of, to show its hints again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
}

fn usual_label() -> String {
    USUAL_LABEL.into()
}

/// The scopes that are asked for when nobody says otherwise.
#[must_use]
pub fn usual_scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).into()
}

/// The algorithms that are taken when nobody says otherwise.
#[must_use]
pub fn usual_algorithms() -> Vec<String> {
    ALGORITHMS.map(str::to_owned).into()
}

fn yes() -> bool {
    true
}

impl Default for NewProvider {
    fn default() -> Self {
        Self {
            id: Slug(String::new()),
            button_label: usual_label(),
            issuer: String::new(),
            client_id: String::new(),
            client_secret: String::new(),
            client_url: None,
            scopes: usual_scopes(),
            algorithms: usual_algorithms(),
            auto_signup: true,
            link_by_email: false,
            allowed_domains: Vec::new(),
            whitelist: Vec::new(),
            role_mapping: RoleMapping::default(),
            preset: None,
        }
    }
}

impl fmt::Debug for NewProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewProvider").field("id", &self.id).field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Check for NewProvider {
    fn problems(&self) -> Vec<FieldError> {
        let reserved = RESERVED.contains(&self.id.0.as_str()).then(|| "This word has another meaning here. Choose another one.".to_owned());
        let mut all = Problems::default()
            .field("id", self.id.problem().or(reserved))
            .field("buttonLabel", label_problem(&self.button_label))
            .field("issuer", issuer_problem(&self.issuer))
            .field("clientId", client_problem(&self.client_id))
            .field("clientSecret", secret_problem(&self.client_secret))
            .field("clientUrl", self.client_url.as_deref().and_then(client_url_problem))
            .field("scopes", scopes_problem(&self.scopes))
            .field("algorithms", algorithms_problem(&self.algorithms))
            .all();
        all.extend(lists_problems(&self.allowed_domains, &self.whitelist));
        all.extend(self.role_mapping.problems());
        all
    }
}

/// What changes about a provider (JSON Merge Patch, RFC 7396): absent stays. Another issuer, client or
/// secret makes it untested again.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProviderPatch {
    /// Another text for its button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button_label: Option<String>,
    /// Another issuer; needs the secret again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Another client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Another secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// Another address under which browsers reach Doorward.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_url: Option<String>,
    /// Other scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Other algorithms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithms: Option<Vec<String>>,
    /// Whether whoever is unknown gets an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_signup: Option<bool>,
    /// Whether an account of the same verified address is taken for the person's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_by_email: Option<bool>,
    /// Other domains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_domains: Option<Vec<String>>,
    /// Other addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whitelist: Option<Vec<String>>,
    /// Another mapping, whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_mapping: Option<RoleMapping>,
}

impl fmt::Debug for ProviderPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderPatch").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl ProviderPatch {
    /// The provider with the patch on. Of the secret nothing is known here: it stays empty unless another
    /// one is given.
    #[must_use]
    pub fn on(&self, before: &Provider) -> NewProvider {
        let given = |new: &Option<String>, old: &str| new.clone().unwrap_or_else(|| old.to_owned());
        NewProvider {
            id: before.id.clone(),
            button_label: given(&self.button_label, &before.button_label),
            issuer: given(&self.issuer, &before.issuer),
            client_id: given(&self.client_id, &before.client_id),
            client_secret: self.client_secret.clone().unwrap_or_default(),
            client_url: Some(given(&self.client_url, &before.client_url)),
            scopes: self.scopes.clone().unwrap_or_else(|| before.scopes.clone()),
            algorithms: self.algorithms.clone().unwrap_or_else(|| before.algorithms.clone()),
            auto_signup: self.auto_signup.unwrap_or(before.auto_signup),
            link_by_email: self.link_by_email.unwrap_or(before.link_by_email),
            allowed_domains: self.allowed_domains.clone().unwrap_or_else(|| before.allowed_domains.clone()),
            whitelist: self.whitelist.clone().unwrap_or_else(|| before.whitelist.clone()),
            role_mapping: self.role_mapping.clone().unwrap_or_else(|| before.role_mapping.clone()),
            preset: before.preset.clone(),
        }
    }
}

impl Check for ProviderPatch {
    fn problems(&self) -> Vec<FieldError> {
        let mut all = Problems::default()
            .field("buttonLabel", self.button_label.as_deref().and_then(label_problem))
            .field("issuer", self.issuer.as_deref().and_then(issuer_problem))
            .field("clientId", self.client_id.as_deref().and_then(client_problem))
            .field("clientSecret", self.client_secret.as_deref().and_then(secret_problem))
            .field("clientUrl", self.client_url.as_deref().and_then(client_url_problem))
            .field("scopes", self.scopes.as_deref().and_then(scopes_problem))
            .field("algorithms", self.algorithms.as_deref().and_then(algorithms_problem))
            .all();
        let none = Vec::new();
        all.extend(lists_problems(self.allowed_domains.as_ref().unwrap_or(&none), self.whitelist.as_ref().unwrap_or(&none)));
        all.extend(self.role_mapping.iter().flat_map(Check::problems));
        all
    }
}

fn label_problem(text: &str) -> Option<String> {
    let length = text.trim().chars().count();
    (length == 0 || length > 60 || text.chars().any(check::is_invisible))
        .then(|| "A button has 1 to 60 characters, all of them visible.".into())
}

/// An address of http or https, without a query.
fn is_address(text: &str, with_path: bool) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let (host, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '@' | '?' | '#' | '\\' | '<' | '>' | '"');
    matches!(scheme, "http" | "https")
        && text.len() <= 500
        && !host.is_empty()
        && text.chars().all(is_plain)
        && (with_path || path.is_none())
}

fn issuer_problem(text: &str) -> Option<String> {
    (!is_address(text, true)).then(|| "Write the issuer as the provider does, like https://id.example.com/realms/main.".into())
}

fn client_url_problem(text: &str) -> Option<String> {
    (!is_address(text, false)).then(|| "Write the address of this dashboard, without a path, like https://door.example.com.".into())
}

fn client_problem(text: &str) -> Option<String> {
    let is_good = (1..=500).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    (!is_good).then(|| "Enter the client id that the provider shows.".into())
}

fn secret_problem(text: &str) -> Option<String> {
    let is_good = (1..=4096).contains(&text.len()) && !text.contains(char::is_control);
    (!is_good).then(|| "Enter the client secret that the provider shows.".into())
}

fn scopes_problem(scopes: &[String]) -> Option<String> {
    if !scopes.iter().any(|scope| scope == "openid") {
        return Some("Without the scope openid the provider does not say who somebody is.".into());
    }
    let is_good =
        |scope: &String| (1..=100).contains(&scope.len()) && scope.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    (scopes.len() > 30 || !scopes.iter().all(is_good)).then(|| "Scopes are up to 30 words without spaces.".into())
}

fn algorithms_problem(algorithms: &[String]) -> Option<String> {
    let known = |name: &String| ALGORITHMS.contains(&name.as_str());
    (algorithms.is_empty() || !algorithms.iter().all(known)).then(|| format!("Choose among {}.", ALGORITHMS.join(", ")))
}

fn lists_problems(domains: &[String], addresses: &[String]) -> Vec<FieldError> {
    let many = |list: &[String]| (list.len() > MOST_ENTRIES).then(|| format!("This list has at most {MOST_ENTRIES} entries."));
    let mut problems = Problems::default().field("allowedDomains", many(domains)).field("whitelist", many(addresses));
    for (at, domain) in domains.iter().enumerate() {
        let is_bad = domain.contains('@') || check::email(&format!("a@{domain}")).is_some();
        let problem = is_bad.then(|| "Write the part after the @, like example.com.".to_owned());
        problems = problems.field(&format!("allowedDomains[{at}]"), problem);
    }
    for (at, address) in addresses.iter().enumerate() {
        problems = problems.field(&format!("whitelist[{at}]"), check::email(address));
    }
    problems.all()
}
