//! Putting a [`Gate`] together.

mod short;

pub use short::Lifetimes;

use crate::{
    apps::{self, health::Watch, live::LiveApps, traffic::Counters},
    audit::{self, Writer},
    backends::{Backend, Backends, Own, StaticUser, Terms},
    background::Background,
    bus,
    clock::{self, Clock},
    config::Config,
    connections::{self, Connections},
    db::{OpenError, Store, notify},
    gate::{Gate, Inner},
    hash::Hasher,
    heard::Heard,
    identities,
    issuers::{self, Issuers},
    jwks::{self, Jwks},
    keys::{
        self,
        live::LiveKeys,
        refused::Refusals,
        used::{self, Uses},
    },
    live::{self, relay::Relay, writer::Publisher},
    mapping::jq::Runner,
    metrics::Metrics,
    outbound::Outbound,
    presence::Presence,
    proxy::{
        Signer, Upstreams, cookies,
        identity::{self, Sayings},
    },
    random::{self, Random},
    reconfigure::Running,
    roles::{self, RoleSet},
    secret::{self, Secret},
    sessions::{
        access::{self, Recognised},
        throttle::Throttle,
        upkeep,
    },
    settings::State,
    setup::{self, SetupCode},
    sso::{self, live::LiveProviders},
    stats,
    trace::Tracer,
    trust::Trust,
    users::admins::Admins,
    workspaces::{self, live::LiveWorkspaces},
};
use std::sync::{Arc, Mutex, RwLock, atomic::AtomicU16};

/// What a [`Gate`] is made of; all of it has a default.
pub struct GateBuilder {
    store: Store,
    config: Config,
    secret: Option<Secret>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    backends: Vec<Own>,
    users: Vec<StaticUser>,
    entry: setup::Entry,
}

impl Gate {
    /// Begins to put one together: in memory, with the default settings, until told otherwise.
    #[must_use]
    pub fn builder() -> GateBuilder {
        GateBuilder {
            store: Store::Memory,
            config: Config::default(),
            secret: None,
            clock: Arc::new(clock::System),
            random: Arc::new(random::Os),
            backends: Vec::new(),
            users: Vec::new(),
            entry: setup::Entry::AsKept,
        }
    }
}

impl GateBuilder {
    /// Where the data lies.
    #[must_use]
    pub fn store(mut self, store: Store) -> Self {
        self.store = store;
        self
    }

