//! Which role somebody gets by what others say of them: the expression first, then the groups, then the
//! default. Everything that did not count is said, so that whoever set it up can see why.

mod groups;
pub(crate) mod jq;
#[cfg(test)]
mod tests;

use crate::{audit::clip, gate::Gate, jwks::Claims, roles::RoleSet};
use jq::Expression;
use std::sync::Arc;
use wire::{
    Check, Permission, RoleName,
    sso::{DecidedBy, MappingOutcome, RoleMapping},
};

/// A mapping that can be used: its expression is compiled.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    settings: RoleMapping,
    expression: Option<Arc<Expression>>,
}

impl Mapping {
    /// Makes a mapping ready for use.
    ///
    /// # Errors
    /// What is wrong with it: the field, as the wire names it below `roleMapping`, and a sentence.
    pub(crate) fn new(settings: RoleMapping) -> Result<Self, (String, String)> {
        if let Some(error) = settings.problems().into_iter().next() {
            let field = error.field.strip_prefix("roleMapping.").unwrap_or(&error.field).to_owned();
            return Err((field, error.message));
        }
        let expression = settings.role_attribute_path.as_deref().map(Expression::compile).transpose();
        let expression =
            expression.map_err(|problem| ("roleAttributePath".to_owned(), format!("This expression can not be used: {problem}.")))?;
        Ok(Self { settings, expression: expression.map(Arc::new) })
    }

    /// What was set.
    pub(crate) fn settings(&self) -> &RoleMapping {
        &self.settings
    }

    /// Which role claims give. It costs nothing where no expression is set.
    pub(crate) async fn apply(&self, gate: &Gate, claims: &Claims) -> MappingOutcome {
        let roles = gate.roles();
        let mut remarks = Vec::new();
        let (groups, rest) = groups::read(claims, &self.settings.groups_claim);
        if rest > 0 {
            remarks.push(format!("There are {rest} groups more than the {} that are looked at.", groups::MOST));
        }
        let by_expression = match &self.expression {
            None => None,
            Some(expression) => self.by_expression(gate, &roles, expression, claims, &mut remarks).await,
        };
        let found = by_expression
            .map(|role| (role, DecidedBy::Expression))
            .or_else(|| self.by_groups(&roles, &groups, &mut remarks))
            .or_else(|| self.by_default(&roles, &mut remarks));
        let (role, decided_by) = found.map_or((None, DecidedBy::Nothing), |(role, by)| (Some(role), by));
        MappingOutcome { role, decided_by, groups, remarks }
    }

    async fn by_expression(
        &self,
        gate: &Gate,
        roles: &RoleSet,
        expression: &Arc<Expression>,
        claims: &Claims,
        remarks: &mut Vec<String>,
    ) -> Option<RoleName> {
        let mut results = match gate.runner().run(expression.clone(), claims.clone()).await {
            Ok(results) => results,
            Err(problem) => {
                remarks.push(format!("The expression gave no role: {problem}."));
                return None;
            }
        };
        results.dedup();
        match results.as_slice() {
            [] => None,
            [one] => {
                let role = RoleName(one.clone());
                if roles.find(&role).is_some() {
                    return Some(role);
                }
                remarks.push(format!("The expression gave “{}”, and there is no such role.", clip(one)));
                None
            }
            [first, second, ..] => {
                remarks.push(format!("The expression gave several results, “{}” and “{}” among them.", clip(first), clip(second)));
                None
            }
        }
    }

    /// The highest of the roles that the groups give; of two that are as high, the first line's.
    fn by_groups(&self, roles: &RoleSet, groups: &[String], remarks: &mut Vec<String>) -> Option<(RoleName, DecidedBy)> {
        let mut best: Option<(u32, RoleName, DecidedBy)> = None;
        for (line, mapping) in self.settings.group_mappings.iter().enumerate() {
            if !groups.contains(&mapping.group) {
                continue;
            }
            let Some(role) = roles.find(&mapping.role) else {
                remarks.push(format!("The group “{}” gives the role {}, and there is no such role.", clip(&mapping.group), mapping.role));
                continue;
            };
            let height = height(roles, &role.name);
            if best.as_ref().is_none_or(|(highest, ..)| height > *highest) {
                best = Some((height, role.name.clone(), DecidedBy::Group { group: mapping.group.clone(), line }));
            }
        }
        best.map(|(_, role, by)| (role, by))
    }

    fn by_default(&self, roles: &RoleSet, remarks: &mut Vec<String>) -> Option<(RoleName, DecidedBy)> {
        if self.settings.role_attribute_strict {
            return None;
        }
        let role = &self.settings.default_role;
        if roles.find(role).is_none() {
            remarks.push(format!("The default role is {role}, and there is no such role."));
            return None;
        }
        Some((role.clone(), DecidedBy::Default))
    }
}

/// How high a role is: its strongest permission counts first, then the next.
fn height(roles: &RoleSet, role: &RoleName) -> u32 {
    let permissions = roles.permissions(role);
    Permission::ALL.iter().enumerate().filter(|(_, permission)| permissions.has(**permission)).map(|(at, _)| 1 << at).sum()
}
