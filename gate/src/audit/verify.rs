//! Walks the chain from end to end, in constant memory, and says whether it is whole.

use super::{
    chain::{HEAD, RESTART, TAIL, link},
    line::Line,
    store::chain::{self as kept, Kept, Link},
};
use crate::{Result, ctx::Ctx, hash::same};
use std::cmp::Ordering;
use wire::{Timestamp, policy};

/// Events that are read at once.
const PIECE: i64 = 1_000;

/// What a walk along the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every event is where and what it was.
    Unbroken(Walk),
    /// The first place that does not fit.
    Broken(Break),
}

/// A walk along an unbroken chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walk {
    /// How many events were checked.
    pub events: u64,
    /// The time of the first event.
    pub from: Option<Timestamp>,
    /// The time of the last event.
    pub to: Option<Timestamp>,
    /// Events that were written a moment ago, and are not in the chain yet.
    pub waiting: u64,
    /// Events that were chained with another signing secret, and can not be checked with this one.
    pub earlier: u64,
}

/// A place where the chain does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The place in the chain.
    pub seq: i64,
    /// The id of the event there, where there is one.
    pub id: Option<String>,
    /// What that means.
    pub meaning: &'static str,
}

const ALTERED: &str = "This event is not what was written: it was altered, exchanged with another, or put in.";
const MISSING: &str = "This event is missing: it was removed, although it was not old enough.";
const CUT: &str = "The log goes on up to a later event: the last ones, from here on, were removed.";
const BEYOND: &str = "This event was put in after the end of the log.";
const BEFORE: &str = "This event was put in before the beginning of the log.";
const END_GONE: &str = "The table audit_chain, which says where the log begins and ends, lacks a line.";
const HEAD_MOVED: &str =
    "The mark of where the log ends was changed, so events may have been removed there; or it was made with another signing secret.";
const TAIL_MOVED: &str =
    "The mark of where the log begins was changed, so events may have been removed there; or it was made with another signing secret.";

/// How far the walk has come.
struct Place {
    seq: i64,
    hash: String,
}

/// Walks the chain.
///
/// # Errors
/// 403 without `audit`, or when the database does not answer.
pub async fn verify(ctx: &Ctx) -> Result<Verdict> {
    ctx.may(&policy::EXPORT_EVENTS)?;
    let db = ctx.gate().db().pool();
    let keys = ctx.gate().keys();
    let mut tail = match tail(ctx).await? {
        Ok(tail) => tail,
        Err(broken) => return Ok(Verdict::Broken(broken)),
    };
    let mut walk = Walk::default();
    let mut place = Place { seq: tail.seq, hash: tail.hash.clone() };
    let mut promised = None;
    loop {
        let before = place.seq;
        loop {
            let links = kept::links(db, place.seq, PIECE).await?;
            if links.is_empty() {
                break;
            }
            if let Some(broken) = links.iter().find_map(|link| step(ctx, &mut place, &mut walk, link).err()) {
                // The first ones may just have been removed because of their age.
                match self::tail(ctx).await? {
                    Ok(now) if now.seq > tail.seq && now.seq >= place.seq => {
                        place = Place { seq: now.seq, hash: now.hash.clone() };
                        (tail, walk) = (now, Walk::default());
                    }
                    _ => return Ok(Verdict::Broken(broken)),
                }
            }
        }
        // Read after the events: it is at least as far as they are.
        let Some(head) = kept::end(db, HEAD).await? else { return Ok(broken(place.seq, None, END_GONE)) };
        if !(head.is_sound(keys, HEAD) || (head.kid.is_empty() && head.seq == 0)) {
            return Ok(broken(head.seq, None, HEAD_MOVED));
        }
        match head.seq.cmp(&place.seq) {
            Ordering::Equal if head.hash == place.hash => break,
            Ordering::Equal => return Ok(broken(head.seq, None, HEAD_MOVED)),
            Ordering::Less => return Ok(broken(head.seq + 1, id_after(ctx, head.seq).await?, BEYOND)),
            Ordering::Greater if before == place.seq && promised == Some(head.seq) => return Ok(broken(place.seq + 1, None, CUT)),
            Ordering::Greater => promised = Some(head.seq),
        }
    }
    walk.earlier = natural(kept::count_up_to(db, tail.seq).await?);
    if walk.earlier > 0 && !kept::end(db, RESTART).await?.is_some_and(|restart| restart.is_sound(keys, RESTART)) {
        let first = id_after(ctx, i64::MIN).await?;
        return Ok(broken(tail.seq, first, BEFORE));
    }
    walk.waiting = natural(kept::count_waiting(db).await?);
    Ok(Verdict::Unbroken(walk))
}

/// Where the log begins.
async fn tail(ctx: &Ctx) -> Result<std::result::Result<Kept, Break>> {
    let refuse = |seq, meaning| Ok(Err(Break { seq, id: None, meaning }));
    let Some(tail) = kept::end(ctx.gate().db().pool(), TAIL).await? else { return refuse(0, END_GONE) };
    // Nothing was ever chained.
    let is_fresh = tail.kid.is_empty() && tail.seq == 0;
    if is_fresh || tail.is_sound(ctx.gate().keys(), TAIL) { Ok(Ok(tail)) } else { refuse(tail.seq, TAIL_MOVED) }
}

/// Goes on to the next event, if it fits.
fn step(ctx: &Ctx, place: &mut Place, walk: &mut Walk, next: &Link) -> std::result::Result<(), Break> {
    let line = Line::read(&next.line);
    let id = line.map(|line| line.id().to_owned());
    if next.seq != place.seq + 1 {
        return Err(Break { seq: place.seq + 1, id: None, meaning: MISSING });
    }
    let hash = link(ctx.gate().keys(), &place.hash, next.seq, &next.line);
    if !same(hash.as_bytes(), next.hash.as_bytes()) {
        return Err(Break { seq: next.seq, id, meaning: ALTERED });
    }
    *place = Place { seq: next.seq, hash };
    walk.events += 1;
    walk.to = line.map(|line| line.at());
    walk.from = walk.from.or(walk.to);
    Ok(())
}

async fn id_after(ctx: &Ctx, seq: i64) -> Result<Option<String>> {
    let links = kept::links(ctx.gate().db().pool(), seq, 1).await?;
    Ok(links.first().and_then(|link| Line::read(&link.line)).map(|line| line.id().to_owned()))
}

const fn broken(seq: i64, id: Option<String>, meaning: &'static str) -> Verdict {
    Verdict::Broken(Break { seq, id, meaning })
}

fn natural(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
