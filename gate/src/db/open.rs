//! Opening a store: pragmas, pools, migrations, and refusals that an operator can act on.

use super::{Db, Engine, name, writing::OpenFile};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    AnyConnection, AnyPool, Connection,
    any::{AnyPoolOptions, install_default_drivers},
    migrate::{MigrateError, Migrator},
};
use std::{
    path::PathBuf,
    sync::{Arc, RwLock},
    time::Duration,
};
use tokio::sync::{Semaphore, watch};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");
/// What PostgreSQL needs besides; the two folders share one sequence of numbers.
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgres");

/// Where the data lies.
#[derive(Debug, Clone)]
pub enum Store {
    /// In memory, gone with the process; SQLite all the same.
    Memory,
    /// In this SQLite file; made when it is not there.
    Sqlite(PathBuf),
    /// In PostgreSQL, at this address.
    Postgres(SecretString),
}

impl Store {
    /// Reads a database's address: `sqlite:PATH`, `sqlite::memory:`, `postgres://…`.
    ///
    /// # Errors
    /// A sentence, when it is neither.
    pub fn parse(url: &str) -> Result<Self, String> {
        match url.split_once(':') {
            Some(("sqlite", ":memory:")) => Ok(Self::Memory),
            Some(("sqlite", path)) => Ok(Self::Sqlite(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(url.to_owned().into())),
            _ => Err("the database's address starts with sqlite: or postgres://".into()),
        }
    }
}

/// Why Doorward did not open; each is a sentence for an operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database is of a newer Doorward.
    #[error(
        "The database was made by a newer Doorward (schema {0}). It was not touched. Run that version, or restore a backup from before the upgrade."
    )]
    NewerSchema(i64),
    /// The database can not be written.
    #[error(
        "The database at {0} can not be written. Check that the user who runs Doorward owns the file and its folder, and that the disk is not read-only or full."
    )]
    ReadOnly(String),
    /// Somebody else holds the database.
    #[error("The database at {0} is locked by another program. Stop that program and start again.")]
    Locked(String),
    /// It is no database of ours.
    #[error("{0} is not a database of Doorward's, or it is damaged. It was not touched. Give another --data folder, or restore a backup.")]
    Damaged(String),
    /// The database can not be reached.
    #[error("The database at {place} does not answer: {cause}")]
    Away {
        /// The address, without the password.
        place: String,
        /// What the driver said.
        cause: String,
    },
    /// The signing secret is not usable.
    #[error("{0}")]
    Secret(String),
    /// A setting can not work.
    #[error("{0}")]
    Config(String),
}

impl Store {
    /// The place in words, never with a password.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Memory => "memory".into(),
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres(url) => {
                let url = url.expose_secret();
                let after = url.rsplit_once('@').map_or_else(|| url.split_once("://").map_or(url, |(_, rest)| rest), |(_, host)| host);
                format!("postgres://{}", after.split('?').next().unwrap_or_default())
            }
        }
    }

    /// Opens the store and brings its schema up to date; tells also whether it was new.
    ///
    /// # Errors
    /// When it can not be opened, written, or is newer than this program.
    pub(crate) async fn open(&self) -> Result<(Db, bool), OpenError> {
        let (feature, is_built) = match self {
            Self::Memory | Self::Sqlite(_) => ("sqlite", cfg!(feature = "sqlite")),
            Self::Postgres(_) => ("postgres", cfg!(feature = "postgres")),
        };
        if !is_built {
            return Err(OpenError::Config(format!("This program was built without the feature `{feature}`, which this store needs.")));
        }
        install_default_drivers();
        let place = self.place();
        let refuse = |error: sqlx::Error| explain(&place, &error);
        let options = AnyPoolOptions::new().acquire_timeout(Duration::from_secs(10));
        let mut file = None;
        let (pool, engine) = match self {
            Self::Memory => {
                // One connection that never ends: the database is as old as it.
                let options = options.max_connections(1).idle_timeout(None).max_lifetime(None);
                (with_pragmas(options).connect("sqlite::memory:").await.map_err(refuse)?, Engine::Sqlite)
            }
            Self::Sqlite(path) => {
                keep_private(path).map_err(|cause| OpenError::Away { place: place.clone(), cause: cause.to_string() })?;
                // It is there by now: where somebody takes it away later none is made in its place.
                let url = format!("sqlite:{}?mode=rw", path.display());
                try_once(&url).await.map_err(refuse)?;
                let opened =
                    OpenFile::at(path.clone()).map_err(|cause| OpenError::Away { place: place.clone(), cause: cause.to_string() })?;
                let opened = Arc::new(opened);
                // All are opened at the start and stay: should the file be taken away, none has to be opened for who reads.
                let options = options.min_connections(SQLITE).max_connections(SQLITE).idle_timeout(None).max_lifetime(None);
                let options = options.after_release(|connection, _| Box::pin(is_whole(connection)));
                let options = of_one_file(options, opened.clone());
                file = Some(opened);
                (options.connect(&url).await.map_err(refuse)?, Engine::Sqlite)
            }
            // Whoever waits for a connection tries again after a fifth of this at most: the sooner it is back.
            Self::Postgres(url) => {
                let options = options.max_connections(16).acquire_timeout(Duration::from_secs(5));
                (options.connect(url.expose_secret()).await.map_err(refuse)?, Engine::Postgres)
            }
        };
        let is_new = sqlx::query("SELECT 1 FROM _sqlx_migrations LIMIT 1").fetch_optional(&pool).await.is_err();
        migrate_to(&pool, engine, &place, i64::MAX).await?;
        let writer = (engine == Engine::Sqlite).then(|| Arc::new(Semaphore::new(1)));
        let server = match self {
            Self::Postgres(url) => Some(url.clone()),
            Self::Memory | Self::Sqlite(_) => None,
        };
        let node = Arc::new(RwLock::new(name()));
        let (wakes, times, writing) = (watch::Sender::new(0), Arc::default(), Arc::default());
        Ok((Db { pool, engine, writer, server, node, wakes, times, file, writing }, is_new))
    }
}

