//! All roles in memory, by which requests are judged.

use wire::{Permissions, RoleName, roles::Role};

/// The roles as the last change left them, in the order they are shown in: the built-in ones from
/// the mildest, then the others by name.
#[derive(Debug, Clone)]
pub struct RoleSet(Vec<Role>);

impl RoleSet {
    /// The built-in roles and these.
    pub(crate) fn with(custom: Vec<Role>) -> Self {
        let mut all = Role::built_in();
        all.extend(custom);
        Self(all)
    }

    /// What a role may do; one that there is not may do nothing.
    #[must_use]
    pub fn permissions(&self, name: &RoleName) -> Permissions {
        self.find(name).map_or(Permissions::NONE, |role| role.permissions)
    }

    /// The role of this name.
    #[must_use]
    pub fn find(&self, name: &RoleName) -> Option<&Role> {
        self.0.iter().find(|role| role.name == *name)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Role] {
        &self.0
    }
}
