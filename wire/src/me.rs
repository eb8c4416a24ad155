//! Who the caller is, and what the caller may change about themself.

use crate::{
    check::{self, Check, Problems},
    failure::FieldError,
    id::{KeyId, SessionId},
    policy::{Needs, Operation},
    rights::Permissions,
    users::{User, given},
    workspaces::Standing,
};
use serde::{Deserialize, Serialize};

/// An API key, by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyName {
    /// Names the key for ever.
    pub id: KeyId,
    /// What people call it.
    pub name: String,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// The account; absent while sign-in is off, and for a service key.
    pub user: Option<User>,
    /// The session that asks, where there is one.
    pub session_id: Option<SessionId>,
    /// The API key that asks, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<KeyName>,
    /// What the caller may do with Doorward itself, whatever the grants.
    pub permissions: Permissions,
    /// What the caller may do where this request acts: the environment that it names, else
    /// `default/default`.
    #[serde(default)]
    pub scope: Standing,
    /// What the caller may do where a grant says so.
    #[serde(default)]
    pub grants: Vec<Standing>,
    /// Whether sign-in is off, so that everybody may do everything.
    pub is_open: bool,
    /// Whether the caller could make a personal API key: a person, where those are not turned off.
    #[serde(default)]
    pub personal_keys: bool,
}

impl Me {
    /// Whether the table of rights lets the caller do this; the server asks the same table again.
    #[must_use]
    pub fn may(&self, operation: &Operation) -> bool {
        if self.api_key.is_some() && (operation.by_people_only || operation.needs == Needs::Session) {
            return false;
        }
        if let Some(permission) = operation.keys_need.filter(|_| self.api_key.is_some()) {
            return self.permissions.has(permission);
        }
        match operation.needs {
            Needs::Nothing | Needs::SignedIn => true,
            Needs::SetupOpen => false,
            Needs::Session => !self.is_open,
            Needs::Permission(permission) => self.permissions.has(permission),
        }
    }
}

/// What changes about oneself (JSON Merge Patch, RFC 7396): absent stays, `null` removes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MePatch {
    /// Another name to show, or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub display_name: Option<Option<String>>,
    /// Another address, or none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub email: Option<Option<String>>,
}

impl Check for MePatch {
    fn problems(&self) -> Vec<FieldError> {
        let email = self.email.as_ref().and_then(Option::as_deref);
        let display_name = self.display_name.as_ref().and_then(Option::as_deref);
        Problems::default()
            .field("email", email.and_then(check::email))
            .field("displayName", display_name.and_then(check::display_name))
            .all()
    }
}
