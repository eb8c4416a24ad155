//! What an upstream's answer may say to a browser at the app's own origin.

use super::names;
use crate::proxy::secrets;
use http::{HeaderMap, HeaderValue, header};

/// Takes away what is for this hop alone or is not the upstream's to say, and turns its own address
/// into the app's. `own` is the app's origin, with `mount` where it is below another's; `inside` is the
/// upstream's.
///
/// What not everybody may see is not kept by caches that several people share.
pub(in crate::proxy) fn hygiene(headers: &mut HeaderMap, own: &str, mount: &str, inside: &str, is_public: bool) {
    let listed: Vec<String> = names::listed(headers).into_iter().map(std::borrow::Cow::into_owned).collect();
    let gone: Vec<_> = headers
        .keys()
        .filter(|name| {
            names::is_hop_by_hop(name.as_str()) || listed.iter().any(|other| other == name.as_str()) || **name == header::ALT_SVC
        })
        .cloned()
        .collect();
    for name in gone {
        // Trailers are announced for whoever reads them, also when a server lists the announcement.
        if name != header::TRAILER {
            headers.remove(name);
        }
    }
    if let Some(place) = headers.get(header::LOCATION).and_then(|place| outside(place, own, mount, inside)) {
        headers.insert(header::LOCATION, place);
    }
    cookies(headers);
    if !is_public {
        private(headers);
    }
}

/// An address inside, as the browser can reach it.
fn outside(place: &HeaderValue, own: &str, mount: &str, inside: &str) -> Option<HeaderValue> {
    let place = place.to_str().ok()?;
    if !mount.is_empty() && place.starts_with('/') && !place.starts_with("//") {
        let is_there = place.strip_prefix(mount).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
        return HeaderValue::from_str(&if is_there { place.to_owned() } else { format!("{mount}{place}") }).ok();
    }
    let rest = place.strip_prefix(inside)?;
    if !(rest.is_empty() || rest.starts_with(['/', '?', '#'])) {
        return None;
    }
    HeaderValue::from_str(&format!("{own}{mount}{rest}")).ok()
}

/// Cookies stay with the app's host, and none has the name of ours.
fn cookies(headers: &mut HeaderMap) {
    if !headers.contains_key(header::SET_COOKIE) {
        return;
    }
    let kept: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().filter_map(cookie).collect();
    headers.remove(header::SET_COOKIE);
    for value in kept {
        headers.append(header::SET_COOKIE, value);
    }
}

fn cookie(value: &HeaderValue) -> Option<HeaderValue> {
    let bytes = value.as_bytes();
    let mut parts = bytes.split(|byte| *byte == b';');
    let pair = parts.next()?;
    let name = pair.split(|byte| *byte == b'=').next()?;
    if secrets::is_our_cookie(&String::from_utf8_lossy(name)) {
        return None;
    }
    let is_domain = |part: &[u8]| {
        let name = part.split(|byte| *byte == b'=').next().unwrap_or_default();
        name.trim_ascii().eq_ignore_ascii_case(b"domain")
    };
    if !bytes.split(|byte| *byte == b';').skip(1).any(is_domain) {
        return Some(value.clone());
    }
    let rest: Vec<&[u8]> = std::iter::once(pair).chain(parts.filter(|part| !is_domain(part))).collect();
    HeaderValue::from_bytes(&rest.join(&b';')).ok()
}

fn private(headers: &mut HeaderMap) {
    let lines: Vec<String> =
        headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok().map(str::to_lowercase)).collect();
    let text = lines.join(", ");
    let mut kept: Vec<&str> = text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
    if kept.iter().any(|item| matches!(*item, "private" | "no-store")) {
        return;
    }
    kept.retain(|item| *item != "public" && !item.starts_with("s-maxage"));
    kept.insert(0, "private");
    if let Ok(value) = HeaderValue::from_str(&kept.join(", ")) {
        headers.insert(header::CACHE_CONTROL, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pairs: &[(&'static str, &'static str)], is_public: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        hygiene(&mut headers, "https://tasks.example.com", "", "http://127.0.0.1:8000", is_public);
        headers
    }

    #[test]
    fn an_address_inside_becomes_the_apps_and_no_other_does() {
        for (inside, outside) in [
            ("http://127.0.0.1:8000/x?y", "https://tasks.example.com/x?y"),
            ("http://127.0.0.1:8000", "https://tasks.example.com"),
            ("http://127.0.0.1:80001/x", "http://127.0.0.1:80001/x"),
            ("/x", "/x"),
            ("https://elsewhere.example/", "https://elsewhere.example/"),
        ] {
            assert_eq!(after(&[("location", inside)], false)["location"], outside);
        }
    }

    #[test]
    fn below_another_origin_places_keep_the_path_to_the_app() {
        for (inside, outside) in [
            ("http://127.0.0.1:8000/x", "https://door.example.com/admin/c/x"),
            ("/x?y", "/admin/c/x?y"),
            ("/admin/c/x", "/admin/c/x"),
            ("/admin/cx", "/admin/c/admin/cx"),
            ("x", "x"),
            ("//e", "//e"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("location", HeaderValue::from_static(inside));
            hygiene(&mut headers, "https://door.example.com", "/admin/c", "http://127.0.0.1:8000", false);
            assert_eq!(headers["location"], outside);
        }
    }

    #[test]
    fn a_cookie_of_an_upstream_stays_with_its_host_and_is_never_ours() {
        let headers = after(
            &[
                ("set-cookie", "a=1; Path=/; Domain=example.com; HttpOnly"),
                ("set-cookie", "doorward=x; Path=/"),
                ("set-cookie", "__Host-doorward-app-tasks=x"),
                ("set-cookie", "b=2; domain = .example.com"),
                ("set-cookie", "c=\"3; 4\"; Secure"),
            ],
            false,
        );
        let kept: Vec<_> = headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(kept, ["a=1; Path=/; HttpOnly", "b=2", "c=\"3; 4\"; Secure"]);
    }

    /// PRX-163
    #[test]
    fn what_is_behind_the_door_is_in_no_shared_cache() {
        for (sent, kept) in [
            ("public, max-age=60, s-maxage=600", "private, max-age=60"),
            ("no-cache", "private, no-cache"),
            ("no-store", "no-store"),
            ("private, max-age=1", "private, max-age=1"),
        ] {
            assert_eq!(after(&[("cache-control", sent)], false)["cache-control"], kept);
        }
        assert_eq!(after(&[], false)["cache-control"], "private");
        assert_eq!(after(&[("cache-control", "public, max-age=60")], true)["cache-control"], "public, max-age=60");
        assert!(!after(&[], true).contains_key("cache-control"));
    }

    #[test]
    fn what_is_for_this_hop_ends_here() {
        let headers = after(
            &[
                ("connection", "close, X-Inside"),
                ("x-inside", "1"),
                ("keep-alive", "timeout=5"),
                ("alt-svc", "h3=\":443\""),
                ("trailer", "x-sum"),
                ("x-kept", "1"),
            ],
            true,
        );
        let names: Vec<_> = headers.keys().map(http::HeaderName::as_str).collect();
        assert_eq!(names.len(), 2);
        assert!(headers.contains_key("trailer") && headers.contains_key("x-kept"));
    }
}
