//! Apps: what Doorward guards. An upstream, the addresses where people reach it, and rules.

mod address;
mod asked;
mod seen;

pub use address::{Upstream, host_problem, listen_problem, mount_problem, upstream_problem};
pub use asked::{AppCheck, AppPatch, AppProbe, NewApp, SetupProbe, UpstreamCredentials};
pub use seen::{
    AppDecision, AppHealth, AppHour, AppQuery, AppTile, AppTraffic, AppView, HealthState, PARTS_OF_HOUR, PresetInfo, ProbeReport, Step,
    TrafficMinute,
};

use crate::{
    check::{self, Check, Problems},
    duration::GoDuration,
    failure::FieldError,
    rules::{self, Rule},
    time::Timestamp,
    workspaces::Slug,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The most apps that can be made in the dashboard.
pub const MOST_APPS: usize = 500;
/// The most host names of an app.
pub const MOST_HOSTS: usize = 20;
/// Slugs that are words in the addresses of the interface or of the dashboard.
pub const RESERVED: [&str; 3] = ["new", "presets", "probe"];
/// Between two looks at an upstream, when nobody says otherwise.
pub const USUAL_PAUSE: &str = "15s";
/// The shortest pause between two looks at an upstream.
const SHORTEST_PAUSE: Duration = Duration::from_secs(5);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Where an app was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AppSource))]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// In the configuration; it is changed there alone.
    Config,
    /// In the dashboard, or over REST.
    Dashboard,
}

/// By which headers an upstream is told who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum IdentityHeaders {
    /// `X-Doorward-User`, `-Email`, `-Role`, `-Workspace`, `-Environment`.
    #[default]
    Doorward,
    /// `Remote-User`, `Remote-Email`, `Remote-Groups`.
    RemoteUser,
    /// `X-Forwarded-User`, `X-Forwarded-Email`, `X-Forwarded-Groups`.
    Forwarded,
    /// None.
    None,
}

impl IdentityHeaders {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Doorward, Self::RemoteUser, Self::Forwarded, Self::None];

    /// The word on the wire, in the configuration and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Doorward => "doorward",
            Self::RemoteUser => "remote-user",
            Self::Forwarded => "forwarded",
            Self::None => "none",
        }
    }
}

/// What an upstream is told of who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identity {
    /// By which headers.
    #[serde(default)]
    pub headers: IdentityHeaders,
}

/// How an upstream is looked after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HealthCheck {
    /// What is asked for; any answer below 500 is a good one.
    #[serde(default = "root")]
    pub path: String,
    /// The pause between two looks, a Go duration from `5s` to `1h`.
    #[serde(default = "usual_pause")]
    pub every: String,
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self { path: root(), every: usual_pause() }
    }
}

impl HealthCheck {
    /// The pause between two looks.
    #[must_use]
    pub fn pause(&self) -> Duration {
        self.every.parse::<GoDuration>().map_or(SHORTEST_PAUSE, |every| every.0.clamp(SHORTEST_PAUSE, LONGEST_PAUSE))
    }
}

fn root() -> String {
    "/".into()
}

fn usual_pause() -> String {
    USUAL_PAUSE.into()
}

/// How Doorward signs in to an upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum UpstreamAuthKind {
    /// A username and a password (RFC 7617).
    Basic,
    /// A bearer token (RFC 6750).
    Bearer,
    /// A header of one's own.
    Header,
}

