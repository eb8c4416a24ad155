//! What a gate does when it hears of a change, its own or another process's.

use super::Gate;
use crate::{
    bus::Signal,
    connections,
    roles::{self, RoleSet},
    secret,
    settings::State,
    sso,
};
use std::sync::{Arc, PoisonError};

impl Gate {
    /// Lets go of what is kept in memory of what changed.
    pub(crate) async fn hear(&self, signal: &Signal) {
        match signal {
            Signal::User(id) => {
                self.presence().forget_account(*id);
                self.issuers().doubt(*id);
                self.admins().heed(self.db(), self.presence(), *id).await;
            }
            Signal::Session(id) => self.presence().forget_session(*id),
            Signal::Key(id) => self.live_keys().forget_where(|key| key.id == *id),
            Signal::Workspace(slug) => self.live_workspaces().forget(slug),
            Signal::App(_) => crate::apps::live::reload(self).await,
            Signal::Provider(_) => sso::live::reload(self).await,
            Signal::Roles => self.reload_roles().await,
            Signal::Settings => self.reload().await,
            Signal::Everything => {
                secret::rotate::reload(self).await;
                self.presence().forget_all();
                self.issuers().forget_all();
                self.live_keys().forget_all();
                self.live_workspaces().forget_all();
                self.reload_roles().await;
                self.admins().reload(self.db()).await;
                crate::apps::live::reload(self).await;
                sso::live::reload(self).await;
                self.reload().await;
            }
        }
        if matches!(signal, Signal::App(_) | Signal::Everything) {
            self.0.app_changes.send_modify(|changes| *changes += 1);
        }
        // Memory is right again; now what was let in by what it held before.
        connections::hear(self, signal);
    }

    /// Reads the settings again; where they can not be read, sign-in is on.
    async fn reload(&self) {
        let state = match State::read(self.db()).await {
            Ok(state) => state,
            Err(error) => {
                tracing::error!(%error, "the settings can not be read; sign-in is on until they can");
                self.heard().doubt();
                State { authentication: true, ..(*self.state()).clone() }
            }
        };
        *self.0.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
    }

    /// Reads the roles again; where they can not be read, those that were made here may do nothing.
    async fn reload_roles(&self) {
        let custom = roles::store::all(self.db().pool()).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the roles can not be read; only the built-in ones count until they can");
            self.heard().doubt();
            Vec::new()
        });
        *self.0.roles.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(RoleSet::with(custom));
    }
}
