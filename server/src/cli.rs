//! The command line: one file for each group of commands.

mod app;
mod audit;
mod auth;
mod backup;
mod config;
mod doctor;
mod healthcheck;
mod import;
mod key;
mod openapi;
mod print;
mod reload;
mod role;
mod secret;
mod serve;
mod session;
mod user;
mod whereabouts;

use crate::load::{self, Environment, Flags, LoadError, Loaded, Settings};
use clap::{CommandFactory, Parser, Subcommand};
use doorward::{
    Doorward, Secret,
    gate::{self, Ctx, OpenError, Store},
};
use secrecy::ExposeSecret;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The front door for self-hosted dashboards and APIs.
#[derive(Debug, Parser)]
#[command(name = "doorward", version, about, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// The configuration file, instead of ./doorward.yaml and the usual places
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the SQLite database and of the signing secret
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the dashboard and the API
    Serve(serve::Serve),
    /// Add people, see them, change them
    #[command(subcommand)]
    User(user::User),
    /// See roles, make and delete them
    #[command(subcommand)]
    Role(role::Role),
    /// See API keys, make and revoke them
    #[command(subcommand)]
    Key(key::Key),
    /// See who is signed in, and end sessions
    #[command(subcommand)]
    Session(session::Session),
    /// Turn sign-in on or off
    #[command(subcommand)]
    Auth(auth::Auth),
    /// See the guarded apps, look at their upstreams, and try their rules out
    #[command(subcommand)]
    App(app::App),
    /// Read and export the audit log, and check that nobody changed it
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Put another signing secret in the place of this one
    #[command(subcommand)]
    Secret(secret::Secret),
    /// Write everything that lasts into one file, while the server runs
    Backup(backup::Backup),
    /// Put a backup in the place of what there is
    Restore(backup::Restore),
    /// Take over the accounts of another program
    #[command(subcommand)]
    Import(import::Import),
    /// Print the description of the REST API (OpenAPI 3.1)
    Openapi,
    /// See and check the configuration
    #[command(subcommand)]
    Config(config::Config),
    /// Ask a running server whether it is ready
    Healthcheck(healthcheck::Healthcheck),
    /// Attack an installation from outside, and tell what to change; exit code 1 when there is something
    Doctor(doctor::Doctor),
    /// Print the completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Why a command did not do what it should: a sentence, and the exit code.
#[derive(Debug)]
pub struct Trouble {
    text: String,
    code: u8,
}

impl Trouble {
    /// It went wrong: exit code 1.
    pub fn failed(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 1 }
    }

    /// It was asked for in a wrong way: exit code 2.
    pub fn usage(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 2 }
    }

    /// It was done, and the answer is no: exit code 1, and nothing more to say.
    pub fn refused() -> Self {
        Self::failed("")
    }

    /// Writes the sentence to standard error.
    pub fn tell(&self) -> ExitCode {
        if !self.text.is_empty() {
            eprintln!("{}", self.text);
        }
        ExitCode::from(self.code)
    }
}

