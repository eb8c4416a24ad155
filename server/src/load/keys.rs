//! The table of keys: what each is called, what it takes, what it is for. The file, the
//! environment, `config show` and docs/configuration.md all come from it.

mod serving;
mod telling;

use super::{Draft, Given, LogFormat, Settings, channels, values};
use gate::duration::GoDuration;
use secrecy::SecretString;
use std::{path::PathBuf, time::Duration};

/// What kind of value a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One value.
    Plain,
    /// One value that is never shown, and can come from a file.
    Secret,
    /// Several values: a list in YAML, parted by commas in a variable.
    List,
}

/// A key of the configuration.
#[derive(Debug)]
pub struct Key {
    /// Its name; dots part the levels.
    pub path: &'static str,
    /// A shorter variable, without `DOORWARD_`, besides the one that the path gives.
    pub short: Option<&'static str>,
    /// What kind of value it takes.
    pub kind: Kind,
    /// What is expected, to be read after "expected".
    pub expects: &'static str,
    /// What it is for, in one sentence.
    pub about: &'static str,
    set: Set,
    show: fn(&Settings) -> String,
}

#[derive(Debug)]
enum Set {
    One(fn(&mut Draft, &str) -> values::Result<()>),
    Many(fn(&mut Draft, &[&str]) -> values::Result<()>),
}

impl Key {
    /// The variable without `DOORWARD_`.
    #[must_use]
    pub fn variable(&self) -> String {
        self.path.replace('.', "_").to_uppercase()
    }

    /// The value as it is shown.
    pub(super) fn show(&self, settings: &Settings) -> String {
        (self.show)(settings)
    }

    pub(super) fn set(&self, draft: &mut Draft, given: &Given) -> values::Result<()> {
        match (&self.set, given) {
            (Set::One(set), Given::One(text)) => set(draft, text),
            (Set::One(_), Given::Many(_)) => Err(format!("expected {}, not a list", self.expects)),
            (Set::Many(set), Given::Many(items)) => set(draft, &items.iter().map(String::as_str).collect::<Vec<_>>()),
            (Set::Many(set), Given::One(text)) => {
                set(draft, &text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect::<Vec<_>>())
            }
        }
    }
}

/// Every key there is.
pub fn all() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().chain(telling::KEYS).chain(serving::KEYS)
}

/// The key of this path.
pub(super) fn find(path: &str) -> Option<&'static Key> {
    all().find(|key| key.path == path)
}

/// The key of this variable, which comes without `DOORWARD_` and with single underscores.
pub(super) fn by_variable(bare: &str) -> Option<&'static Key> {
    all().find(|key| key.variable() == bare || key.short == Some(bare))
}

