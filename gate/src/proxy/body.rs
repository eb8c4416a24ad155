//! A body on its way through: never gathered, watched for standing still, and ended when whoever gets
//! it may not have it any more.

use crate::connections::{Reason, Seat};
use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until};

/// When something last moved, for whoever waits.
#[derive(Clone)]
pub(super) struct Activity {
    begun: Instant,
    /// Milliseconds since.
    last: Arc<AtomicU64>,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self { begun: Instant::now(), last: Arc::default() }
    }

    fn touch(&self) {
        let millis = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(millis, Ordering::Relaxed);
    }

    /// When something last moved.
    pub(super) fn last(&self) -> Instant {
        self.begun + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }
}

/// What a stream of events ends with when it is cut.
struct Tail {
    /// The last bytes that came.
    last: [u8; 4],
    /// Whether the last word was said.
    is_said: bool,
}

impl Tail {
    /// Whether what came last was the end of an event.
    fn is_between(&self) -> bool {
        self.last.ends_with(b"\n\n") || self.last == *b"\r\n\r\n"
    }

    fn pass(&mut self, data: &[u8]) {
        let both = [&self.last[..], &data[data.len().saturating_sub(4)..]].concat();
        self.last.copy_from_slice(&both[both.len() - 4..]);
    }
}

/// A clock to wait by. Setting one costs more than looking at it, so one serves from the request to the
/// end of its answer.
pub(super) type Clock = Pin<Box<Sleep>>;

/// A body, watched.
pub(super) struct Flow<B> {
    body: B,
    /// How long it may stand still.
    patience: Option<Duration>,
    /// Since when it stands still, if it does.
    still: Option<Instant>,
    clock: Option<Clock>,
    activity: Option<Activity>,
    seat: Option<Box<Seat>>,
    tail: Option<Tail>,
}

impl<B> Flow<B> {
    pub(super) const fn new(body: B) -> Self {
        Self { body, patience: None, still: None, clock: None, activity: None, seat: None, tail: None }
    }

    /// Fails when nothing comes for this long.
    pub(super) const fn patient(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// Waits by this clock; it is set anew where it strikes too early.
    pub(super) fn by(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Tells when something moves.
    pub(super) fn telling(mut self, activity: Activity) -> Self {
        self.activity = Some(activity);
        self
    }

    /// Ends when its place in the book does; a stream of events then says why.
    pub(super) fn seated(mut self, seat: Seat, is_events: bool) -> Self {
        self.seat = Some(Box::new(seat));
        self.tail = is_events.then_some(Tail { last: *b"\r\n\r\n", is_said: false });
        self
    }
}

/// The last event of a stream that is cut.
fn last_event(reason: Reason) -> Bytes {
    let data = serde_json::json!({ "code": reason.code(), "reason": reason.words() });
    Bytes::from(format!("event: doorward-closed\ndata: {data}\n\n"))
}

fn broken(text: &'static str) -> axum::Error {
    axum::Error::new(io::Error::other(text))
}

impl<B> Body for Flow<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<axum::BoxError>,
{
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let flow = &mut *self;
        if let Some(seat) = &mut flow.seat
            && let Poll::Ready(reason) = seat.poll_end(context)
        {
            return Poll::Ready(match &mut flow.tail {
                Some(Tail { is_said: true, .. }) => None,
                Some(tail) if tail.is_between() => {
                    tail.is_said = true;
                    Some(Ok(Frame::data(last_event(reason))))
                }
                _ => Some(Err(broken(reason.words()))),
            });
        }
        match Pin::new(&mut flow.body).poll_frame(context) {
            Poll::Ready(frame) => {
                flow.still = None;
                if let Some(activity) = &flow.activity {
                    activity.touch();
                }
                if let (Some(tail), Some(Ok(frame))) = (&mut flow.tail, &frame)
                    && let Some(data) = frame.data_ref()
                {
                    tail.pass(data);
                }
                if frame.is_none() {
                    flow.seat = None;
                }
                Poll::Ready(frame.map(|frame| frame.map_err(axum::Error::new)))
            }
            Poll::Pending => {
                let Some(patience) = flow.patience else { return Poll::Pending };
                let late = *flow.still.get_or_insert_with(Instant::now) + patience;
                let clock = flow.clock.get_or_insert_with(|| Box::pin(sleep_until(late)));
                while clock.as_mut().poll(context).is_ready() {
                    if Instant::now() >= late {
                        return Poll::Ready(Some(Err(broken("nothing came for too long"))));
                    }
                    clock.as_mut().reset(late);
                }
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::{BodyExt, channel::Channel};

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stands_still_breaks_off() {
        let (mut sender, body) = Channel::<Bytes, io::Error>::new(4);
        let activity = Activity::new();
        let mut flow = Flow::new(body).patient(Duration::from_secs(60)).telling(activity.clone());
        for _ in 0..3 {
            tokio::time::advance(Duration::from_secs(50)).await;
            sender.send_data(Bytes::from_static(b"x")).await.unwrap();
            assert!(flow.frame().await.unwrap().is_ok());
            assert!(activity.last().elapsed() < Duration::from_secs(1));
        }
        let begun = Instant::now();
        assert!(flow.frame().await.unwrap().is_err());
        assert!(begun.elapsed() >= Duration::from_secs(60));
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_was_set_for_the_answer_does_not_cut_its_body_short() {
        let (sender, body) = Channel::<Bytes, io::Error>::new(1);
        let clock = Box::pin(sleep_until(Instant::now() + Duration::from_secs(60)));
        let mut flow = Flow::new(body).patient(Duration::from_secs(300)).by(clock);
        let begun = Instant::now();
        assert!(flow.frame().await.unwrap().is_err());
        assert_eq!(begun.elapsed().as_secs(), 300);
        drop(sender);
    }

    #[tokio::test]
    async fn what_comes_goes_out_as_it_came_trailers_too() {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("x-sum", http::HeaderValue::from_static("1"));
        let (mut sender, body) = Channel::<Bytes, io::Error>::new(4);
        sender.send_data(Bytes::from_static(b"a")).await.unwrap();
        sender.send_trailers(trailers.clone()).await.unwrap();
        drop(sender);
        let whole = Flow::new(body).collect().await.unwrap();
        assert_eq!(whole.trailers(), Some(&trailers));
        assert_eq!(whole.to_bytes(), "a");
    }
}
