//! What the dashboard knows besides the page: who is signed in, whether the server answers, what
//! is being confirmed.

pub mod address;
pub mod attempt;
pub mod browser;
pub mod confirm;
pub mod events;
pub mod follow;
pub mod live;
pub mod next;
pub mod reach;
pub mod roles;
pub mod scope;
pub mod session;
pub mod socket;
pub mod storage;
#[cfg(any(feature = "hydrate", test))]
mod wanted;
pub mod watched;
