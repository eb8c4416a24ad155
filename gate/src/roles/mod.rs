//! Roles: the five built in, and those that are made here. What a role may do is judged from memory
//! (see [`RoleSet`]), so a change of it holds from the next request on.

pub(crate) mod http;
mod set;
pub(crate) mod store;

pub use set::RoleSet;

use crate::{
    Result,
    audit::NewEvent,
    bus::Signal,
    change::{Change, Turn},
    ctx::{Ctx, Principal},
    keys, users, workspaces,
};
use serde_json::json;
use wire::{
    Check, Code, Failure, Page, Permission, Permissions, RoleName,
    audit::Action,
    policy,
    roles::{MOST_CUSTOM, NewRole, PermissionInfo, Role, RoleDeletion, RolePatch},
};

/// Up to so many who have a role are counted.
const COUNTED: i64 = 1_001;

/// Lists all roles: the built-in ones from the mildest, then the others by name.
///
/// # Errors
/// 401 when nobody is known.
pub async fn list(ctx: &Ctx) -> Result<Page<Role>> {
    ctx.may(&policy::LIST_ROLES)?;
    let mut items = ctx.gate().roles().all().to_vec();
    if sees_people(ctx) || sees_keys(ctx) {
        let holders = store::holders(ctx.gate().db().pool(), COUNTED).await?;
        for role in &mut items {
            // A role that was made a moment ago may not be among those counted yet.
            let of = holders.iter().find(|of| of.role == role.name);
            count(ctx, role, of.map_or((0, 0, 0), |of| (of.users, of.grants, of.keys)));
        }
    }
    let total = u64::try_from(items.len()).ok();
    Ok(Page { items, next_cursor: None, total })
}

/// The roles besides the built-in ones, for the frame of a page; open to whoever is known, because
/// [`list`] is.
#[must_use]
pub fn custom(ctx: &Ctx) -> Vec<Role> {
    match ctx.principal() {
        Principal::Nobody => Vec::new(),
        _ => ctx.gate().roles().all().iter().filter(|role| !role.is_built_in).cloned().collect(),
    }
}

/// Shows a role.
///
/// # Errors
/// 401 when nobody is known, 404.
pub async fn get(ctx: &Ctx, name: &RoleName) -> Result<Role> {
    ctx.may(&policy::GET_ROLE)?;
    let mut role = ctx.gate().roles().find(name).cloned().ok_or_else(unknown)?;
    if sees_people(ctx) || sees_keys(ctx) {
        let db = ctx.gate().db().pool();
        let users = users::store::count_with_role(db, name, COUNTED).await?;
        let grants = workspaces::store::grants::count_with_role(db, name, COUNTED).await?;
        count(ctx, &mut role, (users, grants, keys::store::count_with_role(db, name, COUNTED).await?));
    }
    Ok(role)
}

/// Lists the permissions there are, from the mildest to the strongest.
///
/// # Errors
/// 401 when nobody is known.
pub fn permissions(ctx: &Ctx) -> Result<Page<PermissionInfo>> {
    ctx.may(&policy::LIST_PERMISSIONS)?;
    let items: Vec<_> =
        Permission::ALL.iter().map(|permission| PermissionInfo { name: *permission, description: permission.words().into() }).collect();
    let total = u64::try_from(items.len()).ok();
    Ok(Page { items, next_cursor: None, total })
}

/// Makes a role, which can do no more than its maker.
///
/// # Errors
/// 403 without `roles`, with a permission that the caller lacks, or with all without a fresh proof; 409
/// `role_taken`; 422.
pub async fn create(ctx: &Ctx, new: NewRole) -> Result<Role> {
    ctx.may(&policy::CREATE_ROLE)?;
    new.check()?;
    may_make(ctx, new.permissions)?;
    if new.name.built_in().is_some() {
        return Err(Failure::new(Code::RoleTaken, "This name belongs to a built-in role. Choose another name.").at("name").into());
    }
    let role = Role {
        name: new.name,
        description: new.description.trim().to_owned(),
        permissions: new.permissions,
        is_built_in: false,
        updated_at: Some(ctx.now()),
        users: None,
        keys: None,
        grants: None,
    };
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    if store::all(change.db()).await?.len() >= MOST_CUSTOM {
        return Err(Failure::field("name", format!("There are {MOST_CUSTOM} roles, the most there can be. Delete one first.")).into());
    }
    store::insert(change.db(), &role, ctx.now()).await?;
    change.signal(Signal::Roles);
    change.commit(event(Action::RoleCreate, &role).with(json!({ "after": seen(&role) }))).await?;
    Ok(role)
}

/// Changes a role. Whoever has it can do more, or less, from the next request on.
///
/// # Errors
/// 403 without `roles`, or for a role that can do (or would do) more than the caller's; 404; 409
/// `role_built_in`; 422.
pub async fn update(ctx: &Ctx, name: &RoleName, patch: RolePatch) -> Result<Role> {
    ctx.may(&policy::UPDATE_ROLE)?;
    patch.check()?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let before = target(ctx, &mut change, name).await?;
    let mut after = before.clone();
    after.description = patch.description.map_or(after.description, |text| text.trim().to_owned());
    after.permissions = patch.permissions.unwrap_or(after.permissions);
    if after == before {
        return Ok(before);
    }
    may_make(ctx, after.permissions)?;
    after.updated_at = Some(ctx.now());
    store::save(change.db(), &after, ctx.now()).await?;
    change.signal(Signal::Roles);
    let detail = json!({ "before": seen(&before), "after": seen(&after) });
    change.commit(event(Action::RoleUpdate, &after).with(detail)).await?;
    Ok(after)
}

