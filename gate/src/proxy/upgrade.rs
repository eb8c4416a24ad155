//! Upgraded connections: bytes from one side to the other, WebSocket or any other protocol, until one
//! of them leaves or the caller may not have it open any more.
//!
//! While nothing moves a connection owns no buffer: what is read is written on from the stack, and
//! only what the other side does not take at once is kept.

use super::frames::{Frames, closing};
use crate::connections::{Reason, Seat};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use std::{
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    time::timeout,
};

/// How long both sides may take to agree after the answer was sent.
const AGREE: Duration = Duration::from_secs(10);
/// How long the last frame may take, and the client's own.
const FAREWELL: Duration = Duration::from_secs(1);
/// The most bytes on the way in one direction.
const PIECE: usize = 8 * 1024;
/// Pieces that are moved before others have their turn.
const TURNS: usize = 16;

/// One direction.
#[derive(Default)]
struct Way {
    /// Read, and not written yet.
    rest: Vec<u8>,
    /// Whether something was written since the last flush.
    is_wet: bool,
    /// Whether the reading side has ended.
    has_ended: bool,
    /// Whether the other side knows.
    is_done: bool,
}

impl Way {
    /// Moves what can be moved; ready when this direction is over. `look` sees all that is read.
    fn poll_move<A, B>(&mut self, context: &mut Context<'_>, from: &mut A, to: &mut B, look: &mut impl FnMut(&[u8])) -> Poll<io::Result<()>>
    where
        A: AsyncRead + Unpin,
        B: AsyncWrite + Unpin,
    {
        let mut piece = [0; PIECE];
        for _ in 0..TURNS {
            if !self.rest.is_empty() {
                ready!(self.poll_rest(context, to))?;
            }
            if self.has_ended {
                if !self.is_done {
                    ready!(Pin::new(&mut *to).poll_shutdown(context))?;
                    self.is_done = true;
                }
                return Poll::Ready(Ok(()));
            }
            let mut buffer = ReadBuf::new(&mut piece);
            match Pin::new(&mut *from).poll_read(context, &mut buffer)? {
                Poll::Ready(()) if buffer.filled().is_empty() => self.has_ended = true,
                Poll::Ready(()) => {
                    let read = buffer.filled();
                    look(read);
                    match Pin::new(&mut *to).poll_write(context, read)? {
                        Poll::Ready(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                        Poll::Ready(written) => self.rest.extend_from_slice(&read[written..]),
                        Poll::Pending => self.rest.extend_from_slice(read),
                    }
                    self.is_wet = true;
                }
                Poll::Pending => {
                    if self.is_wet {
                        ready!(Pin::new(&mut *to).poll_flush(context))?;
                        self.is_wet = false;
                    }
                    return Poll::Pending;
                }
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Writes what is left, and gives its memory back.
    fn poll_rest(&mut self, context: &mut Context<'_>, to: &mut (impl AsyncWrite + Unpin)) -> Poll<io::Result<()>> {
        while !self.rest.is_empty() {
            let written = ready!(Pin::new(&mut *to).poll_write(context, &self.rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.rest.drain(..written);
        }
        self.rest = Vec::new();
        Poll::Ready(Ok(()))
    }
}

/// Waits until both sides have changed over, then carries bytes until the end.
pub(super) async fn run(client: OnUpgrade, upstream: OnUpgrade, seat: Seat, is_websocket: bool) {
    let both = async { tokio::try_join!(client, upstream) };
    let Ok(Ok((client, upstream))) = timeout(AGREE, both).await else {
        tracing::debug!("an upgrade was agreed on, and then did not happen");
        return;
    };
    carry(TokioIo::new(client), TokioIo::new(upstream), seat, is_websocket).await;
}

async fn carry(mut client: TokioIo<Upgraded>, mut upstream: TokioIo<Upgraded>, mut seat: Seat, is_websocket: bool) {
    let (mut up, mut down) = (Way::default(), Way::default());
    let mut frames = Frames::default();
    let cut = poll_fn(|context| {
        if let Poll::Ready(reason) = seat.poll_end(context) {
            return Poll::Ready(Some(reason));
        }
        let sent = up.poll_move(context, &mut client, &mut upstream, &mut |_| {});
        let got = down.poll_move(context, &mut upstream, &mut client, &mut |read| {
            if is_websocket {
                frames.pass(read);
            }
        });
        match (sent, got) {
            (Poll::Ready(Err(_)), _) | (_, Poll::Ready(Err(_))) | (Poll::Ready(Ok(())), Poll::Ready(Ok(()))) => Poll::Ready(None),
            // A WebSocket whose one side has left is over; other protocols may still have an answer to send.
            (_, Poll::Ready(Ok(()))) if is_websocket => Poll::Ready(None),
            _ => Poll::Pending,
        }
    });
    let Some(reason) = cut.await else { return };
    drop(upstream);
    let farewell = async {
        if is_websocket && frames.is_between() {
            say(&mut client, &mut down, reason).await?;
        }
        client.shutdown().await?;
        // Hung up on at once, the client might never see the last frame.
        let mut rest = [0; 512];
        while client.read(&mut rest).await? > 0 {}
        io::Result::Ok(())
    };
    _ = timeout(FAREWELL, farewell).await;
}

/// Sends what was read whole before the end, and the last frame.
async fn say(client: &mut TokioIo<Upgraded>, down: &mut Way, reason: Reason) -> io::Result<()> {
    poll_fn(|context| down.poll_rest(context, client)).await?;
    client.write_all(&closing(reason.code(), reason.words())).await?;
    client.flush().await
}
