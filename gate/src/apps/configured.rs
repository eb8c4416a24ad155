//! Apps of the configuration: checked as those of the dashboard are, before anything is started, and
//! compared with those of before when it is read again.

use super::{
    change::{added, changed, removed},
    presets,
    probe::sentence,
    sealed::Credentials,
};
use crate::{audit::NewEvent, config::Config, trust::Trust};
use std::collections::HashMap;
use wire::{
    Check, Timestamp,
    apps::{App, Source},
    workspaces::Slug,
};

/// An app of the configuration, and the header with which Doorward signs in to its upstream.
pub(crate) type Configured = (App, Option<Credentials>);

/// The apps of the configuration, with what a preset gives filled in.
///
/// # Errors
/// A sentence for each thing that is wrong, with the app and the field; never a secret.
pub(crate) fn read(config: &Config, now: Timestamp) -> Result<Vec<Configured>, Vec<String>> {
    let (mut apps, mut problems, mut taken) = (Vec::new(), Vec::new(), HashMap::new());
    for new in &config.apps {
        let mut new = new.clone();
        let slug = new.slug.clone();
        let mut wrong = |field: &str, text: &str| problems.push(format!("apps.{slug}.{}: {text}", in_file(field)));
        if let Err(failure) = presets::fill(&mut new) {
            failure.errors.iter().for_each(|error| wrong(&error.field, &error.message));
            continue;
        }
        let found = new.problems();
        if !found.is_empty() {
            found.iter().for_each(|error| wrong(&error.field, &error.message));
            continue;
        }
        let app = new.app(Source::Config, now);
        if !super::may_be_sent_to(&app) {
            wrong("upstream", super::NOT_THERE);
        }
        if let Some(problem) = app.upstream_ca.as_deref().and_then(|pem| Trust::only(pem).err()) {
            wrong("upstreamCa", &sentence(&problem));
        }
        let own = super::addresses(&app);
        for (field, address) in own {
            if let Some(other) = taken.insert(address.clone(), app.slug.clone()).filter(|other| *other != app.slug) {
                wrong(field, &format!("{address} leads to the app {other} already."));
            }
        }
        let credentials = new.upstream_auth.as_ref().and_then(Credentials::of);
        apps.push((app, credentials));
    }
    if problems.is_empty() { Ok(apps) } else { Err(problems) }
}

/// Tells what became of each app that is not as it was. One that is as it was keeps its times; of the
/// others `now` is the version.
pub(crate) fn compare(before: &[Configured], after: &mut [Configured], now: Timestamp) -> Vec<(Slug, NewEvent)> {
    let mut events = Vec::new();
    for (app, credentials) in after.iter_mut() {
        let Some((old, old_credentials)) = before.iter().find(|(old, _)| old.slug == app.slug) else {
            events.push((app.slug.clone(), added(app)));
            continue;
        };
        (app.created_at, app.updated_at) = (old.created_at, old.updated_at);
        let has_new_secret = credentials != old_credentials && credentials.is_some();
        if app != old || has_new_secret {
            app.updated_at = now.max(old.updated_at.plus(1));
            events.push((app.slug.clone(), changed(old, app, has_new_secret)));
        }
    }
    let gone = before.iter().filter(|(old, _)| after.iter().all(|(app, _)| app.slug != old.slug));
    events.extend(gone.map(|(old, _)| (old.slug.clone(), removed(old))));
    events
}

/// A field as it is called in the configuration file.
fn in_file(field: &str) -> String {
    field.replace("upstreamAuth", "upstream_auth").replace("upstreamCa", "upstream_ca")
}

impl Config {
    /// Looks for what can not be in the apps.
    ///
    /// # Errors
    /// A sentence for each thing that is wrong, with the app and the field; never a secret.
    pub fn check_apps(&self) -> Result<(), Vec<String>> {
        read(self, Timestamp::default()).map(drop)
    }
}
