//! What is being changed about an app.

use super::credentials::Credentials;
use crate::pages::words;
use leptos::prelude::*;
use wire::{
    Check, Failure,
    apps::{App, AppPatch, HealthCheck, Identity, IdentityHeaders},
    workspaces::Slug,
};

/// What is typed and chosen.
#[derive(Clone, Copy)]
pub struct Draft {
    pub name: RwSignal<String>,
    pub upstream: RwSignal<String>,
    pub hosts: RwSignal<Vec<String>>,
    pub listen: RwSignal<String>,
    pub path: RwSignal<String>,
    pub trusted: RwSignal<bool>,
    pub ca: RwSignal<String>,
    pub workspace: RwSignal<String>,
    pub identity: RwSignal<String>,
    pub health_path: RwSignal<String>,
    pub health_every: RwSignal<String>,
    pub enabled: RwSignal<bool>,
    pub credentials: Credentials,
}

impl Draft {
    /// The app as it is.
    #[must_use]
    pub fn of(app: &App) -> Self {
        Self {
            name: RwSignal::new(app.name.clone()),
            upstream: RwSignal::new(app.upstream.clone()),
            hosts: RwSignal::new(app.hosts.clone()),
            listen: RwSignal::new(app.listen.clone().unwrap_or_default()),
            path: RwSignal::new(app.path.clone().unwrap_or_default()),
            trusted: RwSignal::new(app.trusted),
            ca: RwSignal::new(app.upstream_ca.clone().unwrap_or_default()),
            workspace: RwSignal::new(app.workspace.0.clone()),
            identity: RwSignal::new(app.identity.headers.as_str().to_owned()),
            health_path: RwSignal::new(app.health.path.clone()),
            health_every: RwSignal::new(app.health.every.clone()),
            enabled: RwSignal::new(app.enabled),
            credentials: Credentials::of(app),
        }
    }

    /// What differs from the app; what does not is left out.
    ///
    /// # Errors
    /// All fields that are wrong, before the server is asked.
    pub fn patch(self, app: &App) -> Result<AppPatch, Failure> {
        let trimmed = |text: RwSignal<String>| text.with(|text| text.trim().to_owned());
        let (name, upstream, workspace) = (trimmed(self.name), trimmed(self.upstream), Slug(trimmed(self.workspace)));
        let (hosts, listen) = (self.hosts.get(), words::given(&self.listen.get()));
        let (path, trusted, ca) = (words::given(&self.path.get()), self.trusted.get(), words::given(&self.ca.get()));
        let style = self.identity.with(|style| IdentityHeaders::ALL.into_iter().find(|known| known.as_str() == style));
        let identity = Identity { headers: style.unwrap_or(app.identity.headers) };
        let health = HealthCheck { path: trimmed(self.health_path), every: trimmed(self.health_every) };
        let enabled = self.enabled.get();
        let patch = AppPatch {
            name: (name != app.name).then_some(name),
            upstream: (upstream.trim_end_matches('/') != app.upstream).then_some(upstream),
            hosts: (hosts != app.hosts).then_some(hosts),
            listen: (listen != app.listen).then_some(listen),
            path: (path != app.path).then_some(path),
            trusted: (trusted != app.trusted).then_some(trusted),
            upstream_ca: (ca != app.upstream_ca).then_some(ca),
            workspace: (workspace != app.workspace).then_some(workspace),
            identity: (identity != app.identity).then_some(identity),
            health: (health != app.health).then_some(health),
            enabled: (enabled != app.enabled).then_some(enabled),
            upstream_auth: self.credentials.change(app),
            ..AppPatch::default()
        };
        let mut problems = patch.problems();
        problems.extend(patch.on(app).problems());
        if problems.is_empty() { Ok(patch) } else { Err(Failure::invalid(problems)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::apps::tests::app;

    #[test]
    fn what_was_not_touched_is_not_sent() {
        Owner::new().with(|| {
            let app = app("tasks", "Task queue").definition.unwrap();
            let draft = Draft::of(&app);
            assert_eq!(untrack(|| draft.patch(&app)).unwrap(), AppPatch::default());
            draft.name.set(" Tasks ".into());
            draft.listen.set("127.0.0.1:9001".into());
            draft.enabled.set(false);
            let patch = untrack(|| draft.patch(&app)).unwrap();
            assert_eq!(patch.name.as_deref(), Some("Tasks"));
            assert_eq!((patch.listen, patch.enabled), (Some(Some("127.0.0.1:9001".into())), Some(false)));
            assert_eq!((patch.upstream, patch.hosts, patch.health), (None, None, None));
            assert_eq!((patch.path, patch.trusted, patch.upstream_ca), (None, None, None));
        });
    }

    #[test]
    fn a_path_on_the_dashboards_address_needs_trust_that_is_said() {
        Owner::new().with(|| {
            let app = app("tasks", "Task queue").definition.unwrap();
            let draft = Draft::of(&app);
            draft.path.set(" /admin/tasks ".into());
            let fields: Vec<_> = untrack(|| draft.patch(&app)).unwrap_err().errors.into_iter().map(|error| error.field).collect();
            assert_eq!(fields, ["trusted"]);
            draft.trusted.set(true);
            let patch = untrack(|| draft.patch(&app)).unwrap();
            assert_eq!((patch.path.clone(), patch.trusted), (Some(Some("/admin/tasks".into())), Some(true)));
            let mounted = patch.on(&app);
            let draft = Draft::of(&mounted);
            draft.path.set(String::new());
            assert_eq!(untrack(|| draft.patch(&mounted)).unwrap().path, Some(None), "an empty path is none");
        });
    }

    #[test]
    fn authorities_of_an_upstream_are_certificates_and_no_keys() {
        Owner::new().with(|| {
            let mut app = app("tasks", "Task queue").definition.unwrap();
            app.upstream = "https://127.0.0.1:8443".into();
            let draft = Draft::of(&app);
            for (text, is_good) in [
                ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", true),
                ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", false),
                ("AAAA", false),
            ] {
                draft.ca.set(text.into());
                assert_eq!(untrack(|| draft.patch(&app)).is_ok(), is_good, "{text}");
            }
        });
    }

    #[test]
    fn what_is_wrong_is_named_before_anything_is_sent() {
        Owner::new().with(|| {
            let app = app("tasks", "Task queue").definition.unwrap();
            let draft = Draft::of(&app);
            draft.upstream.set("tasks".into());
            draft.hosts.set(vec!["UP.example".into()]);
            draft.health_every.set("1s".into());
            let fields: Vec<_> = untrack(|| draft.patch(&app)).unwrap_err().errors.into_iter().map(|error| error.field).collect();
            assert_eq!(fields, ["upstream", "hosts[0]", "health.every"]);
        });
    }
}
