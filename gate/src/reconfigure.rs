//! A configuration that is read again while the gate runs: the apps in it and the rules of live channels
//! are put in force at once. Everything else of it counts from the next start on.

use crate::{
    Result,
    apps::{self, configured},
    audit::NewEvent,
    bus::Signal,
    config::Config,
    connections,
    gate::Gate,
};
use serde_json::json;
use std::sync::{Arc, PoisonError, RwLock};
use wire::{Failure, audit::Action, live::ChannelRule, settings::ConfigurationFile, workspaces::Slug};

/// What of the configuration can change while the gate runs, besides the apps.
pub(crate) struct Running {
    channels: RwLock<Arc<Vec<ChannelRule>>>,
    file: RwLock<Option<ConfigurationFile>>,
    /// Held while another configuration is put in force.
    turn: tokio::sync::Mutex<()>,
}

impl Running {
    pub(crate) fn new(config: &Config) -> Self {
        Self { channels: RwLock::new(Arc::new(config.live.channels.clone())), file: RwLock::default(), turn: tokio::sync::Mutex::default() }
    }
}

/// What of a configuration counts from now on and did not before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// The apps that were added, changed or removed.
    pub apps: Vec<Slug>,
    /// Whether the rules of live channels are others.
    pub has_other_channels: bool,
}

impl Taken {
    /// Whether all is as it was.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.apps.is_empty() && !self.has_other_channels
    }
}

impl Gate {
    /// Puts the apps and the rules of live channels of another configuration in the place of those of the
    /// one before, on this node, and judges again what is open by them. The audit log says what changed.
    ///
    /// # Errors
    /// 422 when the apps or the rules can not be used; when the database does not answer. Nothing was
    /// changed then.
    pub async fn reconfigure(&self, config: &Config) -> Result<Taken> {
        // Who hands in settings has every right, as at the start.
        let _turn = self.0.running.turn.lock().await;
        let now = self.now();
        let mut apps = configured::read(config, now).map_err(|problems| Failure::field("apps", problems.join("\n")))?;
        config.live.check().map_err(|problem| Failure::field("live", problem))?;
        let before = self.apps().configured();
        let (slugs, mut events): (Vec<Slug>, Vec<NewEvent>) = configured::compare(&before, &mut apps, now).into_iter().unzip();
        let rules = self.channel_rules();
        let has_other_channels = *rules != config.live.channels;
        if has_other_channels {
            let detail = json!({ "before": { "channels": *rules }, "after": { "channels": config.live.channels } });
            events.push(NewEvent::new(Action::SettingsUpdate).on("settings", "live.channels", "Rules of live channels").with(detail));
        }
        let Some(last) = events.pop() else { return Ok(Taken::default()) };
        let mut change = self.system("configuration").change().await?;
        for event in events {
            change.also(event).await?;
        }
        // Other nodes have files of their own, so nothing is signalled to them.
        change.commit(last).await?;
        self.apps().configure(apps);
        for slug in &slugs {
            self.hear(&Signal::App(slug.clone())).await;
        }
        if has_other_channels {
            *self.0.running.channels.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config.live.channels.clone());
            connections::hear(self, &Signal::Settings);
        }
        apps::live::warn_of_missing_workspaces(self).await;
        Ok(Taken { apps: slugs, has_other_channels })
    }

    /// Tells which file the configuration came from and how far it is in force, for those who may see the
    /// settings.
    pub fn configured_by(&self, file: ConfigurationFile) {
        *self.0.running.file.write().unwrap_or_else(PoisonError::into_inner) = Some(file);
    }

    /// The file that the configuration came from, where somebody told.
    pub(crate) fn configuration_file(&self) -> Option<ConfigurationFile> {
        self.0.running.file.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Which channels are open to whom.
    pub(crate) fn channel_rules(&self) -> Arc<Vec<ChannelRule>> {
        self.0.running.channels.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
