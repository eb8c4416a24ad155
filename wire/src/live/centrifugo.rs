//! Centrifugo: an engine for very many subscribers, beside Doorward's own channels.

use super::Channel;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a token for Centrifugo is to be good for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CentrifugoQuery {
    /// A channel to subscribe to; to connect, when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
}

/// A token for Centrifugo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CentrifugoToken {
    /// The token, a JWT with HS256.
    pub token: String,
    /// When it ends, and with it what it opened, unless there is another one by then.
    pub expires_at: Timestamp,
}

/// How Centrifugo is, as this node sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CentrifugoState {
    /// Whether one is configured.
    pub is_configured: bool,
    /// What went wrong with the last try to publish; absent while all is well.
    pub problem: Option<String>,
    /// When messages were last taken by it, from this node.
    pub last_at: Option<Timestamp>,
    /// The messages that wait to be sent to it, in all.
    pub waiting: u64,
}
