use super::*;
use crate::secret::Keys;
use proptest::prelude::*;

const OURS: [&str; 8] = [
    "x-doorward-kind",
    "x-doorward-user",
    "x-doorward-name",
    "x-doorward-email",
    "x-doorward-role",
    "x-doorward-workspace",
    "x-doorward-environment",
    "x-doorward-assertion",
];

fn passage(is_trusted: bool) -> Passage<'static> {
    Passage {
        client: [203, 0, 113, 7].into(),
        peer: if is_trusted { [10, 0, 0, 1].into() } else { [203, 0, 113, 7].into() },
        is_trusted,
        scheme: "https",
        host: "tasks.example.com",
        prefix: "",
        request_id: "r1",
    }
}

fn sent(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn pass_as(headers: &HeaderMap, passage: &Passage<'_>, style: IdentityHeaders) -> Result<HeaderMap, HeaderProblem> {
    let host = HeaderValue::from_static("127.0.0.1:8000");
    let upstream = Upstream { host: &host, origin: "http://127.0.0.1:8000", credentials: None };
    let identity = Identity { kind: "user", user: "ada".into(), role: "viewer", ..Identity::default() };
    outgoing(headers, passage, &upstream, &said(style, &identity, "a.b.c"), &Secrets::new(&Keys::derive(b"sixteen bytes ..")))
}

fn pass(pairs: &[(&str, &str)]) -> HeaderMap {
    pass_as(&sent(pairs), &passage(false), IdentityHeaders::Doorward).unwrap()
}

/// PRX-144
#[test]
fn nobody_but_us_says_who_the_caller_is() {
    let spoofed =
        ["X-Doorward-User", "x_doorward_user", "X.Doorward.Role", "Remote-User", "REMOTE_USER", "X-WEBAUTH-USER", "X-Auth-Request-Email"];
    let pairs: Vec<_> = spoofed.iter().flat_map(|name| [(*name, "root"), (*name, "admin")]).collect();
    let headers = pass(&pairs);
    assert!(!headers.values().any(|value| value == "root" || value == "admin"), "{headers:?}");
    for name in OURS {
        assert_eq!(headers.get_all(name).iter().count(), 1, "{name}");
    }
    assert_eq!(headers["x-doorward-user"], "ada");
    assert_eq!(headers["x-doorward-email"], "", "a gap is closed");
}

#[test]
fn each_style_has_its_own_names_and_none_has_none() {
    let spoofed =
        sent(&[("remote-user", "root"), ("x-forwarded-user", "root"), ("x-doorward-user", "root"), ("x-doorward-assertion", "x")]);
    for (style, name) in [(IdentityHeaders::RemoteUser, "remote-user"), (IdentityHeaders::Forwarded, "x-forwarded-user")] {
        let headers = pass_as(&spoofed, &passage(false), style).unwrap();
        assert_eq!(headers[name], "ada");
        assert_eq!(headers["x-doorward-assertion"], "a.b.c");
        assert!(!headers.contains_key("x-doorward-user"));
    }
    let headers = pass_as(&spoofed, &passage(false), IdentityHeaders::None).unwrap();
    assert!(!headers.values().any(|value| value == "root" || value == "ada" || value == "x"), "{headers:?}");
}

#[test]
fn what_the_client_lists_for_this_hop_ends_here_and_takes_nothing_of_ours_along() {
    let headers = pass(&[
        ("connection", "keep-alive, X-Mine, X-Doorward-User, X-Forwarded-For, Cookie"),
        ("x-mine", "1"),
        ("keep-alive", "5"),
        ("proxy-authorization", "Basic x"),
        ("proxy", "http://evil"),
        ("te", "gzip"),
        ("upgrade", "h2c"),
        ("http2-settings", "x"),
        ("accept", "*/*"),
    ]);
    assert_eq!(headers["x-doorward-user"], "ada");
    assert_eq!(headers["x-forwarded-for"], "203.0.113.7");
    for name in ["connection", "x-mine", "keep-alive", "proxy-authorization", "proxy", "te", "upgrade", "http2-settings"] {
        assert!(!headers.contains_key(name), "{name}");
    }
    assert_eq!(headers["accept"], "*/*");
}

#[test]
fn forwarding_headers_are_ours_unless_a_trusted_proxy_wrote_the_first_part() {
    let chain = [
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "for=203.0.113.7"),
    ];
    let headers = pass(&chain);
    assert_eq!(headers["x-forwarded-for"], "203.0.113.7");
    assert_eq!(headers["x-forwarded-proto"], "https");
    assert_eq!(headers["x-forwarded-host"], "tasks.example.com");
    assert_eq!(headers["forwarded"], "for=203.0.113.7;host=\"tasks.example.com\";proto=https");
    let headers = pass_as(&sent(&chain), &passage(true), IdentityHeaders::Doorward).unwrap();
    assert_eq!(headers["x-forwarded-for"], "203.0.113.7, 10.0.0.1");
    assert_eq!(headers["forwarded"], "for=203.0.113.7, for=10.0.0.1;host=\"tasks.example.com\";proto=https");
    assert_eq!(headers["x-forwarded-proto"], "https");
}

