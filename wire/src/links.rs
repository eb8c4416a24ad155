//! One-time links: to accept an invitation, or to set a new password.

use crate::{
    check::{Check, Problems},
    failure::FieldError,
    time::Timestamp,
    users::User,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum LinkKind {
    /// To set the first password.
    Invitation,
    /// To set another one.
    Reset,
}

/// A link that was just made; its secret is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// What it is for.
    pub kind: LinkKind,
    /// The whole address, to be handed to the person.
    pub url: String,
    /// Whose password it sets.
    pub user: User,
    /// When it ends unused.
    pub expires_at: Timestamp,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("kind", &self.kind).field("user", &self.user.id).finish_non_exhaustive()
    }
}

/// Asks what a link is for, before a password is typed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkCheck {
    /// The secret from the link's address.
    pub token: String,
}

impl fmt::Debug for LinkCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkCheck").finish_non_exhaustive()
    }
}

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LinkInfo {
    /// What it is for.
    pub kind: LinkKind,
    /// The name to sign in with afterwards.
    pub username: String,
    /// When it ends unused.
    pub expires_at: Timestamp,
}

/// Uses a link up.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkUse {
    /// The secret from the link's address.
    pub token: String,
    /// The password from now on.
    pub new_password: String,
}

impl fmt::Debug for LinkUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkUse").finish_non_exhaustive()
    }
}

impl Check for LinkUse {
    fn problems(&self) -> Vec<FieldError> {
        Problems::default().field("newPassword", crate::password::size_problem(&self.new_password)).all()
    }
}
