//! The frames of the live socket, one JSON object each.

use super::{Channel, Topic};
use crate::failure::Failure;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A frame that a client sends over the socket; `ref` is given back with the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Ask {
    /// Watches a channel from now on, or from after a message.
    Subscribe {
        /// Names this frame in the answer.
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<u64>,
        /// Which.
        channel: Topic,
        /// The id after which messages are wanted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<i64>,
    },
    /// Watches a channel no more.
    Unsubscribe {
        /// Names this frame in the answer.
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<u64>,
        /// Which.
        channel: Topic,
    },
    /// Publishes on a channel, watched or not.
    Publish {
        /// Names this frame in the answer.
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<u64>,
        /// Which.
        channel: Channel,
        /// What kind of message it is.
        #[serde(rename = "type")]
        kind: String,
        /// What it says.
        #[serde(default)]
        data: Value,
    },
    /// Asks whether the server is still there.
    Ping {
        /// Names this frame in the answer.
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<u64>,
    },
}

/// A frame that the server sends over the socket, besides messages, which have no `op`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Answer {
    /// The channel is watched; what is resumed comes next.
    Subscribed {
        /// That of the frame which is answered.
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<u64>,
        /// Which.
        channel: Topic,
        /// The id after which messages come.
        id: i64,
        /// Whether nothing is missing since the id that was asked for; absent where none was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recovered: Option<bool>,
    },
    /// The channel is watched no more.
    Unsubscribed {
        /// That of the frame which is answered.
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<u64>,
        /// Which.
        channel: Topic,
    },
    /// The message was published.
    Published {
        /// That of the frame which is answered.
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<u64>,
        /// On which channel.
        channel: Channel,
        /// The message's id.
        id: i64,
    },
    /// The server is still there; all messages up to this id have been sent.
    Pong {
        /// That of the frame which is answered.
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<u64>,
        /// The id from which to resume.
        id: i64,
    },
    /// The frame could not be obeyed; the socket stays.
    Error {
        /// That of the frame which is answered.
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<u64>,
        /// The channel that it named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<String>,
        /// Why.
        failure: Failure,
    },
    /// The socket is closed next.
    End {
        /// The code of the close frame.
        code: u16,
        /// Why, in words.
        reason: String,
        /// Who ended the session, where that is why and it was somebody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<EndedBy>,
    },
}

/// Who ended a session before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndedBy {
    /// Whose session it was, from elsewhere.
    Owner,
    /// An admin.
    Admin,
    /// The provider by which it had begun.
    Provider,
}