    /// The settings.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// The signing secret, unless it is configured. When nothing is said, it is kept in a file beside a
    /// SQLite database, in a PostgreSQL database, and nowhere where the data is in memory.
    #[must_use]
    pub fn secret(mut self, secret: Secret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Where time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where randomness comes from.
    #[must_use]
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Somebody else who knows passwords; asked after those of the configuration. Nobody has to set
    /// anything up then, and one has to sign in.
    #[must_use]
    pub fn backend(mut self, backend: impl Backend, terms: Terms) -> Self {
        self.backends.push(Own::new(backend, terms));
        self.entry = setup::Entry::ByCode;
        self
    }

    /// Opens the store, brings its schema up to date, finds the signing secret, makes the bootstrap
    /// admin where one is configured and nobody exists, and starts what runs beside requests.
    ///
    /// # Errors
    /// A sentence for the operator; nothing was started then.
    pub async fn build(self) -> Result<Gate, OpenError> {
        let Self { store, mut config, secret, clock, random, mut backends, users, entry } = self;
        let secret_file = secret::place(secret, &store, &mut config.auth, &*random);
        let hasher = Hasher::new(config.auth.hashing).map_err(OpenError::Config)?;
        if config.auth.password_min < wire::password::MIN_BYTES || config.auth.password_min > 64 {
            return Err(OpenError::Config(format!("auth.password_min is {}; 8 to 64 is possible.", config.auth.password_min)));
        }
        config.audit.check().map_err(OpenError::Config)?;
        config.check_providers().map_err(|problems| OpenError::Config(problems.join("\n")))?;
        config.live.check().map_err(OpenError::Config)?;
        let trust = Trust::of(&config.outbound).map_err(OpenError::Config)?;
        config.http.check_prefix().map_err(OpenError::Config)?;
        backends.extend(Own::of(users).map_err(OpenError::Config)?);
        let configured = apps::configured::read(&config, clock.now()).map_err(|problems| OpenError::Config(problems.join("\n")))?;
        let (tracer, exporter) = Tracer::new(&config.traces).map_err(OpenError::Config)?.unzip();
        let (db, is_new) = store.open().await?;
        let away = |error: sqlx::Error| OpenError::Away { place: store.place(), cause: error.to_string() };
        let backends = Backends::new(&config, &trust, &db, &hasher, backends).map_err(OpenError::Config)?;
        let issuers = Issuers::new(&config.auth.issuers).map_err(OpenError::Config)?;
        let found = secret::kept::find(&config.auth, secret_file.as_deref(), &store, &db, &*random, clock.now()).await?;
        if is_new && found.is_old {
            // The database was lost beside a kept secret: nobody may claim it without the code.
            crate::settings::store::insert_if_absent(db.pool(), "setup_code_always", "1").await.map_err(away)?;
        }
        let state = State::read(&db).await.map_err(away)?;
        let roles = RoleSet::with(roles::store::all(db.pool()).await.map_err(away)?);
        let seq = crate::db::bus::last(db.pool()).await.map_err(away)?;
        let setup_code = SetupCode::of(&db, &found.keys, &*random).await.map_err(away)?;
        let hub = live::reader::hub(&db).await.map_err(away)?;
        let publisher = Publisher::start(db.clone());
        let writer = Writer::start(db.clone(), publisher.clone());
        let metrics = Arc::new(Metrics::default());
        let started_at = clock.now();
        let gate = Gate(Arc::new(Inner {
            setup_code,
            throttle: Throttle::default(),
            presence: Presence::default(),
            recognised: Recognised::with_room_for(access::MOST),
            sayings: Sayings::with_room_for(identity::MOST),
            known_cookies: cookies::Known::with_room_for(cookies::MOST),
            live_keys: LiveKeys::with_room_for(keys::live::MOST),
            live_workspaces: LiveWorkspaces::with_room_for(workspaces::live::MOST),
            apps: LiveApps::new(configured),
            watch: Watch::default(),
            traffic: Counters::default(),
            upstreams: Upstreams::new(&trust),
            signer: Signer::new(&found.keys),
            connections: Connections::default(),
            hub,
            publisher,
            relay: Relay::default(),
            port: AtomicU16::new(0),
            app_changes: tokio::sync::watch::Sender::new(0),
            outbound: Outbound::new(&trust),
            trust,
            tracer,
            issuers,
            jwks: Jwks::default(),
            runner: Runner::default(),
            running: Running::new(&config),
            providers: LiveProviders::new(config.auth.oidc.clone(), started_at),
            uses: Uses::default(),
            refusals: Refusals::default(),
            admins: Admins::default(),
            state: RwLock::new(Arc::new(state)),
            roles: RwLock::new(Arc::new(roles)),
            place: store.place(),
            keys: found.keys,
            secret_source: found.source,
            stats: stats::Cache::default(),
            metrics,
            heard: Heard::default(),
            bootstrap: Mutex::new(None),
            background: Background::default(),
            config,
            db,
            clock,
            random,
            hasher,
            backends,
            writer,
            started_at,
        }));
        setup::bootstrap(&gate).await.map_err(|error| OpenError::Config(format!("auth.admin: {error}")))?;
        setup::enter(&gate, entry).await.map_err(|error| OpenError::Config(error.to_string()))?;
        gate.admins().reload(gate.db()).await;
        apps::live::reload(&gate).await;
        apps::live::warn_of_missing_workspaces(&gate).await;
        sso::live::reload(&gate).await;
        if let Err(error) = identities::raise_listed(&gate).await {
            tracing::error!(%error, "those whom auth.admins names could not be made admins");
        }
        let sealed = secret::rotate::seal_anew(&gate.system("start")).await;
        sealed.map_err(|error| OpenError::Secret(format!("Secrets at rest could not be sealed anew: {error}")))?;
        gate.background().start(bus::listen(gate.clone(), seq));
        gate.background().start(notify::run(gate.clone()));
        gate.background().start(live::reader::run(gate.clone()));
        gate.background().start(live::reader::trim_on(gate.clone()));
        gate.background().start(live::relay::run(gate.clone()));
        gate.background().start(upkeep::run(gate.clone()));
        gate.background().start(used::run(gate.clone()));
        gate.background().start(apps::health::run(gate.clone()));
        gate.background().start(apps::traffic::run(gate.clone()));
        gate.background().start(connections::run(gate.clone()));
        gate.background().start(audit::chain::run(gate.clone()));
        gate.background().start(jwks::run(gate.clone()));
        issuers::start(&gate);
        gate.background().start(sso::watch::run(gate.clone()));
        if let Some(exporter) = exporter {
            gate.background().start(exporter.run(gate.clone()));
        }
        audit::sinks::start(&gate);
        Ok(gate)
    }
}
