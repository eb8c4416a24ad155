//! Who else is believed: about who somebody is, issuers of tokens and a directory; about who a server is,
//! authorities.

use super::Algorithm;
use crate::{jwks::Place, mapping::Mapping, outbound::Target};
use secrecy::SecretString;
use std::time::Duration;
use wire::{sso::RoleMapping, workspaces::Slug};

/// An issuer whose tokens let people in, each as the account of its subject.
#[derive(Debug, Clone)]
pub struct TrustedIssuer {
    /// Names it in the log and in the settings.
    pub id: Slug,
    /// What its tokens call it, to the letter.
    pub issuer: String,
    /// Where its keys are.
    pub keys: IssuerKeys,
    /// Whom its tokens have to be for: one of these.
    pub audience: Vec<String>,
    /// How they may be signed.
    pub algorithms: Vec<Algorithm>,
    /// The claim that names the person for ever.
    pub subject_claim: String,
    /// How claims become a role.
    pub role_mapping: RoleMapping,
    /// Whether whoever is unknown gets an account at the first request.
    pub auto_provision: bool,
    /// Whether such an account gets a workspace of its own.
    pub personal_workspace: bool,
}

/// Where an issuer's keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssuerKeys {
    /// At this address.
    At(String),
    /// Where its description says, which is at this address, or at the usual one.
    Discovery(Option<String>),
}

impl Default for TrustedIssuer {
    fn default() -> Self {
        Self {
            id: Slug(String::new()),
            issuer: String::new(),
            keys: IssuerKeys::Discovery(None),
            audience: Vec::new(),
            algorithms: Algorithm::USUAL.to_vec(),
            subject_claim: "sub".into(),
            role_mapping: RoleMapping::default(),
            auto_provision: true,
            personal_workspace: true,
        }
    }
}

impl TrustedIssuer {
    /// Where its keys are fetched.
    pub(crate) fn place(&self) -> Place {
        match &self.keys {
            IssuerKeys::At(address) => Place::Keys(address.clone()),
            IssuerKeys::Discovery(None) => Place::of_issuer(&self.issuer),
            IssuerKeys::Discovery(Some(address)) => Place::Discovery { issuer: self.issuer.clone(), address: address.clone() },
        }
    }

    /// Looks for what can not be.
    ///
    /// # Errors
    /// The key below the issuer's own, and a sentence.
    pub fn check(&self) -> Result<(), (String, String)> {
        let wrong = |key: &str, text: &str| Err((key.to_owned(), text.to_owned()));
        if self.issuer.is_empty() {
            return wrong("issuer", "it is needed: what the tokens say in `iss`, to the letter");
        }
        if self.audience.is_empty() || self.audience.iter().any(String::is_empty) {
            return wrong(
                "audience",
                "it is needed: what the tokens for this door say in `aud`; without it a token for any other service would do",
            );
        }
        if self.algorithms.is_empty() {
            return wrong("algorithms", "expected one at least");
        }
        if self.subject_claim.is_empty() {
            return wrong("subject_claim", "expected the name of a claim, like sub");
        }
        let (key, address) = match self.place() {
            Place::Keys(address) => ("jwks_url", address),
            Place::Discovery { address, .. } => (if self.keys == IssuerKeys::Discovery(None) { "issuer" } else { "discovery" }, address),
        };
        Target::parse(&address).map_err(|problem| (key.to_owned(), problem))?;
        mapping(&self.role_mapping)
    }
}

/// A directory of people, asked by LDAP.
#[derive(Debug, Clone)]
pub struct Ldap {
    /// `ldap://host` or `ldaps://host`, with or without a port.
    pub url: String,
    /// Whether a connection of `ldap:` is encrypted by StartTLS.
    pub starttls: bool,
    /// Certificates in PEM of the authorities that the server's is believed by, instead of the public
    /// ones.
    pub ca: Option<String>,
    /// Who searches; nobody in particular where it is absent.
    pub bind_dn: Option<String>,
    /// The searcher's password.
    pub bind_password: Option<SecretString>,
    /// Below what people, and groups, are searched.
    pub base_dn: String,
    /// The filter that finds a person, with `{username}` in it.
    pub user_filter: String,
    /// The attribute with a person's address.
    pub email_attribute: String,
    /// The attribute with a person's name to show.
    pub name_attribute: String,
    /// The attribute with what names a person for ever; where an entry has none, its DN does.
    pub id_attribute: String,
    /// The filter that finds a person's groups, with `{dn}` or `{username}` in it; absent: the
    /// person's own `memberOf`.
    pub groups_filter: Option<String>,
    /// The attribute of a group that is its name; `dn` is its DN.
    pub group_attribute: String,
    /// How groups, and what else is known, become a role.
    pub role_mapping: RoleMapping,
    /// Whether whoever is unknown gets an account at the first sign-in.
    pub auto_signup: bool,
    /// How long all of it may take.
    pub timeout: Duration,
}

