//! The list of keys: what is asked for, and where a page ends.

use super::{
    reach,
    store::{self, Listed, Place, Wanted},
};
use crate::{
    Result,
    ctx::Ctx,
    db::cursor::{self, Position},
    roles,
};
use wire::{
    Code, Failure, Page,
    keys::{ApiKey, ApiKeyQuery, KeySort},
    list::{DEFAULT_LIMIT, MAX_LIMIT},
    policy,
};

/// Up to so many rows are counted.
const COUNTED: i64 = 1_000;
/// The most characters of a search; no name is longer.
const LONGEST: usize = 100;

/// Lists keys, a page at a time: one's own personal ones, or with `keys` everybody's.
///
/// # Errors
/// 403 for a key without `keys`, 422 with the field that is wrong, 400 `bad_cursor`.
pub async fn list(ctx: &Ctx, query: ApiKeyQuery) -> Result<Page<ApiKey>> {
    ctx.may(&policy::LIST_API_KEYS)?;
    let reach = reach(ctx, &policy::LIST_API_KEYS)?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Failure::field("limit", format!("A page has 1 to {MAX_LIMIT} rows.")).into());
    }
    if query.role.as_ref().is_some_and(|role| ctx.gate().roles().find(role).is_none()) {
        return Err(roles::no_such(ctx, "role"));
    }
    let owner = match query.mine {
        Some(true) => match ctx.user_id() {
            Some(user) => Some(user),
            // Whoever is no user has nothing of their own.
            None => return Ok(Page { total: Some(0), ..Page::default() }),
        },
        _ => reach,
    };
    let keys = ctx.gate().keys();
    // A cursor is good for the same filters in the same order; the page's size may change.
    let same = ApiKeyQuery { limit: None, cursor: None, ..query.clone() };
    let list = format!("keys {owner:?} {}", serde_json::to_string(&same)?);
    let after = match &query.cursor {
        Some(cursor) => Some(place(query.sort, cursor::open(keys, &list, cursor)?)?),
        None => None,
    };
    let wanted = Wanted {
        owner,
        prefix: prefix(query.query.as_deref().unwrap_or_default())?,
        kind: query.kind,
        role: query.role,
        status: query.status,
        sort: query.sort,
        order: query.order,
        after,
        // One more than is shown tells whether there is another page.
        limit: i64::from(limit) + 1,
        now: ctx.now(),
    };
    let db = ctx.gate().db().pool();
    let mut rows = store::page(db, &wanted).await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| cursor::seal(keys, &list, &position(row)));
    let total = store::count_up_to(db, &wanted, COUNTED + 1).await?;
    Ok(Page {
        items: rows.into_iter().map(|row| row.key).collect(),
        next_cursor,
        total: u64::try_from(total).ok().filter(|_| total <= COUNTED),
    })
}

/// The beginning of a name; nothing when nothing was typed.
fn prefix(text: &str) -> Result<Option<String>> {
    let text = text.trim();
    if text.chars().count() > LONGEST {
        return Err(Failure::field("query", format!("A search has at most {LONGEST} characters.")).into());
    }
    if text.contains(char::is_control) {
        return Err(Failure::field("query", "A search can't contain control characters.").into());
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn position(row: &Listed) -> Position {
    let key = match &row.place {
        Place::Text(text) => text.clone(),
        Place::Number(number) => number.to_string(),
    };
    Position { key, id: row.key.id.to_string() }
}

fn place(sort: KeySort, position: Position) -> Result<(Place, String)> {
    let place = match sort {
        KeySort::Name => Place::Text(position.key),
        _ => Place::Number(position.key.parse().map_err(|_| Failure::from(Code::BadCursor))?),
    };
    Ok((place, position.id))
}
