//! What a client says about itself in headers that only a proxy should be believed in.

use super::{
    finding::{Finding, sent},
    target::{Ask, Came, Target},
};

/// A word that nobody uses, to be found again.
pub const MARK: &str = "doctor-was-here";
/// A host that is nobody's (RFC 2606).
pub const NOWHERE: &str = "doctor-was-here.invalid";
/// An address that is nobody's (RFC 5737).
const NOBODYS: &str = "192.0.2.77";

/// Headers by which programs are told who asks, by who began to use them.
const IDENTITY: [(&str, &[&str]); 6] = [
    ("X-Doorward-*", &["X-Doorward-User", "X-Doorward-Role", "X-Doorward-Email", "X-Doorward-Assertion"]),
    ("Remote-*", &["Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups"]),
    ("X-Forwarded-User", &["X-Forwarded-User", "X-Forwarded-Preferred-Username", "X-Forwarded-Email", "X-Forwarded-Groups"]),
    ("X-Auth-Request-*", &["X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Groups"]),
    ("X-WEBAUTH-*", &["X-WEBAUTH-USER", "X-WEBAUTH-EMAIL", "X-WEBAUTH-ROLE"]),
    ("X-Remote-User", &["X-Remote-User", "X-Remote-Group", "X-User", "X-Authenticated-User"]),
];

/// What takes identity headers away, where Doorward does not do it by itself.
const TAKE_AWAY: [&str; 3] = [
    "Let nobody reach the app but through Doorward, which takes them away: deploy/ has whole files",
    "nginx:    proxy_set_header Remote-User \"\";   and one for each of these headers; underscores_in_headers off;",
    "Caddy:    request_header -Remote-*             and one for each; HAProxy: http-request del-header remote- -m beg",
];

/// What makes a front proxy say the truth.
const SET: [&str; 6] = [
    "nginx:    proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;",
    "          proxy_set_header X-Forwarded-Host $http_host; proxy_set_header Forwarded \"\";",
    "Caddy:    header_up -Forwarded   in reverse_proxy; the others it sets by itself while its trusted_proxies is empty",
    "HAProxy:  http-request del-header forwarded; http-request set-header X-Forwarded-For %[src]   and -Proto and -Host as in deploy/haproxy.cfg",
    "Traefik:  entryPoints.<name>.forwardedHeaders without insecure and without this client in trustedIPs",
    "doorward.yaml:  trusted_proxies: [<the front proxy alone>]   If this machine is among them, look from another one",
];

/// The spellings that some programs take for one.
fn spellings(name: &str) -> [String; 4] {
    [name.to_owned(), name.replace('-', "_"), name.replace('-', "."), name.to_lowercase().replacen('-', "_", 1)]
}

/// Whether the identity that a client makes up changes anything.
pub async fn identity(target: &Target, check: &'static str, path: &str) -> Vec<Finding> {
    let ask = || Ask::get(path).with("accept", "application/json");
    let mut all = Vec::new();
    for (family, names) in IDENTITY {
        let begun = sent(check, format!("GET {path} with made-up {family} in 4 spellings"));
        let base = match target.ask(ask()).await {
            Ok(base) => base,
            Err(error) => {
                all.push(begun.bad(error, &[]));
                continue;
            }
        };
        let mut found = None;
        for spelling in 0..spellings("").len() {
            let ask = names.iter().fold(ask(), |ask, name| ask.with(spellings(name)[spelling].clone(), MARK));
            found = compare(target, &base, ask).await.map(|what| what.by(&spellings(names[0])[spelling]));
            if found.is_some() {
                break;
            }
        }
        all.push(match found {
            Some(what) if what.is_refused => begun.warn(what.text, &TAKE_AWAY),
            Some(what) => begun.bad(what.text, &TAKE_AWAY),
            None => begun.ok(format!("{}, as without", base.status)),
        });
    }
    all
}

