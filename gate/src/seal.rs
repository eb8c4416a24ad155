//! Secrets at rest: AES-256-GCM with a key of our own, and the place they belong to as its data, so
//! that a text moved elsewhere does not open.

use crate::{
    hash::sha256,
    secret::{Keys, Purpose},
};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

fn cipher(keys: &Keys) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, keys.raw(Purpose::Seal)).expect("the key has the cipher's length"))
}

/// Seals `body` for the place `id`; `random` must be new each time.
pub(crate) fn seal(keys: &Keys, random: &[u8], id: &str, body: &[u8]) -> String {
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(&sha256(random)[..NONCE_LEN]);
    let mut sealed = body.to_vec();
    cipher(keys)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(id), &mut sealed)
        .expect("the body is far below the cipher's limit");
    STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat())
}

/// Opens what was sealed for the place `id`; nothing when it was not.
pub(crate) fn unseal(keys: &Keys, id: &str, sealed: &str) -> Option<Vec<u8>> {
    let mut bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
    let nonce: [u8; NONCE_LEN] = bytes.get(..NONCE_LEN)?.try_into().ok()?;
    let plain = cipher(keys).open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(id), &mut bytes[NONCE_LEN..]).ok()?;
    Some(plain.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_key_alone() {
        let keys = Keys::derive(b"sixteen bytes ..");
        let sealed = seal(&keys, b"r", "id", b"a link");
        assert_eq!(unseal(&keys, "id", &sealed).as_deref(), Some(b"a link".as_slice()));
        assert_eq!(unseal(&keys, "other", &sealed), None);
        assert_eq!(unseal(&Keys::derive(b"another secret .."), "id", &sealed), None);
    }
}
