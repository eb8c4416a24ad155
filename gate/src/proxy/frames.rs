//! Where one WebSocket frame ends and the next begins (RFC 6455, section 5.2), so that a last one can
//! be said in between. Nothing is decoded, and nothing kept.

/// The most bytes before a payload.
const HEAD: usize = 14;

/// Follows the frames of a server, which have no mask, or of a client, which do.
#[derive(Debug, Default)]
pub(super) struct Frames {
    head: [u8; HEAD],
    /// How much of the head is known.
    known: usize,
    /// How much of the payload is still to come.
    left: u64,
}

impl Frames {
    /// Looks at bytes that pass.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.left > 0 {
                let step = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
                self.left -= step as u64;
                bytes = &bytes[step..];
                continue;
            }
            self.head[self.known] = bytes[0];
            self.known += 1;
            bytes = &bytes[1..];
            if self.known >= 2 && self.known == self.length() {
                self.left = self.payload();
                self.known = 0;
            }
        }
    }

    /// Whether the last frame is whole and no other has begun.
    pub(super) const fn is_between(&self) -> bool {
        self.known == 0 && self.left == 0
    }

    /// The length of the head, by its first two bytes.
    const fn length(&self) -> usize {
        let mask = if self.head[1] & 0x80 == 0 { 0 } else { 4 };
        mask + match self.head[1] & 0x7f {
            126 => 4,
            127 => 10,
            _ => 2,
        }
    }

    fn payload(&self) -> u64 {
        let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        match self.head[1] & 0x7f {
            126 => number(&self.head[2..4]),
            127 => number(&self.head[2..10]),
            short => u64::from(short),
        }
    }
}

/// A server's last frame: the code and why.
pub(super) fn closing(code: u16, reason: &str) -> Vec<u8> {
    let reason = &reason.as_bytes()[..reason.len().min(123)];
    let length = u8::try_from(reason.len() + 2).expect("a control frame's payload has at most 125 bytes");
    let mut frame = vec![0x88, length];
    frame.extend_from_slice(&code.to_be_bytes());
    frame.extend_from_slice(reason);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(length: usize, is_masked: bool) -> Vec<u8> {
        let mask = if is_masked { 0x80 } else { 0 };
        let mut frame = vec![0x82];
        match length {
            0..=125 => frame.push(mask | length as u8),
            126..=65_535 => {
                frame.push(mask | 126);
                frame.extend_from_slice(&(length as u16).to_be_bytes());
            }
            _ => {
                frame.push(mask | 127);
                frame.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
        if is_masked {
            frame.extend_from_slice(&[1, 2, 3, 4]);
        }
        frame.resize(frame.len() + length, 0xff);
        frame
    }

    #[test]
    fn the_last_frame_carries_code_and_reason() {
        assert_eq!(closing(4401, "bye"), [0x88, 5, 0x11, 0x31, b'b', b'y', b'e']);
        assert_eq!(closing(4401, &"x".repeat(500)).len(), 127);
    }

    proptest! {
        #[test]
        fn frames_are_told_apart_however_they_are_cut(
            lengths in prop::collection::vec(prop_oneof![0_usize..200, 65_530_usize..65_540], 1..6), is_masked: bool, step in 1_usize..5000,
        ) {
            let mut frames = Frames::default();
            for length in lengths {
                let bytes = frame(length, is_masked);
                for piece in bytes[..bytes.len() - 1].chunks(step) {
                    frames.pass(piece);
                    prop_assert!(!frames.is_between());
                }
                frames.pass(&bytes[bytes.len() - 1..]);
                prop_assert!(frames.is_between());
            }
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            Frames::default().pass(&bytes);
        }
    }
}
