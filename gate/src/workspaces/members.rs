//! Who has a grant in a workspace.

use super::{list::rows, store, visible};
use crate::{
    Result,
    ctx::Ctx,
    db::cursor::{self, Position},
};
use wire::{
    Page, policy,
    workspaces::{Member, MemberQuery, Slug},
};

/// Lists the grants in a workspace, a page at a time: those who have been there longest first, a
/// grant of the whole workspace before those of its environments.
///
/// # Errors
/// 401 when nobody is known; 404 where there is no such workspace, or the caller is not to know of
/// it; 422; 400 `bad_cursor`.
pub async fn list_members(ctx: &Ctx, workspace: &Slug, query: MemberQuery) -> Result<Page<Member>> {
    ctx.may(&policy::LIST_MEMBERS)?;
    let limit = rows(query.limit)?;
    let workspace = visible(ctx, workspace).await?;
    let keys = ctx.gate().keys();
    let list = format!("members {}", workspace.slug);
    let after = query.cursor.as_deref().map(|cursor| cursor::open(keys, &list, cursor)).transpose()?;
    let after = after.as_ref().map(|position| (position.id.as_str(), position.key.as_str()));
    // One more than is shown tells whether there is another page.
    let mut items = store::grants::members(ctx.gate().db().pool(), &workspace.slug, after, i64::from(limit) + 1).await?;
    let has_more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let position = |last: &Member| Position {
        key: last.environment.as_ref().map(|slug| slug.0.clone()).unwrap_or_default(),
        id: last.user_id.to_string(),
    };
    let next_cursor = items.last().filter(|_| has_more).map(|last| cursor::seal(keys, &list, &position(last)));
    Ok(Page { items, next_cursor, total: None })
}
