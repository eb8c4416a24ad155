//! Signing in, staying signed in, and seeing where one is.

use crate::{
    check::{Check, Problems},
    failure::FieldError,
    id::{SessionId, UserId},
    time::Timestamp,
    users::User,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A sign-in with a name, or an address, and a password.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignIn {
    /// The username; an address is taken here too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The address, instead of the username.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The password.
    pub password: String,
    /// Whether the session outlives the browser.
    #[serde(default)]
    pub remember_me: bool,
}

impl SignIn {
    /// The name that was typed, whichever field it came in.
    #[must_use]
    pub fn name(&self) -> &str {
        self.username.as_deref().or(self.email.as_deref()).unwrap_or_default()
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("name", &self.name()).field("remember_me", &self.remember_me).finish_non_exhaustive()
    }
}

impl Check for SignIn {
    fn problems(&self) -> Vec<FieldError> {
        let name = match (&self.username, &self.email) {
            (Some(_), Some(_)) => Some("Give a username or an email address, not both.".to_owned()),
            _ if self.name().is_empty() => Some("Enter your username or email address.".into()),
            _ if self.name().len() > 320 => Some("No username or email address is that long.".into()),
            _ => None,
        };
        let field = if self.email.is_some() && self.username.is_none() { "email" } else { "username" };
        let password = match self.password.len() {
            0 => Some("Enter your password.".into()),
            n if n > crate::password::MAX_BYTES => Some(format!("A password has at most {} bytes.", crate::password::MAX_BYTES)),
            _ => None,
        };
        Problems::default().field(field, name).field("password", password).all()
    }
}

/// What a sign-in or a refresh of a token session answers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    /// The access token, to be sent as `Authorization: Bearer`.
    pub token: String,
    /// Always `Bearer` (RFC 6750).
    pub token_type: String,
    /// For how many seconds the access token is good.
    pub expires_in: u64,
    /// Gets the next pair, once; absent in a browser session, which has a cookie instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// For how many seconds the refresh token is good.
    pub refresh_expires_in: u64,
    /// Who signed in.
    pub user: User,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("expires_in", &self.expires_in).field("user", &self.user.id).finish_non_exhaustive()
    }
}

/// A refresh of a token session; a browser session sends an empty object and its cookie.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token; absent where the cookie is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh").field("by_cookie", &self.refresh_token.is_none()).finish()
    }
}

/// What `validate` answers about the access token that it was asked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Validated {
    /// Always true: what is not valid is 401.
    pub valid: bool,
    /// Who it is.
    pub user: User,
    /// When the access token ends.
    pub expires_at: Timestamp,
}

/// The password again, as proof that the person is still there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Confirmation {
    /// The caller's own password.
    pub password: String,
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation").finish_non_exhaustive()
    }
}

/// A change of one's own password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordChange {
    /// The password until now.
    pub current_password: String,
    /// The password from now on.
    pub new_password: String,
    /// Whether one's personal API keys are revoked too; they stay when not given.
    #[serde(default)]
    pub revoke_keys: bool,
}

impl fmt::Debug for PasswordChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordChange").finish_non_exhaustive()
    }
}

impl Check for PasswordChange {
    fn problems(&self) -> Vec<FieldError> {
        let current = self.current_password.is_empty().then(|| "Enter your current password.".to_owned());
        Problems::default().field("currentPassword", current).field("newPassword", crate::password::size_problem(&self.new_password)).all()
    }
}

/// A ticket: opens one WebSocket, stream or app, once, within 30 seconds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    /// The secret, for `?token=`.
    pub ticket: String,
    /// When it ends unused.
    pub expires_at: Timestamp,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// How a session keeps its refresh secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SessionKind {
    /// By the client itself.
    Token,
    /// By a cookie that script never sees.
    Browser,
}

/// One sign-in on one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Names the session.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The user's name to show.
    pub user_name: String,
    /// How it keeps its secret.
    pub kind: SessionKind,
    /// The device, in words, from the `User-Agent` at sign-in.
    pub device: String,
    /// The address at sign-in.
    pub address: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest, if nothing is done.
    pub expires_at: Timestamp,
    /// Whether it outlives the browser.
    pub is_remembered: bool,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// How many sessions have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EndedSessions {
    /// So many.
    pub ended: u64,
}

/// Whose sessions to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionQuery {
    /// A user's id, or `all` for everybody's; one's own when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Rows of a page, 1 to 200; 50 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
