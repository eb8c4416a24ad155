//! The memory that argon2 works in. A hash takes 19 MiB, and to have them from the system anew costs
//! a fifth of its time: so while people wait, one hash hands its memory to the next. When nobody
//! waits it goes back.

use argon2::{Argon2, Block, Params, password_hash::phc::PasswordHash};
use std::sync::{Mutex, PoisonError};

/// Pieces of memory that are free; never more than there are hashes at once.
#[derive(Default)]
pub(super) struct Memory(Mutex<Vec<Vec<Block>>>);

impl Memory {
    /// A piece, if one is free; else an empty one, which grows by its use.
    pub(super) fn take(&self) -> Vec<Block> {
        self.free().pop().unwrap_or_default()
    }

    /// Leaves a piece for the next.
    pub(super) fn put(&self, blocks: Vec<Block>) {
        self.free().push(blocks);
    }

    /// Gives everything back to the system.
    pub(super) fn release(&self) {
        self.free().clear();
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether this is the password of an argon2 hash, with the parameters that the hash names; nothing
/// when the hash can not be read.
pub(super) fn is_password(password: &[u8], hash: &PasswordHash, params: Params, blocks: &mut Vec<Block>) -> Option<bool> {
    let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
    let algorithm = hash.algorithm.as_str().try_into().ok()?;
    let version = hash.version.map(TryInto::try_into).transpose().ok()?.unwrap_or_default();
    if blocks.len() < params.block_count() {
        blocks.resize(params.block_count(), Block::new());
    }
    let mut out = vec![0; expected.len()];
    Argon2::new(algorithm, version, params).hash_password_into_with_memory(password, salt, &mut out, blocks).ok()?;
    Some(super::same(&out, expected.as_ref()))
}
