//! What somebody may do where, as it comes out of their role and their grants.

use super::words;
use wire::{
    RoleName,
    workspaces::{Grant, Slug},
};

/// A place, as it is written: `billing`, or `billing/production`.
#[must_use]
pub fn place(workspace: &Slug, environment: Option<&Slug>) -> String {
    match environment {
        Some(environment) => [&workspace.0, "/", &environment.0].concat(),
        None => workspace.0.clone(),
    }
}

/// Somebody's rights in one sentence each: what counts outside of grants, then what counts in each
/// workspace, and from where it comes.
#[must_use]
pub fn sentences(role: &RoleName, grants: &[Grant]) -> Vec<String> {
    if role.is_admin() {
        let idle = if grants.is_empty() { "" } else { " The grants count for nothing while it is so." };
        return vec![["Admin everywhere.", idle].concat()];
    }
    let mut sentences =
        vec![[words::role(role).as_str(), if grants.is_empty() { " everywhere." } else { ", outside of the grants." }].concat()];
    for (at, grant) in grants.iter().enumerate() {
        if grants[..at].iter().any(|before| before.workspace == grant.workspace) {
            continue;
        }
        let (whole, parts): (Vec<_>, Vec<_>) =
            grants.iter().filter(|other| other.workspace == grant.workspace).partition(|grant| grant.environment.is_none());
        let whole = whole.iter().map(|grant| [&grant.role.0, ", from ", &grant.workspace.0].concat());
        let parts = parts.iter().map(|grant| [&grant.role.0, " in ", &place(&grant.workspace, grant.environment.as_ref())].concat());
        let sentence = whole.chain(parts).collect::<Vec<_>>().join("; ");
        sentences.push([&words::capital(&sentence), "."].concat());
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug(text: &str) -> Slug {
        Slug(text.into())
    }

    fn grant(workspace: &str, environment: Option<&str>, role: &str) -> Grant {
        Grant { workspace: slug(workspace), environment: environment.map(slug), role: RoleName(role.into()) }
    }

    #[test]
    fn rights_are_said_as_they_come_out_and_from_where() {
        let said = |role: &str, grants: &[Grant]| sentences(&RoleName(role.into()), grants);
        assert_eq!(said("viewer", &[]), ["Viewer everywhere."]);
        let grants = [
            grant("billing", None, "developer"),
            grant("billing", Some("production"), "viewer"),
            grant("wiki", Some("staging"), "operator"),
        ];
        assert_eq!(
            said("viewer", &grants),
            ["Viewer, outside of the grants.", "Developer, from billing; viewer in billing/production.", "Operator in wiki/staging."]
        );
        assert_eq!(said("admin", &grants), ["Admin everywhere. The grants count for nothing while it is so."]);
    }
}
