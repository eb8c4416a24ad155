//! A place in a trace, as it is written in headers (W3C Trace Context, `traceparent`).

use crate::random::Random;
use http::HeaderValue;
use std::fmt::Write;

/// A place in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) trace: [u8; 16],
    pub(super) span: [u8; 8],
    /// Whether whoever began the trace wants it told.
    pub(super) is_sampled: bool,
}

impl Place {
    /// The first of a trace; of a hundred so many are told.
    pub(super) fn first(random: &dyn Random, sample: u8) -> Self {
        let (mut trace, mut span) = ([0; 16], [0; 8]);
        random.fill(&mut trace);
        random.fill(&mut span);
        let [a, b, ..] = trace;
        let is_sampled = u32::from(u16::from_be_bytes([a, b])) * 100 < u32::from(sample) << 16;
        Self { trace, span, is_sampled }
    }

    /// One in the same trace.
    pub(super) fn child(&self, random: &dyn Random) -> Self {
        let mut span = [0; 8];
        random.fill(&mut span);
        Self { span, ..*self }
    }

    /// Reads one; a version that is newer may say more behind it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let [version] = bytes::<1>(version)?;
        if version == 0xff || version == 0 && parts.next().is_some() {
            return None;
        }
        let (trace, span, [flags]) = (bytes::<16>(trace)?, bytes::<8>(span)?, bytes::<1>(flags)?);
        let is_real = trace != [0; 16] && span != [0; 8];
        is_real.then_some(Self { trace, span, is_sampled: flags & 1 == 1 })
    }

    /// As it is written.
    pub(super) fn header(&self) -> HeaderValue {
        let text = format!("00-{}-{}-{:02x}", hex(&self.trace), hex(&self.span), u8::from(self.is_sampled));
        HeaderValue::from_str(&text).expect("it is letters and digits")
    }
}

/// Bytes in hex, in small letters.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to memory does not fail");
    }
    text
}

fn bytes<const COUNT: usize>(text: &str) -> Option<[u8; COUNT]> {
    let is_small = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != COUNT * 2 || !text.bytes().all(is_small) {
        return None;
    }
    let mut bytes = [0; COUNT];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seeded;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let place = Place::read(text).unwrap();
        assert!(place.is_sampled && place.header() == text);
        assert!(!Place::read("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00").unwrap().is_sampled);
        assert!(Place::read("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more").is_some(), "a newer version");
        for text in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319é-b7ad6b7169203331-01",
        ] {
            assert_eq!(Place::read(text), None, "{text}");
        }
    }

    #[test]
    fn of_a_hundred_as_many_are_told_as_is_said() {
        let random = Seeded::new(1);
        for (sample, least, most) in [(0, 0, 0), (10, 60, 140), (100, 1000, 1000)] {
            let told = (0..1000).filter(|_| Place::first(&random, sample).is_sampled).count();
            assert!((least..=most).contains(&told), "{sample}: {told}");
        }
    }
}