impl Default for Ldap {
    fn default() -> Self {
        Self {
            url: String::new(),
            starttls: false,
            ca: None,
            bind_dn: None,
            bind_password: None,
            base_dn: String::new(),
            user_filter: "(uid={username})".into(),
            email_attribute: "mail".into(),
            name_attribute: "displayName".into(),
            id_attribute: "entryUUID".into(),
            groups_filter: None,
            group_attribute: "cn".into(),
            role_mapping: RoleMapping::default(),
            auto_signup: true,
            timeout: Duration::from_secs(5),
        }
    }
}

impl Ldap {
    /// Looks for what can not be.
    ///
    /// # Errors
    /// The key below `auth.ldap`, and a sentence; never the password.
    pub fn check(&self) -> Result<(), (String, String)> {
        let wrong = |key: &str, text: &str| Err((key.to_owned(), text.to_owned()));
        let rest = self.url.strip_prefix("ldap://").or_else(|| self.url.strip_prefix("ldaps://"));
        if rest.is_none_or(|rest| rest.is_empty() || rest.contains(['@', '/', '?', '#', ' '])) {
            return wrong("url", "expected an address like ldaps://ldap.example.com or ldap://ldap.example.com:389");
        }
        if self.starttls && self.url.starts_with("ldaps:") {
            return wrong("starttls", "ldaps: is encrypted from the beginning; use one of the two");
        }
        if self.base_dn.is_empty() {
            return wrong("base_dn", "it is needed, like dc=example,dc=com");
        }
        if !self.user_filter.contains("{username}") {
            return wrong("user_filter", "expected a filter with {username} in it, like (uid={username})");
        }
        if self.bind_dn.is_some() != self.bind_password.is_some() {
            return wrong("bind_dn", "bind_dn and bind_password belong together; set both, or none");
        }
        if self.groups_filter.as_ref().is_some_and(|filter| !filter.contains("{dn}") && !filter.contains("{username}")) {
            return wrong("groups_filter", "expected a filter with {dn} or {username} in it, like (member={dn})");
        }
        let filters = [Some(&self.user_filter), self.groups_filter.as_ref()];
        for (key, filter) in ["user_filter", "groups_filter"].iter().zip(filters) {
            let example = filter.map(|filter| filter.replace("{username}", "a").replace("{dn}", "a"));
            if example.is_some_and(|filter| ldap3::parse_filter(&filter).is_err()) {
                return wrong(key, "it is no filter of LDAP (RFC 4515)");
            }
        }
        if self.timeout < Duration::from_millis(100) || self.timeout > Duration::from_secs(30) {
            return wrong("timeout", "expected 100ms to 30s");
        }
        mapping(&self.role_mapping)
    }
}

/// Whether a mapping can be used, with its key in the configuration.
fn mapping(settings: &RoleMapping) -> Result<(), (String, String)> {
    Mapping::new(settings.clone()).map(drop).map_err(|(field, problem)| {
        // The wire's names have humps, the configuration's have underlines.
        let key = field.chars().flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c.to_ascii_lowercase()]));
        (format!("role_mapping.{}", key.collect::<String>()), problem)
    })
}

/// Whose certificates are believed by whatever Doorward connects to: upstreams, providers, issuers, webhooks,
/// collectors, a Centrifugo, and a directory without authorities of its own.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// Certificates in PEM of more authorities.
    pub ca: Option<String>,
    /// Whether the public authorities are believed as well.
    pub public_authorities: bool,
}

impl Default for Outbound {
    fn default() -> Self {
        Self { ca: None, public_authorities: true }
    }
}

/// Who is asked whether a name and a password belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackendName {
    /// The accounts with a password here.
    BuiltIn,
    /// The directory.
    Ldap,
}
