//! Whom other parties know an account as.

use crate::{id::IdentityId, time::Timestamp, users::Source, workspaces::Slug};
use serde::{Deserialize, Serialize};

/// An identity that belongs to an account: somebody is (issuer, subject), exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LinkedIdentity))]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Names the identity for ever.
    pub id: IdentityId,
    /// What kind of party vouches for it; never `local`.
    pub source: Source,
    /// The provider, issuer or directory that vouches for it, by its id in the settings.
    pub provider: Slug,
    /// What people call that party; its id where nobody says otherwise, or where it is gone.
    pub label: String,
    /// The issuer, as tokens name it.
    pub issuer: String,
    /// The subject, as the issuer names it.
    pub subject: String,
    /// The address that the issuer vouched for when it was last used.
    pub email: Option<String>,
    /// When it was linked.
    pub linked_at: Timestamp,
    /// When it was last used to sign in.
    pub last_used_at: Option<Timestamp>,
}
