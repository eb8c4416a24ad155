//! What the dashboard asks of the server: one function an operation, one line each. On the server
//! the line runs; in the browser it is a POST to `/_call/<operation>`.

pub mod audit;
#[cfg(feature = "ssr")]
pub mod bridge;
pub mod client;
pub mod links;
pub mod me;
pub mod roles;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod stats;
pub mod users;
