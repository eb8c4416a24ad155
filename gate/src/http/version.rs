//! A resource's version in headers: `ETag` in answers, `If-Match` in requests.

use super::reply::{Reply, reply};
use crate::{
    Result,
    ctx::Ctx,
    version::{Expect, Versioned},
};
use http::{HeaderMap, HeaderValue, header};
use serde::Serialize;
use wire::Timestamp;

/// The answer to a request, with the version of what it gives back.
pub(crate) fn reply_versioned<T: Serialize + Versioned>(ctx: &Ctx, status: u16, result: Result<T>) -> Reply {
    let version = result.as_ref().ok().map(|found| format!("\"{}\"", found.version().0));
    let mut response = reply(ctx, status, result);
    if let Some(tag) = version.and_then(|text| HeaderValue::from_str(&text).ok()) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The versions that `If-Match` names. A tag that is none of ours names no version.
pub(crate) fn expected(headers: &HeaderMap) -> Expect {
    let mut tags =
        headers.get_all(header::IF_MATCH).iter().flat_map(|value| value.to_str().unwrap_or_default().split(',')).map(str::trim).peekable();
    if tags.peek().is_none() {
        return Expect::anything();
    }
    let mut versions = Vec::new();
    for tag in tags {
        if tag == "*" {
            return Expect::anything();
        }
        versions.extend(tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).and_then(|text| text.parse().ok()).map(Timestamp));
    }
    Expect(Some(versions))
}
