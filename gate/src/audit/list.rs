//! Reading the log: a page of it, or one event.

use super::store::{
    self,
    page::{Place, Prefix, Wanted},
};
use crate::{
    Result,
    ctx::Ctx,
    db::cursor::{self, Position},
};
use std::net::IpAddr;
use wire::{
    Code, EventId, Failure, Page, Timestamp,
    audit::{Action, Event, EventQuery},
    list::{DEFAULT_LIMIT, MAX_LIMIT},
    policy,
};

/// The most characters of a filter; no name and no id is longer.
const LONGEST: usize = 320;

/// Lists events, a page at a time.
///
/// # Errors
/// 403 without `audit`, 422 with the field that is wrong, 400 `bad_cursor`.
pub async fn list(ctx: &Ctx, query: EventQuery) -> Result<Page<Event>> {
    ctx.may(&policy::LIST_EVENTS)?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Failure::field("limit", format!("A page has 1 to {MAX_LIMIT} rows.")).into());
    }
    let keys = ctx.gate().keys();
    // A cursor is good for the same filters in the same order; the page's size may change.
    let list = format!("audit {}", serde_json::to_string(&EventQuery { limit: None, cursor: None, ..query.clone() })?);
    let mut wanted = wanted(&query)?;
    if let Some(cursor) = &query.cursor {
        wanted.after = Some(place(cursor::open(keys, &list, cursor)?)?);
    }
    let found = store::page::page(ctx.gate().db().pool(), &wanted, i64::from(limit)).await?;
    let next = found.next.map(|(at, id)| cursor::seal(keys, &list, &Position { key: at.to_string(), id }));
    Ok(Page { items: found.rows, next_cursor: next, total: None })
}

/// Shows an event.
///
/// # Errors
/// 403 without `audit`, 404.
pub async fn get(ctx: &Ctx, id: EventId) -> Result<Event> {
    ctx.may(&policy::GET_EVENT)?;
    let db = ctx.gate().db().pool();
    if let Some(event) = store::by_id(db, id).await? {
        return Ok(event);
    }
    // A refusal is told before it is written down; who asks for it at once need not ask twice.
    ctx.gate().writer().flush().await;
    store::by_id(db, id).await?.ok_or_else(|| Failure::new(Code::NotFound, "There is no such event, or it was older than is kept.").into())
}

fn place(position: Position) -> Result<Place> {
    Ok((position.key.parse().map_err(|_| Failure::from(Code::BadCursor))?, position.id))
}

/// The list that is asked for, from its beginning.
pub(super) fn wanted(query: &EventQuery) -> Result<Wanted> {
    let from = query.from.unwrap_or(Timestamp(i64::MIN));
    let to = query.to.unwrap_or(Timestamp(i64::MAX));
    if from >= to {
        return Err(Failure::field("to", "The end has to be later than the beginning.").into());
    }
    Ok(Wanted {
        actions: actions(query.action.as_deref())?,
        actor: text("actor", query.actor.as_deref())?,
        target: text("target", query.target.as_deref())?,
        outcome: query.outcome,
        ip: address(query.ip.as_deref())?,
        session: query.session.map(|id| id.to_string()),
        from,
        to,
        prefix: text("query", query.query.as_deref())?.map(|text| Prefix::of(&text)),
        order: query.order,
        after: None,
    })
}

/// What a filter holds; nothing when it is empty.
fn text(field: &str, given: Option<&str>) -> Result<Option<String>> {
    let text = given.unwrap_or_default().trim();
    if text.chars().count() > LONGEST {
        return Err(Failure::field(field, format!("This has at most {LONGEST} characters.")).into());
    }
    if text.contains(char::is_control) {
        return Err(Failure::field(field, "This can't contain control characters.").into());
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn address(given: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text("ip", given)? else { return Ok(None) };
    let address: IpAddr = text.parse().map_err(|_| Failure::field("ip", "Expected an address, like 203.0.113.7 or 2001:db8::1."))?;
    Ok(Some(address.to_canonical().to_string()))
}

fn actions(given: Option<&str>) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    for name in given.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let matching = Action::matching(name);
        if matching.is_empty() {
            return Err(
                Failure::field("action", "There is no such action. Write one like user.create, or user. for all of that noun.").into()
            );
        }
        actions.extend(matching.into_iter().filter(|action| !actions.contains(action)).collect::<Vec<_>>());
    }
    Ok(actions)
}
