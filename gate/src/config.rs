//! The settings that an operator gives, a struct for each topic. Nothing here reads a file or the
//! environment: whoever builds a [`Gate`](crate::Gate) hands them in.

mod trust;

pub use crate::jwks::Algorithm;
pub use trust::{BackendName, IssuerKeys, Ldap, Outbound, TrustedIssuer};

use crate::outbound::Target;
use http::HeaderName;
use secrecy::{ExposeSecret, SecretString};
use std::{fmt, path::PathBuf, str::FromStr, time::Duration};
use wire::{apps::NewApp, live::ChannelRule, sso::NewProvider};

/// Everything that can be configured.
#[derive(Debug, Clone)]
pub struct Config {
    /// How Doorward is reached.
    pub http: Http,
    /// How people sign in.
    pub auth: Auth,
    /// API keys.
    pub keys: Keys,
    /// What becomes of the audit log.
    pub audit: Audit,
    /// Whether whoever is made an account of an external identity gets a workspace as well.
    pub personal_workspaces: bool,
    /// Live channels.
    pub live: Live,
    /// Apps that are guarded, besides those of the dashboard.
    pub apps: Vec<NewApp>,
    /// What is told a collector of OpenTelemetry.
    pub traces: Traces,
    /// Whose certificates are believed.
    pub outbound: Outbound,
    /// `--dev`: no sign-in, full rights, loopback only.
    pub dev: bool,
}

/// What is told a collector of OpenTelemetry, by OTLP over HTTP.
#[derive(Debug, Clone)]
pub struct Traces {
    /// Where it is, like `http://collector:4318`; absent: nothing is told.
    pub endpoint: Option<String>,
    /// What is sent with each batch, a key for example.
    pub headers: Vec<(HeaderName, SecretString)>,
    /// What Doorward is called there.
    pub service: String,
    /// Of a hundred traces that begin here so many are told.
    pub sample: u8,
}

impl Default for Traces {
    fn default() -> Self {
        Self { endpoint: None, headers: Vec::new(), service: "doorward".into(), sample: 100 }
    }
}

/// How Doorward is reached.
#[derive(Debug, Clone)]
pub struct Http {
    /// The address that people type, `https://door.example.com`; no slash at the end.
    pub public_url: Option<String>,
    /// The path below which Doorward's own addresses lie on the host, like `/tasks/auth`; empty where
    /// they begin at the root.
    pub prefix: String,
    /// Host names besides the public URL's, loopback names and IP addresses.
    pub hosts: Vec<String>,
    /// Peers whose forwarding headers are believed: addresses, or networks like `10.0.0.0/8`.
    pub trusted_proxies: Vec<crate::net::Network>,
    /// Whether browser sign-in works without encryption away from loopback.
    pub insecure_http: bool,
    /// The most bytes of a request body.
    pub body_limit: usize,
    /// The header in which a request names the environment that it acts in.
    pub scope_header: HeaderName,
}

/// How people sign in.
#[derive(Debug, Clone)]
pub struct Auth {
    /// The signing secret in hex, at least 16 bytes; absent: a file or the database keeps one.
    pub jwt_secret: Option<SecretString>,
    /// The configured signing secret before this one: what it signed and sealed is still good.
    pub previous_jwt_secret: Option<SecretString>,
    /// The key that secrets at rest are sealed with, in hex, at least 16 bytes; absent: the signing secret.
    pub master_key: Option<SecretString>,
    /// How long an access token is good.
    pub access_ttl: Duration,
    /// How long a remembered session, or a token session, lasts unused.
    pub refresh_ttl: Duration,
    /// How long a browser session lasts that is not remembered.
    pub browser_ttl: Duration,
    /// How long a session lasts at the most.
    pub session_max: Duration,
    /// After how long without a person's doing a session ends.
    pub idle_ttl: Option<Duration>,
    /// The fewest bytes of a password, 8 at least.
    pub password_min: usize,
    /// For how long those who are known are let in after the database was last heard: so long may a
    /// revocation by another process be unknown.
    pub stale_revocation: Duration,
    /// What hashing a password costs.
    pub hashing: Hashing,
    /// The admin that the first start makes, instead of the wizard.
    pub admin: Option<Bootstrap>,
    /// Who is asked whether a name and a password belong together, one after the other; the accounts
    /// here are among them.
    pub backends: Vec<BackendName>,
    /// Issuers whose tokens let people in.
    pub issuers: Vec<TrustedIssuer>,
    /// A directory that people sign in by.
    pub ldap: Option<Ldap>,
    /// Providers by which people sign in, besides those of the dashboard.
    pub oidc: Vec<NewProvider>,
    /// Who is admin whatever a mapping says: user ids, verified addresses, external subjects.
    pub admins: Vec<String>,
}

impl Http {
    /// Looks whether the prefix can be one.
    ///
    /// # Errors
    /// A sentence.
    pub fn check_prefix(&self) -> Result<(), String> {
        let is_plain = |segment: &str| {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
            !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(known)
        };
        if self.prefix.is_empty() || self.prefix.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_plain)) {
            return Ok(());
        }
        Err(format!("The prefix is a path like /tasks/auth, without a slash at its end, not {:?}.", self.prefix))
    }
}

/// Live channels.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// Which channels are open to whom; the first rule that is about a channel decides.
    pub channels: Vec<ChannelRule>,
    /// An engine for very many subscribers, which gets what is published too.
    pub centrifugo: Option<Centrifugo>,
}

