//! Permissions, and the roles that are built in.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Declares the permissions once, in the order of the table in the docs.
macro_rules! permissions {
    ($($(#[doc = $doc:literal])* $name:ident $text:literal)*) => {
        /// What may be done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "lowercase")]
        pub enum Permission { $($(#[doc = $doc])* $name,)* }

        impl Permission {
            /// All of them, from the mildest to the strongest.
            pub const ALL: &[Permission] = &[$(Permission::$name),*];

            /// The permission's name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Permission::$name => $text,)* }
            }

            /// What the permission lets one do, in a few words.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self { $(Permission::$name => concat!($($doc),*).trim().trim_end_matches('.'),)* }
            }
        }
    };
}

permissions! {
    /// See guarded resources and their history.
    Read "read"
    /// Receive live channels.
    Subscribe "subscribe"
    /// Start and stop.
    Run "run"
    /// Create, edit and delete guarded resources.
    Write "write"
    /// Send to live channels.
    Publish "publish"
    /// Read and export the audit log.
    Audit "audit"
    /// Manage users, their grants and sessions.
    Users "users"
    /// Manage custom roles.
    Roles "roles"
    /// Manage everybody's API keys.
    Keys "keys"
    /// Manage guarded apps and rules.
    Apps "apps"
    /// Authentication, providers, workspaces, configuration.
    Settings "settings"
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of permissions; a list of names on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = Vec<Permission>))]
pub struct Permissions(u16);

impl Permissions {
    /// No permission at all.
    pub const NONE: Self = Self(0);

    /// Everything that can be done: what the role admin may do.
    pub const ALL: Self = Self::of(Permission::ALL);

    /// What can be done in one workspace without reaching the others: all but the administration of
    /// Doorward itself, whose people, keys, settings and log belong to no workspace.
    pub const LOCAL: Self = Self::of(&[Permission::Read, Permission::Subscribe, Permission::Run, Permission::Write, Permission::Publish]);

    /// What a personal key can be worth at the most: people, roles, keys and settings are managed by
    /// people, and by service keys whose role says so.
    pub const PERSONAL: Self = Self::of(&[
        Permission::Read,
        Permission::Subscribe,
        Permission::Run,
        Permission::Write,
        Permission::Publish,
        Permission::Audit,
        Permission::Apps,
    ]);

    /// The set of these.
    #[must_use]
    pub const fn of(list: &[Permission]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < list.len() {
            bits |= 1 << list[at] as u16;
            at += 1;
        }
        Self(bits)
    }

    /// Whether this one is in the set.
    #[must_use]
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u16) != 0
    }

    /// Whether every permission of `other` is in the set too.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// What is in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The set with this permission in it, or out of it.
    #[must_use]
    pub const fn with(self, permission: Permission, is_in: bool) -> Self {
        let bit = 1 << permission as u16;
        Self(if is_in { self.0 | bit } else { self.0 & !bit })
    }

    /// The permissions in the set, from the mildest.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |p| self.has(*p))
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Permission>::deserialize(deserializer).map(|list| Self::of(&list))
    }
}

/// A role that everyone has without making it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// What it may do.
    pub permissions: Permissions,
    /// What it is for, in one sentence.
    pub description: &'static str,
}

/// The built-in roles, from the mildest to the strongest; each covers the one before.
pub const BUILT_IN: [BuiltIn; 5] = {
    use Permission::{Apps, Audit, Keys, Publish, Read, Roles, Run, Settings, Subscribe, Users, Write};
    [
        BuiltIn {
            name: "viewer",
            permissions: Permissions::of(&[Read, Subscribe]),
            description: "Sees everything that is guarded, changes nothing.",
        },
        BuiltIn { name: "operator", permissions: Permissions::of(&[Read, Subscribe, Run]), description: "Also starts and stops." },
        BuiltIn {
            name: "developer",
            permissions: Permissions::of(&[Read, Subscribe, Run, Write, Publish]),
            description: "Also creates, edits and deletes.",
        },
        BuiltIn {
            name: "manager",
            permissions: Permissions::of(&[Read, Subscribe, Run, Write, Publish, Audit]),
            description: "Also reads the audit log.",
        },
        BuiltIn {
            name: "admin",
            permissions: Permissions::of(&[Read, Subscribe, Run, Write, Publish, Audit, Users, Roles, Keys, Apps, Settings]),
            description: "Runs Doorward: people, keys, apps and settings.",
        },
    ]
};

/// The name of a role: `[a-z][a-z0-9-]{1,31}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct RoleName(pub String);

impl RoleName {
    /// The role that may do everything.
    #[must_use]
    pub fn admin() -> Self {
        Self("admin".into())
    }

    /// Whether this is the role that may do everything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.0 == "admin"
    }

    /// The built-in role of this name.
    #[must_use]
    pub fn built_in(&self) -> Option<&'static BuiltIn> {
        BUILT_IN.iter().find(|role| role.name == self.0)
    }

    /// What is wrong with the name, if anything. Whether there is such a role, the server knows.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let is_good = (2..=32).contains(&self.0.len())
            && self.0.starts_with(|c: char| c.is_ascii_lowercase())
            && self.0.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        (!is_good).then(|| "A role’s name has 2 to 32 lower-case letters, digits and hyphens, and starts with a letter.".into())
    }
}

impl std::str::FromStr for RoleName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = Self(text.to_owned());
        match name.problem() {
            Some(problem) => Err(problem),
            None => Ok(name),
        }
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_built_in_role_covers_the_one_before() {
        for pair in BUILT_IN.windows(2) {
            assert!(pair[1].permissions.covers(pair[0].permissions), "{}", pair[1].name);
            assert!(!pair[0].permissions.covers(pair[1].permissions), "{}", pair[0].name);
        }
    }

    #[test]
    fn a_name_is_short_and_plain() {
        for name in ["admin", "on-call", "r2", &"a".repeat(32)] {
            assert_eq!(RoleName(name.into()).problem(), None, "{name}");
        }
        for name in ["", "a", "Admin", "2nd", "-a", "a b", "ä-team", &"a".repeat(33)] {
            assert!(RoleName(name.into()).problem().is_some(), "{name}");
        }
    }

    #[test]
    fn a_permission_has_words() {
        assert_eq!(Permission::Keys.words(), "Manage everybody's API keys");
    }
}
