//! Secrets at rest: AES-256-GCM with a key of our own, and the place they belong to as its data, so
//! that a text moved elsewhere does not open.

use crate::{hash::sha256, secret::Keys};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("the key has the cipher's length"))
}

/// Seals `body` for the place `id`; `random` must be new each time.
pub(crate) fn seal(keys: &Keys, random: &[u8], id: &str, body: &[u8]) -> String {
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(&sha256(random)[..NONCE_LEN]);
    let mut sealed = body.to_vec();
    cipher(&keys.seals()[0])
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(id), &mut sealed)
        .expect("the body is far below the cipher's limit");
    STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat())
}

/// Opens what was sealed for the place `id`; nothing when it was not.
pub(crate) fn unseal(keys: &Keys, id: &str, sealed: &str) -> Option<Vec<u8>> {
    keys.seals().iter().find_map(|key| open(key, id, sealed))
}

fn open(key: &[u8; 32], id: &str, sealed: &str) -> Option<Vec<u8>> {
    let mut bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
    let nonce: [u8; NONCE_LEN] = bytes.get(..NONCE_LEN)?.try_into().ok()?;
    let plain = cipher(key).open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(id), &mut bytes[NONCE_LEN..]).ok()?;
    Some(plain.to_vec())
}

/// The same secret sealed with the present key; nothing where it is already, or where no key of ours
/// opens it.
pub(crate) fn seal_anew(keys: &Keys, random: &[u8], id: &str, sealed: &str) -> Option<String> {
    let (present, others) = keys.seals().split_first().map(|(first, rest)| (*first, rest.to_vec()))?;
    if open(&present, id, sealed).is_some() {
        return None;
    }
    let plain = others.iter().find_map(|key| open(key, id, sealed))?;
    Some(seal(keys, random, id, &plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Held;

    #[test]
    fn what_is_sealed_opens_for_its_key_alone() {
        let keys = Keys::derive(b"sixteen bytes ..");
        let sealed = seal(&keys, b"r", "id", b"a link");
        assert_eq!(unseal(&keys, "id", &sealed).as_deref(), Some(b"a link".as_slice()));
        assert_eq!(unseal(&keys, "other", &sealed), None);
        assert_eq!(unseal(&Keys::derive(b"another secret .."), "id", &sealed), None);
    }

    #[test]
    fn after_a_rotation_a_secret_opens_and_is_sealed_anew_once() {
        let sealed = seal(&Keys::derive(b"sixteen bytes .."), b"r", "id", b"a link");
        let keys = Keys::holding(Held::new(b"another secret ..").after(b"sixteen bytes ..", false));
        assert_eq!(unseal(&keys, "id", &sealed).as_deref(), Some(b"a link".as_slice()));
        let anew = seal_anew(&keys, b"s", "id", &sealed).unwrap();
        assert_eq!(unseal(&Keys::derive(b"another secret .."), "id", &anew).as_deref(), Some(b"a link".as_slice()));
        assert_eq!(seal_anew(&keys, b"t", "id", &anew), None);
        assert_eq!(seal_anew(&keys, b"t", "other", &sealed), None, "what does not open is left alone");
    }
}
