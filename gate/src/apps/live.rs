//! All apps in memory, by slug and by host: what a request is for is known without a look into the
//! database. Those of the configuration come first; a change puts a whole new set in place.

use super::{configured::Configured, own::OwnClients, sealed::Credentials, store};
use crate::{gate::Gate, net::split_host, outbound::Outbound, proxy::Upstreams, trust::Trust, workspaces};
use http::HeaderValue;
use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};
use wire::{
    apps::{App, Upstream},
    path::CanonicalPath,
    workspaces::Slug,
};

/// An app as requests are handled by it.
#[derive(Debug)]
pub(crate) struct LiveApp {
    /// How it is set up.
    pub(crate) app: App,
    /// Scheme, host and port of the upstream.
    pub(crate) upstream: http::Uri,
    /// Host and port of the upstream, as it is asked for them.
    pub(crate) inside: HeaderValue,
    /// The header with which Doorward signs in to the upstream.
    pub(crate) credentials: Option<Credentials>,
    /// The host names that lead to it and to no other app.
    pub(crate) hosts: Vec<String>,
    /// Where its upstream has authorities of its own.
    own: Option<Arc<OwnClients>>,
}

impl LiveApp {
    /// The app, ready for requests; nothing when its upstream is no address, or has authorities that can not
    /// be read. `before` is the app as it was, whose connections are kept where the same are believed.
    pub(super) fn new(app: App, credentials: Option<Credentials>, trust: &Trust, before: Option<&Self>) -> Option<Self> {
        Upstream::parse(&app.upstream)?;
        let upstream: http::Uri = format!("{}/", app.upstream).parse().ok()?;
        let inside = HeaderValue::from_str(upstream.authority()?.as_str()).ok()?;
        let kept = before.filter(|before| before.app.upstream_ca == app.upstream_ca);
        let own = match (&app.upstream_ca, kept) {
            (None, _) => None,
            (Some(_), Some(kept)) => kept.own.clone(),
            (Some(pem), None) => Some(Arc::new(OwnClients::new(&trust.clone().and(pem).ok()?))),
        };
        Some(Self { app, upstream, inside, credentials, hosts: Vec::new(), own })
    }

    /// The client for its upstream.
    pub(crate) fn upstreams<'a>(&'a self, gate: &'a Gate) -> &'a Upstreams {
        self.own.as_deref().map_or_else(|| gate.upstreams(), |own| &own.upstreams)
    }

    /// The client by which its upstream is looked after.
    pub(super) fn outbound<'a>(&'a self, gate: &'a Gate) -> &'a Outbound {
        self.own.as_deref().map_or_else(|| gate.outbound(), |own| &own.outbound)
    }

    /// Whether it leads to the same upstream as it did then, known by the same authorities.
    pub(crate) fn leads_where(&self, then: &Self) -> bool {
        self.upstream == then.upstream && self.app.upstream_ca == then.app.upstream_ca
    }
}

/// The apps of one moment.
#[derive(Default)]
struct AppSet {
    /// By slug, enabled or not.
    all: Vec<Arc<LiveApp>>,
    by_slug: HashMap<Slug, Arc<LiveApp>>,
    /// Enabled ones.
    by_host: HashMap<String, Arc<LiveApp>>,
    /// Enabled and trusted ones, by their path on the dashboard's origin; the longest first.
    mounted: Vec<(String, Arc<LiveApp>)>,
}

impl AppSet {
    fn of(apps: Vec<LiveApp>, public_host: Option<&str>) -> Self {
        let mut set = Self::default();
        let mut taken = HashMap::new();
        for mut live in apps {
            let slug = live.app.slug.clone();
            if set.by_slug.contains_key(&slug) {
                tracing::warn!(app = %slug, "the configuration has an app of this slug, so the one of the dashboard does not count");
                continue;
            }
            for host in live.app.all_hosts(public_host) {
                let owner = taken.entry(host.clone()).or_insert_with(|| slug.clone());
                if *owner == slug {
                    live.hosts.push(host);
                } else {
                    tracing::warn!(app = %slug, %host, other = %owner, "this host name leads to another app already");
                }
            }
            let live = Arc::new(live);
            if live.app.enabled {
                set.by_host.extend(live.hosts.iter().map(|host| (host.clone(), live.clone())));
                set.mounted.extend(live.app.path.iter().filter(|_| live.app.trusted).map(|path| (path.clone(), live.clone())));
            }
            set.by_slug.insert(slug, live.clone());
            set.all.push(live);
        }
        set.mounted.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        set.all.sort_by(|a, b| a.app.slug.cmp(&b.app.slug));
        set
    }
}

