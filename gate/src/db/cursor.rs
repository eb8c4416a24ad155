//! Cursors: where a page ended, signed so that no other list's and no edited one is taken.

use crate::secret::{Keys, Purpose};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use wire::{Code, Failure};

const TAG: usize = 16;

/// The row after which the next page begins: the sort key's value, and the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The sort key of the last row.
    pub key: String,
    /// Its id.
    pub id: String,
}

/// Writes a cursor for the list that `query` names.
#[must_use]
pub fn seal(keys: &Keys, query: &str, position: &Position) -> String {
    let mut bytes = format!("{}\n{}", position.id, position.key).into_bytes();
    let tag = keys.mac(Purpose::Cursor, &[query.as_bytes(), b"\n", &bytes].concat());
    bytes.extend_from_slice(&tag[..TAG]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor of the list that `query` names.
///
/// # Errors
/// `bad_cursor` when it belongs to another list or was edited.
pub fn open(keys: &Keys, query: &str, cursor: &str) -> Result<Position, Failure> {
    let bad = || Failure::new(Code::BadCursor, "Start again without the cursor: it belongs to another list, or was changed.");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
    let (body, tag) = bytes.split_at_checked(bytes.len().saturating_sub(TAG)).ok_or_else(bad)?;
    let mut wanted = keys.macs(Purpose::Cursor, &[query.as_bytes(), b"\n", body].concat());
    if tag.len() != TAG || !wanted.any(|wanted| crate::hash::same(tag, &wanted[..TAG])) {
        return Err(bad());
    }
    let text = std::str::from_utf8(body).map_err(|_| bad())?;
    let (id, key) = text.split_once('\n').ok_or_else(bad)?;
    Ok(Position { key: key.to_owned(), id: id.to_owned() })
}