/// How many connections there are to a SQLite file. One writes at a time; this many read.
const SQLITE: u32 = 8;

/// The last migration of this program, for whichever engine.
pub(crate) fn newest_schema() -> i64 {
    MIGRATIONS.iter().chain(POSTGRES_MIGRATIONS.iter()).map(|migration| migration.version).max().unwrap_or(0)
}

impl Db {
    /// A new database in memory with the schema of an older Doorward, up to this migration.
    ///
    /// # Errors
    /// When it can not be opened.
    pub(crate) async fn scratch(version: i64) -> Result<Self, OpenError> {
        const PLACE: &str = "the scratch database";
        install_default_drivers();
        let options = AnyPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let pool = with_pragmas(options).connect("sqlite::memory:").await.map_err(|error| explain(PLACE, &error))?;
        migrate_to(&pool, Engine::Sqlite, PLACE, version).await?;
        Ok(Self {
            pool,
            engine: Engine::Sqlite,
            writer: None,
            server: None,
            node: Arc::new(RwLock::new(name())),
            wakes: watch::Sender::new(0),
            times: Arc::default(),
            file: None,
            writing: Arc::default(),
        })
    }

    /// Runs the migrations that were not run yet.
    ///
    /// # Errors
    /// When one of them fails.
    pub(crate) async fn bring_up_to_date(&self) -> Result<(), OpenError> {
        migrate_to(&self.pool, self.engine, "the scratch database", i64::MAX).await
    }
}

/// Makes the database's file, readable by its owner alone, before the driver would make it otherwise.
fn keep_private(path: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(file) => file.set_permissions(std::fs::Permissions::from_mode(0o600)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// FULL: what was acknowledged survives a power cut too, not only the end of the process.
const PRAGMAS: [&str; 4] =
    ["PRAGMA busy_timeout = 5000", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON"];

async fn set_pragmas(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for pragma in PRAGMAS {
        sqlx::query(pragma).execute(&mut *connection).await?;
    }
    Ok(())
}

fn with_pragmas(options: AnyPoolOptions) -> AnyPoolOptions {
    options.after_connect(|connection, _| Box::pin(set_pragmas(connection)))
}

/// The same, for connections to this file alone: not to another that somebody has put in its place.
fn of_one_file(options: AnyPoolOptions, file: Arc<OpenFile>) -> AnyPoolOptions {
    options.after_connect(move |connection, _| {
        let file = file.clone();
        Box::pin(async move {
            file.check()?;
            set_pragmas(connection).await
        })
    })
}

/// Whether a connection may be used again. Where the disk is full SQLite takes a transaction back by itself,
/// after which the driver believes that it is still open, for ever.
async fn is_whole(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    // What was begun is taken back by then.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Tries a file apart from the pool, which would try again until its time is up and then not know why.
async fn try_once(url: &str) -> Result<(), sqlx::Error> {
    let mut connection = AnyConnection::connect(url).await?;
    set_pragmas(&mut connection).await?;
    connection.close().await
}

/// Runs the migrations up to this one that were not run yet.
pub(super) async fn migrate_to(pool: &AnyPool, engine: Engine, place: &str, version: i64) -> Result<(), OpenError> {
    let more = (engine == Engine::Postgres).then_some(&POSTGRES_MIGRATIONS);
    let all = MIGRATIONS.iter().chain(more.into_iter().flat_map(Migrator::iter)).filter(|migration| migration.version <= version);
    Migrator::with_migrations(all.cloned().collect()).run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) | MigrateError::VersionTooNew(version, _) => OpenError::NewerSchema(version),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => explain(place, &error),
        other => OpenError::Damaged(format!("{place} ({other})")),
    })
}

fn explain(place: &str, error: &sqlx::Error) -> OpenError {
    let text = error.to_string();
    let place = place.to_owned();
    let unwritable = ["readonly", "read-only", "unable to open database file", "disk I/O error", "disk is full", "No space left"];
    if unwritable.iter().any(|words| text.contains(words)) {
        OpenError::ReadOnly(place)
    } else if text.contains("database is locked") {
        OpenError::Locked(place)
    } else if text.contains("not a database") || text.contains("malformed") {
        OpenError::Damaged(place)
    } else {
        OpenError::Away { place, cause: text }
    }
}
