//! The front door for self-hosted dashboards and APIs, as a crate.
//!
//! What the binary does, this crate does; the binary is a thin user of it.
//!
//! ```no_run
//! use doorward::{Doorward, serve};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let door = Doorward::open("admin", "a long enough sentence").await?;
//! let listener = serve::bind("127.0.0.1:8080".parse()?).await?;
//! serve::serve(listener, door.service(), serve::Limits::default(), std::future::pending()).await;
//! # Ok(())
//! # }
//! ```
#![warn(missing_docs)]

pub mod acme;
#[cfg(feature = "dashboard")]
mod assets;
#[cfg(feature = "dashboard")]
mod dashboard;
mod framing;
mod patience;
pub mod ports;
pub mod serve;
pub mod tls;
pub mod watch;

pub use gate;
pub use wire;

use axum::Router;
use gate::{
    Gate, GateBuilder, OpenError, Store,
    config::{Bootstrap, Config},
};
use http::StatusCode;
use std::{path::PathBuf, time::Duration};
use tower_http::timeout::TimeoutLayer;

/// A door that stands; a clone is the same one.
#[derive(Debug, Clone)]
pub struct Doorward {
    gate: Gate,
}

/// Puts a [`Doorward`] together.
pub struct Builder(GateBuilder);

/// How long an answer may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

impl Doorward {
    /// A door in memory with one admin.
    ///
    /// # Errors
    /// When the name or the password is not good enough; it says why.
    pub async fn open(username: &str, password: &str) -> Result<Self, OpenError> {
        let mut config = Config::default();
        config.auth.admin = Some(Bootstrap { username: username.into(), email: None, password: Some(password.into()) });
        Self::builder().config(config).open().await
    }

    /// Begins to put one together: in memory, with the default settings, until told otherwise.
    #[must_use]
    pub fn builder() -> Builder {
        Builder(Gate::builder())
    }

    /// The product itself, for what is not said over HTTP.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Everything that is served: the REST API, and the dashboard where the feature is on. It has
    /// to be wrapped by [`layer`](Self::layer), together with whatever is merged into it.
    pub fn routes(&self) -> Router {
        let routes = self.gate.routes();
        #[cfg(feature = "dashboard")]
        let routes = routes.merge(dashboard::routes());
        routes
    }

    /// Puts the guard around a whole router: who asks, from where, and what every answer carries.
    pub fn layer(&self, router: Router) -> Router {
        self.gate.layer(router)
    }

    /// The routes behind the guard, ready to be served.
    pub fn service(&self) -> Router {
        self.layer(self.routes().layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, PATIENCE)))
    }

    /// Writes down what is still in memory, and stops.
    pub async fn close(&self) {
        self.gate.close().await;
    }
}

impl Builder {
    /// Where the data lies.
    #[must_use]
    pub fn store(self, store: Store) -> Self {
        Self(self.0.store(store))
    }

    /// The settings.
    #[must_use]
    pub fn config(self, config: Config) -> Self {
        Self(self.0.config(config))
    }

    /// Where the signing secret is kept, unless it is configured.
    #[must_use]
    pub fn secret_file(self, file: PathBuf) -> Self {
        Self(self.0.secret_file(file))
    }

    /// Opens the store and starts what runs beside requests.
    ///
    /// # Errors
    /// A sentence for the operator; nothing was started then.
    pub async fn open(self) -> Result<Doorward, OpenError> {
        #[cfg(feature = "dashboard")]
        dashboard::check().map_err(OpenError::Config)?;
        Ok(Doorward { gate: self.0.open().await? })
    }
}
