//! Typed ids. A user's id can not be passed where a session's is meant.

use serde::{Deserializer, de};
use std::fmt;
use uuid::Uuid;

/// Reads a UUID from a string. What is wrong with one that is none is not told: that text would
/// be in every browser's bundle.
fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Uuid, D::Error> {
    struct Text;

    impl de::Visitor<'_> for Text {
        type Value = Uuid;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an id (a UUID)")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Uuid, E> {
            Uuid::try_parse(text).map_err(|_| E::custom("an id is a UUID"))
        }
    }

    from.deserialize_str(Text)
}

/// Declares an id: a UUID (version 7, RFC 9562) that is written as a string on the wire.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = Uuid))]
        #[serde(transparent)]
        pub struct $name(#[serde(deserialize_with = "read")] pub uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::try_parse(text).map(Self)
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// Names a user.
    UserId
    /// Names a session: one sign-in on one device.
    SessionId
    /// Names an API key.
    KeyId
    /// Names an event of the audit log.
    EventId
    /// Names an identity that belongs to an account.
    IdentityId
}
