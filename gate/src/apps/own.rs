//! What talks to an upstream with authorities of its own: other clients than everybody's, so that no connection
//! that one app believes is used for another.

use crate::{outbound::Outbound, proxy::Upstreams, trust::Trust};
use std::fmt;

/// The clients of one app.
pub(super) struct OwnClients {
    pub(super) upstreams: Upstreams,
    pub(super) outbound: Outbound,
}

impl OwnClients {
    pub(super) fn new(trust: &Trust) -> Self {
        Self { upstreams: Upstreams::new(trust), outbound: Outbound::new(trust) }
    }
}

impl fmt::Debug for OwnClients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnClients").finish_non_exhaustive()
    }
}
