//! A feed as server-sent events. Messages come as `message` events with their id; before them stands
//! `subscribed`, at the end `end` with the reason.

use super::super::feed::{Begun, Feed, Next};
use crate::connections::Reason;
use hyper::body::{Body, Bytes, Frame};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Between two signs of life, which also say from where to resume.
const BEAT: Duration = Duration::from_secs(15);
/// Messages that wait go out in pieces of so many bytes.
const PIECE: usize = 16 * 1024;

/// The body of the answer.
pub(super) struct Events {
    /// Nothing once the end was said.
    feed: Option<Feed>,
    /// What is said before anything else.
    first: Option<Bytes>,
    beat: Interval,
}

impl Events {
    pub(super) fn new(feed: Feed, begun: Begun) -> Self {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        let data = serde_json::json!({ "id": begun.id, "recovered": begun.recovered });
        let first = Bytes::from(format!("retry: 2000\nid: {}\nevent: subscribed\ndata: {data}\n\n", begun.id));
        Self { feed: Some(feed), first: Some(first), beat }
    }
}

fn end(reason: Reason) -> Bytes {
    let data = serde_json::json!({ "code": reason.code(), "reason": reason.words() });
    Bytes::from(format!("event: end\ndata: {data}\n\n"))
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let events = &mut *self;
        let Some(feed) = &mut events.feed else { return Poll::Ready(None) };
        let frame = |bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        if let Some(first) = events.first.take() {
            return frame(first);
        }
        let mut piece: Vec<u8> = Vec::new();
        let mut only = None;
        while piece.len() < PIECE {
            match feed.poll_next(context) {
                Poll::Ready(Next::Packet(packet)) => match only.take() {
                    // One alone goes out as it is, in the memory that all share.
                    None if piece.is_empty() => only = Some(packet.event()),
                    None => piece.extend_from_slice(&packet.event()),
                    Some(first) => {
                        piece.extend_from_slice(&first);
                        piece.extend_from_slice(&packet.event());
                    }
                },
                Poll::Ready(Next::End(reason)) => {
                    events.feed = None;
                    piece.extend_from_slice(&only.take().unwrap_or_default());
                    piece.extend_from_slice(&end(reason));
                    return frame(piece.into());
                }
                Poll::Pending => break,
            }
        }
        match only {
            Some(event) => return frame(event),
            None if !piece.is_empty() => return frame(piece.into()),
            None => {}
        }
        if events.beat.poll_tick(context).is_ready() {
            // Whoever resumes from here misses nothing, though nothing may have come for long.
            let id = feed.position();
            return frame(format!("id: {id}\nevent: beat\ndata: {{\"id\":{id}}}\n\n").into());
        }
        Poll::Pending
    }
}
