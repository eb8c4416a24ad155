//! Workspaces, their environments, and grants: who has which role where.

use crate::{
    check::{self, Check, Problems},
    failure::FieldError,
    id::UserId,
    rights::{Permissions, RoleName},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The most environments of a workspace.
pub const MOST_ENVIRONMENTS: usize = 100;
/// The most grants of a user.
pub const MOST_GRANTS: usize = 100;
/// The workspace that is always there, and the environment that it always has.
pub const DEFAULT: &str = "default";

/// What a workspace or an environment is called in addresses and headers: `[a-z][a-z0-9-]{0,31}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct Slug(pub String);

impl Default for Slug {
    fn default() -> Self {
        Self(DEFAULT.into())
    }
}

impl Slug {
    /// Whether it is the one that is always there.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.0 == DEFAULT
    }

    /// What is wrong with it, if anything. Whether there is such a thing, the server knows.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let is_good = (1..=32).contains(&self.0.len())
            && self.0.starts_with(|c: char| c.is_ascii_lowercase())
            && self.0.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        (!is_good).then(|| "This has 1 to 32 lower-case letters, digits and hyphens, and starts with a letter.".into())
    }
}

impl FromStr for Slug {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let slug = Self(text.to_owned());
        match slug.problem() {
            Some(problem) => Err(problem),
            None => Ok(slug),
        }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An environment of a workspace, written `billing/staging`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Scope {
    /// The workspace.
    pub workspace: Slug,
    /// The environment.
    pub environment: Slug,
}

impl FromStr for Scope {
    type Err = String;

    /// Reads `billing/staging` or `env_billing_staging`; no slug has a slash or an underscore.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = match text.strip_prefix("env_") {
            Some(rest) => rest.split_once('_'),
            None => text.split_once('/'),
        };
        let (workspace, environment) = parts.ok_or("Write the workspace and the environment, like billing/staging.")?;
        Ok(Self { workspace: workspace.parse()?, environment: environment.parse()? })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.workspace, self.environment)
    }
}

/// A workspace: what belongs together, in one environment or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    /// Names the workspace for ever.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// Whether it is for its members alone: those who have a grant in it, and those with `settings`.
    pub is_private: bool,
    /// The slugs of its environments, in their order.
    pub environments: Vec<Slug>,
    /// How many people have a grant in it, counted up to 1,001; in lists, for those with `settings`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<u64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed; another environment is no change of it.
    pub updated_at: Timestamp,
}

/// A workspace to make; it begins with the environment `default`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWorkspace {
    /// Its slug: a lower-case letter, then at most 31 letters, digits or hyphens. It stays.
    pub slug: Slug,
    /// What people call it, at most 100 characters; the slug when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it is for its members alone.
    #[serde(default)]
    pub is_private: bool,
}

impl Check for NewWorkspace {
    fn problems(&self) -> Vec<FieldError> {
        Problems::default().field("slug", self.slug.problem()).field("name", self.name.as_deref().and_then(name)).all()
    }
}

/// What changes about a workspace (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkspacePatch {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it is for its members alone from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_private: Option<bool>,
}

impl Check for WorkspacePatch {
    fn problems(&self) -> Vec<FieldError> {
        Problems::default().field("name", self.name.as_deref().and_then(name)).all()
    }
}

/// Which workspaces to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkspaceQuery {
    /// The beginning of a slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Rows of a page, 1 to 200; 50 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// An environment of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Names the environment within its workspace.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An environment to make.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewEnvironment {
    /// Its slug: a lower-case letter, then at most 31 letters, digits or hyphens. It stays.
    pub slug: Slug,
    /// What people call it, at most 100 characters; the slug when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Check for NewEnvironment {
    fn problems(&self) -> Vec<FieldError> {
        Problems::default().field("slug", self.slug.problem()).field("name", self.name.as_deref().and_then(name)).all()
    }
}

/// A role that counts for a user in a workspace, or in one of its environments, instead of the
/// user's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Grant {
    /// The workspace.
    pub workspace: Slug,
    /// The environment; all of the workspace when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Slug>,
    /// The role there.
    pub role: RoleName,
}

impl Grant {
    /// Whether it counts there.
    #[must_use]
    pub fn covers(&self, scope: &Scope) -> bool {
        self.workspace == scope.workspace && self.environment.as_ref().is_none_or(|own| *own == scope.environment)
    }

    /// The grant that counts there: an environment's own before the workspace's.
    #[must_use]
    pub fn in_scope<'a>(grants: &'a [Self], scope: &Scope) -> Option<&'a Self> {
        grants.iter().filter(|grant| grant.covers(scope)).max_by_key(|grant| grant.environment.is_some())
    }
}

