//! What somebody watches, as one stream: what can be resumed first, then what comes, until the caller
//! leaves, may not watch it any more, or falls behind.

use super::{
    hub::Subscriber,
    packet::Packet,
    rules::{self, Deed},
    store::{self, Kept},
};
use crate::{
    Result,
    connections::{Again, Opening, Reason, Seat, whose},
    ctx::Ctx,
    gate::Gate,
    proxy::as_now,
    sessions,
};
use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::timeout;
use wire::{
    Code, Failure, Timestamp,
    live::{EndedBy, MOST_HISTORY, Topic},
};

/// How long the end of a stream waits for why.
const SOON: Duration = Duration::from_millis(300);

/// What comes out of a feed.
pub(super) enum Next {
    /// A message.
    Packet(Arc<Packet>),
    /// The end, and why.
    End(Reason),
}

/// Where a topic begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Begun {
    /// The id after which messages come.
    pub(super) id: i64,
    /// Whether nothing is missing since the id that was asked for.
    pub(super) recovered: Option<bool>,
}

/// What is watched, for those who judge it again.
type Watched = Arc<Mutex<Vec<Topic>>>;

/// A stream of messages; dropped, it is over.
pub(super) struct Feed {
    ctx: Ctx,
    watched: Watched,
    seat: Seat,
    subscriber: Subscriber,
    /// What is resumed and was not given out yet.
    backlog: VecDeque<Arc<Packet>>,
    /// Up to which id all that was watched was given out, when it was last known.
    position: i64,
}

impl Feed {
    /// Opens one that watches nothing yet.
    ///
    /// # Errors
    /// 429 when too many are open.
    pub(super) fn open(ctx: &Ctx) -> Result<Self> {
        let watched = Watched::default();
        let opening = Opening {
            whose: whose(ctx),
            address: ctx.address(),
            app: String::new(),
            until: ctx.good_until(),
            again: again(ctx.clone(), watched.clone()),
        };
        let seat = ctx.gate().connections().enter(opening).ok_or_else(|| {
            Failure::new(Code::TooManyAttempts, "Too many connections are open. Close some, then try again.").retry_after(5)
        })?;
        let position = ctx.gate().hub().cursor();
        Ok(Self { ctx: ctx.clone(), watched, seat, subscriber: ctx.gate().hub().enter(), backlog: VecDeque::new(), position })
    }

    /// The caller as of now, for what is asked later on the same stream.
    ///
    /// # Errors
    /// 401 when the proof is no longer good; when the database does not answer.
    pub(super) async fn ctx(&self) -> Result<Ctx> {
        as_now(self.ctx.gate(), &self.ctx).await?.map_err(|_| Code::Unauthenticated.into())
    }

    /// Watches topics that the caller was allowed, from now on or from after a message.
    ///
    /// # Errors
    /// 422 when it would be too many; when the database does not answer.
    pub(super) async fn watch(&mut self, topics: &[Topic], since: Option<i64>) -> Result<Begun> {
        let pool = self.ctx.gate().db().pool();
        for topic in topics {
            if !self.subscriber.add(topic) {
                return Err(
                    Failure::field("channel", "These are too many channels for one stream. Open another one, or watch fewer.").into()
                );
            }
        }
        self.note(topics);
        // From here on nothing that is published is missed: what comes with a greater id waits already.
        let upto = store::last(pool).await?;
        topics.iter().for_each(|topic| self.subscriber.begin(topic, upto));
        let Some(since) = since else { return Ok(Begun { id: upto, recovered: None }) };
        let (mut found, is_whole) = self.history(topics, since, upto).await?;
        // Looked at last: what was removed meanwhile is missed as well.
        let gone = store::oldest(pool).await?.map_or(upto, |oldest| oldest - 1);
        let recovered = is_whole && (gone..=upto).contains(&since);
        found.sort_by_key(|kept| kept.id);
        found.dedup_by_key(|kept| kept.id);
        let hub = self.ctx.gate().hub();
        self.backlog.extend(found.iter().map(|kept| Packet::new(kept, hub.alive())));
        // Until that is given out, nothing later is a place to resume from.
        self.position = self.position.min(since);
        Ok(Begun { id: since.min(upto), recovered: Some(recovered) })
    }

    /// Has these judged again from now on.
    fn note(&self, topics: &[Topic]) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|own| !topics.contains(own));
        watched.extend(topics.iter().cloned());
    }

    /// What was published on topics after a message, and whether that is all of it.
    async fn history(&self, topics: &[Topic], since: i64, upto: i64) -> Result<(Vec<Kept>, bool)> {
        let pool = self.ctx.gate().db().pool();
        let (mut found, mut is_whole) = (Vec::new(), true);
        let limit = i64::try_from(MOST_HISTORY + 1).unwrap_or(i64::MAX);
        for topic in topics {
            let mut some = store::of_topic(pool, topic, since, upto, limit).await?;
            is_whole &= some.len() <= MOST_HISTORY;
            some.truncate(MOST_HISTORY);
            found.append(&mut some);
        }
        Ok((found, is_whole))
    }

    /// Watches a topic no more.
    pub(super) fn unwatch(&mut self, topic: &Topic) {
        self.subscriber.remove(topic);
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).retain(|own| own != topic);
    }

    /// What comes next.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Next> {
        if let Poll::Ready(reason) = self.seat.poll_end(context) {
            return Poll::Ready(Next::End(reason));
        }
        if let Some(packet) = self.backlog.pop_front() {
            return Poll::Ready(Next::Packet(packet));
        }
        self.subscriber.poll_next(context).map(|packet| packet.map_or(Next::End(Reason::Behind), Next::Packet))
    }

    /// The same, to wait for.
    pub(super) async fn next(&mut self) -> Next {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// Why the feed has to end, whatever still waits.
    pub(super) async fn ended(&mut self) -> Reason {
        poll_fn(|context| self.seat.poll_end(context)).await
    }

    /// Who ended the session in which the feed was opened, if somebody did and that is known soon.
    pub(super) async fn ended_by(&self) -> Option<EndedBy> {
        let asked = sessions::store::ended_by(self.ctx.gate().db().pool(), self.ctx.session()?);
        timeout(SOON, asked).await.ok()?.ok()?
    }

    /// An id up to which all that is watched was given out: nothing is missed by resuming from it.
    pub(super) fn position(&mut self) -> i64 {
        if let Some(id) = self.subscriber.settled().filter(|_| self.backlog.is_empty()) {
            self.position = id;
        }
        self.position
    }
}

/// Judges again what is watched.
fn again(ctx: Ctx, watched: Watched) -> Again {
    Box::new(move |gate| {
        let (ctx, watched) = (ctx.clone(), watched.clone());
        Box::pin(async move { look(&gate, &ctx, &watched).await.unwrap_or_else(|error| Err(error.into())) })
    })
}

async fn look(gate: &Gate, ctx: &Ctx, watched: &Watched) -> Result<std::result::Result<Option<Timestamp>, Reason>> {
    let ctx = match as_now(gate, ctx).await? {
        Ok(now) => now,
        Err(reason) => return Ok(Err(reason)),
    };
    let topics = watched.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for topic in &topics {
        if rules::judge(&ctx, topic, Deed::Watch).await?.is_err() {
            return Ok(Err(Reason::Rights));
        }
    }
    Ok(Ok(ctx.good_until()))
}
