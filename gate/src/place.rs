//! Where a request acts, and what the caller may do there.
//!
//! Doorward's own operations are judged by the role outside any grant, wherever a request acts: a
//! grant of `admin` in one workspace is no reason to manage everybody. What a grant changes is what
//! [`Ctx::scoped`] tells. A key that is good in one place has nothing anywhere else.

use crate::{
    Result,
    audit::decision,
    ctx::{Ctx, KeyCaller, Principal},
    roles::RoleSet,
};
use wire::{
    Code, Failure, Permission, Permissions, RoleName,
    policy::Operation,
    rights::BUILT_IN,
    users::User,
    workspaces::{Scope, Slug, Standing},
};

/// Where a request acts, as it stands when the request comes.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// In an environment that there is.
    In {
        /// Which one.
        scope: Scope,
        /// Whether its workspace is for members alone.
        is_private: bool,
    },
    /// The request names one that there is not.
    Nowhere,
}

/// How much of a workspace is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'a> {
    /// Some of it, whichever.
    Any,
    /// This environment.
    One(&'a Slug),
    /// All of it.
    Whole,
}

/// Who acts, as far as rights look at it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Actor<'a> {
    /// Nobody who is known.
    Nobody,
    /// Everybody while sign-in is off, and Doorward itself.
    Anyone,
    /// A person.
    Person(&'a User),
    /// A program with an API key.
    Key(&'a KeyCaller),
    /// Somebody of this role with no grant, to try something out.
    Role(&'a RoleName),
}

impl<'a> From<&'a Principal> for Actor<'a> {
    fn from(principal: &'a Principal) -> Self {
        match principal {
            Principal::Nobody => Self::Nobody,
            Principal::Open | Principal::System(_) => Self::Anyone,
            Principal::Person(person) => Self::Person(&person.user),
            Principal::Token(token) => Self::Person(&token.user),
            Principal::Key(key) => Self::Key(key),
        }
    }
}

impl<'a> Actor<'a> {
    /// The account, or that of the owner of a personal key.
    pub(crate) fn user(self) -> Option<&'a User> {
        match self {
            Self::Person(user) => Some(user),
            Self::Key(key) => key.owner.as_deref(),
            Self::Nobody | Self::Anyone | Self::Role(_) => None,
        }
    }

    /// Whether this one has a grant for this part of the workspace, or needs none.
    pub(crate) fn is_member(self, roles: &RoleSet, workspace: &Slug, part: Part<'_>) -> bool {
        let manages = |role: &RoleName| roles.permissions(role).has(Permission::Settings);
        let granted = |user: &User| {
            user.grants.iter().any(|grant| {
                let is_there = match (&grant.environment, part) {
                    (None, _) | (_, Part::Any) => true,
                    (Some(own), Part::One(wanted)) => own == wanted,
                    (Some(_), Part::Whole) => false,
                };
                grant.workspace == *workspace && is_there
            })
        };
        match self {
            Self::Nobody => false,
            Self::Anyone => true,
            Self::Person(user) => manages(&user.role) || granted(user),
            Self::Role(role) => manages(role),
            Self::Key(key) if key.scope.is_everywhere() && key.permissions.has(Permission::Settings) => true,
            Self::Key(key) => match &key.owner {
                Some(owner) => granted(owner) || manages(&owner.role),
                // Whoever made it good there could see the workspace.
                None => key.scope.workspace.as_ref() == Some(&workspace.0),
            },
        }
    }

    /// What this one may do there, as a member, with what is not an app.
    pub(crate) fn standing(self, roles: &RoleSet, scope: &Scope) -> Standing {
        match self {
            Self::Key(key) if !key.scope.covers(scope) => Standing {
                workspace: scope.workspace.clone(),
                environment: Some(scope.environment.clone()),
                role: None,
                permissions: Permissions::NONE,
            },
            _ => self.rights(roles, scope),
        }
    }

    /// What this one's roles allow there; where a key is good is not looked at.
    pub(crate) fn rights(self, roles: &RoleSet, scope: &Scope) -> Standing {
        let of = |role: &RoleName| (Some(role.clone()), roles.permissions(role));
        let (role, permissions) = match self {
            Self::Nobody => (None, Permissions::NONE),
            Self::Anyone => (None, BUILT_IN[4].permissions),
            Self::Person(user) => of(user.role_in(scope)),
            Self::Role(role) => of(role),
            Self::Key(key) => {
                let (role, own) = of(&key.role);
                let most = key.owner.as_ref().map(|owner| roles.permissions(owner.role_in(scope)));
                (role, most.map_or(own, |most| own.intersection(most).intersection(Permissions::PERSONAL)))
            }
        };
        Standing { workspace: scope.workspace.clone(), environment: Some(scope.environment.clone()), role, permissions }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::In { scope: Scope::default(), is_private: false }
    }
}

