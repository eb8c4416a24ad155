//! The numbers of Home.

use crate::{apps::AppTile, audit::Event, sessions::Session, time::Timestamp};
use serde::{Deserialize, Serialize};

/// One column of the sign-in chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignInBucket {
    /// Where the hour begins.
    pub at: Timestamp,
    /// Sign-ins that succeeded.
    pub succeeded: u64,
    /// Sign-ins that were refused.
    pub refused: u64,
}

/// What is left to do on a fresh installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FirstSteps {
    /// Whether sign-in is on.
    pub has_sign_in: bool,
    /// Whether there is an app.
    pub has_app: bool,
    /// Whether there is more than one user.
    pub has_colleague: bool,
    /// Whether a second person can administer.
    pub has_second_admin: bool,
    /// Whether a help contact is set.
    pub has_help_contact: bool,
}

/// Home, in one answer. What the caller may not see is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// People who can sign in.
    pub active_users: u64,
    /// People who can not.
    pub disabled_users: u64,
    /// Sessions that are alive.
    pub active_sessions: u64,
    /// The last 24 hours, an entry an hour, the oldest first.
    pub sign_ins: Vec<SignInBucket>,
    /// The apps that the caller may open: those that are down first, then the slow ones; a hundred at the most.
    #[serde(default)]
    pub apps: Vec<AppTile>,
    /// Who is signed in, the last seen first, ten at the most; needs `users`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_in: Option<Vec<Session>>,
    /// The latest events, ten at the most; needs `audit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<Vec<Event>>,
    /// What is left to do; needs `settings`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_steps: Option<FirstSteps>,
}
