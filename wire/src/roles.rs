//! Roles: named sets of permissions, built in or made here.

use crate::{
    check::{self, Check, Problems},
    failure::FieldError,
    rights::{BUILT_IN, Permission, Permissions, RoleName},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// The most roles that can be made, besides the built-in ones.
pub const MOST_CUSTOM: usize = 50;

/// A role as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// Names the role for ever.
    pub name: RoleName,
    /// What it is for, in one sentence.
    pub description: String,
    /// What it may do.
    pub permissions: Permissions,
    /// Whether it is one of the five that can be neither changed nor deleted.
    pub is_built_in: bool,
    /// When it last changed; absent in a built-in one.
    pub updated_at: Option<Timestamp>,
    /// How many users have it, counted up to 1,001; for those who manage users or roles.
    pub users: Option<u64>,
    /// How many API keys have it, counted up to 1,001; for those who manage keys or roles.
    pub keys: Option<u64>,
    /// How many grants give it, counted up to 1,001; for those who manage users or roles.
    #[serde(default)]
    pub grants: Option<u64>,
}

impl Role {
    /// The built-in roles, from the mildest to the strongest.
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        let role = |role: &crate::rights::BuiltIn| Self {
            name: RoleName(role.name.into()),
            description: role.description.into(),
            permissions: role.permissions,
            is_built_in: true,
            updated_at: None,
            users: None,
            keys: None,
            grants: None,
        };
        BUILT_IN.iter().map(role).collect()
    }
}

/// A role to make.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRole {
    /// Its name: a lower-case letter, then 1 to 31 letters, digits or hyphens.
    pub name: RoleName,
    /// What it is for, in one sentence of at most 200 characters.
    #[serde(default)]
    pub description: String,
    /// What it may do.
    pub permissions: Permissions,
}

impl Check for NewRole {
    fn problems(&self) -> Vec<FieldError> {
        Problems::default()
            .field("name", self.name.problem())
            .field("description", description(&self.description))
            .field("permissions", permissions(self.permissions))
            .all()
    }
}

/// What changes about a role (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RolePatch {
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it may do from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Permissions>,
}

impl Check for RolePatch {
    fn problems(&self) -> Vec<FieldError> {
        Problems::default()
            .field("description", self.description.as_deref().and_then(description))
            .field("permissions", self.permissions.and_then(permissions))
            .all()
    }
}

/// How a role is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleDeletion {
    /// The role that everybody who has this one gets instead; needed while somebody has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<RoleName>,
}

/// A permission, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PermissionInfo {
    /// Its name.
    pub name: Permission,
    /// What it lets one do.
    pub description: String,
}

fn description(text: &str) -> Option<String> {
    (text.chars().count() > 200 || text.chars().any(check::is_invisible))
        .then(|| "A description has at most 200 characters, all of them visible.".into())
}

fn permissions(set: Permissions) -> Option<String> {
    (set == Permissions::NONE).then(|| "Choose at least one permission.".into())
}