impl Ctx {
    /// The environment that the request acts in; `default/default` when it names none, nothing when
    /// it names one that there is not.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        match self.place() {
            Place::In { scope, .. } => Some(scope),
            Place::Nowhere => None,
        }
    }

    /// What the caller may do where the request acts: the rights by which guarded apps and channels
    /// are judged.
    #[must_use]
    pub fn scoped(&self) -> Standing {
        match self.place() {
            Place::In { scope, is_private } if !is_private || self.is_member(&scope.workspace, Part::One(&scope.environment)) => {
                self.standing(scope)
            }
            Place::In { scope, .. } => {
                Standing { workspace: scope.workspace.clone(), environment: Some(scope.environment.clone()), ..Standing::default() }
            }
            Place::Nowhere => Standing::default(),
        }
    }

    /// What the caller may do where each of their grants says so.
    #[must_use]
    pub fn granted(&self) -> Vec<Standing> {
        let Some(user) = self.rights_of().user() else { return Vec::new() };
        let standing = |grant: &wire::workspaces::Grant| {
            // Of all environments of a workspace one without a grant of its own stands for it; no
            // environment has an empty slug.
            let environment = grant.environment.clone().unwrap_or_else(|| Slug(String::new()));
            Standing { environment: grant.environment.clone(), ..self.standing(&Scope { workspace: grant.workspace.clone(), environment }) }
        };
        user.grants.iter().map(standing).collect()
    }

    /// What the caller may do with Doorward itself, whatever the grants.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        match self.principal() {
            Principal::Nobody => Permissions::NONE,
            Principal::Open | Principal::System(_) => BUILT_IN[4].permissions,
            Principal::Person(person) => person.permissions,
            Principal::Token(token) => token.permissions,
            Principal::Key(key) if key.scope.is_everywhere() => key.permissions,
            // Whatever a key says that it sends, people and settings are not inside a workspace.
            Principal::Key(key) if self.scope().is_some_and(|scope| key.scope.covers(scope)) => {
                key.permissions.intersection(Permissions::LOCAL)
            }
            Principal::Key(_) => Permissions::NONE,
        }
    }

    /// Who acts, as far as rights look at it.
    pub(crate) fn rights_of(&self) -> Actor<'_> {
        Actor::from(self.principal())
    }

    /// Whether the caller has a grant for this part of the workspace, or needs none.
    pub(crate) fn is_member(&self, workspace: &Slug, part: Part<'_>) -> bool {
        self.rights_of().is_member(&self.gate().roles(), workspace, part)
    }

    /// Refuses to act where there is nothing, or where only members do.
    ///
    /// # Errors
    /// 404 `environment_not_found`, 403 `not_a_member` (and an event).
    pub(crate) fn may_be_here(&self, operation: &Operation) -> Result<()> {
        match self.place() {
            Place::Nowhere => Err(nowhere().into()),
            Place::In { scope, is_private: true } if !self.is_member(&scope.workspace, Part::One(&scope.environment)) => {
                Err(decision::keep_out(self, operation, scope).into())
            }
            Place::In { .. } => Ok(()),
        }
    }

    /// Whether the caller may do this where the request acts, at an address of the program that Doorward is
    /// a part of.
    ///
    /// # Errors
    /// 404 `environment_not_found`, 403 with what is missing (and an event).
    pub(crate) fn may_there(&self, permission: Permission, path: &str) -> std::result::Result<(), Failure> {
        match self.scope() {
            None => Err(nowhere()),
            Some(_) if self.scoped().permissions.has(permission) => Ok(()),
            Some(scope) => Err(decision::refuse_route(self, path, permission, scope)),
        }
    }

    /// What the caller may do there, as a member.
    fn standing(&self, scope: &Scope) -> Standing {
        self.rights_of().standing(&self.gate().roles(), scope)
    }
}

fn nowhere() -> Failure {
    Failure::new(Code::EnvironmentNotFound, "The request names an environment that there is not. Choose another, or none.")
}
