//! The handle to everything: what the product owns while it runs.

mod hearing;

use crate::{
    apps::{
        health::Watch,
        live::{LiveApp, LiveApps},
        traffic::Counters,
    },
    audit::Writer,
    backends::Backends,
    background::Background,
    clock::Clock,
    config::Config,
    connections::Connections,
    ctx::{Ctx, Origin, Principal},
    db::Db,
    hash::Hasher,
    heard::Heard,
    issuers::Issuers,
    jwks::Jwks,
    keys::{live::LiveKeys, refused::Refusals, used::Uses},
    live::{hub::Hub, relay::Relay, writer::Publisher},
    mapping::jq::Runner,
    metrics::Metrics,
    outbound::Outbound,
    place::Place,
    presence::Presence,
    proxy::{Signer, Upstreams, cookies, identity::Sayings},
    random::Random,
    reconfigure::Running,
    roles::RoleSet,
    secret::{Keys, kept::Source},
    sessions::{access::Recognised, throttle::Throttle},
    settings::State,
    setup::SetupCode,
    sso::{self, live::LiveProviders},
    stats,
    trace::Tracer,
    trust::Trust,
    users::admins::Admins,
    workspaces::live::LiveWorkspaces,
};
use secrecy::SecretString;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU16, Ordering},
    },
};
use tokio::sync::watch;
use wire::{Timestamp, workspaces::Slug};

/// A running Doorward; a clone is the same one.
#[derive(Clone)]
pub struct Gate(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) db: Db,
    pub(crate) place: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) keys: Keys,
    pub(crate) secret_source: Source,
    pub(crate) hasher: Hasher,
    pub(crate) backends: Backends,
    pub(crate) state: RwLock<Arc<State>>,
    pub(crate) roles: RwLock<Arc<RoleSet>>,
    pub(crate) presence: Presence,
    pub(crate) recognised: Recognised,
    pub(crate) sayings: Sayings,
    pub(crate) known_cookies: cookies::Known,
    pub(crate) live_keys: LiveKeys,
    pub(crate) live_workspaces: LiveWorkspaces,
    pub(crate) apps: LiveApps,
    pub(crate) watch: Watch,
    pub(crate) traffic: Counters,
    pub(crate) outbound: Outbound,
    pub(crate) trust: Trust,
    pub(crate) tracer: Option<Tracer>,
    pub(crate) issuers: Issuers,
    pub(crate) jwks: Jwks,
    pub(crate) runner: Runner,
    pub(crate) providers: LiveProviders,
    pub(crate) running: Running,
    pub(crate) upstreams: Upstreams,
    pub(crate) signer: Signer,
    pub(crate) connections: Connections,
    pub(crate) hub: Hub,
    pub(crate) publisher: Publisher,
    pub(crate) relay: Relay,
    /// The port that the dashboard is at; 0 until somebody listens.
    pub(crate) port: AtomicU16,
    /// Rises with every change of an app.
    pub(crate) app_changes: watch::Sender<u64>,
    pub(crate) uses: Uses,
    pub(crate) refusals: Refusals,
    pub(crate) admins: Admins,
    pub(crate) throttle: Throttle,
    pub(crate) setup_code: SetupCode,
    pub(crate) writer: Writer,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) heard: Heard,
    pub(crate) stats: stats::Cache,
    pub(crate) started_at: Timestamp,
    pub(crate) bootstrap: Mutex<Option<SecretString>>,
    pub(crate) background: Background,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("place", &self.0.place).finish_non_exhaustive()
    }
}