/// How Doorward signs in to an upstream, without the secret, which is never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UpstreamAuth {
    /// In which way.
    pub kind: UpstreamAuthKind,
    /// The username, or the header's name, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A guarded app as it is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// Names the app for ever; `<slug>.localhost` leads to it on the server's own machine.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// The address that requests are sent to, of http or https, without a path.
    pub upstream: String,
    /// Host names that lead to it, besides those that its slug makes.
    pub hosts: Vec<String>,
    /// A port of its own to listen on, like `127.0.0.1:9001`.
    pub listen: Option<String>,
    /// A path on the dashboard's own origin, like `/admin/centrifugo`.
    pub path: Option<String>,
    /// Whether its scripts may do what the dashboard's may: needed for `path`.
    pub trusted: bool,
    /// The workspace that it is in; the role there counts.
    pub workspace: Slug,
    /// The preset that it was made from.
    pub preset: Option<String>,
    /// Who may do what; the first that matches counts. Behind the last one looking needs `read`, all
    /// else `write`.
    pub rules: Vec<Rule>,
    /// What the upstream is told of who asks.
    pub identity: Identity,
    /// How Doorward signs in to the upstream.
    pub upstream_auth: Option<UpstreamAuth>,
    /// Certificates in PEM of authorities that may vouch for the upstream besides those that are believed
    /// anyhow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_ca: Option<String>,
    /// How it is looked after.
    pub health: HealthCheck,
    /// Whether it can be reached through Doorward.
    pub enabled: bool,
    /// Where it was made.
    pub source: Source,
    /// When it was made; of one in the configuration, since when this process runs.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl App {
    /// The host names that lead to it: `<slug>.localhost`, `<slug>.<public host>` where the public URL
    /// has a name, and its own. `public_host` comes without a port.
    #[must_use]
    pub fn all_hosts(&self, public_host: Option<&str>) -> Vec<String> {
        let by_slug = [Some("localhost"), public_host.filter(|host| address::is_name(host))];
        let by_slug = by_slug.into_iter().flatten().map(|host| format!("{}.{host}", self.slug));
        by_slug.chain(self.hosts.iter().cloned()).collect()
    }
}

impl Check for App {
    fn problems(&self) -> Vec<FieldError> {
        let reserved =
            RESERVED.contains(&self.slug.0.as_str()).then(|| "This word has a meaning in addresses. Choose another one.".to_owned());
        let most = (self.hosts.len() > MOST_HOSTS).then(|| format!("An app has at most {MOST_HOSTS} host names."));
        let untrusted = (self.path.is_some() && !self.trusted).then(|| {
            "Scripts of an app below the dashboard's own address can do all that you can. If it is as trusted as Doorward itself, say so: \
             trusted."
                .to_owned()
        });
        let mut problems = Problems::default()
            .field("slug", self.slug.problem().or(reserved))
            .field("name", name_problem(&self.name))
            .field("upstream", upstream_problem(&self.upstream))
            .field("hosts", most);
        for (at, host) in self.hosts.iter().enumerate().take(MOST_HOSTS) {
            let again = self.hosts[..at].contains(host).then(|| "This host name is there already.".to_owned());
            problems = problems.field(&format!("hosts[{at}]"), host_problem(host).or(again));
        }
        let mut all = problems
            .field("listen", self.listen.as_deref().and_then(listen_problem))
            .field("path", self.path.as_deref().and_then(mount_problem))
            .field("trusted", untrusted)
            .field("workspace", self.workspace.problem())
            .field("upstreamCa", self.upstream_ca.as_deref().and_then(|pem| address::ca_problem(pem, &self.upstream)))
            .field("health.path", address::request_path_problem(&self.health.path))
            .field("health.every", pause_problem(&self.health.every))
            .all();
        all.extend(rules::problems(&self.rules, "rules"));
        all
    }
}

/// A slug made of what people call something: `Task queue` is `task-queue`. Nothing where no letter is
/// left to begin with.
#[must_use]
pub fn slug_of(name: &str) -> Option<Slug> {
    let words = name.to_lowercase();
    let words: Vec<&str> = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let text = words.join("-");
    let text: String = text.trim_start_matches(|c: char| !c.is_ascii_lowercase()).chars().take(32).collect();
    Some(Slug(text.trim_end_matches('-').to_owned())).filter(|slug| slug.problem().is_none())
}

fn name_problem(text: &str) -> Option<String> {
    let length = text.trim().chars().count();
    (!(1..=100).contains(&length) || text.chars().any(check::is_invisible))
        .then(|| "A name has 1 to 100 characters, all of them visible.".into())
}

fn pause_problem(text: &str) -> Option<String> {
    match text.parse::<GoDuration>() {
        Ok(every) if !(SHORTEST_PAUSE..=LONGEST_PAUSE).contains(&every.0) => {
            Some("An upstream is looked at every 5 seconds at most, and once an hour at least.".into())
        }
        Ok(_) => None,
        Err(error) => Some(format!("{error}.")),
    }
}

#[cfg(test)]
mod tests;