impl From<LoadError> for Trouble {
    fn from(error: LoadError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Self {
        match error {
            // What an operator wrote, not what a machine did.
            OpenError::Config(_) => Self::usage(error.to_string()),
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<gate::Error> for Trouble {
    fn from(error: gate::Error) -> Self {
        Self::failed(error.into_failure("").detail)
    }
}

/// Runs a command.
///
/// # Errors
/// A sentence for the one who typed it.
pub async fn run(cli: Cli, environment: &Environment) -> Result<(), Trouble> {
    let flags = Flags { config: cli.config, data: cli.data, ..Flags::default() };
    match cli.command {
        Command::Serve(serve) => {
            let flags = Flags { listen: serve.listen, dev: serve.dev, ..flags };
            let (loaded, files) = load::load_with_files(&flags, environment);
            serve::run(loaded?, reload::Follower::new(flags, environment.clone(), files)).await
        }
        Command::User(command) => {
            let absent = command.on_absent();
            in_shop(&flags, environment, absent, async |shop| user::run(shop, command).await).await
        }
        Command::Role(command) => in_shop(&flags, environment, Absent::Refuse, async |shop| role::run(shop, command).await).await,
        Command::Key(command) => in_shop(&flags, environment, Absent::Refuse, async |shop| key::run(shop, command).await).await,
        Command::Session(command) => in_shop(&flags, environment, Absent::Refuse, async |shop| session::run(shop, command).await).await,
        Command::Auth(command) => in_shop(&flags, environment, Absent::Refuse, async |shop| auth::run(shop, &command).await).await,
        Command::App(command) => in_shop(&flags, environment, Absent::Refuse, async |shop| app::run(shop, command).await).await,
        Command::Audit(command) => in_shop(&flags, environment, Absent::Refuse, async |shop| audit::run(shop, &command).await).await,
        Command::Secret(command) => in_shop(&flags, environment, Absent::Refuse, async |shop| secret::run(shop, &command).await).await,
        Command::Backup(command) => in_shop(&flags, environment, Absent::Refuse, async |shop| backup::backup(shop, &command).await).await,
        Command::Restore(command) => in_shop(&flags, environment, Absent::Make, async |shop| backup::restore(shop, &command).await).await,
        Command::Import(command) => {
            let absent = command.on_absent();
            in_shop(&flags, environment, absent, async |shop| import::run(shop, command).await).await
        }
        Command::Config(command) => config::run(&command, load::load(&flags, environment)),
        Command::Openapi => openapi::run(),
        Command::Healthcheck(command) => {
            // With an address no configuration is needed, so none can be wrong.
            let settings = if command.has_url() { Settings::default() } else { load::load(&flags, environment)?.settings };
            healthcheck::run(&command, settings.listen, settings.tls.is_some()).await
        }
        Command::Doctor(command) => doctor::run(&command, &load::load(&flags, environment)?.settings).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "doorward", &mut script);
            print::bytes(&script);
            Ok(())
        }
    }
}

/// What a command does where there is no SQLite file yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absent {
    /// It makes no sense before the server was ever started.
    Refuse,
    /// It may be the first: the file is made.
    Make,
    /// It changes nothing, so an empty database in memory is as good.
    Imagine,
}

/// Runs a command on the product as it is configured, and closes it.
async fn in_shop(
    flags: &Flags,
    environment: &Environment,
    absent: Absent,
    work: impl AsyncFnOnce(&Shop) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let loaded = load::load(flags, environment)?;
    let shop = Shop::open(&loaded.settings, absent).await?;
    let outcome = work(&shop).await;
    shop.close(outcome).await
}

/// The store that the settings name, and the file of the signing secret that goes with it.
fn place(settings: &Settings) -> Result<(Store, PathBuf), Trouble> {
    const SECRET: &str = ".doorward_jwt_secret";
    let store = match &settings.database_url {
        Some(url) => Store::parse(url.expose_secret()).map_err(|problem| Trouble::usage(format!("database_url: {problem}")))?,
        None => Store::Sqlite(settings.data.join("doorward.db")),
    };
    let beside = match &store {
        Store::Sqlite(file) => file.parent().map(Path::to_path_buf).unwrap_or_default(),
        Store::Memory | Store::Postgres(_) => PathBuf::new(),
    };
    Ok((store, beside.join(SECRET)))
}

/// The folder of a SQLite database, where there is one.
fn folder(store: &Store) -> Option<&Path> {
    match store {
        Store::Sqlite(file) => file.parent().filter(|folder| !folder.as_os_str().is_empty()),
        Store::Memory | Store::Postgres(_) => None,
    }
}

/// The product, opened by a command beside a server that may be running.
struct Shop {
    door: Doorward,
    listen: std::net::SocketAddr,
}

impl Shop {
    /// Opens the store that the settings name.
    async fn open(settings: &Settings, absent: Absent) -> Result<Self, Trouble> {
        telemetry_for_commands(settings);
        let (mut store, secret) = place(settings)?;
        let mut secret = Some(Secret::file(secret));
        if let Store::Sqlite(file) = &store
            && !file.exists()
        {
            match absent {
                Absent::Refuse => {
                    return Err(Trouble::failed(format!(
                        "There is no database at {}. Start doorward serve first, or name its folder with --data.",
                        file.display()
                    )));
                }
                Absent::Make => serve::make_folder(folder(&store))?,
                Absent::Imagine => {
                    eprintln!("There is no database at {} yet; it is as if there were an empty one.", file.display());
                    (store, secret) = (Store::Memory, None);
                }
            }
        }
        let mut config = settings.gate.clone();
        // The first admin is made, and its password printed, by the server alone.
        config.auth.admin = None;
        // So are events shipped: a command's standard output is its own.
        config.audit.sinks.clear();
        config.audit.webhook = None;
        let mut builder = Doorward::builder().store(store).config(config);
        if let Some(secret) = secret {
            builder = builder.secret(secret);
        }
        let door = builder.build().await?;
        Ok(Self { door, listen: settings.listen })
    }

    /// The context of somebody at the server's own shell.
    fn ctx(&self) -> Ctx {
        self.door.gate().system("command line")
    }

    /// Writes everything down before the command ends.
    async fn close(self, outcome: Result<(), Trouble>) -> Result<(), Trouble> {
        self.door.close().await;
        outcome
    }
}

/// A command says what it has to say by itself; of the log only warnings are of interest.
fn telemetry_for_commands(settings: &Settings) {
    let quiet = Settings { log_level: "warn".into(), log_format: load::LogFormat::Human, ..settings.clone() };
    crate::telemetry::start(&quiet);
}

/// What a configuration that was read says of itself.
fn describe(loaded: &Loaded) -> String {
    match &loaded.file {
        Some(file) => file.display().to_string(),
        None => "no file; the environment and the defaults".into(),
    }
}
