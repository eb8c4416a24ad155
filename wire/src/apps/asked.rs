//! What is asked about apps: a new one, a changed one, a look at an upstream, a try of the rules.

use super::{App, HealthCheck, Identity, Source, UpstreamAuth, UpstreamAuthKind, address::ca_problem, slug_of, upstream_problem};
use crate::{
    check::{Check, Problems},
    failure::FieldError,
    rights::RoleName,
    rules::Rule,
    time::Timestamp,
    users::given,
    workspaces::Slug,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most bytes of a secret.
const LONGEST_SECRET: usize = 4096;

/// With what Doorward signs in to an upstream.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum UpstreamCredentials {
    /// A username and a password (RFC 7617).
    Basic {
        /// The username, without a colon.
        username: String,
        /// The password.
        password: String,
    },
    /// A bearer token (RFC 6750).
    Bearer {
        /// The token.
        token: String,
    },
    /// A header of one's own.
    Header {
        /// The header's name.
        name: String,
        /// The header's value.
        value: String,
    },
}

impl fmt::Debug for UpstreamCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstreamCredentials").field("kind", &self.shown().kind).finish_non_exhaustive()
    }
}

impl UpstreamCredentials {
    /// What may be shown of them.
    #[must_use]
    pub fn shown(&self) -> UpstreamAuth {
        let (kind, name) = match self {
            Self::Basic { username, .. } => (UpstreamAuthKind::Basic, Some(username.clone())),
            Self::Bearer { .. } => (UpstreamAuthKind::Bearer, None),
            Self::Header { name, .. } => (UpstreamAuthKind::Header, Some(name.clone())),
        };
        UpstreamAuth { kind, name }
    }

    /// What is wrong with them, never with a secret.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldError> {
        let problems = Problems::default();
        match self {
            Self::Basic { username, password } => {
                let is_name = (1..=200).contains(&username.len()) && !username.contains(|c: char| c == ':' || c.is_control());
                let bad_name = (!is_name).then(|| "A username has 1 to 200 bytes and no colon.".to_owned());
                let bad_password = (password.len() > LONGEST_SECRET || password.contains(char::is_control))
                    .then(|| format!("A password has at most {LONGEST_SECRET} bytes and no control characters."));
                problems.field("upstreamAuth.basic.username", bad_name).field("upstreamAuth.basic.password", bad_password).all()
            }
            Self::Bearer { token } => problems.field("upstreamAuth.bearer.token", value_problem(token)).all(),
            Self::Header { name, value } => problems
                .field("upstreamAuth.header.name", header_problem(name))
                .field("upstreamAuth.header.value", value_problem(value))
                .all(),
        }
    }
}

fn value_problem(text: &str) -> Option<String> {
    let is_good = (1..=LONGEST_SECRET).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    (!is_good).then(|| format!("This has 1 to {LONGEST_SECRET} ASCII characters, without line breaks."))
}

fn header_problem(name: &str) -> Option<String> {
    let is_token =
        (1..=100).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    // These say where a request goes or how long it is, and not who sends it.
    const TAKEN: [&str; 9] =
        ["host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer", "cookie", "keep-alive"];
    let folded = name.to_ascii_lowercase();
    let is_ours = folded.starts_with("x-doorward-") || folded.starts_with("x-forwarded-") || folded == "forwarded";
    (!is_token || is_ours || TAKEN.contains(&folded.as_str())).then(|| "Write the name of a header, like X-API-Key.".into())
}

/// An app to make.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewApp {
    /// Its slug: a lower-case letter, then at most 31 letters, digits or hyphens. It stays.
    pub slug: Slug,
    /// What people call it, at most 100 characters; the slug when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address that requests are sent to, of http or https, without a path.
    pub upstream: String,
    /// Host names that lead to it, besides those that its slug makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// A port of its own to listen on, like `127.0.0.1:9001`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// A path on the dashboard's own origin, like `/admin/centrifugo`; needs `trusted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether its scripts may do what the dashboard's may.
    #[serde(default)]
    pub trusted: bool,
    /// The workspace that it is in; `default` when not given.
    #[serde(default)]
    pub workspace: Slug,
    /// A preset: it gives rules and a health check where none are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// Who may do what; the preset's when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Rule>>,
    /// What the upstream is told of who asks.
    #[serde(default)]
    pub identity: Identity,
    /// With what Doorward signs in to the upstream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_auth: Option<UpstreamCredentials>,
    /// Certificates in PEM of authorities that may vouch for the upstream besides those that are believed
    /// anyhow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_ca: Option<String>,
    /// How it is looked after; the preset's way when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthCheck>,
    /// Whether it can be reached through Doorward; it can when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

impl NewApp {
    /// An app of the little that the wizard asks for. Its slug comes from its name, else from its preset;
    /// without a preset its rules are those for anything.
    #[must_use]
    pub fn first(upstream: &str, name: &str, preset: Option<&str>) -> Self {
        let slug = slug_of(name).or_else(|| preset.and_then(slug_of)).unwrap_or_else(|| Slug("app".into()));
        Self {
            slug,
            name: Some(name.trim().to_owned()).filter(|name| !name.is_empty()),
            upstream: upstream.trim().to_owned(),
            preset: Some(preset.unwrap_or("generic").to_owned()),
            ..Self::default()
        }
    }

