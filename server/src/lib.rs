//! The front door for self-hosted dashboards and APIs, as a crate: sign-in, roles, API keys and an audit
//! log for an axum app, in five lines.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use doorward::{Doorward, Principal};
//! use std::net::SocketAddr;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let door = Doorward::open("admin", "secret").await?;
//! let app = Router::new()
//!     .route("/", get(|principal: Principal| async move { format!("Hello {}", principal.name()) }))
//!     .layer(door.layer()) // what is above this line is for those who signed in
//!     .merge(door.routes()); // sign-in page, REST API, live streams; the dashboard
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! - [`Doorward::open`] is for one user, [`Doorward::builder`] for everything else: a list of users, a
//!   [store](Builder::store), a [backend](Builder::backend) of your own, [providers](Builder::oidc), a
//!   [prefix](Builder::prefix).
//! - [`Doorward::layer`] guards any router or tower service, [`Doorward::require`] a route that needs a
//!   [`Permission`].
//! - [`Principal`] is an extractor; so is `Option<Principal>` behind [`Doorward::recognise`].
//!
//! The binary is a thin user of the same things. What it says on the command line it may, [`Gate`] can do.
//!
//! # Features
//!
//! | feature | what it brings |
//! | --- | --- |
//! | `dashboard` | the dashboard among the routes, rendered by Leptos; without it there are plain pages to sign in and out |
//! | `sqlite` | [`Store::Memory`] and [`Store::Sqlite`] |
//! | `postgres` | [`Store::Postgres`] |
//!
//! All are on by default; one of the two databases is needed.
#![warn(missing_docs)]

pub mod acme;
#[cfg(feature = "dashboard")]
mod assets;
mod builder;
#[cfg(feature = "dashboard")]
mod dashboard;
mod framing;
mod patience;
pub mod ports;
pub mod serve;
pub mod tls;
pub mod watch;

pub use builder::Builder;
pub use gate::{
    self, Error, Gate, Guard, Guarded, Lifetimes, OpenError, Principal, Secret, Store,
    backends::{self, StaticUser},
};
pub use wire::{self, Permission, workspaces::Scope};

use axum::Router;

/// A door that stands; a clone is the same one.
#[derive(Debug, Clone)]
pub struct Doorward {
    gate: Gate,
}

impl Doorward {
    /// A door in memory with one user, who is admin.
    ///
    /// # Errors
    /// When the name or the password is empty; it says why.
    pub async fn open(username: &str, password: &str) -> Result<Self, OpenError> {
        Self::builder().users([StaticUser::new(username, password).role("admin")]).build().await
    }

    /// Begins to put one together: in memory, with the default settings, until told otherwise.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The product itself, for what is not said over HTTP.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Everything that the door serves itself: the sign-in page, the REST API, live streams, and the
    /// dashboard where the feature is on. It guards itself: merge it into a router, or nest it at the
    /// [prefix](Builder::prefix), after [`Doorward::layer`].
    ///
    /// # Panics
    /// `merge` does, in axum, where two routers have the same address; the dashboard's has a fallback.
    pub fn routes(&self) -> Router {
        #[cfg(feature = "dashboard")]
        let routes = self.gate.routes_with(dashboard::routes(!self.gate.config().http.prefix.is_empty()));
        #[cfg(not(feature = "dashboard"))]
        let routes = self.gate.routes();
        routes
    }

    /// Guards a router, or any tower service: who is not signed in is sent to the sign-in page, where a
    /// browser opens a page, and else answered with 401.
    ///
    /// ```no_run
    /// # use axum::{Router, routing::get};
    /// # fn example(door: doorward::Doorward) -> Router {
    /// let inside = Router::new().route("/inside", get(async || "for those who signed in")).layer(door.layer());
    /// Router::new().route("/", get(async || "for everybody")).merge(inside).merge(door.routes())
    /// # }
    /// ```
    #[must_use]
    pub fn layer(&self) -> Guard {
        self.gate.layer()
    }

    /// The same, for routes that need a permission in the environment that the request names; who lacks it
    /// is answered with 403.
    ///
    /// ```no_run
    /// # use axum::{Router, routing::post};
    /// # use doorward::Permission;
    /// # fn example(door: doorward::Doorward) -> Router {
    /// Router::new().route("/jobs/run", post(async || "running").layer(door.require(Permission::Run)))
    /// # }
    /// ```
    #[must_use]
    pub fn require(&self, permission: Permission) -> Guard {
        self.gate.require(permission)
    }

    /// Tells who a request acts as, and lets everybody in: for `Option<Principal>`.
    ///
    /// ```no_run
    /// # use axum::{Router, routing::get};
    /// # use doorward::Principal;
    /// # fn example(door: doorward::Doorward) -> Router {
    /// let welcome = async |who: Option<Principal>| who.map_or("stranger".to_owned(), |who| who.name().to_owned());
    /// Router::new().route("/", get(welcome)).layer(door.recognise())
    /// # }
    /// ```
    #[must_use]
    pub fn recognise(&self) -> Guard {
        self.gate.recognise()
    }

    /// Writes down what is still in memory, and stops.
    pub async fn close(&self) {
        self.gate.close().await;
    }
}