/// Whether what a client says of its own address, host, scheme and path is believed.
pub async fn forwarding(target: &Target, check: &'static str, path: &str) -> Vec<Finding> {
    let other = if target.is_encrypted { "http" } else { "https" };
    let elsewhere = format!("/{MARK}");
    let whole = format!("for={NOBODYS};host={NOWHERE};proto={other}");
    let tries: [(&[&str], &str); 7] = [
        (&["X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP"], NOBODYS),
        (&["X-Forwarded-Host", "X-Host", "X-Original-Host"], NOWHERE),
        (&["X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Scheme", "X-Url-Scheme"], other),
        (&["Forwarded"], &whole),
        (&["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri"], &elsewhere),
        (&["X-Forwarded-Prefix", "X-Script-Name"], &elsewhere),
        (&["X-HTTP-Method-Override", "X-HTTP-Method", "X-Forwarded-Method"], "DELETE"),
    ];
    let ask = || Ask::get(path).with("accept", "text/html, application/json").with("sec-fetch-mode", "navigate");
    let mut all = Vec::new();
    for (names, value) in tries {
        let begun = sent(check, format!("GET {path} with {}: {value}", names.join(", ")));
        let base = match target.ask(ask()).await {
            Ok(base) => base,
            Err(error) => {
                all.push(begun.bad(error, &[]));
                continue;
            }
        };
        let mut found = None;
        'tries: for name in names {
            for spelling in spellings(name) {
                found = compare(target, &base, ask().with(spelling.clone(), value)).await.map(|what| what.by(&spelling));
                if found.is_some() {
                    break 'tries;
                }
            }
        }
        all.push(match found {
            Some(what) if what.is_refused => begun.warn(what.text, &SET),
            Some(what) => begun.bad(what.text, &SET),
            None => begun.ok(format!("{}, as without", base.status)),
        });
    }
    all
}

/// By what an answer is another than the one without.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    text: String,
    /// Whether Doorward refused it: it came through, and did nothing.
    is_refused: bool,
}

impl Difference {
    fn believed(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_refused: false }
    }

    /// The same, with the header that did it.
    fn by(self, name: &str) -> Self {
        Self { text: format!("{} ({name})", self.text), ..self }
    }
}

/// Sends it, and tells by what its answer is another than the one without.
async fn compare(target: &Target, base: &Came, ask: Ask) -> Option<Difference> {
    match target.ask(ask).await {
        Ok(came) => difference(base, &came),
        Err(error) => Some(Difference::believed(error)),
    }
}

fn difference(base: &Came, came: &Came) -> Option<Difference> {
    if came.repeats(MARK) {
        return Some(Difference::believed("what was made up comes back"));
    }
    // A front proxy that refuses such a request is as good; Doorward numbers its answers.
    if (400..500).contains(&came.status) && came.header("x-request-id").is_none() && base.header("x-request-id").is_some() {
        return None;
    }
    if came.status != base.status {
        let text = format!("{} instead of {}", came.shown(), base.status);
        // Said beside what the front proxy says, it contradicts that.
        return Some(Difference { text, is_refused: came.status == 400 });
    }
    let place = |came: &Came| came.header("location").map(|place| place.split('?').next().unwrap_or_default().to_owned());
    if place(came) != place(base) {
        return Some(Difference::believed(format!("{} instead of {}", came.shown(), base.shown())));
    }
    if came.says("isMadeUp") {
        return Some(Difference::believed("the made-up address is believed"));
    }
    let is_safe = |came: &Came| (came.field("isEncrypted"), came.headers.contains_key("strict-transport-security"));
    (is_safe(came) != is_safe(base)).then(|| Difference::believed("the made-up scheme is believed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;
    use std::time::Duration;

    fn came(status: u16, headers: &[(&'static str, &str)], body: &str) -> Came {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect();
        Came { status, headers, body: body.to_owned(), spread: Duration::ZERO }
    }

    #[test]
    fn an_answer_that_is_the_same_shows_nothing() {
        let base = || came(303, &[("x-request-id", "1"), ("location", "https://door.example/auth/app?state=1")], "");
        let again = came(303, &[("x-request-id", "2"), ("location", "https://door.example/auth/app?state=2")], "");
        assert_eq!(difference(&base(), &again), None);
        let refused = came(400, &[], "front");
        assert_eq!(difference(&base(), &refused), None, "the front proxy refuses");
    }

    #[test]
    fn what_is_believed_shows() {
        let base = came(200, &[("x-request-id", "1")], "{\"isEncrypted\":true}");
        for other in [
            came(200, &[("x-request-id", "2")], "{\"isEncrypted\":false}"),
            came(200, &[("x-request-id", "2")], "{\"isEncrypted\":true,\"isMadeUp\":true}"),
            came(200, &[("x-request-id", "2")], "hello doctor-was-here"),
            came(200, &[("x-request-id", "2"), ("x-who", "doctor-was-here")], "{\"isEncrypted\":true}"),
            came(421, &[("x-request-id", "2")], ""),
            came(401, &[("x-request-id", "2")], ""),
        ] {
            assert!(difference(&base, &other).is_some_and(|what| !what.is_refused), "{other:?}");
        }
        let refused = came(400, &[("x-request-id", "2")], "");
        assert!(difference(&base, &refused).is_some_and(|what| what.is_refused), "it came through, and did nothing");
    }

    #[test]
    fn a_name_is_spelled_in_all_ways() {
        assert_eq!(spellings("X-Real-IP"), ["X-Real-IP", "X_Real_IP", "X.Real.IP", "x_real-ip"]);
    }
}
