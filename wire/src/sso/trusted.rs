//! Who else vouches for people: issuers of tokens, and a directory. They are in the configuration, and
//! are changed there alone.

use crate::{time::Timestamp, users::Source, workspaces::Slug};
use serde::{Deserialize, Serialize};

/// A party of the configuration that vouches for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TrustedParty {
    /// Its id in the configuration; `ldap` for the directory.
    pub id: Slug,
    /// `issuer` or `ldap`.
    pub source: Source,
    /// The issuer as its tokens name it, or the address of the directory.
    pub address: String,
    /// Whether whoever is unknown gets an account.
    pub creates_accounts: bool,
    /// How many signing keys of it are at hand; a directory has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<usize>,
    /// When they were fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys_fetched_at: Option<Timestamp>,
    /// Why they could not be fetched at the last try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}
