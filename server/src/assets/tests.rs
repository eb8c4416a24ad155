//! A file of the site over HTTP, without the site of this build.
use axum::body::to_bytes;

use super::*;

const SCRIPT: Asset = Asset {
    path: "/pkg/0123/doorward.js",
    content_type: "text/javascript; charset=utf-8",
    etag: "W/\"abc\"",
    immutable: true,
    length: 5,
    plain: Some(b"plain"),
    brotli: Some(b"br"),
};

/// "doorward" ten times.
const PACKED: [u8; 21] =
    [0x1b, 0x4f, 0x00, 0xf8, 0x8d, 0x94, 0x6e, 0xde, 0xaa, 0x24, 0x0b, 0xbb, 0xab, 0x37, 0xb9, 0xc0, 0x2d, 0x1c, 0x20, 0xf0, 0x02];

fn get(asset: &Asset, headers: &[(http::HeaderName, &'static str)]) -> Response<Body> {
    ask(asset, Method::GET, headers)
}

fn ask(asset: &Asset, method: Method, headers: &[(http::HeaderName, &'static str)]) -> Response<Body> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name, value.parse().unwrap());
    }
    asset.answer(&method, &map)
}

async fn body(response: Response<Body>) -> Bytes {
    to_bytes(response.into_body(), usize::MAX).await.unwrap()
}

#[tokio::test]
async fn the_form_follows_the_weights_of_the_client() {
    for (accepted, encoding, content) in [
        ("gzip, deflate, br, zstd", Some("br"), "br"),
        ("gzip", None, "plain"),
        ("br;q=0.5, gzip;q=0.8", Some("br"), "br"),
        ("BR ; Q=0.9", Some("br"), "br"),
        ("br;q=0, *", None, "plain"),
        ("*", Some("br"), "br"),
        ("br;q=0.1, identity", None, "plain"),
        ("identity;q=0, br;q=0.001", Some("br"), "br"),
        ("br;q=nonsense", None, "plain"),
        ("zstd", None, "plain"),
        ("", None, "plain"),
        ("*;q=0", None, "plain"),
    ] {
        let response = get(&SCRIPT, &[(ACCEPT_ENCODING, accepted)]);
        let sent = response.headers().get(CONTENT_ENCODING).map(|v| v.to_str().unwrap());
        assert_eq!(sent, encoding, "{accepted}");
        assert_eq!(response.headers()[VARY], "accept-encoding", "{accepted}");
        assert_eq!(response.headers()[CONTENT_LENGTH], content.len().to_string(), "{accepted}");
        assert_eq!(body(response).await, content, "{accepted}");
    }
}

#[tokio::test]
async fn two_header_lines_count_as_one() {
    let response = get(&SCRIPT, &[(ACCEPT_ENCODING, "identity;q=0.1"), (ACCEPT_ENCODING, "br")]);
    assert_eq!(body(response).await, "br");
}

#[tokio::test]
async fn a_known_file_is_not_sent_again() {
    for tags in ["W/\"abc\"", "\"abc\"", "\"x\", W/\"abc\"", "*"] {
        let response = get(&SCRIPT, &[(IF_NONE_MATCH, tags)]);
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{tags}");
        assert_eq!(response.headers()[ETAG], "W/\"abc\"");
        assert_eq!(response.headers()[VARY], "accept-encoding");
        assert!(body(response).await.is_empty());
    }
    assert_eq!(get(&SCRIPT, &[(IF_NONE_MATCH, "\"abcd\"")]).status(), StatusCode::OK);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let accept = [(ACCEPT_ENCODING, "br")];
    let (get, head) = (get(&SCRIPT, &accept), ask(&SCRIPT, Method::HEAD, &accept));
    assert_eq!(get.headers(), head.headers());
    assert!(body(head).await.is_empty());
}

#[test]
fn only_an_address_that_names_its_content_is_kept_for_ever() {
    let icon = Asset { path: "/favicon.ico", immutable: false, ..SCRIPT };
    let cache = |asset: &Asset| get(asset, &[]).headers()[CACHE_CONTROL].clone();
    assert_eq!(cache(&SCRIPT), "public, max-age=31536000, immutable");
    assert_eq!(cache(&icon), "public, max-age=3600");
}

#[tokio::test]
async fn a_large_file_is_unpacked_for_a_client_without_compression() {
    let large = Asset { plain: None, brotli: Some(&PACKED), length: 80, ..SCRIPT };
    assert_eq!(get(&large, &[]).headers()[CONTENT_LENGTH], "80");
    assert_eq!(body(get(&large, &[])).await, "doorward".repeat(10));
}

#[test]
fn nothing_but_an_exact_address_is_found() {
    for path in ["", "/", "/pkg", "/pkg/", "/pkg/../Cargo.toml", "/%2e%2e/Cargo.toml", "/pkg.json"] {
        assert!(find(path).is_none(), "{path}");
    }
    for asset in SITE {
        assert!(find(asset.path).is_some_and(|found| found.path == asset.path), "{}", asset.path);
        let doubled = format!("/{}", asset.path);
        assert!(find(&doubled).is_none(), "{doubled}");
        let encoded = asset.path.replace('.', "%2e");
        assert!(find(&encoded).is_none(), "{encoded}");
    }
}

#[test]
fn other_methods_are_left_to_others() {
    for asset in SITE {
        assert!(answer(&Method::POST, asset.path, &HeaderMap::new()).is_none());
        assert!(answer(&Method::GET, asset.path, &HeaderMap::new()).is_some());
    }
}

#[test]
fn the_bundle_of_this_binary_is_inside() {
    let bundle = bundle();
    for path in [&bundle.start, &bundle.js, &bundle.wasm, &bundle.css] {
        assert_eq!(find(path).is_some(), !path.is_empty(), "{path}");
    }
}
