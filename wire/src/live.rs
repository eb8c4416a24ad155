//! Live channels: their names, the messages on them, the rules by which they are open.

mod centrifugo;
mod frames;

pub use centrifugo::{CentrifugoQuery, CentrifugoState, CentrifugoToken};
pub use frames::{Answer, Ask, EndedBy};

use crate::{
    check::{Check, Problems},
    failure::FieldError,
    rights::Permission,
    time::Timestamp,
    workspaces::Slug,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use std::{fmt, str::FromStr};

/// The most bytes of a message, its type and its data together.
pub const MOST_BYTES: usize = 64 * 1024;
/// The most channels that one stream is about.
pub const MOST_CHANNELS: usize = 32;
/// How many messages of a channel can be resumed.
pub const MOST_HISTORY: usize = 1_000;
/// For how long, in milliseconds.
pub const HISTORY: i64 = 5 * 60 * 1000;
/// How types begin that Doorward alone sends.
pub const OWN_TYPES: &str = "door.";

/// Namespaces whose channels Doorward opens by rules of its own.
pub const RESERVED: [&str; 4] = ["app", "audit", "door", "user"];

/// Declares a name that is a checked text on the wire.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident $is_good:ident $expects:literal)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The name as a text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// What stands before the first colon.
            #[must_use]
            pub fn namespace(&self) -> &str {
                self.0.split(':').next().unwrap_or_default()
            }

            /// What stands after the first colon.
            #[must_use]
            pub fn id(&self) -> &str {
                self.0.split_once(':').map_or("", |(_, id)| id)
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                if $is_good(text) { Ok(Self(text.to_owned())) } else { Err($expects.to_owned()) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'_, str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

names! {
    /// The name of a channel, `namespace:id`: the namespace as a slug, the id of at most 96 letters,
    /// digits and `. _ - :`.
    Channel is_channel "expected a channel like workflow:42: a namespace of lower-case letters, digits and hyphens, a colon, and at most 96 letters, digits and . _ - :"
    /// What one can watch: a channel, or `namespace:*` for all of a namespace.
    Topic is_topic "expected a channel like workflow:42, or workflow:* for all of a namespace"
    /// Which channels a rule is about: a channel, or the beginning of some with a `*` at its end.
    Pattern is_pattern "expected a channel like workflow:42, or the beginning of some, like workflow:*"
}

fn is_namespace(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_id(text: &str) -> bool {
    text.len() <= 96 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':'))
}

fn is_channel(text: &str) -> bool {
    text.split_once(':').is_some_and(|(namespace, id)| is_namespace(namespace) && !id.is_empty() && is_id(id))
}

fn is_topic(text: &str) -> bool {
    is_channel(text) || text.strip_suffix(":*").is_some_and(is_namespace)
}

fn is_pattern(text: &str) -> bool {
    let begins = |text: &str| text.split_once(':').is_some_and(|(namespace, id)| is_namespace(namespace) && is_id(id));
    is_channel(text) || text.strip_suffix('*').is_some_and(begins)
}

impl Topic {
    /// Whether it is all of a namespace.
    #[must_use]
    pub fn is_whole_namespace(&self) -> bool {
        self.0.ends_with('*')
    }

    /// The one channel that it is, if it is one.
    #[must_use]
    pub fn channel(&self) -> Option<Channel> {
        (!self.is_whole_namespace()).then(|| Channel(self.0.clone()))
    }
}

impl From<Channel> for Topic {
    fn from(channel: Channel) -> Self {
        Self(channel.0)
    }
}

impl Channel {
    /// The channel of this namespace and this id.
    ///
    /// # Errors
    /// What is expected, when there can be no such channel.
    pub fn of(namespace: &str, id: &str) -> Result<Self, String> {
        format!("{namespace}:{id}").parse()
    }
}

impl Pattern {
    /// Whether the rule is about everything that the topic is.
    #[must_use]
    pub fn covers(&self, topic: &Topic) -> bool {
        match self.0.strip_suffix('*') {
            Some(beginning) => topic.0.strip_suffix('*').unwrap_or(&topic.0).starts_with(beginning),
            None => self.0 == topic.0,
        }
    }

    /// Whether the rule is about some of what the topic is.
    #[must_use]
    pub fn touches(&self, topic: &Topic) -> bool {
        self.covers(topic) || (topic.is_whole_namespace() && self.namespace() == topic.namespace())
    }
}

/// A rule: who may watch channels, and who may publish on them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChannelRule {
    /// Which channels.
    pub channel: Pattern,
    /// What watching needs; `subscribe` when not given.
    #[serde(default = "subscribe")]
    pub subscribe: Permission,
    /// What publishing needs; `publish` when not given.
    #[serde(default = "publish")]
    pub publish: Permission,
    /// The workspace whose roles count; `default` when not given.
    #[serde(default)]
    pub workspace: Slug,
}

const fn subscribe() -> Permission {
    Permission::Subscribe
}

const fn publish() -> Permission {
    Permission::Publish
}

impl ChannelRule {
    /// A rule with nothing but the channels it is about.
    #[must_use]
    pub fn new(channel: Pattern) -> Self {
        Self { channel, subscribe: subscribe(), publish: publish(), workspace: Slug::default() }
    }

    /// What is wrong with it, if anything.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let namespace = self.channel.namespace();
        RESERVED
            .contains(&namespace)
            .then(|| format!("channels of {namespace}: are opened by Doorward's own rules; choose another namespace for {}", self.channel))
    }
}

/// A message on a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// On which channel.
    pub channel: Channel,
    /// Rises with each message, within a channel and over all of them; what was missed is resumed by it.
    pub id: i64,
    /// When it was published.
    pub at: Timestamp,
    /// What kind of message it is, by its publisher's word.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it says.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: Value,
}

/// A message that is to be published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// What kind of message it is: 1 to 64 letters, digits and `. _ - :`; not beginning with `door.`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it says; with the type at most 64 KiB.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: Value,
}

impl Check for NewMessage {
    fn problems(&self) -> Vec<FieldError> {
        let is_good = (1..=64).contains(&self.kind.len()) && is_id(&self.kind);
        let problem = if !is_good {
            Some("A type has 1 to 64 letters, digits and . _ - :".to_owned())
        } else {
            self.kind.starts_with(OWN_TYPES).then(|| format!("Types that begin with {OWN_TYPES} are Doorward's own."))
        };
        Problems::default().field("type", problem).all()
    }
}

/// What a stream of events is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LiveQuery {
    /// A channel, or `namespace:*`; given once for each, at most 32 times.
    #[serde(default)]
    pub channel: Vec<Topic>,
    /// The id after which messages are wanted; `Last-Event-ID` says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
}

/// A message that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Published {
    /// On which channel.
    pub channel: Channel,
    /// The message's id.
    pub id: i64,
}

/// A channel that Doorward knows of, and what the caller may do there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChannelInfo {
    /// A channel, or the pattern of a rule that is about many.
    pub channel: String,
    /// Whether the caller may watch there.
    pub can_subscribe: bool,
    /// Whether the caller may publish there.
    pub can_publish: bool,
    /// Messages of the channel that can still be resumed; absent for a pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<u64>,
}

#[cfg(test)]
mod tests;
