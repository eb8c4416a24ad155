//! Who the caller is, and what the caller may change about themself.

pub(crate) mod http;

use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::Turn,
    ctx::{Ctx, Principal},
    users,
};
use serde_json::json;
use wire::{
    Check, Code, Failure,
    audit::Action,
    me::{KeyName, Me, MePatch},
    policy,
    users::User,
};

/// Tells who the caller is, and what the caller may do.
///
/// # Errors
/// 401 when nobody is known.
pub async fn get(ctx: &Ctx) -> Result<Me> {
    ctx.may(&policy::GET_ME)?;
    of(ctx).ok_or_else(|| Code::Unauthenticated.into())
}

/// Who the context acts as, for the frame of a page; open, because it tells nothing but what the
/// context holds already. Unlike [`get`] it answers while the password has to be changed.
#[must_use]
pub fn of(ctx: &Ctx) -> Option<Me> {
    match ctx.principal() {
        Principal::Nobody => None,
        Principal::Person(person) => Some(Me {
            user: Some((*person.user).clone()),
            scope: ctx.scoped(),
            grants: ctx.granted(),
            session_id: Some(person.session),
            api_key: None,
            permissions: ctx.permissions(),
            is_open: false,
            personal_keys: ctx.gate().config().keys.personal,
        }),
        Principal::Token(token) => Some(Me {
            user: Some((*token.user).clone()),
            scope: ctx.scoped(),
            grants: ctx.granted(),
            session_id: None,
            api_key: None,
            permissions: ctx.permissions(),
            is_open: false,
            personal_keys: false,
        }),
        Principal::Key(key) => Some(Me {
            user: key.owner.as_deref().cloned(),
            session_id: None,
            api_key: Some(KeyName { id: key.id, name: key.name.clone() }),
            permissions: ctx.permissions(),
            scope: ctx.scoped(),
            grants: ctx.granted(),
            is_open: false,
            personal_keys: false,
        }),
        Principal::Open | Principal::System(_) => Some(Me {
            user: None,
            session_id: None,
            api_key: None,
            permissions: ctx.permissions(),
            scope: ctx.scoped(),
            grants: Vec::new(),
            is_open: true,
            personal_keys: false,
        }),
    }
}

/// Changes one's own profile.
///
/// # Errors
/// 401, 409 `email_taken`, 422.
pub async fn update(ctx: &Ctx, patch: MePatch) -> Result<User> {
    ctx.may(&policy::UPDATE_ME)?;
    patch.check()?;
    let before = ctx.signed_in()?.user.clone();
    let mut change = ctx.change().await?;
    // The whole account is written: that it was disabled meanwhile must not be written over.
    change.turn(Turn::People).await?;
    let mut after = users::store::by_id(change.db(), before.id).await?.ok_or_else(|| Failure::from(Code::NotFound))?;
    if let Some(name) = &patch.display_name {
        after.display_name = name.clone().filter(|text| !text.trim().is_empty());
    }
    if let Some(email) = &patch.email {
        after.email = email.clone().filter(|text| !text.is_empty());
    }
    // The version of the resource rises even within one millisecond.
    after.updated_at = ctx.now().max(before.updated_at.plus(1));
    users::save_refusing_duplicates(&mut change, &after).await?;
    if after.email != before.email {
        users::store::set_email_by_owner(change.db(), after.id, true).await?;
    }
    change.signal(Signal::User(after.id));
    let detail = json!({
        "before": { "displayName": before.display_name, "email": before.email },
        "after": { "displayName": after.display_name, "email": after.email },
    });
    change.commit(NewEvent::new(Action::ProfileUpdate).to(&after).with(detail)).await?;
    Ok(after)
}
