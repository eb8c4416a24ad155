//! What an upstream is told of the caller.

use super::{assertion::Subject, caller::Caller, headers::Identity, seen::Seen};
use crate::{apps::judge::Entry, ctx::Principal};
use wire::{apps::IdentityHeaders, users::User};

/// The caller, as the app's upstream is to know them.
pub(crate) fn of(seen: &Seen, caller: &Caller, entry: &Entry) -> Identity {
    let style = seen.live.app.identity.headers;
    if style == IdentityHeaders::None {
        return Identity::default();
    }
    let mut said = Identity {
        kind: "nobody",
        role: entry.role.as_ref().map(|role| role.0.clone()).unwrap_or_default(),
        workspace: entry.scope.workspace.0.clone(),
        environment: entry.scope.environment.0.clone(),
        ..Identity::default()
    };
    let id = match caller.ctx.principal() {
        Principal::Nobody | Principal::System(_) => return Identity { kind: "nobody", ..Identity::default() },
        Principal::Open => {
            said.kind = "open";
            "open".to_owned()
        }
        Principal::Person(person) => of_user(&mut said, &person.user),
        Principal::Token(token) => of_user(&mut said, &token.user),
        Principal::Key(key) => {
            said.kind = "key";
            said.name.clone_from(&key.name);
            said.user = match &key.owner {
                Some(owner) => owner.username.clone(),
                // No username has an @.
                None => format!("key@{}", key.name),
            };
            key.id.to_string()
        }
    };
    let subject = Subject::new(id, &seen.live.app.slug.0, &said);
    said.assertion = seen.gate.signer().sign(&seen.gate, subject, seen.now);
    said
}

/// A person, whichever way they proved to be one; gives the id.
fn of_user(said: &mut Identity, user: &User) -> String {
    said.kind = "user";
    said.user.clone_from(&user.username);
    said.name = user.display_name.clone().unwrap_or_default();
    said.email = user.email.clone().unwrap_or_default();
    user.id.to_string()
}
