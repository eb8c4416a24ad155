//! Everything that Doorward does, without a face. The list of modules is the product's table of
//! contents: features first, then what carries them.
//!
//! Whoever embeds Doorward takes the crate `doorward`, which adds the dashboard; or this one, for a door
//! with plain pages:
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use doorward_gate::{Gate, Principal, StaticUser};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let gate = Gate::builder().users([StaticUser::new("admin", "secret").role("admin")]).build().await?;
//! let app: Router = Router::new()
//!     .route("/", get(|principal: Principal| async move { format!("Hello {}", principal.name()) }))
//!     .layer(gate.layer())
//!     .merge(gate.routes());
//! # Ok(())
//! # }
//! ```
#![warn(missing_docs)]

// Features.
pub mod apps;
pub mod audit;
pub mod backup;
pub mod identities;
pub mod import;
pub mod keys;
pub mod links;
pub mod live;
pub mod me;
pub mod metrics;
pub mod roles;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod sso;
pub mod stats;
pub mod users;
pub mod workspaces;

// What carries them.
pub mod backends;
mod background;
mod builder;
mod bus;
mod change;
pub mod clock;
pub mod config;
mod connections;
mod ctx;
mod db;
mod error;
mod forward;
mod gate;
mod hash;
mod heard;
mod http;
mod issuers;
mod jwks;
mod mapping;
mod memory;
pub mod net;
mod outbound;
mod place;
mod presence;
mod proxy;
pub mod random;
mod reconfigure;
mod seal;
mod secret;
#[cfg(feature = "testing")]
pub mod testing;
mod trace;
mod trust;
mod vault;
mod version;

pub use backends::StaticUser;
pub use builder::{GateBuilder, Lifetimes};
pub use change::Change;
pub use ctx::{Ctx, KeyCaller, Origin, Person, Principal, TokenCaller};
pub use db::{Engine, OpenError, Store};
pub use error::{Error, Result};
pub use gate::Gate;
pub use http::{Encrypted, Guard, Guarded, Peer, problem};
pub use proxy::OwnPort;
pub use reconfigure::Taken;
pub use secret::Secret;
pub use secret::rotate::{Rotated, rotate as rotate_secret};
pub use sessions::{Closed, Opened};
pub use vault::Authorities;
pub use wire::{self, duration};
