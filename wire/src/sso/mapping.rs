//! Which role somebody gets by what a provider says of them.

use crate::{
    check::{Check, Problems},
    failure::FieldError,
    rights::RoleName,
    workspaces::Slug,
};
use serde::{Deserialize, Serialize};

/// The most bytes of an expression.
pub const LONGEST_EXPRESSION: usize = 2048;

/// How claims become a role: first the expression, then the groups, then the default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleMapping {
    /// The role of those for whom nothing else gives one; `viewer` when not given.
    #[serde(default)]
    pub default_role: RoleName,
    /// The claim that holds the groups, a list of texts or one text; dots lead into objects:
    /// `realm_access.roles`. `groups` when not given.
    #[serde(default = "groups")]
    pub groups_claim: String,
    /// Groups and the roles that they give. Groups compare exactly; of several that match, the one
    /// with the highest role counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_mappings: Vec<GroupMapping>,
    /// A jq expression over the claims, whose one result is the name of a role; it goes before the
    /// groups. At most 2048 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_attribute_path: Option<String>,
    /// Whether sign-in is refused where neither the expression nor a group gives a role that there is.
    #[serde(default)]
    pub role_attribute_strict: bool,
    /// Whether the role is given at the first sign-in alone; else it follows the provider each time.
    #[serde(default)]
    pub skip_org_role_sync: bool,
}

fn groups() -> String {
    "groups".into()
}

impl Default for RoleMapping {
    fn default() -> Self {
        Self {
            default_role: RoleName::default(),
            groups_claim: groups(),
            group_mappings: Vec::new(),
            role_attribute_path: None,
            role_attribute_strict: false,
            skip_org_role_sync: false,
        }
    }
}

/// A group, and the role that it gives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupMapping {
    /// The group's name, exactly as the provider writes it.
    pub group: String,
    /// The role.
    pub role: RoleName,
}

impl RoleMapping {
    /// Whether claims can matter: else everybody gets the default role.
    #[must_use]
    pub fn reads_claims(&self) -> bool {
        !self.group_mappings.is_empty() || self.role_attribute_path.is_some()
    }
}

impl Check for RoleMapping {
    /// Fields are named from `roleMapping` on. Whether there are such roles, and whether the expression
    /// can be read, the server knows.
    fn problems(&self) -> Vec<FieldError> {
        let claim = (self.groups_claim.is_empty() || self.groups_claim.len() > 200 || self.groups_claim.contains(char::is_control))
            .then(|| "Write the name of the claim with the groups, like groups or realm_access.roles.".to_owned());
        let expression = self.role_attribute_path.as_ref().and_then(|text| {
            (text.trim().is_empty() || text.len() > LONGEST_EXPRESSION)
                .then(|| format!("An expression has 1 to {LONGEST_EXPRESSION} bytes."))
        });
        let many = (self.group_mappings.len() > super::MOST_ENTRIES)
            .then(|| format!("At most {} groups can be given a role.", super::MOST_ENTRIES));
        let mut problems = Problems::default()
            .field("roleMapping.defaultRole", self.default_role.problem())
            .field("roleMapping.groupsClaim", claim)
            .field("roleMapping.roleAttributePath", expression)
            .field("roleMapping.groupMappings", many);
        for (at, line) in self.group_mappings.iter().enumerate() {
            let group = (line.group.is_empty() || line.group.len() > 500)
                .then(|| "Write the group exactly as the provider does, with at most 500 bytes.".to_owned());
            problems = problems
                .field(&format!("roleMapping.groupMappings[{at}].group"), group)
                .field(&format!("roleMapping.groupMappings[{at}].role"), line.role.problem());
        }
        problems.all()
    }
}

/// Which part of a mapping decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", tag = "by")]
pub enum DecidedBy {
    /// The expression.
    Expression,
    /// A group.
    Group {
        /// The group.
        group: String,
        /// The line of `groupMappings`, from 0.
        line: usize,
    },
    /// Nothing else gave a role.
    Default,
    /// Nothing gave a role, and the mapping is strict.
    Nothing,
}

/// What a mapping makes of claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MappingOutcome {
    /// The role; absent where sign-in is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// What decided.
    pub decided_by: DecidedBy,
    /// The groups that were found in the claim.
    #[serde(default)]
    pub groups: Vec<String>,
    /// What did not count, and why, in sentences: an expression that failed or ran too long, a role
    /// that there is not, groups beyond the limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// Whether a provider's access lists let somebody in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Access {
    /// Whether they do.
    pub is_allowed: bool,
    /// Why, in one sentence.
    pub because: String,
}

/// Claims to try a mapping with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MappingTrial {
    /// The mapping, saved or not.
    #[serde(default)]
    pub role_mapping: RoleMapping,
    /// Domains of addresses that are let in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_domains: Vec<String>,
    /// Addresses that are let in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whitelist: Vec<String>,
    /// The claims, a JSON object. Absent: those of the last sign-in by `provider`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub claims: Option<serde_json::Value>,
    /// The provider whose last sign-in is meant where there are no claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Slug>,
}

impl Check for MappingTrial {
    fn problems(&self) -> Vec<FieldError> {
        let claims = match &self.claims {
            Some(claims) if !claims.is_object() => Some("Claims are a JSON object, like { \"sub\": \"42\" }.".to_owned()),
            None if self.provider.is_none() => Some("Paste claims, or name the provider whose last sign-in is meant.".to_owned()),
            _ => None,
        };
        let mut all = Problems::default().field("claims", claims).all();
        all.extend(self.role_mapping.problems());
        all
    }
}

/// What became of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TrialResult {
    /// The claims that were tried, without what is no claim about a person (`nonce`, `at_hash` …).
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub claims: serde_json::Value,
    /// Whether the access lists let the person in.
    pub access: Access,
    /// What the mapping makes of the claims.
    pub outcome: MappingOutcome,
}
