//! The first run.

use crate::{
    check::{self, Check, Problems},
    failure::FieldError,
    sso::SignInWay,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How far a server has come; stored, never derived from a count of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SetupState {
    /// Nobody has set it up yet.
    Unclaimed,
    /// Setup was skipped.
    Skipped,
    /// The first account was made.
    Claimed,
}

impl SetupState {
    /// The state's name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unclaimed => "unclaimed",
            Self::Skipped => "skipped",
            Self::Claimed => "claimed",
        }
    }
}

/// What anybody may know before they sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// Whether one has to sign in.
    pub auth_required: bool,
    /// Whether the first account is still to be made.
    pub setup_required: bool,
    /// Whether setup asks this caller for the code that the server printed.
    pub setup_code_required: bool,
    /// The ways in besides the password.
    pub providers: Vec<SignInWay>,
    /// Whether one can sign in with a password.
    #[serde(default = "yes")]
    pub password_sign_in: bool,
    /// Whether people can make an account by themselves.
    pub registration: bool,
    /// The version, for those who are signed in; others get none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether the server runs with `--dev`.
    pub dev_mode: bool,
    /// What the installation is called.
    pub name: String,
    /// Whom to ask for help, in words of the admin's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help_contact: Option<String>,
    /// Whether the connection of this caller is good enough for a browser sign-in: encrypted, or loopback.
    pub secure_transport: bool,
}

fn yes() -> bool {
    true
}

/// The first account.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSetup {
    /// The name to sign in with, 1 to 64 characters.
    pub username: String,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The password.
    pub password: String,
    /// The code that the server printed, from another machine than its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_code: Option<String>,
}

impl fmt::Debug for NewSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSetup").field("username", &self.username).finish_non_exhaustive()
    }
}

impl Check for NewSetup {
    fn problems(&self) -> Vec<FieldError> {
        Problems::default()
            .field("username", check::username(&self.username))
            .field("email", self.email.as_deref().and_then(check::email))
            .field("password", crate::password::size_problem(&self.password))
            .all()
    }
}

/// Leaves sign-in off.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SkipSetup {
    /// The code that the server printed, from another machine than its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_code: Option<String>,
}

impl fmt::Debug for SkipSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkipSetup").finish_non_exhaustive()
    }
}

/// What the wizard must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SetupStatus {
    /// How far the server has come.
    pub state: SetupState,
    /// Whether setup asks this caller for the code.
    pub code_required: bool,
}