    /// The app that is made of it. What the preset gives is filled in before.
    #[must_use]
    pub fn app(&self, source: Source, now: Timestamp) -> App {
        App {
            slug: self.slug.clone(),
            name: self.name.as_ref().map_or_else(|| self.slug.0.clone(), |name| name.trim().to_owned()),
            upstream: self.upstream.trim_end_matches('/').to_owned(),
            hosts: self.hosts.clone(),
            listen: self.listen.clone(),
            path: self.path.clone(),
            trusted: self.trusted,
            workspace: self.workspace.clone(),
            preset: self.preset.clone(),
            rules: self.rules.clone().unwrap_or_default(),
            identity: self.identity,
            upstream_auth: self.upstream_auth.as_ref().map(UpstreamCredentials::shown),
            upstream_ca: self.upstream_ca.as_deref().map(|pem| pem.trim().to_owned()),
            health: self.health.clone().unwrap_or_default(),
            enabled: self.enabled.unwrap_or(true),
            source,
            created_at: now,
            updated_at: now,
        }
    }
}

impl Check for NewApp {
    fn problems(&self) -> Vec<FieldError> {
        let mut all = self.app(Source::Dashboard, Timestamp::default()).problems();
        all.extend(self.upstream_auth.iter().flat_map(UpstreamCredentials::problems));
        all
    }
}

/// What changes about an app (JSON Merge Patch, RFC 7396): absent stays, `null` removes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppPatch {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another address to send requests to. Credentials have to be given again with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// Other host names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<String>>,
    /// Another port of its own, or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub listen: Option<Option<String>>,
    /// Another path on the dashboard's origin, or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub path: Option<Option<String>>,
    /// Whether its scripts may do what the dashboard's may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted: Option<bool>,
    /// Another workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<Slug>,
    /// Another preset, whose rules count unless rules are given with it; or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub preset: Option<Option<String>>,
    /// Other rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<Rule>>,
    /// What the upstream is told of who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Other credentials, or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<UpstreamCredentials>))]
    pub upstream_auth: Option<Option<UpstreamCredentials>>,
    /// Other authorities that may vouch for the upstream, or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub upstream_ca: Option<Option<String>>,
    /// How it is looked after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthCheck>,
    /// Whether it can be reached through Doorward.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

impl AppPatch {
    /// The app with the patch on. What another preset gives is filled in before.
    #[must_use]
    pub fn on(&self, app: &App) -> App {
        let mut app = app.clone();
        app.name = self.name.as_ref().map_or(app.name, |name| name.trim().to_owned());
        app.upstream = self.upstream.as_ref().map_or(app.upstream, |text| text.trim_end_matches('/').to_owned());
        app.hosts = self.hosts.clone().unwrap_or(app.hosts);
        app.listen = self.listen.clone().unwrap_or(app.listen);
        app.path = self.path.clone().unwrap_or(app.path);
        app.trusted = self.trusted.unwrap_or(app.trusted);
        app.workspace = self.workspace.clone().unwrap_or(app.workspace);
        app.preset = self.preset.clone().unwrap_or(app.preset);
        app.rules = self.rules.clone().unwrap_or(app.rules);
        app.identity = self.identity.unwrap_or(app.identity);
        app.upstream_auth = self.upstream_auth.as_ref().map_or(app.upstream_auth, |new| new.as_ref().map(UpstreamCredentials::shown));
        app.upstream_ca = self.upstream_ca.as_ref().map_or(app.upstream_ca, |pem| pem.as_deref().map(|pem| pem.trim().to_owned()));
        app.health = self.health.clone().unwrap_or(app.health);
        app.enabled = self.enabled.unwrap_or(app.enabled);
        app
    }
}

impl Check for AppPatch {
    /// What is wrong with new credentials; the rest is checked on the app, see [`AppPatch::on`].
    fn problems(&self) -> Vec<FieldError> {
        self.upstream_auth.iter().flatten().flat_map(UpstreamCredentials::problems).collect()
    }
}

/// A request to be judged without being sent; as nobody unless somebody is named.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppCheck {
    /// The method, in capitals.
    pub method: String,
    /// The path, as it would be sent.
    pub path: String,
    /// As somebody of this role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// As this user, by username or address; needs `users`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// As the API key of this prefix; needs `keys`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

impl Check for AppCheck {
    fn problems(&self) -> Vec<FieldError> {
        let is_method = (1..=20).contains(&self.method.len()) && self.method.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
        let named = [self.role.is_some(), self.user.is_some(), self.key.is_some()].into_iter().filter(|is| *is).count();
        Problems::default()
            .field("method", (!is_method).then(|| "Write a method, like GET.".into()))
            .field("path", (!self.path.starts_with('/') || self.path.len() > 4096).then(|| "Write a path, like /api/v1/dags.".into()))
            .field("role", self.role.as_ref().and_then(RoleName::problem))
            .field("user", (named > 1).then(|| "Name a role, a user or a key, not two of them.".into()))
            .all()
    }
}

/// An upstream to look at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppProbe {
    /// Its address, of http or https, without a path.
    pub upstream: String,
    /// Certificates in PEM of authorities that may vouch for it besides those that are believed anyhow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_ca: Option<String>,
}

impl Check for AppProbe {
    fn problems(&self) -> Vec<FieldError> {
        let ca = self.upstream_ca.as_deref().and_then(|pem| ca_problem(pem, &self.upstream));
        Problems::default().field("upstream", upstream_problem(&self.upstream)).field("upstreamCa", ca).all()
    }
}

/// An upstream to look at during setup.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetupProbe {
    /// Its address, of http or https, without a path.
    pub upstream: String,
    /// The code that the server printed, from another machine than its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_code: Option<String>,
}

impl fmt::Debug for SetupProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetupProbe").field("upstream", &self.upstream).finish_non_exhaustive()
    }
}

impl Check for SetupProbe {
    fn problems(&self) -> Vec<FieldError> {
        Problems::default().field("upstream", upstream_problem(&self.upstream)).all()
    }
}