impl Gate {
    /// How it was configured.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// All roles, as the last change left them.
    #[must_use]
    pub fn roles(&self) -> Arc<RoleSet> {
        self.0.roles.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// An address of Doorward's own as a browser has to ask for it on this host: below the prefix.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        wire::prefix::at(&self.config().http.prefix, path)
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.0.random
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// Where the signing secret is kept.
    pub(crate) fn secret_source(&self) -> &Source {
        &self.0.secret_source
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    /// Who knows passwords.
    pub(crate) fn backends(&self) -> &Backends {
        &self.0.backends
    }

    pub(crate) fn presence(&self) -> &Presence {
        &self.0.presence
    }

    pub(crate) fn recognised(&self) -> &Recognised {
        &self.0.recognised
    }

    pub(crate) fn sayings(&self) -> &Sayings {
        &self.0.sayings
    }

    pub(crate) fn known_cookies(&self) -> &cookies::Known {
        &self.0.known_cookies
    }

    pub(crate) fn live_keys(&self) -> &LiveKeys {
        &self.0.live_keys
    }

    pub(crate) fn live_workspaces(&self) -> &LiveWorkspaces {
        &self.0.live_workspaces
    }

    /// All apps, as the last change left them.
    pub(crate) fn apps(&self) -> &LiveApps {
        &self.0.apps
    }

    /// How the apps' upstreams are.
    pub(crate) fn watch(&self) -> &Watch {
        &self.0.watch
    }

    /// The client for the apps' upstreams.
    pub(crate) fn upstreams(&self) -> &Upstreams {
        &self.0.upstreams
    }

    /// What upstreams are told of a caller is signed by this.
    pub(crate) fn signer(&self) -> &Signer {
        &self.0.signer
    }

    /// What stays open.
    pub(crate) fn connections(&self) -> &Connections {
        &self.0.connections
    }

    /// Who watches live channels on this node.
    pub(crate) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    /// What is published on live channels goes through this.
    pub(crate) fn publisher(&self) -> &Publisher {
        &self.0.publisher
    }

    /// How messages go on to Centrifugo.
    pub(crate) fn relay(&self) -> &Relay {
        &self.0.relay
    }

    /// The port that the dashboard is at, where somebody listens.
    pub(crate) fn port(&self) -> Option<u16> {
        Some(self.0.port.load(Ordering::Relaxed)).filter(|port| *port != 0)
    }

    /// Tells at which port the dashboard is, for the way there from apps with a port of their own.
    pub fn listens_at(&self, port: u16) {
        self.0.port.store(port, Ordering::Relaxed);
    }

    /// The apps that have a port of their own to listen on, and where.
    #[must_use]
    pub fn own_ports(&self) -> Vec<(Slug, SocketAddr)> {
        let address = |live: &LiveApp| Some((live.app.slug.clone(), live.app.listen.as_deref()?.parse().ok()?));
        self.apps().all().iter().filter_map(|live| address(live)).collect()
    }

    /// Tells of every change of an app.
    #[must_use]
    pub fn app_changes(&self) -> watch::Receiver<u64> {
        self.0.app_changes.subscribe()
    }

    /// Ends what stays open, and lets nothing more begin: the first thing to do when a server stops.
    pub fn let_go(&self) {
        self.connections().stop();
    }

    /// What passes through to apps.
    pub(crate) fn traffic(&self) -> &Counters {
        &self.0.traffic
    }

    /// The client for what Doorward itself sends to others.
    pub(crate) fn outbound(&self) -> &Outbound {
        &self.0.outbound
    }

    /// Whose certificates are believed.
    pub(crate) fn trust(&self) -> &Trust {
        &self.0.trust
    }

    /// All providers, as the last change left them.
    pub(crate) fn providers(&self) -> &LiveProviders {
        &self.0.providers
    }

    /// Whether one can sign in with a password: it is not turned off, or there is nothing else.
    pub(crate) fn is_password_on(&self) -> bool {
        self.state().password || !sso::is_any_offered(self)
    }

    /// The issuers whose tokens let people in.
    pub(crate) fn issuers(&self) -> &Issuers {
        &self.0.issuers
    }

    /// The keys by which others sign.
    pub(crate) fn jwks(&self) -> &Jwks {
        &self.0.jwks
    }

    /// Runs the expressions of role mappings.
    pub(crate) fn runner(&self) -> &Runner {
        &self.0.runner
    }

    pub(crate) fn uses(&self) -> &Uses {
        &self.0.uses
    }

    pub(crate) fn refusals(&self) -> &Refusals {
        &self.0.refusals
    }

    pub(crate) fn admins(&self) -> &Admins {
        &self.0.admins
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    pub(crate) fn background(&self) -> &Background {
        &self.0.background
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.0.writer
    }

    /// What is counted for a watchdog.
    pub(crate) fn tracer(&self) -> Option<&Tracer> {
        self.0.tracer.as_ref()
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn stats_cache(&self) -> &stats::Cache {
        &self.0.stats
    }

    /// How far setup has come and whether sign-in is on, as the last change left it.
    #[must_use]
    pub fn state(&self) -> Arc<State> {
        self.0.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The code that setup asks for from afar, to be printed at the start; absent once it is of no use.
    #[must_use]
    pub fn setup_code(&self) -> Option<String> {
        let state = self.state();
        (!state.authentication && !self.config().dev || state.setup == wire::setup::SetupState::Unclaimed).then(|| self.0.setup_code.show())
    }

    /// The password that this start made for the first admin; given out once.
    #[must_use]
    pub fn bootstrap_password(&self) -> Option<SecretString> {
        self.0.bootstrap.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Doorward itself, with every right: for the commands at the server's own shell.
    #[must_use]
    pub fn system(&self, what: &str) -> Ctx {
        let now = self.now();
        let origin = Origin {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            is_local: true,
            is_encrypted: true,
            user_agent: String::new(),
            base_url: self.config().http.public_url.clone().unwrap_or_else(|| "http://localhost:8080".into()),
            setup_code: None,
            carried: crate::sessions::cookie::Carried::default(),
        };
        let request_id = crate::random::id(self.random(), now).to_string();
        Ctx::new(self.clone(), Principal::System(what.into()), now, request_id, origin, Place::default())
    }

    /// Writes down what is still in memory, and stops.
    pub async fn close(&self) {
        self.let_go();
        self.background().end().await;
        crate::sessions::upkeep::write_seen(self, Timestamp(0)).await;
        crate::keys::used::write(self).await;
        crate::apps::traffic::write(self).await;
        self.writer().flush().await;
        self.publisher().flush().await;
        crate::audit::chain::finish(self).await;
        self.db().close().await;
    }
}