/// Whether keys lie below this path.
pub(super) fn is_section(path: &str) -> bool {
    let mut all = names().chain([channels::PATH]);
    all.any(|name| name.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

/// The names of all keys.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    all().map(|key| key.path)
}

const fn one(
    path: &'static str,
    expects: &'static str,
    about: &'static str,
    set: fn(&mut Draft, &str) -> values::Result<()>,
    show: fn(&Settings) -> String,
) -> Key {
    Key { path, short: None, kind: Kind::Plain, expects, about, set: Set::One(set), show }
}

const fn many(
    path: &'static str,
    expects: &'static str,
    about: &'static str,
    set: fn(&mut Draft, &[&str]) -> values::Result<()>,
    show: fn(&Settings) -> String,
) -> Key {
    Key { path, short: None, kind: Kind::List, expects, about, set: Set::Many(set), show }
}

impl Key {
    const fn secret(mut self) -> Self {
        self.kind = Kind::Secret;
        self
    }

    const fn short(mut self, name: &'static str) -> Self {
        self.short = Some(name);
        self
    }
}

const A_DURATION: &str = "a Go duration, like 1h30m";
const GIB_4: u32 = 4 * 1024 * 1024;

/// The keys of the server and of the product.
const KEYS: &[Key] = &[
    one(
        "listen",
        "an address and a port, like 127.0.0.1:8080",
        "Where to listen; `:8080` is every address.",
        |d, t| put(&mut d.settings.listen, values::listen(t)),
        |s| s.listen.to_string(),
    ),
    one(
        "data",
        "a folder",
        "The folder of the SQLite database and of the signing secret.",
        |d, t| put(&mut d.settings.data, Ok(PathBuf::from(t))),
        |s| s.data.display().to_string(),
    ),
    one(
        "database_url",
        "the address of a database, like postgres://user:password@host/name",
        "The database, where it is not `doorward.db` in the data folder.",
        |d, t| values::database_url(t).map(|()| d.settings.database_url = Some(t.into())),
        |s| {
            s.database_url.as_ref().map_or_else(
                || "doorward.db in the data folder".into(),
                |url| values::without_password(secrecy::ExposeSecret::expose_secret(url)),
            )
        },
    )
    .secret(),
    one(
        "public_url",
        "an address without a path, like https://door.example.com",
        "The address that people type.",
        |d, t| put(&mut d.settings.gate.http.public_url, values::public_url(t).map(Some)),
        |s| or_none(s.gate.http.public_url.clone()),
    ),
    many(
        "hosts",
        "a list of host names, like [door.example.com]",
        "Host names that are answered besides the public URL's, loopback names and IP addresses.",
        |d, items| put(&mut d.settings.gate.http.hosts, items.iter().map(|item| values::host(item)).collect()),
        |s| list(&s.gate.http.hosts),
    ),
    many(
        "trusted_proxies",
        "a list of addresses or networks, like [127.0.0.1, 10.0.0.0/8]",
        "Proxies whose forwarding headers are believed; nobody's are by default.",
        |d, items| {
            put(
                &mut d.settings.gate.http.trusted_proxies,
                items.iter().map(|item| item.parse().map_err(|e: gate::net::NetworkError| e.to_string())).collect(),
            )
        },
        |s| list(&s.gate.http.trusted_proxies),
    ),
    one(
        "insecure_http",
        "true or false",
        "Lets people sign in over plain http from other machines; everybody on the way can read along.",
        |d, t| put(&mut d.settings.gate.http.insecure_http, values::boolean(t)),
        |s| s.gate.http.insecure_http.to_string(),
    ),
    one(
        "scope_header",
        "the name of a header, like X-Doorward-Environment",
        "The header in which a request names the environment that it acts in.",
        |d, t| put(&mut d.settings.gate.http.scope_header, values::scope_header(t)),
        |s| s.gate.http.scope_header.to_string(),
    ),
    one(
        "auth.jwt_secret",
        "hex digits, 32 bytes are advised",
        "The signing secret; without it one is made and kept in `.doorward_jwt_secret`, or in the database with PostgreSQL.",
        |d, t| values::hex_secret(t).map(|()| d.settings.gate.auth.jwt_secret = Some(t.into())),
        |s| masked(s.gate.auth.jwt_secret.as_ref()),
    )
    .secret()
    .short("JWT_SECRET"),
    one(
        "auth.previous_jwt_secret",
        "hex digits, 32 bytes are advised",
        "The configured signing secret before this one, while what it signed and sealed is to stay good.",
        |d, t| values::hex_secret(t).map(|()| d.settings.gate.auth.previous_jwt_secret = Some(t.into())),
        |s| masked(s.gate.auth.previous_jwt_secret.as_ref()),
    )
    .secret(),
    one(
        "auth.master_key",
        "hex digits, 32 bytes are advised",
        "The key that secrets at rest are sealed with; without it the signing secret does it.",
        |d, t| values::hex_secret(t).map(|()| d.settings.gate.auth.master_key = Some(t.into())),
        |s| masked(s.gate.auth.master_key.as_ref()),
    )
    .secret()
    .short("MASTER_KEY"),
    one(
        "auth.access_ttl",
        A_DURATION,
        "How long an access token is good.",
        |d, t| put(&mut d.settings.gate.auth.access_ttl, values::duration(t)),
        |s| go(s.gate.auth.access_ttl),
    ),
    one(
        "auth.refresh_ttl",
        A_DURATION,
        "How long a remembered session, or a token session, lasts unused.",
        |d, t| put(&mut d.settings.gate.auth.refresh_ttl, values::duration(t)),
        |s| go(s.gate.auth.refresh_ttl),
    ),
    one(
        "auth.browser_ttl",
        A_DURATION,
        "How long a session lasts that is not remembered.",
        |d, t| put(&mut d.settings.gate.auth.browser_ttl, values::duration(t)),
        |s| go(s.gate.auth.browser_ttl),
    ),
    one(
        "auth.session_max",
        A_DURATION,
        "How long a session lasts at the most.",
        |d, t| put(&mut d.settings.gate.auth.session_max, values::duration(t)),
        |s| go(s.gate.auth.session_max),
    ),
    one(
        "auth.idle_ttl",
        "a Go duration, like 30m, or 0 for never",
        "After how long without a person's doing a session ends.",
        |d, t| put(&mut d.settings.gate.auth.idle_ttl, values::duration_or_off(t)),
        |s| s.gate.auth.idle_ttl.map_or_else(|| "0".into(), go),
    ),
    one(
        "auth.password_min",
        "a number from 8 to 64",
        "The fewest characters of a password.",
        |d, t| put(&mut d.settings.gate.auth.password_min, values::number(t, wire::password::MIN_BYTES..=64)),
        |s| s.gate.auth.password_min.to_string(),
    ),
    one(
        "auth.argon2.memory_kib",
        "a number from 8 to 4194304",
        "The memory that hashing a password takes, in KiB.",
        |d, t| put(&mut d.settings.gate.auth.hashing.memory_kib, values::number(t, 8..=GIB_4)),
        |s| s.gate.auth.hashing.memory_kib.to_string(),
    ),
    one(
        "auth.argon2.iterations",
        "a number from 1 to 100",
        "The passes over that memory.",
        |d, t| put(&mut d.settings.gate.auth.hashing.iterations, values::number(t, 1..=100)),
        |s| s.gate.auth.hashing.iterations.to_string(),
    ),
    one(
        "auth.argon2.parallelism",
        "a number from 1 to 64",
        "The lanes that it is parted into.",
        |d, t| put(&mut d.settings.gate.auth.hashing.parallelism, values::number(t, 1..=64)),
        |s| s.gate.auth.hashing.parallelism.to_string(),
    ),
    many(
        "auth.backends",
        "a list of builtin and ldap",
        "Who is asked whether a name and a password belong together, one after the other.",
        |d, items| put(&mut d.settings.gate.auth.backends, values::backends(items)),
        |s| values::shown_backends(&s.gate.auth.backends),
    ),
    many(
        "auth.admins",
        "a list of user ids, verified addresses and external subjects",
        "Who is admin whatever a mapping says.",
        |d, items| put(&mut d.settings.gate.auth.admins, Ok(items.iter().map(|item| (*item).to_owned()).collect())),
        |s| list(&s.gate.auth.admins),
    ),
    one(
        "auth.admin.username",
        "a username",
        "The admin that the first start makes, instead of the wizard.",
        |d, t| put(&mut d.admin.username, Ok(Some(t.to_owned()))),
        |s| or_none(s.gate.auth.admin.as_ref().map(|admin| admin.username.clone())),
    )
    .short("ADMIN_USERNAME"),
    one(
        "auth.admin.email",
        "an email address",
        "That admin's address; without a username its first part is the username.",
        |d, t| wire::check::email(t).map_or_else(|| put(&mut d.admin.email, Ok(Some(t.to_owned()))), Err),
        |s| or_none(s.gate.auth.admin.as_ref().and_then(|admin| admin.email.clone())),
    )
    .short("ADMIN_EMAIL"),
    one(
        "auth.admin.password",
        "a password",
        "That admin's password; without it one is made and printed once.",
        |d, t| put(&mut d.admin.password, Ok(Some(t.into()))),
        |s| masked(s.gate.auth.admin.as_ref().and_then(|admin| admin.password.as_ref())),
    )
    .secret()
    .short("ADMIN_PASSWORD"),
    one(
        "workspaces.personal",
        "true or false",
        "Whether whoever gets an account by signing in elsewhere gets a workspace of their own as well.",
        |d, t| put(&mut d.settings.gate.personal_workspaces, values::boolean(t)),
        |s| s.gate.personal_workspaces.to_string(),
    ),
    one(
        "keys.personal",
        "true or false",
        "Whether people may have API keys of their own; without it those that exist are silent.",
        |d, t| put(&mut d.settings.gate.keys.personal, values::boolean(t)),
        |s| s.gate.keys.personal.to_string(),
    ),
    one(
        "log.format",
        "one of auto, human, json",
        "How log lines are written: `auto` is for people on a terminal, and JSON elsewhere.",
        |d, t| {
            put(
                &mut d.settings.log_format,
                values::word(t, &[("auto", LogFormat::Auto), ("human", LogFormat::Human), ("json", LogFormat::Json)]),
            )
        },
        |s| format!("{:?}", s.log_format).to_lowercase(),
    ),
    one(
        "log.level",
        "one of error, warn, info, debug, trace",
        "The mildest log lines that are written; a release has none below debug.",
        |d, t| put(&mut d.settings.log_level, values::word(t, &LEVELS).map(str::to_owned)),
        |s| s.log_level.clone(),
    ),
];

const LEVELS: [(&str, &str); 5] = [("error", "error"), ("warn", "warn"), ("info", "info"), ("debug", "debug"), ("trace", "trace")];

fn put<T>(place: &mut T, value: values::Result<T>) -> values::Result<()> {
    *place = value?;
    Ok(())
}

fn go(duration: Duration) -> String {
    GoDuration(duration).to_string()
}

fn or_none(value: Option<String>) -> String {
    value.unwrap_or_else(|| "none".into())
}

fn masked(secret: Option<&SecretString>) -> String {
    secret.map_or("none", |_| "set, not shown").into()
}

fn list<T: ToString>(items: &[T]) -> String {
    if items.is_empty() { "none".into() } else { items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ") }
}