/// Deletes a role. Whoever has it gets the replacement, in the same moment.
///
/// # Errors
/// 403 without `roles`, or for a role or a replacement that can do more than the caller's; 404; 409
/// `role_built_in`, `role_in_use` with the count; 422 for a replacement that there is not.
pub async fn delete(ctx: &Ctx, name: &RoleName, deletion: RoleDeletion) -> Result<()> {
    ctx.may(&policy::DELETE_ROLE)?;
    let mut change = ctx.change().await?;
    change.turn(Turn::People).await?;
    let role = target(ctx, &mut change, name).await?;
    let users = users::store::count_with_role(change.db(), name, COUNTED).await?;
    let keys = keys::store::count_with_role(change.db(), name, COUNTED).await?;
    let grants = workspaces::store::grants::count_with_role(change.db(), name, COUNTED).await?;
    match &deletion.replacement {
        None if users + keys + grants > 0 => {
            let text = format!("{} this role. Say which role they get instead.", counted(users, keys, grants));
            return Err(Failure::new(Code::RoleInUse, text).at("replacement").into());
        }
        None => {}
        Some(other) if other == name => {
            return Err(Failure::field("replacement", "The role that goes can't replace itself. Choose another one.").into());
        }
        Some(other) => {
            exists(ctx, &mut change, other, "replacement").await?;
            users::may_give(ctx, other)?;
            users::store::replace_role(change.db(), name, other, ctx.now()).await?;
            keys::store::replace_role(change.db(), name, other, ctx.now()).await?;
            workspaces::store::grants::replace_role(change.db(), name, other, ctx.now()).await?;
        }
    }
    store::remove(change.db(), name).await?;
    // Who had it is not named one by one: all that is kept of users is read again.
    change.signal(Signal::Everything);
    let detail = json!({ "before": seen(&role), "replacement": deletion.replacement, "users": users, "keys": keys, "grants": grants });
    change.commit(event(Action::RoleDelete, &role).with(detail)).await
}

/// Makes sure that there is such a role until this change is made: custom ones can go.
///
/// # Errors
/// 422 with the field.
pub(crate) async fn exists(ctx: &Ctx, change: &mut Change, name: &RoleName, field: &str) -> Result<()> {
    if name.built_in().is_some() {
        return Ok(());
    }
    change.turn(Turn::People).await?;
    if store::by_name(change.db(), name).await?.is_some() {
        return Ok(());
    }
    Err(no_such(ctx, field))
}

/// A role that there is not, with those that there are.
pub(crate) fn no_such(ctx: &Ctx, field: &str) -> crate::Error {
    let known: Vec<_> = ctx.gate().roles().all().iter().map(|role| role.name.0.clone()).collect();
    Failure::field(field, format!("There is no such role. Choose one of {}.", known.join(", "))).into()
}

/// The role that a change is about, once it is certain that the caller may change it.
async fn target(ctx: &Ctx, change: &mut Change, name: &RoleName) -> Result<Role> {
    if name.built_in().is_some() {
        return Err(Failure::new(Code::RoleBuiltIn, "The built-in roles mean the same everywhere. Make a role of your own instead.").into());
    }
    let role = store::by_name(change.db(), name).await?.ok_or_else(unknown)?;
    ctx.holds(role.permissions, "This role can do more than yours.")?;
    Ok(role)
}

/// Whether the caller may make a role that can do this; one that can do everything with a fresh proof alone.
fn may_make(ctx: &Ctx, permissions: Permissions) -> Result<()> {
    let held = ctx.holds(permissions, "You can only make a role that may do no more than yours.");
    held.map_err(|failure| failure.at("permissions"))?;
    // It would be admin by another name.
    if permissions.covers(Permissions::ALL) { ctx.proved_lately() } else { Ok(()) }
}

/// Whether the caller is to know how many people have a role.
fn sees_people(ctx: &Ctx) -> bool {
    ctx.has(Permission::Users) || ctx.has(Permission::Roles)
}

/// Whether the caller is to know how many keys have a role.
fn sees_keys(ctx: &Ctx) -> bool {
    ctx.has(Permission::Keys) || ctx.has(Permission::Roles)
}

/// Tells how many users, grants and keys have a role, as far as the caller is to know.
fn count(ctx: &Ctx, role: &mut Role, (users, grants, keys): (i64, i64, i64)) {
    let many = |count: i64| u64::try_from(count).ok();
    if sees_people(ctx) {
        role.users = many(users);
        role.grants = many(grants);
    }
    if sees_keys(ctx) {
        role.keys = many(keys);
    }
}

/// Who has the role, as the beginning of a sentence.
fn counted(users: i64, keys: i64, grants: i64) -> String {
    let many = |count: i64, one: &str, several: &str| match count {
        0 => None,
        1 => Some(format!("one {one}")),
        COUNTED.. => Some(format!("more than 1,000 {several}")),
        _ => Some(format!("{count} {several}")),
    };
    let who = [many(users, "user", "users"), many(keys, "API key", "API keys"), many(grants, "grant", "grants")];
    let who: Vec<_> = who.into_iter().flatten().collect();
    let who = match who.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        all => all.concat(),
    };
    let text = format!("{who} {}", if users + keys + grants == 1 { "has" } else { "have" });
    text[..1].to_uppercase() + &text[1..]
}

fn unknown() -> crate::Error {
    Failure::new(Code::NotFound, "There is no such role.").into()
}

fn event(action: Action, role: &Role) -> NewEvent {
    NewEvent::new(action).on("role", &role.name.0, &role.name.0)
}

/// What an event keeps of a role.
fn seen(role: &Role) -> serde_json::Value {
    json!({ "description": role.description, "permissions": role.permissions })
}
