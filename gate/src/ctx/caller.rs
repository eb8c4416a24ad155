//! Who a request acts as.

use crate::{
    Result,
    gate::Gate,
    keys::live::Proof,
    place::{Actor, Part, Place},
    workspaces,
};
use std::sync::Arc;
use wire::{
    KeyId, Permission, Permissions, RoleName, SessionId, Timestamp,
    keys::KeyScope,
    users::User,
    workspaces::{Scope, Slug},
};

/// Who a request acts as.
#[derive(Debug, Clone)]
pub enum Principal {
    /// Nobody who is known.
    Nobody,
    /// Everybody, while sign-in is off.
    Open,
    /// Doorward itself, or its operator at the server's own shell.
    System(Arc<str>),
    /// A person in a session.
    Person(Arc<Person>),
    /// A program with an API key.
    Key(Arc<KeyCaller>),
    /// A person by the token of a trusted issuer, without a session.
    Token(Arc<TokenCaller>),
}

impl Principal {
    /// Whether it is nobody who is known.
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        matches!(self, Self::Nobody)
    }

    /// The account, where it is a person, in a session or by the token of an issuer.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::Person(person) => Some(&person.user),
            Self::Token(token) => Some(&token.user),
            Self::Key(_) | Self::Nobody | Self::Open | Self::System(_) => None,
        }
    }

    /// What to call it: the username, or the name of the API key.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Nobody => "nobody",
            Self::Open => "anyone",
            Self::System(what) => what,
            Self::Key(key) => &key.name,
            Self::Person(person) => &person.user.username,
            Self::Token(token) => &token.user.username,
        }
    }

    /// Whether it may do this in an environment: by the role of its grant there, or else by its own. Where
    /// there is no such environment, nobody may do anything.
    ///
    /// ```
    /// use doorward_gate::{Principal, wire::{Permission, workspaces::Scope}};
    ///
    /// async fn save(principal: Principal, scope: Scope) -> doorward_gate::Result<&'static str> {
    ///     Ok(if principal.can(Permission::Write, &scope).await? { "saved" } else { "not for you" })
    /// }
    /// ```
    ///
    /// # Errors
    /// When the database does not answer; then it is not known.
    pub async fn can(&self, permission: Permission, scope: &Scope) -> Result<bool> {
        let gate = match self {
            Self::Nobody => return Ok(false),
            Self::Open | Self::System(_) => return Ok(true),
            Self::Person(person) => &person.gate,
            Self::Key(key) => &key.gate,
            Self::Token(token) => &token.gate,
        };
        let (actor, roles) = (Actor::from(self), gate.roles());
        if actor.user().is_some_and(|user| user.must_change_password) {
            return Ok(false);
        }
        let is_open_to = match workspaces::place(gate, scope.clone()).await? {
            Place::Nowhere => false,
            Place::In { is_private, .. } => !is_private || actor.is_member(&roles, &scope.workspace, Part::One(&scope.environment)),
        };
        Ok(is_open_to && actor.standing(&roles, scope).permissions.has(permission))
    }
}

/// A person by the token of a trusted issuer, as of this request.
#[derive(Debug, Clone)]
pub struct TokenCaller {
    /// The account.
    pub user: Arc<User>,
    /// What the role allows outside any grant.
    pub permissions: Permissions,
    /// The issuer, by its id in the configuration.
    pub issuer: Slug,
    /// When the token ends.
    pub until: Timestamp,
    pub(crate) gate: Gate,
}

/// A program with an API key, as of this request.
#[derive(Debug, Clone)]
pub struct KeyCaller {
    /// The key.
    pub id: KeyId,
    /// The key's name.
    pub name: String,
    /// The key's role.
    pub role: RoleName,
    /// What the key's role allows, as far as its owner may do it too, where the key is good.
    pub permissions: Permissions,
    /// Where it is good.
    pub scope: KeyScope,
    /// Whose it is; absent for a service key.
    pub owner: Option<Arc<User>>,
    /// When the secret that was sent stops being good, where that is known.
    pub until: Option<Timestamp>,
    /// What was sent, to judge it again; absent where a key is only imagined.
    pub(crate) proof: Option<Proof>,
    pub(crate) gate: Gate,
}

/// A person in a session, as of this request.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub user: Arc<User>,
    /// What the role allows outside any grant.
    pub permissions: Permissions,
    /// The session.
    pub session: SessionId,
    /// When the password was last given: at sign-in, or as proof.
    pub proved_at: Timestamp,
    /// When the password was last given as proof, after sign-in.
    pub confirmed_at: Option<Timestamp>,
    /// When the token that was sent ends; without one, when the session does, as it stands.
    pub token_expires_at: Timestamp,
    /// Whether a token was sent: it ends by itself. A cookie or a ticket lasts as long as the session, however
    /// often that is prolonged.
    pub is_by_token: bool,
    pub(crate) gate: Gate,
}
