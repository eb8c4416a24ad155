//! The list of users: what is asked for, and where a page ends.

use super::{
    name,
    store::{self, Listed, Place, Prefix, Wanted},
};
use crate::{
    Result,
    ctx::Ctx,
    db::cursor::{self, Position},
};
use wire::{
    Code, Failure, Page,
    list::{DEFAULT_LIMIT, MAX_LIMIT},
    policy,
    users::{Status, User, UserQuery, UserSort},
};

/// Up to so many rows are counted.
const COUNTED: i64 = 1_000;
/// The most characters of a search; no name and no address is longer.
const LONGEST: usize = 320;

/// Lists users, a page at a time.
///
/// # Errors
/// 403 without `users`, 422 with the field that is wrong, 400 `bad_cursor`.
pub async fn list(ctx: &Ctx, query: UserQuery) -> Result<Page<User>> {
    ctx.may(&policy::LIST_USERS)?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Failure::field("limit", format!("A page has 1 to {MAX_LIMIT} rows.")).into());
    }
    if query.role.as_ref().is_some_and(|role| ctx.gate().roles().find(role).is_none()) {
        return Err(crate::roles::no_such(ctx, "role"));
    }
    let keys = ctx.gate().keys();
    // A cursor is good for the same filters in the same order; the page's size may change.
    let list = serde_json::to_string(&UserQuery { limit: None, cursor: None, ..query.clone() })?;
    let after = match &query.cursor {
        Some(cursor) => Some(place(query.sort, cursor::open(keys, &list, cursor)?)?),
        None => None,
    };
    let roles = ctx.gate().roles();
    let names: Vec<_> = roles.all().iter().map(|role| role.name.0.as_str()).collect();
    let mut wanted = Wanted {
        facets: store::facets(
            &names,
            query.role.as_ref().map(|role| role.0.as_str()),
            query.source,
            query.status.map(|status| status == Status::Disabled),
        ),
        prefix: prefix(query.query.as_deref().unwrap_or_default())?,
        sort: query.sort,
        order: query.order,
        after,
        // One more than is shown tells whether there is another page.
        limit: i64::from(limit) + 1,
    };
    let db = ctx.gate().db().pool();
    let mut rows = store::page(db, &wanted).await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| cursor::seal(keys, &list, &position(row)));
    let total = match wanted.prefix.take() {
        None => Some(store::count_up_to(db, &wanted, COUNTED + 1).await?).filter(|count| *count <= COUNTED),
        Some(_) => None,
    };
    Ok(Page {
        items: rows.into_iter().map(|row| row.user).collect(),
        next_cursor,
        total: total.and_then(|count| u64::try_from(count).ok()),
    })
}

/// What is searched for, as the keys have it; nothing when nothing was typed.
fn prefix(text: &str) -> Result<Option<Prefix>> {
    let text = text.trim();
    if text.chars().count() > LONGEST {
        return Err(Failure::field("query", format!("A search has at most {LONGEST} characters.")).into());
    }
    if text.contains(char::is_control) {
        return Err(Failure::field("query", "A search can't contain control characters.").into());
    }
    Ok((!text.is_empty()).then(|| Prefix { name: name::username_key(text), address: name::email_key(text) }))
}

fn position(row: &Listed) -> Position {
    let key = match &row.place {
        Place::Text(text) => text.clone(),
        Place::Number(number) => number.to_string(),
    };
    Position { key, id: row.user.id.to_string() }
}

fn place(sort: UserSort, position: Position) -> Result<(Place, String)> {
    let place = match sort {
        UserSort::Username => Place::Text(position.key),
        UserSort::CreatedAt | UserSort::LastLoginAt => Place::Number(position.key.parse().map_err(|_| Failure::from(Code::BadCursor))?),
    };
    Ok((place, position.id))
}
