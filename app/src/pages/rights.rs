//! What somebody may do where, as it comes out of their role and their grants.

use super::words;
use wire::{
    Permission, RoleName,
    me::Me,
    workspaces::{Grant, Scope, Slug, Workspace},
};

/// The environments of a workspace that one may act in.
#[must_use]
pub fn open_environments(me: Option<&Me>, workspace: &Workspace) -> Vec<Slug> {
    let Some(me) = me else { return Vec::new() };
    let is_everybodys = !workspace.is_private || me.permissions.has(Permission::Settings);
    let has_grant = |slug: &Slug| {
        let mut own = me.grants.iter().filter(|own| own.workspace == workspace.slug);
        own.any(|own| own.environment.as_ref().is_none_or(|own| own == slug))
    };
    workspace.environments.iter().filter(|slug| is_everybodys || has_grant(slug)).cloned().collect()
}

/// Where one comes to in another workspace: the environment of the same name, else the default one,
/// else the first.
#[must_use]
pub fn entrance(me: Option<&Me>, workspace: &Workspace, from: &Slug) -> Option<Scope> {
    let open = open_environments(me, workspace);
    let environment = [from, &Slug::default()].into_iter().find(|slug| open.contains(slug)).or(open.first())?.clone();
    Some(Scope { workspace: workspace.slug.clone(), environment })
}

/// The role that counts for oneself there; none while nobody has one.
#[must_use]
pub fn role_in(me: Option<&Me>, scope: &Scope) -> Option<RoleName> {
    Some(me?.user.as_ref()?.role_in(scope).clone())
}

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
    use wire::{Timestamp, workspaces::Standing};

    fn slug(text: &str) -> Slug {
        Slug(text.into())
    }

    fn grant(workspace: &str, environment: Option<&str>, role: &str) -> Grant {
        Grant { workspace: slug(workspace), environment: environment.map(slug), role: RoleName(role.into()) }
    }

    fn workspace(is_private: bool, environments: &[&str]) -> Workspace {
        Workspace {
            slug: slug("billing"),
            name: "Billing".into(),
            is_private,
            environments: environments.iter().map(|text| slug(text)).collect(),
            members: None,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    fn me(role: &str, grants: &[(&str, Option<&str>)]) -> Me {
        let standing = |(workspace, environment): &(&str, Option<&str>)| Standing {
            workspace: slug(workspace),
            environment: environment.map(slug),
            ..Standing::default()
        };
        Me {
            user: None,
            session_id: None,
            api_key: None,
            permissions: RoleName(role.into()).built_in().unwrap().permissions,
            scope: Standing::default(),
            grants: grants.iter().map(standing).collect(),
            is_open: false,
            personal_keys: true,
        }
    }

    #[test]
    fn a_private_workspace_is_open_as_far_as_a_grant_reaches() {
        let open = |me: &Me, is_private| {
            let workspace = workspace(is_private, &["default", "production", "staging"]);
            open_environments(Some(me), &workspace).into_iter().map(|slug| slug.0).collect::<Vec<_>>()
        };
        let all = ["default", "production", "staging"];
        assert_eq!(open(&me("viewer", &[]), false), all);
        assert_eq!(open(&me("viewer", &[]), true), [""; 0]);
        assert_eq!(open(&me("viewer", &[("wiki", None)]), true), [""; 0]);
        assert_eq!(open(&me("viewer", &[("billing", Some("staging"))]), true), ["staging"]);
        assert_eq!(open(&me("viewer", &[("billing", None)]), true), all);
        assert_eq!(open(&me("admin", &[]), true), all);
    }

    #[test]
    fn one_comes_to_the_environment_of_the_same_name_where_there_is_one() {
        let to = |environments: &[&str], from: &str| {
            entrance(Some(&me("viewer", &[])), &workspace(false, environments), &slug(from)).map(|scope| scope.environment.0)
        };
        assert_eq!(to(&["default", "staging"], "staging"), Some("staging".into()));
        assert_eq!(to(&["default", "production"], "staging"), Some("default".into()));
        assert_eq!(to(&["eu", "us"], "staging"), Some("eu".into()));
        assert_eq!(to(&[], "staging"), None);
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
