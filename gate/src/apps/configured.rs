//! Apps of the configuration: checked as those of the dashboard are, before anything is started.

use super::{presets, sealed::Credentials};
use crate::config::Config;
use std::collections::HashMap;
use wire::{
    Check, Timestamp,
    apps::{App, Source},
};

/// The apps of the configuration, with what a preset gives filled in.
///
/// # Errors
/// A sentence for each thing that is wrong, with the app and the field; never a secret.
pub(crate) fn read(config: &Config, now: Timestamp) -> Result<Vec<(App, Option<Credentials>)>, Vec<String>> {
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

/// A field as it is called in the configuration file.
fn in_file(field: &str) -> String {
    field.replace("upstreamAuth", "upstream_auth")
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
