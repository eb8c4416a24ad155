//! `role_mapping`, below everything that says who somebody is.

use super::{section::SectionKey, values};
use wire::{
    RoleName,
    sso::{GroupMapping, RoleMapping},
};

/// What has a mapping of roles.
pub trait HasMapping {
    /// The mapping.
    fn mapping(&mut self) -> &mut RoleMapping;
}

fn role(text: &str) -> values::Result<RoleName> {
    text.parse()
}

/// The keys of a mapping, in a section that has one.
pub const fn keys<D: HasMapping>() -> [SectionKey<D>; 6] {
    [
        SectionKey::one(
            "role_mapping.default_role",
            "the name of a role",
            "The role of those for whom nothing else gives one.",
            "viewer",
            |d, t| {
                d.mapping().default_role = role(t)?;
                Ok(())
            },
        ),
        SectionKey::one(
            "role_mapping.groups_claim",
            "the name of a claim, like realm_access.roles",
            "The claim that holds the groups: a list of texts, or one text.",
            "groups",
            |d, t| {
                t.clone_into(&mut d.mapping().groups_claim);
                Ok(())
            },
        ),
        SectionKey::pairs(
            "role_mapping.group_mappings",
            "groups with a role each, like `ops: operator`",
            "Which role a group gives; groups compare exactly, and the highest role wins.",
            "none",
            |d, pairs| {
                let line = |(group, text): (String, String)| match role(&text) {
                    Ok(role) => Ok(GroupMapping { group, role }),
                    Err(problem) => Err(format!("{group}: {problem}")),
                };
                d.mapping().group_mappings = pairs.into_iter().map(line).collect::<values::Result<_>>()?;
                Ok(())
            },
        ),
        SectionKey::one(
            "role_mapping.role_attribute_path",
            "an expression in jq, like .level",
            "An expression over the claims whose result is the name of a role; it goes before the groups.",
            "none",
            |d, t| {
                d.mapping().role_attribute_path = Some(t.to_owned());
                Ok(())
            },
        ),
        SectionKey::one(
            "role_mapping.role_attribute_strict",
            "true or false",
            "Whether nobody gets in for whom neither the expression nor a group gives a role.",
            "false",
            |d, t| {
                d.mapping().role_attribute_strict = values::boolean(t)?;
                Ok(())
            },
        ),
        SectionKey::one(
            "role_mapping.skip_org_role_sync",
            "true or false",
            "Whether the role is given the first time alone; else it follows each time.",
            "false",
            |d, t| {
                d.mapping().skip_org_role_sync = values::boolean(t)?;
                Ok(())
            },
        ),
    ]
}
