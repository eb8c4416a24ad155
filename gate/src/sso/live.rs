//! All providers in memory, as the last change left them: those of the configuration come first.

use super::{
    discovery::Health,
    sealed::{print, unseal_secret},
    store::{self, Notes},
};
use crate::{gate::Gate, jwks::Algorithm, mapping::Mapping};
use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicBool, Ordering},
};
use wire::{Timestamp, apps::Source, sso::NewProvider, workspaces::Slug};

/// A provider as sign-ins are handled by it.
#[derive(Debug)]
pub(crate) struct LiveProvider {
    /// How it is set, with the client's secret; it does not print itself.
    pub(super) settings: NewProvider,
    /// The address under which browsers reach Doorward.
    pub(super) client_url: String,
    /// The path there below which Doorward's addresses lie.
    prefix: String,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) mapping: Mapping,
    pub(super) source: Source,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    /// Of what a test sign-in tries out: with another one it is untested.
    pub(super) print: String,
    pub(super) notes: Notes,
    /// What it says of itself, and how it is.
    pub(super) health: Arc<Health>,
}

impl LiveProvider {
    fn new(
        gate: &Gate,
        settings: NewProvider,
        source: Source,
        (created_at, updated_at): (Timestamp, Timestamp),
        notes: Notes,
    ) -> Option<Self> {
        let client_url = client_url(gate, &settings)?;
        let mapping = Mapping::new(settings.role_mapping.clone()).ok()?;
        let algorithms = settings.algorithms.iter().filter_map(|name| name.parse().ok()).collect();
        Some(Self {
            print: print(gate.keys(), &settings, &client_url),
            client_url,
            prefix: gate.config().http.prefix.clone(),
            settings,
            algorithms,
            mapping,
            source,
            created_at,
            updated_at,
            notes,
            health: Arc::default(),
        })
    }

    pub(super) fn id(&self) -> &Slug {
        &self.settings.id
    }

    /// Whether everybody may sign in by it: those of the dashboard have to be tried out first.
    pub(super) fn is_offered(&self) -> bool {
        self.source == Source::Config || self.is_tested()
    }

    /// Whether a test sign-in went well, with the settings as they are.
    pub(super) fn is_tested(&self) -> bool {
        self.notes.tested_print.as_deref() == Some(self.print.as_str())
    }

    /// Where it sends people back to.
    pub(super) fn callback_url(&self) -> String {
        self.at("/oidc-callback")
    }

    /// An address of Doorward's own, whole, as browsers and the provider reach it.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{}{path}", self.client_url, self.prefix)
    }
}

/// The address under which browsers reach Doorward, for a provider: its own, or the public one.
pub(super) fn client_url(gate: &Gate, settings: &NewProvider) -> Option<String> {
    let given = settings.client_url.clone().filter(|url| !url.is_empty()).or_else(|| gate.config().http.public_url.clone())?;
    Some(given.trim_end_matches('/').to_owned())
}

/// The providers of one moment.
pub(crate) struct LiveProviders {
    configured: Vec<NewProvider>,
    started_at: Timestamp,
    all: RwLock<Arc<Vec<Arc<LiveProvider>>>>,
    /// Whether the last change could not be read.
    is_stale: AtomicBool,
}

impl LiveProviders {
    pub(crate) fn new(configured: Vec<NewProvider>, started_at: Timestamp) -> Self {
        Self { configured, started_at, all: RwLock::default(), is_stale: AtomicBool::new(false) }
    }

    /// All of them.
    pub(crate) fn all(&self) -> Arc<Vec<Arc<LiveProvider>>> {
        self.all.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The one of this id.
    pub(crate) fn find(&self, id: &Slug) -> Option<Arc<LiveProvider>> {
        self.all().iter().find(|live| live.id() == id).cloned()
    }

    pub(super) fn is_configured(&self, id: &Slug) -> bool {
        self.configured.iter().any(|settings| settings.id == *id)
    }

    pub(super) fn is_stale(&self) -> bool {
        self.is_stale.load(Ordering::Relaxed)
    }
}

/// Reads the providers again. Where they can not be read, those that were there stay: nobody signs in by
/// one without the database anyhow.
pub(crate) async fn reload(gate: &Gate) {
    let read = async { Ok::<_, sqlx::Error>((store::all(gate.db().pool()).await?, store::notes(gate.db().pool()).await?)) };
    let (kept, notes) = match read.await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "the providers can not be read; those from before stay until they can");
            gate.providers().is_stale.store(true, Ordering::Relaxed);
            return;
        }
    };
    gate.providers().is_stale.store(false, Ordering::Relaxed);
    let notes_of = |id: &Slug| notes.iter().find(|notes| notes.provider == *id).cloned().unwrap_or_default();
    let start = gate.providers().started_at;
    let configured = gate.providers().configured.iter().cloned();
    let mut all: Vec<LiveProvider> = configured
        .filter_map(|settings| {
            let notes = notes_of(&settings.id);
            LiveProvider::new(gate, settings, Source::Config, (start, start), notes)
        })
        .collect();
    for mut kept in kept {
        let id = kept.settings.id.clone();
        if all.iter().any(|live| *live.id() == id) {
            tracing::warn!(provider = %id, "the configuration has a provider of this id, so the one of the dashboard does not count");
            continue;
        }
        let Some(secret) = unseal_secret(gate.keys(), &kept.settings, &kept.secret_sealed) else {
            tracing::error!(provider = %id, "the secret of a provider does not open: it was sealed with another signing secret");
            continue;
        };
        kept.settings.client_secret = secret;
        let times = (kept.created_at, kept.updated_at);
        match LiveProvider::new(gate, kept.settings, Source::Dashboard, times, notes_of(&id)) {
            Some(live) => all.push(live),
            None => {
                tracing::error!(provider = %id, "a provider has no client_url while there is no public_url, or a mapping that can not be used");
            }
        }
    }
    let before = gate.providers().all();
    let all = all.into_iter().map(|mut live| {
        // What it says of itself is as true as before.
        if let Some(old) = before.iter().find(|old| old.id() == live.id() && old.settings.issuer == live.settings.issuer) {
            live.health = old.health.clone();
        }
        Arc::new(live)
    });
    let all = Arc::new(all.collect());
    *gate.providers().all.write().unwrap_or_else(PoisonError::into_inner) = all;
}
