//! What an upstream is told of the caller.

use super::{
    assertion::Subject,
    caller::Caller,
    headers::{self, Identity, Said},
    seen::Seen,
};
use crate::{apps::judge::Entry, ctx::Principal, memory::Memory};
use std::{borrow::Cow, sync::Arc};
use uuid::Uuid;
use wire::{Timestamp, apps::IdentityHeaders, users::User};

/// For how long the same is said again, in milliseconds: signing for each request would cost more than
/// all else.
const AGAIN: i64 = 20_000;

/// What was said of late, by whom it is about, to which app, and when.
pub(crate) type Sayings = Memory<Vec<u8>, Said>;

/// The most that are kept.
pub(crate) const MOST: usize = 10_000;

/// The caller, as the app's upstream is to know them.
pub(crate) fn of(seen: &Seen, caller: &Caller, entry: &Entry) -> Arc<Said> {
    let (gate, app) = (&seen.gate, &seen.live.app);
    let style = app.identity.headers;
    let (identity, id) = identity(caller, entry);
    let facts = facts(app.slug.0.as_str(), style, &identity, id, seen.now);
    let make = || {
        if style == IdentityHeaders::None {
            return Said::new();
        }
        let subject = match (identity.kind, id) {
            ("nobody", _) => return headers::said(style, &identity, ""),
            (_, Some(id)) => id.to_string(),
            (_, None) => "open".to_owned(),
        };
        let subject = Subject { id: &subject, app: app.slug.0.as_str(), identity: &identity };
        headers::said(style, &identity, &gate.signer().sign(gate, &subject, seen.now))
    };
    gate.sayings().find_or_make(&facts[..], || Some(make())).unwrap_or_default()
}

/// Who it is, and the id of the account or of the key.
fn identity<'a>(caller: &'a Caller, entry: &'a Entry) -> (Identity<'a>, Option<Uuid>) {
    let said = Identity {
        kind: "nobody",
        role: entry.role.as_ref().map_or("", |role| role.0.as_str()),
        workspace: &entry.scope.workspace.0,
        environment: &entry.scope.environment.0,
        ..Identity::default()
    };
    match caller.ctx.principal() {
        Principal::Nobody | Principal::System(_) => (Identity { kind: "nobody", ..Identity::default() }, None),
        Principal::Open => (Identity { kind: "open", ..said }, None),
        Principal::Person(person) => of_user(said, &person.user),
        Principal::Token(token) => of_user(said, &token.user),
        Principal::Key(key) => {
            let user = match &key.owner {
                Some(owner) => Cow::Borrowed(owner.username.as_str()),
                // No username has an @.
                None => Cow::Owned(format!("key@{}", key.name)),
            };
            (Identity { kind: "key", user, name: &key.name, ..said }, Some(key.id.0))
        }
    }
}

/// What is said is the same for the same facts, for a while.
fn facts(app: &str, style: IdentityHeaders, identity: &Identity<'_>, id: Option<Uuid>, now: Timestamp) -> Vec<u8> {
    let Identity { kind, user, name, email, role, workspace, environment } = identity;
    let mut facts = Vec::with_capacity(256);
    facts.extend((now.0 / AGAIN).to_be_bytes());
    facts.extend(id.unwrap_or_default().as_bytes());
    for text in [app, style.as_str(), kind, user, name, email, role, workspace, environment] {
        facts.extend(text.len().to_be_bytes());
        facts.extend(text.as_bytes());
    }
    facts
}

/// A person, whichever way they proved to be one.
fn of_user<'a>(said: Identity<'a>, user: &'a User) -> (Identity<'a>, Option<Uuid>) {
    let (name, email) = (user.display_name.as_deref().unwrap_or_default(), user.email.as_deref().unwrap_or_default());
    (Identity { kind: "user", user: Cow::Borrowed(&user.username), name, email, ..said }, Some(user.id.0))
}
