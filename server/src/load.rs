//! The configuration: flags, then the environment, then a YAML file, then defaults. Nothing else
//! in the workspace reads the environment.

mod apps;
mod centrifugo;
mod channels;
mod check;
mod draft;
mod file;
mod keys;
mod mapping;
mod nearest;
mod oidc;
mod prints;
mod schema;
mod section;
#[cfg(test)]
mod tests;
mod traces;
mod trust;
mod values;
mod yaml;

pub use apps::{APP_KEYS, AppKey};
pub use channels::CHANNEL_KEYS;
pub use keys::{Key, Kind, all as all_keys};
pub use oidc::OIDC_KEYS;
pub use schema::schema;
pub use section::{SectionKey, Tables};
pub use trust::{ISSUER_KEYS, LDAP_KEYS};

use draft::{Admin, Draft, HalfCentrifugo, HalfTls, HalfWebhook};
use gate::config::Config;
use prints::Prints;
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// What the command line says about the configuration.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`: the file, instead of the usual places.
    pub config: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<String>,
    /// `--data`.
    pub data: Option<String>,
    /// `--dev`.
    pub dev: bool,
}

/// The environment as it was when the process began.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("variables", &self.variables.len()).finish()
    }
}

impl Environment {
    /// The environment of this process; what is not UTF-8 is left out.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        Self { variables: std::env::vars_os().filter_map(text).collect() }
    }

    /// An environment of these variables.
    #[cfg(test)]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        Self { variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect() }
    }

    /// A variable; an empty one counts as absent.
    fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people on a terminal, as JSON elsewhere.
    #[default]
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Everything that the binary is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The folder of the SQLite database and of the signing secret.
    pub data: PathBuf,
    /// The database, where it is not the SQLite file in the data folder.
    pub database_url: Option<SecretString>,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which log lines are written.
    pub log_level: String,
    /// Its own TLS, where no proxy in front has it.
    pub tls: Option<Tls>,
    /// Where the numbers for a watchdog are served to everybody.
    pub metrics: Option<SocketAddr>,
    /// What the product itself is told.
    pub gate: Config,
}

/// Where the certificate comes from.
#[derive(Debug, Clone)]
pub enum Tls {
    /// From two files.
    Files {
        /// The certificate, with the chain below it.
        cert: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// From an authority.
    Acme(doorward::acme::Settings),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data: PathBuf::from("data"),
            database_url: None,
            log_format: LogFormat::Auto,
            log_level: "info".into(),
            tls: None,
            metrics: None,
            gate: Config::default(),
        }
    }
}

/// Why the configuration can not be used: one sentence for each thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError(pub Vec<String>);

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for LoadError {}

/// The configuration, and where each part of it came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
    sources: BTreeMap<&'static str, String>,
    app_places: BTreeMap<String, String>,
    places: Vec<Section>,
    prints: Prints,
}

/// A section by its name: what is shown of it, where it stands, and what it is for.
type Section = (String, String, String, &'static str);

/// One line of `doorward config show`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    /// The key.
    pub key: String,
    /// Its value; never a secret.
    pub value: String,
    /// Where it came from: a flag, a variable, a line of a file, or `default`.
    pub source: String,
    /// What it is for.
    pub about: &'static str,
}

impl Loaded {
    /// Every key with its value and where that came from, then the apps; secrets are masked.
    #[must_use]
    pub fn show(&self) -> Vec<Shown> {
        let source = |key: &Key| self.sources.get(key.path).cloned().unwrap_or_else(|| "default".into());
        let keys = all_keys().map(|key| Shown {
            key: key.path.to_owned(),
            value: key.show(&self.settings),
            source: source(key),
            about: key.about,
        });
        let apps = self.settings.gate.apps.iter().map(|app| Shown {
            key: format!("apps.{}", app.slug),
            value: app.upstream.clone(),
            source: self.app_places.get(&app.slug.0).cloned().unwrap_or_default(),
            about: "An app, and its upstream.",
        });
        let section =
            |(name, value, place, about): &Section| Shown { key: name.clone(), value: value.clone(), source: place.clone(), about };
        let live = &self.settings.gate.live.channels;
        let channels = Shown {
            key: channels::PATH.to_owned(),
            value: if live.is_empty() {
                "none".into()
            } else {
                live.iter().map(|rule| rule.channel.as_str()).collect::<Vec<_>>().join(", ")
            },
            source: self.sources.get(channels::PATH).cloned().unwrap_or_else(|| "default".into()),
            about: "Rules of live channels.",
        };
        keys.chain(self.places.iter().map(section)).chain([channels]).chain(apps).collect()
    }
}

/// A value as a source gives it.
#[derive(Hash)]
enum Given {
    One(String),
    Many(Vec<String>),
}

/// Gathers what the sources give and what is wrong with it.
#[derive(Default)]
struct Reading {
    draft: Draft,
    sources: BTreeMap<&'static str, String>,
    /// Where each app stands.
    app_places: BTreeMap<String, String>,
    /// The other sections that stand in the file.
    places: Vec<Section>,
    /// By what another reading is told from this one.
    prints: Prints,
    /// The files that were looked at.
    files: Vec<PathBuf>,
    problems: Vec<String>,
}

