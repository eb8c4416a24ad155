//! A feed over a WebSocket (RFC 6455): frames of JSON, each of which is answered.

use super::super::{
    feed::{Feed, Next},
    publish, subscribe,
};
use crate::{Result, connections::Reason};
use axum::{
    body::Bytes,
    extract::{
        WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket},
    },
};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use wire::{
    Code, Failure,
    live::{Answer, Ask, MOST_BYTES, NewMessage, Topic},
};

/// Between two signs of life.
const BEAT: Duration = Duration::from_secs(25);
/// How long a client may say nothing, not even that it is there.
const SILENCE: Duration = Duration::from_secs(80);
/// How long a frame may take to be taken.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the last frame may take.
const FAREWELL: Duration = Duration::from_secs(1);
/// The most bytes of a frame: a message, and what stands around it.
const MOST_FRAME: usize = MOST_BYTES + 1024;
/// So many refusals, and the socket is closed: each is written down.
const MOST_REFUSALS: u32 = 50;

/// Keeps the buffers small: there are many sockets, most of them idle.
pub(super) fn limits(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(1024)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * MOST_FRAME)
        .max_message_size(MOST_FRAME)
        .max_frame_size(MOST_FRAME)
}

/// Why a socket is over.
enum End {
    /// The client left, or can not be reached.
    Gone,
    /// Doorward ends it.
    Cut(Reason),
    /// The client does what it should not.
    Abuse(&'static str),
}

/// Serves a socket until its end.
pub(super) async fn run(socket: WebSocket, feed: Feed, first: Option<Topic>) {
    let mut open = Open { socket, feed, heard_at: Instant::now(), refusals: 0 };
    let end = open.serve(first).await;
    open.leave(end).await;
}

struct Open {
    socket: WebSocket,
    feed: Feed,
    heard_at: Instant,
    refusals: u32,
}

impl Open {
    async fn serve(&mut self, first: Option<Topic>) -> End {
        if let Some(channel) = first
            && let Err(end) = Box::pin(self.obey(Ask::Subscribe { reference: None, channel, since: None })).await
        {
            return end;
        }
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        loop {
            let done = tokio::select! {
                next = self.feed.next() => match next {
                    Next::Packet(packet) => match Utf8Bytes::try_from(packet.json()) {
                        Ok(text) => self.send(Message::Text(text)).await,
                        Err(_) => Ok(()),
                    },
                    Next::End(reason) => Err(End::Cut(reason)),
                },
                // Apart, so that an idle socket does not keep the room for it.
                heard = self.socket.recv() => Box::pin(self.hear(heard)).await,
                _ = beat.tick() => {
                    if self.heard_at.elapsed() > SILENCE {
                        return End::Gone;
                    }
                    self.send(Message::Ping(Bytes::new())).await
                }
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    /// Sends a frame. One that is not taken does not keep the socket from ending.
    async fn send(&mut self, message: Message) -> std::result::Result<(), End> {
        tokio::select! {
            biased;
            sent = timeout(PATIENCE, self.socket.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                _ => Err(End::Gone),
            },
            reason = self.feed.ended() => Err(End::Cut(reason)),
        }
    }

    async fn answer(&mut self, answer: &Answer) -> std::result::Result<(), End> {
        match serde_json::to_string(answer) {
            Ok(text) => self.send(Message::text(text)).await,
            Err(_) => Err(End::Gone),
        }
    }

    async fn hear(&mut self, heard: Option<std::result::Result<Message, axum::Error>>) -> std::result::Result<(), End> {
        self.heard_at = Instant::now();
        match heard {
            None | Some(Err(_) | Ok(Message::Close(_))) => Err(End::Gone),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Binary(_))) => Err(End::Abuse("frames are JSON in text")),
            Some(Ok(Message::Text(text))) => match serde_json::from_str::<Ask>(&text) {
                Ok(ask) => self.obey(ask).await,
                Err(error) => {
                    let failure = Failure::new(Code::BadRequest, format!("This frame can’t be understood: {error}."));
                    self.refuse(None, None, failure).await
                }
            },
        }
    }

    async fn refuse(&mut self, reference: Option<u64>, channel: Option<String>, failure: Failure) -> std::result::Result<(), End> {
        self.refusals += 1;
        self.answer(&Answer::Error { reference, channel, failure }).await?;
        if self.refusals > MOST_REFUSALS { Err(End::Abuse("too many frames were refused")) } else { Ok(()) }
    }

    /// Does what a frame asks for, and answers it.
    async fn obey(&mut self, ask: Ask) -> std::result::Result<(), End> {
        let (reference, channel) = match &ask {
            Ask::Subscribe { reference, channel, .. } | Ask::Unsubscribe { reference, channel } => (*reference, Some(channel.to_string())),
            Ask::Publish { reference, channel, .. } => (*reference, Some(channel.to_string())),
            Ask::Ping { reference } => (*reference, None),
        };
        match Box::pin(self.act(ask)).await {
            Ok(answer) => self.answer(&answer).await,
            Err(error) => {
                let failure = error.into_failure("");
                self.refuse(reference, channel, failure).await
            }
        }
    }

    async fn act(&mut self, ask: Ask) -> Result<Answer> {
        Ok(match ask {
            Ask::Subscribe { reference, channel, since } => {
                let begun = subscribe(&mut self.feed, &channel, since).await?;
                Answer::Subscribed { reference, channel, id: begun.id, recovered: begun.recovered }
            }
            Ask::Unsubscribe { reference, channel } => {
                self.feed.unwatch(&channel);
                Answer::Unsubscribed { reference, channel }
            }
            Ask::Publish { reference, channel, kind, data } => {
                // What the caller may do now, not when the socket was opened.
                let ctx = self.feed.ctx().await?;
                let published = publish(&ctx, &channel, NewMessage { kind, data }).await?;
                Answer::Published { reference, channel: published.channel, id: published.id }
            }
            Ask::Ping { reference } => Answer::Pong { reference, id: self.feed.position() },
        })
    }

    /// Says why it ends, and closes.
    async fn leave(mut self, end: End) {
        let (code, reason) = match end {
            End::Gone => return,
            End::Cut(reason) => (reason.code(), reason.words()),
            End::Abuse(reason) => (1008, reason),
        };
        let by = match end {
            End::Cut(Reason::Session) => self.feed.ended_by().await,
            _ => None,
        };
        let farewell = async {
            let said = Answer::End { code, reason: reason.to_owned(), by };
            let text = serde_json::to_string(&said).unwrap_or_default();
            self.socket.send(Message::text(text)).await?;
            self.socket.send(Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }))).await?;
            // Hung up on at once, the client might never see the last frame.
            while let Some(Ok(_)) = self.socket.recv().await {}
            std::result::Result::<(), axum::Error>::Ok(())
        };
        // Whoever does not take it has no need of it.
        _ = timeout(FAREWELL, farewell).await;
    }
}