/// The apps, as the last change left them.
pub(crate) struct LiveApps {
    /// Those of the configuration, as it was last read.
    configured: RwLock<Arc<Vec<Configured>>>,
    set: RwLock<Arc<AppSet>>,
    /// Held while they are read, so that an earlier read does not come after a later one.
    reading: tokio::sync::Mutex<()>,
    /// Whether those of the dashboard could not be read.
    is_stale: AtomicBool,
}

impl LiveApps {
    /// The apps of the configuration; the others come with the first [`reload`].
    pub(crate) fn new(configured: Vec<Configured>) -> Self {
        Self {
            configured: RwLock::new(Arc::new(configured)),
            set: RwLock::default(),
            reading: tokio::sync::Mutex::default(),
            is_stale: AtomicBool::new(false),
        }
    }

    fn set(&self) -> Arc<AppSet> {
        self.set.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The enabled app that this `Host` leads to, with a port or without.
    pub(crate) fn by_host(&self, host: &str) -> Option<Arc<LiveApp>> {
        let (name, _) = split_host(host)?;
        let name = name.strip_suffix('.').unwrap_or(name);
        let set = self.set();
        set.by_host.get(name).or_else(|| set.by_host.get(&name.to_ascii_lowercase())).cloned()
    }

    /// The enabled app that this path of the dashboard's origin leads to.
    pub(crate) fn by_path(&self, path: &str) -> Option<Arc<LiveApp>> {
        let set = self.set();
        if set.mounted.is_empty() {
            return None;
        }
        let canonical = CanonicalPath::parse(path).ok();
        let path = canonical.as_ref().map_or(path, CanonicalPath::as_str);
        let is_below = |mount: &str| path.strip_prefix(mount).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        set.mounted.iter().find(|(mount, _)| is_below(mount)).map(|(_, live)| live.clone())
    }

    /// The enabled app of this slug.
    pub(crate) fn by_slug(&self, slug: &Slug) -> Option<Arc<LiveApp>> {
        self.known(slug).filter(|live| live.app.enabled)
    }

    /// All enabled apps, by slug.
    pub(crate) fn all(&self) -> Vec<Arc<LiveApp>> {
        self.set().all.iter().filter(|live| live.app.enabled).cloned().collect()
    }

    /// The app of this slug, enabled or not.
    pub(super) fn known(&self, slug: &Slug) -> Option<Arc<LiveApp>> {
        self.set().by_slug.get(slug).cloned()
    }

    /// All apps, enabled or not, by slug.
    pub(super) fn every(&self) -> Vec<Arc<LiveApp>> {
        self.set().all.clone()
    }

    /// Those of the configuration.
    pub(crate) fn configured(&self) -> Arc<Vec<Configured>> {
        self.configured.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts others in the place of those of the configuration; they count from the next [`reload`] on.
    pub(crate) fn configure(&self, configured: Vec<Configured>) {
        *self.configured.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(configured);
    }

    /// Whether the app of this slug is in the configuration.
    pub(super) fn is_configured(&self, slug: &Slug) -> bool {
        self.configured().iter().any(|(app, _)| app.slug == *slug)
    }

    /// Whether those of the dashboard have to be read again.
    pub(super) fn is_stale(&self) -> bool {
        self.is_stale.load(Ordering::Relaxed)
    }
}

/// The name of the public URL's host.
pub(crate) fn public_host(gate: &Gate) -> Option<String> {
    let url = gate.config().http.public_url.as_deref()?;
    let authority = url.split_once("://")?.1.split('/').next()?;
    split_host(authority).map(|(host, _)| host.to_ascii_lowercase())
}

/// Reads the apps again; where they can not be read, those of the dashboard are closed until they can.
pub(crate) async fn reload(gate: &Gate) {
    let _turn = gate.apps().reading.lock().await;
    let kept = store::all(gate.db().pool()).await;
    gate.apps().is_stale.store(kept.is_err(), Ordering::Relaxed);
    let kept = kept.unwrap_or_else(|error| {
        tracing::error!(%error, "the apps can not be read; only those of the configuration are open until they can");
        Vec::new()
    });
    let before = gate.apps().set();
    let live = |app: App, credentials| {
        let (slug, old) = (app.slug.clone(), before.by_slug.get(&app.slug));
        let live = LiveApp::new(app, credentials, gate.trust(), old.map(|old| &**old));
        if live.is_none() {
            tracing::error!(app = %slug, "this app is closed: its upstream, or the certificates of its authorities, can not be used");
        }
        live
    };
    let given = gate.apps().configured();
    let configured = given.iter().filter_map(|(app, credentials)| live(app.clone(), credentials.clone()));
    let kept = kept.into_iter().filter_map(|row| {
        let credentials = row.sealed.as_deref().and_then(|sealed| {
            let opened = Credentials::unseal(gate.keys(), &row.app, sealed);
            if opened.is_none() {
                tracing::warn!(app = %row.app.slug, "the credentials for its upstream can not be read with this signing secret; give them again");
            }
            opened
        });
        live(row.app, credentials)
    });
    let set = AppSet::of(configured.chain(kept).collect(), public_host(gate).as_deref());
    *gate.apps().set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
}

/// Tells an operator of apps of the configuration that nobody can open.
pub(crate) async fn warn_of_missing_workspaces(gate: &Gate) {
    for (app, _) in gate.apps().configured().iter() {
        if let Ok(None) = workspaces::live::find(gate, &app.workspace).await {
            tracing::warn!(app = %app.slug, workspace = %app.workspace, "there is no such workspace; until there is, only what is public in this app can be opened");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Timestamp, apps::NewApp, apps::Source};

    fn app(slug: &str, hosts: &[&str], enabled: bool) -> LiveApp {
        let new = NewApp {
            slug: Slug(slug.into()),
            upstream: "http://127.0.0.1:8000".into(),
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            enabled: Some(enabled),
            ..NewApp::default()
        };
        LiveApp::new(new.app(Source::Dashboard, Timestamp(0)), None, &Trust::public(), None).unwrap()
    }

    fn slug_at(apps: &LiveApps, host: &str) -> Option<String> {
        apps.by_host(host).map(|live| live.app.slug.0.clone())
    }

    #[test]
    fn a_host_leads_to_one_app_and_the_first_has_it() {
        let apps = LiveApps::new(Vec::new());
        let all = vec![
            app("tasks", &["tasks.example.com"], true),
            app("dags", &["tasks.example.com", "dags.example.com"], true),
            app("off", &["off.example.com"], false),
            app("tasks", &["again.example.com"], true),
        ];
        *apps.set.write().unwrap() = Arc::new(AppSet::of(all, Some("door.example.com")));
        for (host, slug) in [
            ("tasks.localhost", Some("tasks")),
            ("tasks.localhost:8080", Some("tasks")),
            ("TASKS.localhost.", Some("tasks")),
            ("tasks.door.example.com", Some("tasks")),
            ("tasks.example.com", Some("tasks")),
            ("dags.example.com", Some("dags")),
            ("dags.localhost", Some("dags")),
            ("off.example.com", None),
            ("off.localhost", None),
            ("again.example.com", None),
            ("localhost", None),
            ("door.example.com", None),
            ("x.tasks.localhost", None),
            ("127.0.0.1:8080", None),
            ("", None),
        ] {
            assert_eq!(slug_at(&apps, host).as_deref(), slug, "{host}");
        }
        assert!(apps.by_slug(&Slug("off".into())).is_none() && apps.known(&Slug("off".into())).is_some());
        assert_eq!(apps.all().len(), 2);
        assert_eq!(apps.every().iter().map(|live| live.app.slug.0.as_str()).collect::<Vec<_>>(), ["dags", "off", "tasks"]);
    }
}