/// PRX-155
#[test]
fn the_upstream_gets_its_own_host_and_its_own_origin() {
    let headers = pass(&[
        ("host", "tasks.example.com"),
        ("origin", "https://tasks.example.com"),
        ("referer", "https://tasks.example.com/a?b"),
        ("x-forwarded-host", "evil.example"),
    ]);
    assert_eq!(headers["host"], "127.0.0.1:8000");
    assert_eq!(headers["origin"], "http://127.0.0.1:8000");
    assert_eq!(headers["referer"], "http://127.0.0.1:8000/a?b");
    for other in ["https://tasks.example.com.evil.example", "https://evil.example", "null"] {
        assert_eq!(pass(&[("origin", other)])["origin"], other);
    }
}

/// PRX-149
#[test]
fn our_credentials_stay_here_and_the_upstreams_own_pass() {
    let headers = pass(&[
        ("cookie", "doorward=x; theirs=1; __Host-doorward-app-tasks=y"),
        ("authorization", "Bearer dw_abc"),
        ("x-api-key", "dw_abc"),
        ("x-other", "dwt_abc"),
        ("x-auth-token", "theirs"),
    ]);
    assert_eq!(headers["cookie"], "theirs=1");
    for name in ["authorization", "x-api-key", "x-other"] {
        assert!(!headers.contains_key(name), "{name}");
    }
    assert_eq!(headers["x-auth-token"], "theirs");
    assert_eq!(pass(&[("authorization", "Basic dXNlcjpwYXNz")])["authorization"], "Basic dXNlcjpwYXNz");
    assert_eq!(pass(&[("x-api-key", "theirs")])["x-api-key"], "theirs");
}

#[test]
fn the_apps_credentials_replace_whatever_the_client_sent() {
    let host = HeaderValue::from_static("127.0.0.1:8000");
    let secret = HeaderValue::from_static("Basic c2VjcmV0");
    let upstream = Upstream { host: &host, origin: "http://127.0.0.1:8000", credentials: Some((&header::AUTHORIZATION, &secret)) };
    let client = sent(&[("authorization", "Basic dXNlcjpwYXNz"), ("authorization", "Basic eA==")]);
    let headers = outgoing(&client, &passage(false), &upstream, &[], &Secrets::new(&Keys::derive(b"sixteen bytes .."))).unwrap();
    let all: Vec<_> = headers.get_all("authorization").iter().collect();
    assert_eq!(all, ["Basic c2VjcmV0"]);
}

/// PRX-152
#[test]
fn what_leaves_open_where_the_body_ends_is_refused() {
    for pairs in [
        &[("transfer-encoding", "chunked"), ("content-length", "5")][..],
        &[("transfer-encoding", "gzip, chunked")],
        &[("transfer-encoding", "xchunked")],
        &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
        &[("content-length", "5"), ("content-length", "6")],
        &[("content-length", "+5")],
        &[("content-length", "")],
    ] {
        assert_eq!(pass_as(&sent(pairs), &passage(false), IdentityHeaders::Doorward), Err(HeaderProblem::Framing), "{pairs:?}");
    }
    assert!(!pass(&[("transfer-encoding", "Chunked")]).contains_key("transfer-encoding"));
    assert_eq!(pass(&[("content-length", "5"), ("content_length", "50")]).iter().filter(|(_, v)| *v == "50").count(), 0);
}

#[test]
fn trailers_are_asked_for_where_the_client_takes_them() {
    let headers = pass(&[("te", "deflate;q=0.5, Trailers"), ("connection", "te")]);
    assert_eq!((&headers["te"], &headers["connection"]), (&HeaderValue::from_static("trailers"), &HeaderValue::from_static("te")));
}

proptest! {
    #[test]
    fn whatever_comes_in_what_goes_out_is_ours_to_say(
        pairs in prop::collection::vec(
            ("((x|X)[-_.])?(doorward|Remote|forwarded|webauth|auth[-_.]request|original|real|connection|cookie|te|host|proxy|abc)([-_.](user|For|ip|role|Host|x))?",
             "[ -~\t]{0,24}"), 0..16),
        is_trusted: bool,
    ) {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.trim())).collect();
        let client = sent(&pairs);
        let Ok(headers) = pass_as(&client, &passage(is_trusted), IdentityHeaders::Doorward) else { return Ok(()) };
        for name in headers.keys() {
            let folded = fold(name.as_str());
            if names::speaks_for_us(&folded) {
                prop_assert_eq!(folded.as_ref(), name.as_str(), "in its one spelling");
                prop_assert_eq!(headers.get_all(name).iter().count(), 1);
            }
            prop_assert!(!names::is_hop_by_hop(&folded) || matches!(name.as_str(), "te" | "connection"));
        }
        for name in OURS {
            prop_assert!(headers.contains_key(name));
        }
        prop_assert_eq!(&headers["x-doorward-user"], "ada");
        prop_assert_eq!(&headers["host"], "127.0.0.1:8000");
        prop_assert!(headers.get_all("cookie").iter().all(|line| !line.to_str().unwrap().to_lowercase().split("; ").any(|pair| pair.starts_with("doorward"))));
    }
}
