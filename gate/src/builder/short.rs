//! What is said most often when one puts a [`Gate`](crate::Gate) together, in one call each; the
//! [`Config`](crate::config::Config) has all of it, and more.

use super::GateBuilder;
use crate::{backends::StaticUser, config::Config, setup::Entry};
use std::time::Duration;
use wire::sso::NewProvider;

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// How long an access token is good.
    pub access: Duration,
    /// How long a remembered session, or a token session, lasts unused.
    pub refresh: Duration,
    /// How long a browser session lasts that is not remembered.
    pub browser: Duration,
    /// How long a session lasts at the most.
    pub longest: Duration,
    /// After how long without a person's doing a session ends.
    pub idle: Option<Duration>,
}

impl Default for Lifetimes {
    fn default() -> Self {
        let auth = Config::default().auth;
        Self {
            access: auth.access_ttl,
            refresh: auth.refresh_ttl,
            browser: auth.browser_ttl,
            longest: auth.session_max,
            idle: auth.idle_ttl,
        }
    }
}

impl GateBuilder {
    /// Those who may sign in, with their passwords and roles. Nobody has to set anything up then, and one
    /// has to sign in.
    #[must_use]
    pub fn users(mut self, users: impl IntoIterator<Item = StaticUser>) -> Self {
        self.users.extend(users);
        self.entry = Entry::ByCode;
        self
    }

    /// Nobody has to sign in: every request acts as the principal `open`, which may do everything. It has
    /// to be said; a store where one has to sign in refuses it.
    #[must_use]
    pub fn without_authentication(mut self) -> Self {
        self.entry = Entry::Open;
        self
    }

    /// How long sessions last.
    #[must_use]
    pub fn lifetimes(mut self, lifetimes: Lifetimes) -> Self {
        let auth = &mut self.config.auth;
        auth.access_ttl = lifetimes.access;
        auth.refresh_ttl = lifetimes.refresh;
        auth.browser_ttl = lifetimes.browser;
        auth.session_max = lifetimes.longest;
        auth.idle_ttl = lifetimes.idle;
        self
    }

    /// A provider by which people sign in (OpenID Connect). Nobody has to set anything up then, and one
    /// has to sign in; who is to be admin is said by its role mapping or by
    /// [`Auth::admins`](crate::config::Auth::admins).
    #[must_use]
    pub fn oidc(mut self, provider: NewProvider) -> Self {
        self.config.auth.oidc.push(provider);
        self.entry = Entry::ByCode;
        self
    }

    /// The path below which the routes are nested, like `/tasks/auth`, as a browser sees it.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.config.http.prefix = prefix.into();
        self
    }

    /// The address that people type, like `https://tasks.example.com`: requests to another host are
    /// refused, but for IP addresses and `localhost`.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.config.http.public_url = Some(url.into().trim_end_matches('/').to_owned());
        self
    }
}
