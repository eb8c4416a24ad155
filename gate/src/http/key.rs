//! API keys in requests: `X-API-Key: dw_…`, or `Authorization: Bearer dw_…`.

use super::principal::bearer;
use crate::{
    Result,
    ctx::{Ctx, KeyCaller},
    keys::{START, live::judge, refused},
};
use http::{HeaderMap, HeaderName, header};
use wire::{Code, Failure};

/// The header of keys alone.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// The text that is sent as a key; nothing when none is.
///
/// # Errors
/// 400 when it is not certain which of two credentials is meant.
pub(super) fn presented(headers: &HeaderMap) -> std::result::Result<Option<String>, Failure> {
    let mut own = headers.get_all(HEADER).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned());
    let token = headers.get(header::AUTHORIZATION).and_then(bearer);
    let Some(first) = own.next() else { return Ok(token.filter(|token| token.starts_with(START)).map(str::to_owned)) };
    if own.any(|other| other != first) || token.is_some_and(|token| token != first) {
        return Err(Failure::new(Code::BadRequest, "There are two different credentials. Send the key in one header, and nothing else."));
    }
    Ok(Some(first))
}

/// Whom the key lets in. `nobody` is the request before that is known.
///
/// # Errors
/// 401 `invalid_api_key`, the same whatever is wrong; the cause is in the log alone.
pub(crate) async fn admit(nobody: &Ctx, text: &str) -> Result<KeyCaller> {
    match judge(nobody.gate(), text, nobody.address(), nobody.now()).await? {
        Ok(caller) => return Ok(caller),
        Err(refusal) => refused::note(nobody, &refusal),
    }
    Err(Failure::new(
        Code::InvalidApiKey,
        "This API key is not good: it may be mistyped, expired, revoked, or not allowed from here. The audit log has the cause.",
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn sent(pairs: &[(&'static str, &'static str)]) -> std::result::Result<Option<String>, Code> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        presented(&headers).map_err(|failure| failure.code)
    }

    #[test]
    fn a_key_comes_in_either_header() {
        let key = Ok(Some("dw_a".to_owned()));
        assert_eq!(sent(&[("x-api-key", "dw_a")]), key);
        assert_eq!(sent(&[("authorization", "Bearer dw_a")]), key);
        assert_eq!(sent(&[("authorization", "bearer  dw_a ")]), key);
        assert_eq!(sent(&[("x-api-key", "dw_a"), ("authorization", "Bearer dw_a")]), key);
        assert_eq!(sent(&[("x-api-key", "dw_a"), ("authorization", "Basic dXNlcjpwYXNz")]), key, "that one is for a proxy before us");
    }

    #[test]
    fn what_is_no_key_is_left_to_others() {
        assert_eq!(sent(&[]), Ok(None));
        assert_eq!(sent(&[("authorization", "Bearer eyJ")]), Ok(None));
        assert_eq!(sent(&[("authorization", "Bearer dwr_a")]), Ok(None));
        assert_eq!(sent(&[("authorization", "Basic dw_a")]), Ok(None));
        assert_eq!(sent(&[("x-api-key", "junk")]), Ok(Some("junk".into())), "this header has keys alone");
    }

    #[test]
    fn two_that_differ_are_refused() {
        for other in ["Bearer dw_b", "Bearer eyJ", "Bearer DW_A"] {
            assert_eq!(sent(&[("x-api-key", "dw_a"), ("authorization", other)]), Err(Code::BadRequest), "{other}");
        }
        assert_eq!(sent(&[("x-api-key", "dw_a"), ("x-api-key", "dw_b")]), Err(Code::BadRequest));
    }
}
