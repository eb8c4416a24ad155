//! The roles there are: the built-in ones, and those that the server told of with the page.

use leptos::prelude::*;
use wire::{Permission, Permissions, RoleName, rights::BUILT_IN, roles::Role};

/// All roles, from the mildest built-in one on, then the others by name.
#[derive(Clone, Copy)]
pub struct Roles(RwSignal<Vec<Role>>);

impl Roles {
    /// The built-in roles and these.
    #[must_use]
    pub fn new(custom: Vec<Role>) -> Self {
        let mut all = Role::built_in();
        all.extend(custom);
        Self(RwSignal::new(all))
    }

    /// Takes over a list that was loaded since.
    pub fn learn(self, all: &[Role]) {
        if self.0.with_untracked(|known| known != all) {
            self.0.set(all.to_vec());
        }
    }

    /// All of them.
    #[must_use]
    pub fn all(self) -> Vec<Role> {
        self.0.get()
    }

    /// What a role may do; one that there is not may do nothing.
    #[must_use]
    pub fn permissions(self, name: &RoleName) -> Permissions {
        self.0.with(|all| all.iter().find(|role| role.name == *name).map_or(Permissions::NONE, |role| role.permissions))
    }

    /// A role's rank as it is now, 1 to 5.
    #[must_use]
    pub fn rank(self, name: &RoleName) -> u8 {
        untrack(|| rank(self.permissions(name)))
    }

    /// The roles that have a permission.
    #[must_use]
    pub fn with_permission(self, permission: Permission) -> Vec<RoleName> {
        self.0.with(|all| all.iter().filter(|role| role.permissions.has(permission)).map(|role| role.name.clone()).collect())
    }
}

/// The rank of the strongest built-in role that these permissions cover, at least 1.
#[must_use]
pub fn rank(permissions: Permissions) -> u8 {
    let covered = BUILT_IN.iter().filter(|built_in| permissions.covers(built_in.permissions)).count();
    u8::try_from(covered.clamp(1, 5)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_power() {
        assert_eq!(BUILT_IN.map(|role| rank(role.permissions)), [1, 2, 3, 4, 5]);
        assert_eq!(rank(Permissions::NONE), 1);
        assert_eq!(rank(Permissions::of(&[Permission::Read, Permission::Subscribe, Permission::Run, Permission::Settings])), 2);
    }
}
