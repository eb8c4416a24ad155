//! What an admin sets for the whole installation.

use crate::{
    check::{self, Check, Problems},
    failure::FieldError,
    setup::{NewSetup, SetupState},
    sso::TrustedParty,
    time::Timestamp,
    users::given,
};
use serde::{Deserialize, Serialize};

/// Settings → Authentication, as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuthSettings {
    /// Whether one has to sign in.
    pub enabled: bool,
    /// How far setup has come.
    pub setup: SetupState,
    /// Whether somebody could sign in if sign-in were turned on now.
    pub has_users: bool,
    /// Whether one can sign in with a password.
    pub password_sign_in: bool,
    /// Whether password sign-in could be turned off now: an admin has signed in by a provider.
    pub can_turn_password_off: bool,
    /// Who vouches for people besides providers: issuers of tokens, and a directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted: Vec<TrustedParty>,
    /// How long an access token is good, as a Go duration.
    pub access_ttl: String,
    /// How long a remembered session lasts unused.
    pub refresh_ttl: String,
    /// How long a session lasts that is not remembered.
    pub browser_ttl: String,
    /// How long a session lasts at the most.
    pub session_max: String,
    /// After how long without a person's doing a session ends; absent when it does not.
    pub idle_ttl: Option<String>,
    /// The fewest bytes of a password.
    pub password_min: usize,
    /// Whether changing this asks the caller for the setup code.
    pub setup_code_required: bool,
}

/// Turns sign-in on or off.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthSettingsPatch {
    /// Whether one has to sign in from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether one can sign in with a password from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_sign_in: Option<bool>,
    /// The first account, needed to turn sign-in on while there is no user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<NewSetup>,
    /// The code that the server printed, needed from another machine while sign-in is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_code: Option<String>,
}

/// Settings → General.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// What the installation is called.
    pub name: String,
    /// Whom to ask for help; shown before sign-in.
    pub help_contact: Option<String>,
    /// The address under which people reach it, where it is configured.
    pub public_url: Option<String>,
    /// The version that runs.
    pub version: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// Where the data lies, as an operator knows it; never with a password.
    pub data: String,
    /// Since when this process runs.
    pub started_at: Timestamp,
    /// The configuration file, where there is one and the process follows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<ConfigurationFile>,
}

/// The configuration file of the process that answers, and how far it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConfigurationFile {
    /// Where it is.
    pub path: String,
    /// When what is in force was read.
    pub read_at: Timestamp,
    /// Why the file as it is now is not in force, in sentences; absent where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Keys that changed since the start and count from the next start on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs_restart: Vec<String>,
}

/// What changes in Settings → General (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingsPatch {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another contact, or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub help_contact: Option<Option<String>>,
}

impl Check for SettingsPatch {
    fn problems(&self) -> Vec<FieldError> {
        let name = self.name.as_deref().and_then(|name| {
            let length = name.trim().chars().count();
            if length == 0 || length > 60 {
                Some("The name has 1 to 60 characters.".to_owned())
            } else {
                name.chars().any(check::is_invisible).then(|| "The name can't contain control or invisible characters.".into())
            }
        });
        let contact = self.help_contact.as_ref().and_then(Option::as_deref).and_then(|text| {
            (text.chars().count() > 200 || text.chars().any(check::is_invisible))
                .then(|| "The help contact has at most 200 characters, all of them visible.".to_owned())
        });
        Problems::default().field("name", name).field("helpContact", contact).all()
    }
}
