//! What is answered instead of an upstream: problem details for programs, a page for people. A page
//! stands alone, for it is shown at an app's address, where nothing of the dashboard's can be loaded.

use crate::http::{Reply, problem};
use axum::body::Body;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::{fmt::Write, sync::OnceLock};
use wire::{Code, Failure};

const STYLE: &str = include_str!("pages/style.css");

/// A link that leads on.
pub(crate) struct Way {
    pub(crate) label: &'static str,
    pub(crate) place: String,
}

/// Whether whoever asks would rather have a page than JSON.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|item| item.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html")))
}

/// The failure, as problem details or as a page.
pub(crate) fn refusal(is_page: bool, failure: &Failure, ways: &[Way]) -> Reply {
    let mut response = if is_page { page(failure, ways) } else { problem(failure) };
    let headers = response.headers_mut();
    protect(headers, false);
    if let Ok(id) = HeaderValue::from_str(&failure.request_id) {
        headers.insert("x-request-id", id);
    }
    response
}

/// The headers of a page that stands alone; a form on it is sent to this host, or there is none.
fn protect(headers: &mut HeaderMap, has_form: bool) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy(has_form)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ] {
        headers.insert(name, value);
    }
}

/// Nothing but the one style that the page brings, and forms to this host where it has one.
fn policy(has_form: bool) -> HeaderValue {
    static POLICIES: OnceLock<[HeaderValue; 2]> = OnceLock::new();
    let policies = POLICIES.get_or_init(|| {
        let hash = STANDARD.encode(crate::hash::sha256(STYLE.as_bytes()));
        ["'none'", "'self'"].map(|forms| {
            let text =
                format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action {forms}; frame-ancestors 'none'");
            HeaderValue::from_str(&text).expect("a policy is plain text")
        })
    });
    policies[usize::from(has_form)].clone()
}

/// A page with a form on it, or with a few words; `inside` is HTML.
pub(crate) fn form(status: u16, title: &str, inside: &str) -> Reply {
    let main = format!("<main class=\"entry\"><div class=\"body\"><h1>{}</h1>{inside}</div></main>", escaped(title));
    let mut response = whole(status, title, &main);
    protect(response.headers_mut(), true);
    response
}

/// A page around what is in the middle of it.
fn whole(status: u16, title: &str, main: &str) -> Reply {
    let title = escaped(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" content=\"noindex\"><title>{title} · \
         Doorward</title><style>{STYLE}</style></head><body><header><svg viewBox=\"0 0 28 28\" aria-hidden=\"true\"><path class=\"wall\" \
         d=\"M2 26V14a12 12 0 0 1 24 0v12z\"/><path class=\"pass\" d=\"M8 26V14.75a6 6 0 0 1 12 0V26z\"/><path class=\"light\" d=\"M15 \
         26V13.2c0-1.5 1.2-2.9 2.9-3.5A6 6 0 0 1 20 14.75V26z\"/></svg>Doorward</header>{main}</body></html>"
    );
    let mut response = Reply::new(Body::from(html));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn page(failure: &Failure, ways: &[Way]) -> Reply {
    let mut links = String::new();
    for (at, way) in ways.iter().enumerate() {
        let class = if at == 0 { "btn primary" } else { "btn" };
        _ = write!(links, "<a class=\"{class}\" href=\"{}\">{}</a>", escaped(&way.place), escaped(way.label));
    }
    let mut code = format!("{} · {}", failure.status, escaped(&failure.request_id));
    if let Some(decision) = failure.decision_id {
        _ = write!(code, " · decision {decision}");
    }
    let title = title(failure);
    let main = format!(
        "<main>{}<div class=\"body\"><h1>{}</h1><p>{}</p><div class=\"row\">{links}</div><p class=\"code\">{code}</p></div></main>",
        art(failure.status),
        escaped(title),
        escaped(&failure.detail),
    );
    let mut response = whole(failure.status, title, &main);
    if let Some(seconds) = failure.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn title(failure: &Failure) -> &str {
    match failure.code {
        Code::Forbidden | Code::NotAMember => "This app doesn’t let you do that",
        _ => &failure.title,
    }
}

/// The gate: barred where one may not pass, dark where nobody answers.
fn art(status: u16) -> String {
    let (inside, detail) = match status {
        502..=504 => (
            "dark",
            "<path class=\"edge\" d=\"M46 196V114a54 54 0 0 1 108 0v82\"/><circle class=\"glow\" cx=\"100\" cy=\"128\" r=\"3.5\"/><path \
             class=\"edge\" stroke-dasharray=\"3 6\" d=\"M78 128h12M110 128h12\"/>",
        ),
        _ => (
            "lit",
            "<path class=\"bars\" d=\"M64 196V72M82 196V63M100 196V60M118 196V63M136 196V72M46 104h108M46 134h108M46 164h108\"/><path \
             class=\"edge\" d=\"M46 196V114a54 54 0 0 1 108 0v82\"/><circle class=\"glow\" cx=\"100\" cy=\"134\" r=\"9\"/>",
        ),
    };
    format!(
        "<svg class=\"art\" viewBox=\"0 0 200 200\" aria-hidden=\"true\"><path class=\"stone\" d=\"M14 196V110a86 86 0 0 1 172 0v86z\"/><path \
         class=\"edge\" d=\"M14 196V110a86 86 0 0 1 172 0v86\"/><path class=\"{inside}\" d=\"M46 196V114a54 54 0 0 1 108 \
         0v82z\"/>{detail}<path class=\"edge\" d=\"M2 196h196\"/></svg>"
    )
}

/// Text as it stands in HTML, inside elements and quoted attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    fn accepts(text: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(text));
        wants_page(&headers)
    }

    #[test]
    fn people_get_pages_and_programs_do_not() {
        assert!(accepts("text/html,application/xhtml+xml,*/*;q=0.8") && accepts("application/json, text/HTML;q=0.1"));
        assert!(!accepts("*/*") && !accepts("application/json") && !wants_page(&HeaderMap::new()));
    }

    /// BRW-194
    #[tokio::test]
    async fn a_page_runs_nothing_and_shows_text_as_text() {
        let mut failure = Failure::new(Code::Forbidden, "<script>alert(1)</script> & \"more\"");
        failure.request_id = "r<1".into();
        let ways = [Way { label: "Back", place: "https://door.example/\"><script>".into() }];
        let response = refusal(true, &failure, &ways);
        assert_eq!(response.status(), 403);
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("'sha256-") && !policy.contains("script-src"), "{policy}");
        let text = String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
        assert!(!text.contains("<script") && text.contains("&lt;script&gt;alert(1)"), "{text}");
        assert!(text.contains("403 · r&lt;1"));
    }
}
