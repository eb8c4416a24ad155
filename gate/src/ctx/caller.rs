//! Who a request acts as.

use std::sync::Arc;
use wire::{KeyId, Permissions, RoleName, SessionId, Timestamp, keys::KeyScope, users::User, workspaces::Slug};

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
}
