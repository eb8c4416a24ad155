//! Things of the wire in words: roles, ranks, people.

use wire::{Permission, RoleName, users::User};

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
