//! The list of workspaces: those that the caller is to know of, by slug.

use super::store::{self, Reach};
use crate::{
    Result,
    ctx::{Ctx, Principal},
    db::cursor::{self, Position},
    place::Part,
};
use wire::{
    Failure, Page, Permission,
    list::{DEFAULT_LIMIT, MAX_LIMIT},
    policy,
    workspaces::{Slug, Workspace, WorkspaceQuery},
};

/// Lists workspaces, a page at a time: those that are open to all, and those in which the caller has
/// a grant; with `settings` all.
///
/// # Errors
/// 401 when nobody is known, 422 with the field that is wrong, 400 `bad_cursor`.
pub async fn list(ctx: &Ctx, query: WorkspaceQuery) -> Result<Page<Workspace>> {
    ctx.may(&policy::LIST_WORKSPACES)?;
    let limit = rows(query.limit)?;
    let prefix = query.query.as_deref().map(str::trim).filter(|text| !text.is_empty());
    // No slug begins with what is none.
    if prefix.is_some_and(|text| Slug(text.to_owned()).problem().is_some()) {
        return Ok(Page { total: Some(0), ..Page::default() });
    }
    let reach = reach(ctx);
    let keys = ctx.gate().keys();
    let list = format!("workspaces {reach:?} {prefix:?}");
    let after = query.cursor.as_deref().map(|cursor| cursor::open(keys, &list, cursor)).transpose()?.map(|position| position.id);
    let db = ctx.gate().db().pool();
    // One more than is shown tells whether there is another page.
    let mut items = store::page(db, &reach, prefix, after.as_deref(), i64::from(limit) + 1).await?;
    let has_more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let position = |last: &Workspace| Position { key: String::new(), id: last.slug.0.clone() };
    let next_cursor = items.last().filter(|_| has_more).map(|last| cursor::seal(keys, &list, &position(last)));
    Ok(Page { items, next_cursor, total: None })
}

/// How many rows a page has.
pub(super) fn rows(limit: Option<u32>) -> Result<u32> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if (1..=MAX_LIMIT).contains(&limit) {
        return Ok(limit);
    }
    Err(Failure::field("limit", format!("A page has 1 to {MAX_LIMIT} rows.")).into())
}

/// Which workspaces the caller is to know of.
fn reach(ctx: &Ctx) -> Reach {
    if ctx.has(Permission::Settings) {
        return Reach::All;
    }
    match ctx.principal() {
        Principal::Key(key) if key.scope.workspace.is_some() => {
            let slug = Slug(key.scope.workspace.clone().unwrap_or_default());
            // A personal key knows no more than its owner.
            if ctx.is_member(&slug, Part::Any) { Reach::One(slug) } else { Reach::OneIfOpen(slug) }
        }
        _ => Reach::OpenAndOf(ctx.user_id()),
    }
}
