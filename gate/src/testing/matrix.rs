//! Who asks in the walk through the table of rights, and what the table says to each. The walk
//! compares: it has no answers of its own.

use super::PASSWORD;
use crate::{
    Gate,
    ctx::{Ctx, Person, Principal},
    keys, roles,
    sessions::{self, access},
    users, workspaces,
};
use std::sync::Arc;
use wire::{
    Permission, Permissions, RoleName,
    keys::{KeyKind, NewApiKey},
    policy::{self, Needs, Operation},
    rights::BUILT_IN,
    roles::NewRole,
    sessions::{SessionKind, SignIn},
    users::{NewUser, User, UserPatch},
    workspaces::{Grant, Grants, Slug},
};

/// What a caller is, as far as the table asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody who is known, whatever was sent.
    Stranger,
    /// A program whose key is no longer good.
    DeadKey,
    /// A person who may do this outside any grant.
    Person(Permissions),
    /// A program whose key may do this.
    Key(Permissions),
}

/// The answer that the table gives: the status and the code of a refusal; nothing where the caller
/// gets past the question.
#[must_use]
pub fn verdict(operation: &Operation, standing: Standing) -> Option<(u16, &'static str)> {
    let permissions = match standing {
        // A proxy sends the credentials of the one it asks about; first it has to say what it asks.
        Standing::DeadKey if *operation == policy::FORWARD_AUTH => return None,
        Standing::DeadKey => return Some((401, "invalid_api_key")),
        Standing::Key(_) if operation.by_people_only || operation.needs == Needs::Session => return Some((403, "session_required")),
        Standing::Person(permissions) | Standing::Key(permissions) => Some(permissions),
        Standing::Stranger => None,
    };
    let needed = match operation.needs {
        Needs::Nothing => return None,
        Needs::SetupOpen => return Some((409, "setup_done")),
        Needs::Permission(permission) => Some(permission),
        Needs::Session | Needs::SignedIn => operation.keys_need.filter(|_| matches!(standing, Standing::Key(_))),
    };
    match permissions {
        None => Some((401, "unauthenticated")),
        Some(own) => needed.filter(|needed| !own.has(*needed)).map(|_| (403, "forbidden")),
    }
}

/// Whether this code is an answer to the question of rights, and to no other.
#[must_use]
pub fn is_verdict(code: &str) -> bool {
    matches!(code, "unauthenticated" | "invalid_api_key" | "session_required" | "forbidden" | "not_a_member" | "setup_done")
}

/// Somebody who asks.
pub struct Actor {
    /// What it is, for the report.
    pub name: String,
    /// What the table asks of it.
    pub standing: Standing,
    sends: Sends,
}

enum Sends {
    Nothing,
    /// The token of a new session each time: some operations end it.
    TokenOf(String),
    Token(String),
    Key(String),
}

impl Actor {
    fn new(name: impl Into<String>, standing: Standing, sends: Sends) -> Self {
        Self { name: name.into(), standing, sends }
    }

    /// The header with which it proves who it is.
    pub async fn header(&self, gate: &Gate) -> Option<(&'static str, String)> {
        match &self.sends {
            Sends::Nothing => None,
            Sends::TokenOf(name) => Some(("authorization", format!("Bearer {}", sign_in(gate, name, SessionKind::Token).await))),
            Sends::Token(token) => Some(("authorization", format!("Bearer {token}"))),
            Sends::Key(key) => Some(("x-api-key", key.clone())),
        }
    }
}

/// Everybody who asks, in a house that is set up.
///
/// # Panics
/// When one of them can not be made.
pub async fn actors(gate: &Gate) -> Vec<Actor> {
    let mut all = vec![Actor::new("nobody", Standing::Stranger, Sends::Nothing)];
    let on_call = Permissions::of(&[Permission::Read, Permission::Audit, Permission::Roles]);
    let role = NewRole { name: RoleName("on-call".into()), description: String::new(), permissions: on_call };
    roles::create(&gate.system("test"), role).await.expect("a role for the test");
    let built_in = BUILT_IN.iter().map(|role| (role.name, role.permissions));
    for (role, permissions) in built_in.chain([("on-call", on_call)]) {
        let name = format!("a-{role}");
        let user = add(gate, &name, role).await;
        all.push(Actor::new(role, Standing::Person(permissions), Sends::TokenOf(name)));
        let service = key(&gate.system("test"), role, KeyKind::Service).await;
        all.push(Actor::new(format!("service key of {role}"), Standing::Key(permissions), Sends::Key(service)));
        let personal = key(&as_person(gate, &user), role, KeyKind::Personal).await;
        let worth = permissions.intersection(Permissions::PERSONAL);
        all.push(Actor::new(format!("personal key of {role}"), Standing::Key(worth), Sends::Key(personal)));
    }
    all.extend(granted(gate).await);
    all.extend(shut_out(gate).await);
    all
}

