//! The site inside the binary: scripts, style sheet, fonts and icons, compressed when they were
//! built. `build.rs` writes the table; without a browser build it is empty.
mod encoding;
#[cfg(test)]
mod tests;

use std::{io::Read, sync::LazyLock};

use app::hydration::Bundle;
use axum::body::{Body, Bytes};
use brotli_decompressor::Decompressor;
use http::{
    HeaderMap, Method, Response, StatusCode,
    header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
};

use encoding::Encoding;

/// One file of the site, in the forms that are embedded.
#[derive(Debug)]
pub struct Asset {
    /// The address, from the root of the site.
    pub path: &'static str,
    /// The media type, with a charset for text.
    pub content_type: &'static str,
    /// The weak entity tag, the same for all forms.
    pub etag: &'static str,
    /// Whether the address names the content, so that it never changes.
    pub immutable: bool,
    /// The size of the plain form in bytes.
    pub length: usize,
    /// The plain form; large files have it only when they have no Brotli form.
    pub plain: Option<&'static [u8]>,
    /// The Brotli form, where it is smaller.
    pub brotli: Option<&'static [u8]>,
}

/// Sorted by path.
static SITE: &[Asset] = include!(concat!(env!("OUT_DIR"), "/site.rs"));

static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/pkg.json"))).expect("the builder wrote this manifest for this type")
});

/// Finds the file with exactly this address; there are no folders and nothing is decoded.
pub fn find(path: &str) -> Option<&'static Asset> {
    let place = SITE.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    Some(&SITE[place])
}

/// The addresses of the browser build inside this binary; all empty when there is none.
pub fn bundle() -> &'static Bundle {
    &BUNDLE
}

/// Answers GET and HEAD for a file of the site; `None` leaves the request to somebody else.
pub fn answer(method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    if method != Method::GET && method != Method::HEAD {
        return None;
    }
    Some(find(path)?.answer(method, headers))
}

impl Asset {
    fn answer(&self, method: &Method, headers: &HeaderMap) -> Response<Body> {
        let lifetime = if self.immutable { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
        let mut response = Response::builder().header(ETAG, self.etag).header(CACHE_CONTROL, lifetime);
        if self.brotli.is_some() {
            response = response.header(VARY, "accept-encoding");
        }
        if self.is_known(headers) {
            response = response.status(StatusCode::NOT_MODIFIED);
            return response.body(Body::empty()).expect("all headers are ours");
        }

        let encoding = self.choose(headers);
        if let Some(name) = encoding.name() {
            response = response.header(CONTENT_ENCODING, name);
        }
        let (length, form) = match encoding {
            Encoding::Brotli => (self.brotli.map_or(0, <[u8]>::len), self.brotli),
            Encoding::Identity => (self.length, self.plain),
        };
        let body =
            if method == Method::HEAD { Body::empty() } else { Body::from(form.map_or_else(|| self.unpacked(), Bytes::from_static)) };
        response.header(CONTENT_TYPE, self.content_type).header(CONTENT_LENGTH, length).body(body).expect("all headers are ours")
    }

    /// The best form that the client takes and we have; the plain one as the last resort.
    fn choose(&self, headers: &HeaderMap) -> Encoding {
        let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
        let accepted: Vec<&str> = accepted.collect();
        encoding::choose(&accepted.join(","), |encoding| match encoding {
            Encoding::Brotli => self.brotli.is_some(),
            Encoding::Identity => true,
        })
    }

    /// Whether the client has the file already (RFC 9110, section 13.1.2, weak comparison).
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let ours = opaque(self.etag);
        headers
            .get_all(IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|tag| tag.trim() == "*" || opaque(tag) == ours)
    }

    /// The plain form of a large file, for the rare client that takes no compressed one.
    fn unpacked(&self) -> Bytes {
        let mut plain = Vec::with_capacity(self.length);
        Decompressor::new(self.brotli.unwrap_or_default(), 4096).read_to_end(&mut plain).expect("the builder compressed it");
        plain.into()
    }
}
