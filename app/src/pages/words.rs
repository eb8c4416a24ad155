//! Things of the wire in words: roles, ranks, people.

use wire::{Permission, RoleName, rights::BUILT_IN, users::User};

/// A role's name as it is shown: with a capital.
#[must_use]
pub fn role(name: &RoleName) -> String {
    capital(&name.0)
}

/// A word with a capital.
#[must_use]
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A role's rank, 1 to 5; a custom role has the rank of the strongest built-in one that it covers.
#[must_use]
pub fn rank(name: &RoleName) -> u8 {
    let permissions = name.permissions();
    let covered = BUILT_IN.iter().filter(|built_in| permissions.covers(built_in.permissions)).count();
    u8::try_from(covered.clamp(1, 5)).unwrap_or(1)
}

/// The built-in roles that have a permission, from the mildest.
#[must_use]
pub fn roles_with(permission: Permission) -> Vec<RoleName> {
    BUILT_IN.iter().filter(|role| role.permissions.has(permission)).map(|role| RoleName(role.name.into())).collect()
}

/// What a permission opens, after "needs the permission to".
#[must_use]
pub const fn permission(permission: Permission) -> &'static str {
    match permission {
        Permission::Read => "see what is guarded",
        Permission::Subscribe => "receive live events",
        Permission::Run => "start and stop",
        Permission::Write => "create, edit and delete",
        Permission::Publish => "send live events",
        Permission::Audit => "read the audit log",
        Permission::Users => "manage users and their sessions",
        Permission::Roles => "manage roles",
        Permission::Keys => "manage everybody’s API keys",
        Permission::Apps => "manage guarded apps",
        Permission::Settings => "change the settings",
    }
}

/// What stands below a person's name.
#[must_use]
pub fn below(user: &User) -> String {
    match (&user.email, &user.display_name) {
        (Some(email), _) => email.clone(),
        (None, Some(_)) => user.username.clone(),
        (None, None) => "No email".into(),
    }
}

/// A field's text, without the space around it, or nothing.
#[must_use]
pub fn given(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_power() {
        let ranks = ["viewer", "operator", "developer", "manager", "admin"].map(|name| rank(&RoleName(name.into())));
        assert_eq!(ranks, [1, 2, 3, 4, 5]);
        assert_eq!(rank(&RoleName("unknown".into())), 1);
    }

    #[test]
    fn who_has_a_permission_is_known() {
        assert_eq!(roles_with(Permission::Audit), [RoleName("manager".into()), RoleName::admin()]);
    }
}
