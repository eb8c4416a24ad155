//! What crosses the wire between Doorward's server and its clients.
//!
//! The rule of this crate: it compiles to WASM and depends on serde and little else, so the browser
//! and the server speak of the same types, ask the same table of rights and run the same checks.
//! Nothing here does I/O, reads a clock or draws a random number.
#![warn(missing_docs)]

pub mod apps;
pub mod audit;
pub mod check;
pub mod device;
pub mod duration;
pub mod failure;
pub mod id;
pub mod keys;
pub mod links;
pub mod list;
pub mod live;
pub mod me;
pub mod next;
pub mod objects;
pub mod password;
pub mod path;
pub mod policy;
pub mod prefix;
pub mod rights;
pub mod roles;
pub mod rules;
#[cfg(feature = "openapi")]
mod schema;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod sso;
pub mod stats;
#[cfg(feature = "server-fn")]
pub mod text;
pub mod time;
pub mod users;
mod word;
pub mod workspaces;

pub use check::Check;
pub use failure::{Code, Failure, FieldError};
pub use id::{EventId, IdentityId, KeyId, SessionId, UserId};
pub use list::{Order, Page};
pub use rights::{Permission, Permissions, RoleName};
pub use time::Timestamp;