/// All grants of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Grants {
    /// The grants, at most 100, no two for the same place.
    pub grants: Vec<Grant>,
}

impl Check for Grants {
    fn problems(&self) -> Vec<FieldError> {
        let most = (self.grants.len() > MOST_GRANTS).then(|| format!("A user has at most {MOST_GRANTS} grants."));
        let mut problems = Problems::default().field("grants", most);
        for (at, grant) in self.grants.iter().enumerate().take(MOST_GRANTS) {
            let is_again =
                self.grants[..at].iter().any(|other| (&other.workspace, &other.environment) == (&grant.workspace, &grant.environment));
            let again = is_again.then(|| "There is a grant for this place already. Keep one of the two.".into());
            problems = problems
                .field(&format!("grants[{at}].workspace"), grant.workspace.problem().or(again))
                .field(&format!("grants[{at}].environment"), grant.environment.as_ref().and_then(Slug::problem))
                .field(&format!("grants[{at}].role"), grant.role.problem());
        }
        problems.all()
    }
}

/// Which grants of a user to remove.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantDeletion {
    /// Only those in this workspace; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<Slug>,
    /// Only the one for this environment of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Slug>,
}

impl GrantDeletion {
    /// Whether this grant is to go.
    #[must_use]
    pub fn means(&self, grant: &Grant) -> bool {
        self.workspace.as_ref().is_none_or(|slug| *slug == grant.workspace)
            && self.environment.as_ref().is_none_or(|slug| Some(slug) == grant.environment.as_ref())
    }
}

impl Check for GrantDeletion {
    fn problems(&self) -> Vec<FieldError> {
        let alone = self.environment.is_some() && self.workspace.is_none();
        Problems::default()
            .field("workspace", alone.then(|| "Say in which workspace the environment is.".into()))
            .field("workspace", self.workspace.as_ref().and_then(Slug::problem))
            .field("environment", self.environment.as_ref().and_then(Slug::problem))
            .all()
    }
}

/// One grant in a workspace, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Whose it is.
    pub user_id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// The name to show.
    pub display_name: Option<String>,
    /// The environment; all of the workspace when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Slug>,
    /// The role there.
    pub role: RoleName,
    /// Since when.
    pub created_at: Timestamp,
}

/// Which page of the members to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MemberQuery {
    /// Rows of a page, 1 to 200; 50 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What the caller may do in an environment, or in all of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The workspace.
    pub workspace: Slug,
    /// The environment; all of the workspace when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Slug>,
    /// The role that counts there; absent while sign-in is off, and where there is none.
    pub role: Option<RoleName>,
    /// What the caller may do there.
    pub permissions: Permissions,
}

fn name(text: &str) -> Option<String> {
    let length = text.trim().chars().count();
    (!(1..=100).contains(&length) || text.chars().any(check::is_invisible))
        .then(|| "A name has 1 to 100 characters, all of them visible.".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_written_in_two_ways() {
        for text in ["billing/staging", "env_billing_staging"] {
            assert_eq!(text.parse::<Scope>().map(|scope| scope.to_string()), Ok("billing/staging".into()), "{text}");
        }
        for text in ["", "billing", "billing/", "/staging", "a/b/c", "env_a", "env_a_b_c", "env_a/b", "Billing/staging", "billing/ staging"]
        {
            assert!(text.parse::<Scope>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_slug_is_short_and_plain() {
        for slug in ["a", "billing", "team-7", &"a".repeat(32)] {
            assert_eq!(Slug(slug.into()).problem(), None, "{slug}");
        }
        for slug in ["", "7a", "-a", "A", "a_b", "a/b", "a b", "ä", &"a".repeat(33)] {
            assert!(Slug(slug.into()).problem().is_some(), "{slug:?}");
        }
    }

    #[test]
    fn the_environment_s_grant_beats_the_workspace_s() {
        let grant = |workspace: &str, environment: Option<&str>, role: &str| Grant {
            workspace: Slug(workspace.into()),
            environment: environment.map(|slug| Slug(slug.into())),
            role: RoleName(role.into()),
        };
        let grants = [grant("billing", Some("production"), "viewer"), grant("billing", None, "developer"), grant("wiki", None, "operator")];
        let role = |scope: &str| Grant::in_scope(&grants, &scope.parse().unwrap()).map(|grant| grant.role.0.as_str());
        assert_eq!(role("billing/production"), Some("viewer"));
        assert_eq!(role("billing/staging"), Some("developer"));
        assert_eq!(role("wiki/production"), Some("operator"));
        assert_eq!(role("other/production"), None);
    }
}
