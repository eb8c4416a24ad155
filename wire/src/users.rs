//! People.

use crate::{
    check::{self, Check, Problems},
    failure::FieldError,
    id::UserId,
    list::Order,
    rights::RoleName,
    time::Timestamp,
    workspaces::{Grant, Scope},
};
use serde::{Deserialize, Deserializer, Serialize};

/// Where an account came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Made here.
    #[default]
    Local,
    /// From an OpenID Connect provider.
    Oidc,
    /// From a trusted issuer of tokens.
    Issuer,
    /// From a directory.
    Ldap,
}

impl Source {
    /// The source's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Oidc => "oidc",
            Self::Issuer => "issuer",
            Self::Ldap => "ldap",
        }
    }
}

/// A person who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Names the user for ever.
    pub id: UserId,
    /// The name to sign in with, as it was typed.
    pub username: String,
    /// The address; it signs in just as the username does.
    pub email: Option<String>,
    /// The name to show.
    pub display_name: Option<String>,
    /// The role outside any grant.
    pub role: RoleName,
    /// Whether signing in is refused.
    pub is_disabled: bool,
    /// Where the account came from.
    pub source: Source,
    /// Whether only changing the password works until it is changed.
    pub must_change_password: bool,
    /// Whether a password was ever set; a person who was invited and has not come yet has none.
    pub has_password: bool,
    /// Whether this is a break-glass account: no mapping ever takes its role away.
    #[serde(default)]
    pub is_break_glass: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When the person last signed in.
    pub last_login_at: Option<Timestamp>,
    /// The roles that count instead of `role` in some workspaces or environments.
    #[serde(default)]
    pub grants: Vec<Grant>,
}

impl User {
    /// The role that counts there: the environment's grant, else the workspace's, else the user's own.
    /// An admin is admin everywhere.
    #[must_use]
    pub fn role_in(&self, scope: &Scope) -> &RoleName {
        let granted = Grant::in_scope(&self.grants, scope).filter(|_| !self.role.is_admin());
        granted.map_or(&self.role, |grant| &grant.role)
    }

    /// Whether somebody was invited and has not come yet.
    #[must_use]
    pub fn is_invited(&self) -> bool {
        !self.has_password && self.source == Source::Local && self.last_login_at.is_none()
    }

    /// The name to show: the display name, else the username.
    #[must_use]
    pub fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.username)
    }
}

/// A user to add.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewUser {
    /// The name to sign in with, 1 to 64 characters.
    pub username: String,
    /// The address.
    #[serde(default)]
    pub email: Option<String>,
    /// The name to show.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The role; `viewer` when not given.
    #[serde(default = "viewer")]
    pub role: RoleName,
    /// The first password.
    pub password: String,
    /// Whether the person has to change it at the first sign-in.
    #[serde(default)]
    pub must_change_password: bool,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser").field("username", &self.username).field("role", &self.role).finish_non_exhaustive()
    }
}

impl Default for RoleName {
    fn default() -> Self {
        viewer()
    }
}

fn viewer() -> RoleName {
    RoleName("viewer".into())
}

impl Check for NewUser {
    fn problems(&self) -> Vec<FieldError> {
        Problems::default()
            .field("username", check::username(&self.username))
            .field("email", self.email.as_deref().and_then(check::email))
            .field("displayName", self.display_name.as_deref().and_then(check::display_name))
            .field("role", self.role.problem())
            .field("password", crate::password::size_problem(&self.password))
            .all()
    }
}

/// Somebody to invite: an account without a password, and a link to set one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewInvitation {
    /// The name to sign in with, 1 to 64 characters.
    pub username: String,
    /// The address.
    #[serde(default)]
    pub email: Option<String>,
    /// The name to show.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The role; `viewer` when not given.
    #[serde(default = "viewer")]
    pub role: RoleName,
}

impl Check for NewInvitation {
    fn problems(&self) -> Vec<FieldError> {
        Problems::default()
            .field("username", check::username(&self.username))
            .field("email", self.email.as_deref().and_then(check::email))
            .field("displayName", self.display_name.as_deref().and_then(check::display_name))
            .field("role", self.role.problem())
            .all()
    }
}

/// What changes about a user (JSON Merge Patch, RFC 7396): absent stays, `null` removes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserPatch {
    /// Another name to sign in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Another address, or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub email: Option<Option<String>>,
    /// Another name to show, or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub display_name: Option<Option<String>>,
    /// Another role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// Whether signing in is refused from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_disabled: Option<bool>,
    /// Whether the password has to be changed at the next sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_change_password: Option<bool>,
    /// Whether no mapping ever takes its role away; for admins, with a fresh proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_break_glass: Option<bool>,
}

/// Tells a field that is `null` from one that is absent.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl Check for UserPatch {
    fn problems(&self) -> Vec<FieldError> {
        let email = self.email.as_ref().and_then(Option::as_deref);
        let display_name = self.display_name.as_ref().and_then(Option::as_deref);
        Problems::default()
            .field("username", self.username.as_deref().and_then(check::username))
            .field("email", email.and_then(check::email))
            .field("displayName", display_name.and_then(check::display_name))
            .field("role", self.role.as_ref().and_then(RoleName::problem))
            .all()
    }
}

/// A password that an admin sets for somebody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordReset {
    /// The new password.
    pub new_password: String,
    /// Whether it has to be changed at the next sign-in; `true` when not given.
    #[serde(default = "yes")]
    pub must_change: bool,
}

fn yes() -> bool {
    true
}

impl std::fmt::Debug for PasswordReset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordReset").field("must_change", &self.must_change).finish_non_exhaustive()
    }
}

/// Which users a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Those who can sign in.
    Active,
    /// Those who can not.
    Disabled,
}

/// What a list of users is sorted by; equal rows by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum UserSort {
    /// The username, without regard to case.
    #[default]
    Username,
    /// When the account was made.
    CreatedAt,
    /// When the person last signed in; never counts as the oldest.
    LastLoginAt,
}

/// Which users to list, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserQuery {
    /// The beginning of a username, an address or a display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Only this role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// Only those who can, or can not, sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Only those from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The order's column.
    #[serde(default)]
    pub sort: UserSort,
    /// The order's direction.
    #[serde(default)]
    pub order: Order,
    /// Rows of a page, 1 to 200; 50 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
