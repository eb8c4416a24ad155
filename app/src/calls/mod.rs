//! What the dashboard asks of the server: one function an operation, one line each. On the server
//! the line runs; in the browser it is a POST to `/_call/<operation>`.

pub mod apps;
pub mod audit;
#[cfg(feature = "ssr")]
pub mod bridge;
pub mod client;
pub mod keys;
pub mod links;
pub mod live;
pub mod me;
pub mod roles;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod sso;
pub mod stats;
pub mod users;
pub mod workspaces;

use wire::Timestamp;

/// The time of the request that is being answered; in the browser, that of the device's clock. What
/// is drawn by it takes it from a resource, so that the browser's first render is the server's.
#[must_use]
pub fn now() -> Timestamp {
    #[cfg(feature = "ssr")]
    let now = bridge::ctx().map_or(Timestamp(0), |ctx| ctx.now());
    #[cfg(not(feature = "ssr"))]
    let now = Timestamp(crate::state::browser::now());
    now
}

/// The address at which the dashboard was asked for, without a path. What shows it takes it from a
/// resource, for the same reason.
#[must_use]
pub fn origin() -> String {
    #[cfg(feature = "ssr")]
    let origin = bridge::ctx().map_or_else(|_| String::new(), |ctx| ctx.origin().base_url.clone());
    #[cfg(not(feature = "ssr"))]
    let origin = crate::state::browser::origin();
    origin
}