/// A viewer who is admin in one workspace: for Doorward's own operations still a viewer.
async fn granted(gate: &Gate) -> [Actor; 2] {
    let user = add(gate, "granted", "viewer").await;
    let grant = Grant { workspace: Slug::default(), environment: None, role: RoleName::admin() };
    workspaces::put_grants(&gate.system("test"), user.id, Grants { grants: vec![grant] }).await.expect("a grant for the test");
    let viewer = BUILT_IN[0].permissions;
    let personal = key(&as_person(gate, &user), "viewer", KeyKind::Personal).await;
    [
        Actor::new("viewer with a grant", Standing::Person(viewer), Sends::TokenOf("granted".into())),
        Actor::new("personal key of a viewer with a grant", Standing::Key(viewer), Sends::Key(personal)),
    ]
}

/// Admins all, each with something that is no longer good.
async fn shut_out(gate: &Gate) -> [Actor; 5] {
    let gone = add(gate, "gone", "admin").await;
    let token = sign_in(gate, "gone", SessionKind::Token).await;
    let personal = key(&as_person(gate, &gone), "admin", KeyKind::Personal).await;
    let disabled = UserPatch { is_disabled: Some(true), ..UserPatch::default() };
    users::update(&gate.system("test"), gone.id, disabled).await.expect("a user who is disabled");
    let late = add(gate, "late", "admin").await;
    let revoked = NewApiKey { name: "revoked".into(), role: RoleName::admin(), ..NewApiKey::default() };
    let revoked = keys::create(&gate.system("test"), revoked).await.expect("a key for the test");
    keys::revoke(&gate.system("test"), revoked.api_key.id).await.expect("a key that is revoked");
    [
        Actor::new("disabled admin", Standing::Stranger, Sends::Token(token)),
        Actor::new("personal key of a disabled admin", Standing::DeadKey, Sends::Key(personal)),
        Actor::new("revoked service key of admin", Standing::DeadKey, Sends::Key(revoked.key)),
        Actor::new("expired token of an admin", Standing::Stranger, Sends::Token(expired(gate, &late).await)),
        Actor::new(
            "bound token of an admin without its cookie",
            Standing::Stranger,
            Sends::Token(sign_in(gate, "late", SessionKind::Browser).await),
        ),
    ]
}

async fn add(gate: &Gate, name: &str, role: &str) -> User {
    let new = NewUser { username: name.into(), role: RoleName(role.into()), password: PASSWORD.into(), ..NewUser::default() };
    users::create(&gate.system("test"), new).await.expect("a person for the test")
}

async fn sign_in(gate: &Gate, name: &str, kind: SessionKind) -> String {
    let who = SignIn { username: Some(name.into()), password: PASSWORD.into(), ..SignIn::default() };
    sessions::sign_in(&gate.system("test"), who, kind).await.expect("a session for the test").tokens.token
}

async fn key(ctx: &Ctx, role: &str, kind: KeyKind) -> String {
    let new = NewApiKey { name: format!("{role} {}", kind.as_str()), role: RoleName(role.into()), kind, ..NewApiKey::default() };
    keys::create(ctx, new).await.expect("a key for the test").key
}

/// A request of this person, who gave the password just now.
fn as_person(gate: &Gate, user: &User) -> Ctx {
    let system = gate.system("test");
    let person = Person {
        user: Arc::new(user.clone()),
        permissions: gate.roles().permissions(&user.role),
        session: system.new_id().into(),
        proved_at: gate.now(),
        confirmed_at: None,
        token_expires_at: gate.now(),
        is_by_token: true,
        gate: gate.clone(),
    };
    let principal = Principal::Person(Arc::new(person));
    Ctx::new(gate.clone(), principal, gate.now(), "test".into(), system.origin().clone(), crate::place::Place::default())
}

/// A token whose time is over, of a session that is alive.
async fn expired(gate: &Gate, user: &User) -> String {
    let token = sign_in(gate, &user.username, SessionKind::Token).await;
    let claims = access::recognise(gate, &token, gate.now()).expect("a token of our own");
    let subject =
        access::Subject { user: claims.sub, session: claims.sid, role: "admin", security_version: claims.ver, is_bound: claims.bound };
    let hour = 60 * 60 * 1000;
    let id = gate.system("test").new_id();
    access::mint(gate.keys(), &subject, id, gate.now().plus(-2 * hour), gate.now().plus(-hour)).expect("a token for the test")
}
