//! API keys: how programs get in.

mod asked;

pub use asked::{ApiKeyPatch, NewApiKey, Rotate};

use crate::{
    audit::Party,
    check::Problems,
    id::{KeyId, UserId},
    list::Order,
    rights::RoleName,
    time::Timestamp,
    workspaces::{Scope, Slug},
};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// The longest time for which a replaced secret may stay good: a week.
pub const LONGEST_GRACE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The most apps that a key may be bound to.
pub const MOST_APPS: usize = 100;
/// The most networks that a key may be bound to.
pub const MOST_NETWORKS: usize = 100;

/// Whose rights a key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Its own role's, whatever becomes of the person who made it.
    #[default]
    Service,
    /// Its role's, as far as its owner has them too; silent once the owner can not sign in.
    Personal,
}

impl KeyKind {
    /// The kind's name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Personal => "personal",
        }
    }
}

/// Whether a key can still be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum KeyStatus {
    /// It can.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody ended it for good.
    Revoked,
}

/// What a key is good for, besides what its role allows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyScope {
    /// This workspace alone; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// This environment alone; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// These apps alone, by slug; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apps: Option<Vec<String>>,
}

impl KeyScope {
    /// Whether it leaves nothing out.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        self.workspace.is_none() && self.environment.is_none() && self.apps.is_none()
    }

    /// Whether the key is good for everything there: one for some apps alone is not.
    #[must_use]
    pub fn covers(&self, scope: &Scope) -> bool {
        self.apps.is_none() && self.is_in(scope)
    }

    /// Whether the key is good for this app, which is there.
    #[must_use]
    pub fn covers_app(&self, scope: &Scope, app: &Slug) -> bool {
        self.apps.as_ref().is_none_or(|apps| apps.contains(&app.0)) && self.is_in(scope)
    }

    fn is_in(&self, scope: &Scope) -> bool {
        let is = |own: &Option<String>, slug: &Slug| own.as_ref().is_none_or(|own| *own == slug.0);
        is(&self.workspace, &scope.workspace) && is(&self.environment, &scope.environment)
    }

    fn add_problems(&self, problems: Problems) -> Problems {
        let problem = |given: &Option<String>| given.as_ref().and_then(|slug| Slug(slug.clone()).problem());
        let alone = self.environment.is_some() && self.workspace.is_none();
        problems
            .field("scope.workspace", problem(&self.workspace))
            .field("scope.workspace", alone.then(|| "Say in which workspace the environment is.".into()))
            .field("scope.environment", problem(&self.environment))
            .field("scope.apps", self.apps.as_deref().and_then(apps_problem))
    }
}

fn apps_problem(apps: &[String]) -> Option<String> {
    if apps.is_empty() {
        return Some("Name an app. For a key that is good for all of them, leave this out or send null.".into());
    }
    if apps.len() > MOST_APPS {
        return Some(format!("A key is good for at most {MOST_APPS} apps, or for all."));
    }
    apps.iter().find_map(|slug| Slug(slug.clone()).problem())
}

/// An API key; its secret is never in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// Names the key for ever.
    pub id: KeyId,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The public part of its text, after `dw_`; stays the same when the secret changes.
    pub prefix: String,
    /// Whose rights it has.
    pub kind: KeyKind,
    /// Its role; a personal key is never worth more than its owner.
    pub role: RoleName,
    /// What it is good for, besides what its role allows.
    pub scope: KeyScope,
    /// The addresses and networks it may be used from; any when absent.
    pub allowed_ips: Option<Vec<String>>,
    /// Whose it is; absent for a service key.
    pub owner_id: Option<UserId>,
    /// The owner's name to show; absent for a service key, and once the owner is deleted.
    pub owner_name: Option<String>,
    /// Who made it, as they were called then.
    pub created_by: Party,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed; being used is no change.
    pub updated_at: Timestamp,
    /// When it ends; never when absent.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, a minute or two late.
    pub last_used_at: Option<Timestamp>,
    /// From which address it was last used.
    pub last_used_ip: Option<String>,
    /// In how many requests it was used, a minute or two late.
    pub use_count: u64,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Whether it can still be used.
    pub status: KeyStatus,
}

impl ApiKey {
    /// Whether a key with these times can be used at `now`.
    #[must_use]
    pub fn status_at(expires_at: Option<Timestamp>, revoked_at: Option<Timestamp>, now: Timestamp) -> KeyStatus {
        if revoked_at.is_some() {
            KeyStatus::Revoked
        } else if expires_at.is_some_and(|at| at <= now) {
            KeyStatus::Expired
        } else {
            KeyStatus::Active
        }
    }
}

/// A key that was just made, or got another secret; the text is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreatedKey {
    /// The key as it will be seen from now on.
    pub api_key: ApiKey,
    /// The whole text, to be sent as `X-API-Key` or `Authorization: Bearer`.
    pub key: String,
}

impl fmt::Debug for CreatedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedKey").field("api_key", &self.api_key.id).finish_non_exhaustive()
    }
}

/// What a list of keys is sorted by; equal rows by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum KeySort {
    /// The name, without regard to case.
    #[default]
    Name,
    /// When the key was made.
    CreatedAt,
    /// When it was last used; never counts as the oldest.
    LastUsedAt,
    /// When it ends; never counts as the latest.
    ExpiresAt,
}

/// Which keys to list, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKeyQuery {
    /// The beginning of a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Only this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<KeyKind>,
    /// Only this role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// Only those that can be used, have expired, or were revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<KeyStatus>,
    /// Only personal ones of one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mine: Option<bool>,
    /// The order's column.
    #[serde(default)]
    pub sort: KeySort,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_key_does_not_print_itself() {
        let party = Party { kind: "user".into(), id: String::new(), name: "ada".into() };
        let api_key = ApiKey {
            id: KeyId(uuid::Uuid::nil()),
            name: "deploy".into(),
            description: None,
            prefix: "aaaaaaaa".into(),
            kind: KeyKind::Service,
            role: RoleName::admin(),
            scope: KeyScope::default(),
            allowed_ips: None,
            owner_id: None,
            owner_name: None,
            created_by: party,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
            expires_at: None,
            last_used_at: None,
            last_used_ip: None,
            use_count: 0,
            revoked_at: None,
            status: KeyStatus::Active,
        };
        let made = CreatedKey { api_key, key: "dw_aaaaaaaa_secret".into() };
        assert!(!format!("{made:?}").contains("secret"));
    }
}
