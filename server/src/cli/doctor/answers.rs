//! What answers carry: the headers that browsers need to be safe, and how cookies are kept.

use super::{
    finding::{Finding, sent},
    target::{Ask, Came, Target},
};

/// Headers of the dashboard's pages, and what has to stand in them.
const HEADERS: [(&str, &str); 5] = [
    ("content-security-policy", "frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// Whether the dashboard's pages and the interface's answers arrive with their headers.
pub async fn headers(target: &Target) -> Vec<Finding> {
    let mut all = Vec::new();
    for path in ["/login", "/api/v1/capabilities"] {
        let begun = sent("headers", format!("GET {path}"));
        let came = match target.ask(Ask::get(path).with("accept", "text/html, application/json")).await {
            Ok(came) => came,
            Err(error) => {
                all.push(begun.bad(error, &[]));
                continue;
            }
        };
        let is_missing = |(name, part): &&(&str, &str)| {
            !came.headers.get_all(*name).iter().any(|value| value.to_str().is_ok_and(|text| text.contains(part)))
        };
        let mut missing: Vec<&str> = HEADERS.iter().filter(is_missing).map(|(name, _)| *name).collect();
        if path.starts_with("/api/") && came.header("cache-control").is_none_or(|text| !text.contains("no-store")) {
            missing.push("cache-control: no-store");
        }
        all.push(if missing.is_empty() {
            begun.ok("all there")
        } else {
            let change = [
                "Let the front proxy pass Doorward's headers on as they are:",
                "nginx:    no proxy_hide_header, proxy_ignore_headers or expires for this name; add_header adds, it does not replace",
            ];
            begun.bad(format!("missing or changed: {}", missing.join(", ")), &change)
        });
    }
    all
}

/// Whether a cookie that is kept as the session's would be arrives as it was sent.
pub async fn cookie(target: &Target) -> Finding {
    let begun = sent("cookie", "GET /livez/front");
    match target.ask(Ask::get("/livez/front")).await {
        Ok(came) => judge(begun, &came, target.is_encrypted),
        Err(error) => begun.bad(error, &[]),
    }
}

/// Judges the cookies of Doorward's in an answer.
pub fn judge(begun: super::finding::Sent, came: &Came, is_encrypted: bool) -> Finding {
    let lines = came.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let ours: Vec<&str> = lines.filter(|line| line.trim_start_matches("__Host-").starts_with("doorward")).collect();
    if ours.is_empty() {
        return begun
            .bad("the cookie did not arrive", &["Let the front proxy pass Set-Cookie on (nginx: no proxy_hide_header Set-Cookie;)"]);
    }
    let wrong: Vec<String> = ours.iter().flat_map(|line| problems(line, is_encrypted)).collect();
    if wrong.is_empty() {
        return begun.ok("for this host alone, out of reach of scripts");
    }
    let change = [
        "Let the front proxy leave cookies as they are: nginx: no proxy_cookie_domain, proxy_cookie_path and proxy_cookie_flags",
        "Where Secure or __Host- is missing: nginx: proxy_set_header X-Forwarded-Proto $scheme; doorward.yaml: public_url: https://…, and trusted_proxies",
    ];
    begun.bad(wrong.join(", "), &change)
}

/// What is wrong with how a cookie is kept.
fn problems(line: &str, is_encrypted: bool) -> Vec<String> {
    let mut parts = line.split(';').map(str::trim);
    let name = parts.next().and_then(|pair| pair.split_once('=')).map_or("", |(name, _)| name);
    let attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
    let has = |word: &str| attributes.iter().any(|part| part == word);
    let begins = |word: &str| attributes.iter().find(|part| part.starts_with(word));
    let mut all = Vec::new();
    if let Some(domain) = begins("domain=") {
        all.push(format!("{domain}: every host below it gets the cookie"));
    }
    if !has("httponly") {
        all.push("HttpOnly is missing: scripts can read it".into());
    }
    if !(has("samesite=lax") || has("samesite=strict")) {
        all.push("SameSite is missing: other sites can use it".into());
    }
    if !has("path=/") {
        all.push("Path=/ is missing or changed".into());
    }
    if is_encrypted && !(has("secure") && name.starts_with("__Host-")) {
        all.push(format!("{name} is not Secure with __Host-"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_judged_by_its_attributes() {
        assert_eq!(problems("__Host-doorward=x; Path=/; HttpOnly; SameSite=Lax; Secure", true), Vec::<String>::new());
        assert_eq!(problems("doorward=x; path=/; httponly; samesite=strict", false), Vec::<String>::new());
        for (line, is_encrypted) in [
            ("doorward=x; Path=/; HttpOnly; SameSite=Lax; Domain=example.com", false),
            ("doorward=x; Path=/; SameSite=Lax", false),
            ("doorward=x; Path=/; HttpOnly", false),
            ("doorward=x; Path=/; HttpOnly; SameSite=None", false),
            ("doorward=x; Path=/door; HttpOnly; SameSite=Lax", false),
            ("doorward=x; Path=/; HttpOnly; SameSite=Lax; Secure", true),
            ("__Host-doorward=x; Path=/; HttpOnly; SameSite=Lax", true),
        ] {
            assert_eq!(problems(line, is_encrypted).len(), 1, "{line}");
        }
    }
}
