//! Where one request ends and the next begins, followed byte by byte beside the server's own parser.
//!
//! The parser reads what is ambiguous in one way, as it may (RFC 9112, section 6.3); a proxy before us
//! may have read it in the other. What could be two things is therefore no request here at all.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// As much of a line as has to be looked at.
const LINE: usize = 128;

/// What is known of a connection, shared with whoever answers on it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Framing(Arc<AtomicU8>);

const AMBIGUOUS: u8 = 1;
const OVER: u8 = 2;

impl Framing {
    /// Whether something came that could be read in two ways.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.0.load(Ordering::Relaxed) & AMBIGUOUS != 0
    }

    /// What follows is another protocol.
    pub(crate) fn end(&self) {
        self.0.fetch_or(OVER, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    fn refuse(&self) {
        self.0.fetch_or(AMBIGUOUS, Ordering::Relaxed);
    }
}

/// Where in a request the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before its first line.
    Start,
    /// In the lines of its head.
    Head,
    /// In a body of which so much is still to come.
    Body(u64),
    /// In the line before a chunk.
    Size,
    /// In a chunk of which so much is still to come.
    Chunk(u64),
    /// In the empty line behind a chunk.
    ChunkEnd,
    /// In the lines behind the last chunk.
    Trailers,
}

/// Follows the requests of a connection.
#[derive(Debug)]
struct Follower {
    framing: Framing,
    place: Place,
    line: [u8; LINE],
    /// The length of the line so far, however much of it is kept.
    length: usize,
    /// Whether the line so far ends in a carriage return; one within a line is no end.
    has_return: bool,
    is_first: bool,
    /// The length that the head gives.
    content_length: Option<u64>,
    is_chunked: bool,
}

impl Follower {
    const fn new(framing: Framing) -> Self {
        Self {
            framing,
            place: Place::Start,
            line: [0; LINE],
            length: 0,
            has_return: false,
            is_first: true,
            content_length: None,
            is_chunked: false,
        }
    }

    /// Looks at bytes that came.
    fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.framing.is_over() {
            bytes = match self.place {
                Place::Body(left) | Place::Chunk(left) => {
                    let step = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
                    let left = left - step as u64;
                    self.place = match self.place {
                        Place::Body(_) if left == 0 => Place::Start,
                        Place::Body(_) => Place::Body(left),
                        _ if left == 0 => Place::ChunkEnd,
                        _ => Place::Chunk(left),
                    };
                    &bytes[step..]
                }
                _ => self.pass_line(bytes),
            };
        }
    }

    /// Takes bytes up to the end of the line; gives the rest.
    fn pass_line<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let part = &bytes[..end.unwrap_or(bytes.len())];
        if part.split_last().is_some_and(|(_, before)| before.contains(&b'\r')) || (self.has_return && !part.is_empty()) {
            self.framing.refuse();
        }
        let room = LINE - self.length.min(LINE);
        let kept = part.len().min(room);
        let at = self.length.min(LINE);
        self.line[at..at + kept].copy_from_slice(&part[..kept]);
        self.length += part.len();
        self.has_return = part.last().map_or(self.has_return, |byte| *byte == b'\r');
        let Some(end) = end else { return &bytes[bytes.len()..] };
        if !self.has_return {
            self.framing.refuse();
        }
        let (line, length) = (self.line, self.length.saturating_sub(1));
        (self.length, self.has_return) = (0, false);
        self.end_line(&line[..length.min(LINE)], length > LINE);
        &bytes[end + 1..]
    }

    /// Looks at a whole line, or the beginning of one that is longer than is kept.
    fn end_line(&mut self, line: &[u8], is_cut: bool) {
        match self.place {
            Place::Start if line.is_empty() => {}
            Place::Start => {
                if self.is_first && line.starts_with(b"PRI ") {
                    self.framing.end();
                }
                self.is_first = false;
                (self.content_length, self.is_chunked) = (None, false);
                self.place = Place::Head;
            }
            Place::Head if line.is_empty() => {
                self.place = match (self.is_chunked, self.content_length) {
                    (true, _) => Place::Size,
                    (false, None | Some(0)) => Place::Start,
                    (false, Some(length)) => Place::Body(length),
                };
            }
            Place::Head => self.header(line, is_cut),
            Place::Size => match size(line, is_cut) {
                Some(0) => self.place = Place::Trailers,
                Some(size) => self.place = Place::Chunk(size),
                None => self.framing.refuse(),
            },
            Place::ChunkEnd if line.is_empty() => self.place = Place::Size,
            Place::ChunkEnd => self.framing.refuse(),
            Place::Trailers if line.is_empty() => self.place = Place::Start,
            Place::Trailers | Place::Body(_) | Place::Chunk(_) => {}
        }
    }

    fn header(&mut self, line: &[u8], is_cut: bool) {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = (&line[..colon], line.get(colon + 1..).unwrap_or_default().trim_ascii());
        // A space before the colon, or at the beginning, makes another name of it for some.
        let bare = name.trim_ascii();
        let is_length = bare.eq_ignore_ascii_case(b"content-length");
        let is_coding = bare.eq_ignore_ascii_case(b"transfer-encoding");
        if !is_length && !is_coding {
            return;
        }
        let has_another = self.content_length.is_some() || self.is_chunked;
        if has_another || is_cut || bare.len() != name.len() {
            return self.framing.refuse();
        }
        if is_coding {
            self.is_chunked = true;
            if !value.eq_ignore_ascii_case(b"chunked") {
                self.framing.refuse();
            }
            return;
        }
        let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        match std::str::from_utf8(value).ok().filter(|_| is_number).and_then(|text| text.parse().ok()) {
            Some(length) => self.content_length = Some(length),
            None => self.framing.refuse(),
        }
    }
}

/// The size of a chunk: hexadecimal digits, then nothing or an extension.
fn size(line: &[u8], is_cut: bool) -> Option<u64> {
    let digits = line.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(line.len());
    let rest = line[digits..].trim_ascii_start();
    if is_cut || !(1..=15).contains(&digits) || !(rest.is_empty() || rest[0] == b';') {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(&line[..digits]).ok()?, 16).ok()
}

/// A connection whose requests are followed.
pub(crate) struct Followed<S> {
    stream: S,
    follower: Box<Follower>,
}

impl<S> Followed<S> {
    pub(crate) fn new(stream: S, framing: Framing) -> Self {
        Self { stream, follower: Box::new(Follower::new(framing)) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Followed<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.follower.pass(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Followed<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