impl Reading {
    /// Takes note of what is wrong about a key, at the place where the key, or what lies below it, was
    /// given.
    fn wrong(&mut self, path: &str, problem: &str) {
        let given = |(key, _): &(&&'static str, &String)| **key == path || key.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        let place = self.sources.iter().find(given).map(|(_, place)| format!("{place}: ")).unwrap_or_default();
        self.problems.push(format!("{place}{path}: {problem}"));
    }

    /// Takes a value for a key from a place that an operator can find.
    fn take(&mut self, key: &'static Key, place: &str, given: &Given) {
        match key.set(&mut self.draft, given) {
            Ok(()) => {
                self.sources.insert(key.path, place.to_owned());
                self.prints.note(key.path, given);
            }
            Err(problem) => self.problems.push(format!("{place}: {}: {problem}", key.path)),
        }
    }
}

/// Reads the configuration.
///
/// # Errors
/// Everything that is wrong with it, with file, line, key and what was expected; never a secret.
pub fn load(flags: &Flags, environment: &Environment) -> Result<Loaded, LoadError> {
    load_with_files(flags, environment).0
}

/// The same, with all files that were looked at, also where something is wrong: the configuration's own
/// first, then those that it names secrets in.
pub fn load_with_files(flags: &Flags, environment: &Environment) -> (Result<Loaded, LoadError>, Vec<PathBuf>) {
    let mut reading = Reading::default();
    let file = match find_file(flags, environment) {
        Ok(file) => file,
        Err(error) => return (Err(error), flags.config.clone().into_iter().collect()),
    };
    if let Some(file) = &file {
        file::read(&mut reading, file, environment);
    }
    read_environment(&mut reading, environment);
    centrifugo::read(&mut reading, environment);
    traces::read(&mut reading, environment);
    read_flags(&mut reading, flags);
    reading.draft.settings.gate.dev = flags.dev;
    check::whole(&mut reading);
    if !reading.problems.is_empty() {
        return (Err(LoadError(reading.problems)), reading.files);
    }
    let loaded = Loaded {
        settings: reading.draft.settings,
        file,
        sources: reading.sources,
        app_places: reading.app_places,
        places: reading.places,
        prints: reading.prints,
    };
    (Ok(loaded), reading.files)
}

/// The first file of the usual places that exists, or the one that was named.
fn find_file(flags: &Flags, environment: &Environment) -> Result<Option<PathBuf>, LoadError> {
    let named = flags.config.clone().or_else(|| environment.get("DOORWARD_CONFIG").map(PathBuf::from));
    if let Some(named) = named {
        return match std::fs::metadata(&named) {
            Ok(_) => Ok(Some(named)),
            Err(error) => Err(LoadError(vec![format!("{}: the configuration file can not be read: {error}", named.display())])),
        };
    }
    let home = environment
        .get("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| environment.get("HOME").map(|home| Path::new(home).join(".config")));
    let usual = [Some(PathBuf::from(".")), home.map(|home| home.join("doorward")), Some("/etc/doorward".into())];
    Ok(usual.into_iter().flatten().map(|folder| folder.join("doorward.yaml")).find(|file| file.is_file()))
}

/// Takes a secret from a file.
fn take_file(reading: &mut Reading, key: &'static Key, place: &str, file: &Path) {
    match reading.text_of(file) {
        Ok(text) => {
            reading.take(key, &format!("{place} ({})", file.display()), &Given::One(text.trim_end_matches(['\r', '\n']).to_owned()));
        }
        Err(error) => reading.problems.push(format!("{place}: {}: the file {} can not be read: {error}", key.path, file.display())),
    }
}

/// Variables with our prefix that mean something else.
fn is_foreign(name: &str) -> bool {
    // Kubernetes makes these for a service called doorward.
    let by_kubernetes = name == "PORT" || name.starts_with("PORT_") || name == "SERVICE_HOST" || name.starts_with("SERVICE_PORT");
    by_kubernetes || matches!(name, "CONFIG" | "SITE" | "BIN" | "VERSION")
}

fn read_environment(reading: &mut Reading, environment: &Environment) {
    let mut seen: BTreeMap<&'static str, &str> = BTreeMap::new();
    for name in environment.variables.keys() {
        let Some(value) = environment.get(name) else { continue };
        let bare = match name.strip_prefix("DOORWARD_") {
            Some(bare) => bare.replace("__", "_"),
            None if name == "DATABASE_URL" => name.clone(),
            None => continue,
        };
        let (key, is_file) = match (keys::by_variable(&bare), bare.strip_suffix("_FILE").and_then(keys::by_variable)) {
            (Some(key), _) => (key, false),
            (None, Some(key)) if key.kind == Kind::Secret => (key, true),
            _ if let Some(key) = oidc::by_variable(&bare) => {
                oidc::take(reading, name, key, value);
                continue;
            }
            _ if is_foreign(&bare) => continue,
            _ => {
                let near = nearest::nearest(&bare, all_keys().map(Key::variable));
                let near = near.map_or_else(String::new, |near| format!("; did you mean DOORWARD_{near}?"));
                reading.problems.push(format!("{name}: there is no setting for this variable{near}"));
                continue;
            }
        };
        if let Some(other) = seen.insert(key.path, name) {
            // The prefixed name is ours alone; DATABASE_URL may be there for somebody else.
            if other == "DATABASE_URL" || name == "DATABASE_URL" {
                if name == "DATABASE_URL" {
                    continue;
                }
            } else {
                reading.problems.push(format!("{name}: {} is set by {other} as well; keep one of the two", key.path));
                continue;
            }
        }
        if is_file {
            take_file(reading, key, name, Path::new(value));
        } else {
            reading.take(key, name, &Given::One(value.to_owned()));
        }
    }
}

fn read_flags(reading: &mut Reading, flags: &Flags) {
    for (path, value) in [("listen", &flags.listen), ("data", &flags.data)] {
        if let (Some(value), Some(key)) = (value, keys::find(path)) {
            reading.take(key, &format!("--{path}"), &Given::One(value.clone()));
        }
    }
}