/// A Centrifugo (version 6).
#[derive(Debug, Clone)]
pub struct Centrifugo {
    /// Where it is, like `http://127.0.0.1:5001`.
    pub url: String,
    /// The key of its HTTP API.
    pub api_key: SecretString,
    /// What tokens for its clients are signed with (HMAC), 32 bytes at least.
    pub token_secret: SecretString,
}

impl Live {
    /// Looks for what can not be.
    ///
    /// # Errors
    /// A sentence with the key.
    pub fn check(&self) -> Result<(), String> {
        let problem = self.channels.iter().find_map(ChannelRule::problem);
        if let Some(problem) = problem {
            return Err(format!("live.channels: {problem}"));
        }
        let Some(centrifugo) = &self.centrifugo else { return Ok(()) };
        if centrifugo.token_secret.expose_secret().len() < 32 {
            return Err("centrifugo.token_secret is shorter than 32 characters. Make one with: openssl rand -hex 32".into());
        }
        crate::live::relay::target(centrifugo)
            .map(drop)
            .map_err(|_| "centrifugo.url: expected an address like http://127.0.0.1:5001, without a password".into())
    }
}

/// API keys.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Whether people may have keys of their own; without it those that exist are silent.
    pub personal: bool,
}

/// What becomes of the audit log.
#[derive(Debug, Clone)]
pub struct Audit {
    /// How long events are kept; a day at the least.
    pub retention: Duration,
    /// Where else each event goes, as JSON lines.
    pub sinks: Vec<Sink>,
    /// Where they are sent besides.
    pub webhook: Option<Webhook>,
}

/// Where events are sent, signed.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// An address of http or https; it may hold a secret.
    pub url: SecretString,
    /// The key of the signature, 16 bytes at the least.
    pub secret: SecretString,
}

/// Where else events go, as JSON lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sink {
    /// To the standard output of the process.
    Stdout,
    /// To the end of this file, which is made when it is not there.
    File(PathBuf),
}

impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("stdout"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

impl FromStr for Sink {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "stdout" => Ok(Self::Stdout),
            Some(("file", path)) if path.starts_with('/') => Ok(Self::File(path.into())),
            _ => Err(format!("expected stdout or file: and a whole path, like file:/var/log/doorward/audit.jsonl, not {text}")),
        }
    }
}

impl Audit {
    /// The shortest time that events are kept.
    pub const SHORTEST: Duration = Duration::from_secs(24 * 60 * 60);

    /// Looks for what can not be.
    ///
    /// # Errors
    /// A sentence with the key; never a secret.
    pub fn check(&self) -> Result<(), String> {
        if self.retention < Self::SHORTEST {
            return Err("audit.retention is shorter than 24h, in which nobody could look at what happened.".into());
        }
        let Some(webhook) = &self.webhook else { return Ok(()) };
        if webhook.secret.expose_secret().len() < 16 {
            return Err("audit.webhook.secret is shorter than 16 bytes. Make one with: openssl rand -hex 32".into());
        }
        Target::parse(webhook.url.expose_secret()).map(drop).map_err(|problem| format!("audit.webhook.url: {problem}"))
    }
}

/// What hashing a password costs (argon2id, RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashing {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
    /// How many hashes run at once.
    pub at_once: usize,
    /// How many more may wait.
    pub queue: usize,
}

/// The admin that the first start makes.
#[derive(Debug, Clone)]
pub struct Bootstrap {
    /// The username.
    pub username: String,
    /// The address.
    pub email: Option<String>,
    /// The password; absent: one is made and printed once.
    pub password: Option<SecretString>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http: Http {
                public_url: None,
                prefix: String::new(),
                hosts: Vec::new(),
                trusted_proxies: Vec::new(),
                insecure_http: false,
                body_limit: 1024 * 1024,
                scope_header: HeaderName::from_static("x-doorward-environment"),
            },
            auth: Auth {
                jwt_secret: None,
                previous_jwt_secret: None,
                master_key: None,
                access_ttl: Duration::from_secs(60 * 60),
                refresh_ttl: Duration::from_secs(30 * 24 * 60 * 60),
                browser_ttl: Duration::from_secs(12 * 60 * 60),
                session_max: Duration::from_secs(90 * 24 * 60 * 60),
                idle_ttl: None,
                stale_revocation: Duration::from_secs(60),
                password_min: wire::password::MIN_BYTES,
                hashing: Hashing {
                    memory_kib: 19_456,
                    iterations: 2,
                    parallelism: 1,
                    at_once: std::thread::available_parallelism().map_or(2, usize::from),
                    queue: 64,
                },
                admin: None,
                backends: vec![BackendName::BuiltIn, BackendName::Ldap],
                issuers: Vec::new(),
                ldap: None,
                oidc: Vec::new(),
                admins: Vec::new(),
            },
            keys: Keys { personal: true },
            audit: Audit { retention: Duration::from_secs(365 * 24 * 60 * 60), sinks: Vec::new(), webhook: None },
            personal_workspaces: false,
            live: Live::default(),
            apps: Vec::new(),
            traces: Traces::default(),
            outbound: Outbound::default(),
            dev: false,
        }
    }
}

impl Config {
    /// Settings for a test: hashing that costs next to nothing, the rest as by default.
    #[must_use]
    pub fn for_testing() -> Self {
        let mut config = Self::default();
        config.auth.hashing = Hashing { memory_kib: 64, iterations: 1, parallelism: 1, at_once: 2, queue: 64 };
        config
    }
}
