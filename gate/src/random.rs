//! Where randomness comes from, and what is made of it: secrets, codes, ids.

use crate::hash::sha256;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{
    cell::RefCell,
    sync::atomic::{AtomicU64, Ordering},
};
use wire::Timestamp;

/// Gives random bytes.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// Fills what tells an id from all others, and is no secret.
    fn fill_id(&self, bytes: &mut [u8; ID]) {
        self.fill(bytes);
    }
}

/// The random bytes of an id.
const ID: usize = 10;
/// How many ids are drawn for at a time: each request has one, and a draw costs more than all else about it.
const DRAW: usize = 64;

/// Random bytes of ids to come.
struct Drawn {
    bytes: [u8; ID * DRAW],
    used: usize,
}

thread_local! {
    static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { bytes: [0; ID * DRAW], used: ID * DRAW }) };
}

/// The operating system's generator.
#[derive(Debug, Default)]
pub struct Os;

impl Random for Os {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system gives random bytes");
    }

    fn fill_id(&self, bytes: &mut [u8; ID]) {
        DRAWN.with_borrow_mut(|drawn| {
            if drawn.used == drawn.bytes.len() {
                self.fill(&mut drawn.bytes);
                drawn.used = 0;
            }
            bytes.copy_from_slice(&drawn.bytes[drawn.used..drawn.used + ID]);
            drawn.used += ID;
        });
    }
}

/// A generator that gives the same bytes for the same seed; for tests only.
#[derive(Debug)]
pub struct Seeded {
    seed: u64,
    drawn: AtomicU64,
}

impl Seeded {
    /// A generator that begins with `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Random for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let count = self.drawn.fetch_add(1, Ordering::SeqCst);
            let block = sha256(&[self.seed.to_le_bytes(), count.to_le_bytes()].concat());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

/// A new secret of 256 bits, in 43 characters.
pub fn secret(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A code that a person may have to type: letters and digits that are not mistaken for each other.
pub fn code(random: &dyn Random, length: usize) -> String {
    let mut bytes = vec![0; length];
    random.fill(&mut bytes);
    letters(&bytes)
}

/// A letter or digit for each byte, none of which is taken for another.
pub(crate) fn letters(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// A new id: a UUID of version 7 (RFC 9562), which sorts by its time.
pub fn id(random: &dyn Random, now: Timestamp) -> uuid::Uuid {
    let mut bytes = [0; ID];
    random.fill_id(&mut bytes);
    let millis = u64::try_from(now.0).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}
