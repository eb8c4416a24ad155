//! The dashboard's host from outside: whether it is served, to whom, and what the proxy in front lets
//! through.

use super::{
    finding::{Finding, sent},
    spoof::NOWHERE,
    target::{Ask, Target},
};
use std::time::Duration;

/// A key of a WebSocket's handshake, and the answer to it, both from RFC 6455.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// The events of a stream that is not held back come in no less.
const SPREAD: Duration = Duration::from_millis(300);

/// Whether the process lives and can serve.
pub async fn health(target: &Target) -> Vec<Finding> {
    let mut all = Vec::new();
    for path in ["/livez", "/readyz"] {
        let begun = sent("health", format!("GET {path}"));
        all.push(match target.ask(Ask::get(path)).await {
            Ok(came) if came.status == 200 && came.body.trim() == "ok" => begun.ok("200"),
            Ok(came) if came.status == 503 => {
                begun.bad("503", &["Doorward's database does not answer: see its log, and database_url in doorward.yaml"])
            }
            Ok(came) => begun.bad(
                format!("{}, which is not Doorward's answer", came.shown()),
                &["Let the front proxy send the whole host name here, / and all below it"],
            ),
            Err(error) => begun.bad(error, &[]),
        });
    }
    all
}

/// Whether it is set up, and one has to sign in.
pub async fn sign_in(target: &Target) -> Finding {
    let begun = sent("sign-in", "GET /api/v1/capabilities");
    match target.ask(Ask::get("/api/v1/capabilities")).await {
        Ok(came) if came.field("authRequired").is_null() => begun.bad(format!("{}, which is not Doorward's answer", came.shown()), &[]),
        Ok(came) if came.says("devMode") => begun.bad("it runs with --dev: everybody may do everything", &["Start it without --dev"]),
        Ok(came) if came.says("setupRequired") => begun.warn("it was not set up yet", &[&format!("Open {}/setup", target.url())]),
        Ok(came) if !came.says("authRequired") => begun.warn("sign-in is off: everybody may do everything", &["doorward auth enable"]),
        Ok(_) => begun.ok("one has to sign in"),
        Err(error) => begun.bad(error, &[]),
    }
}

/// Whether a host name that is nobody's is refused.
pub async fn unknown_host(target: &Target) -> Finding {
    const PATH: &str = "/api/v1/capabilities";
    let begun = sent("unknown host", format!("GET {PATH} with Host: {NOWHERE}"));
    match target.ask(Ask::get(PATH).of_host(NOWHERE)).await {
        Ok(came) if came.status == 421 => begun.ok("421"),
        Ok(came) if !came.field("authRequired").is_null() => begun.bad(
            "it is served: the front proxy puts another Host in its place",
            &[
                "nginx:    proxy_set_header Host $http_host;   and a server of its own for other names: listen 443 default_server; return 421;",
                "HAProxy, Caddy, Traefik: no rule that sets Host; take this one name to Doorward, and no other",
            ],
        ),
        Ok(came) if came.header("location").is_some_and(|place| place.contains(NOWHERE)) => begun.warn(
            format!("{}: a made-up host comes back in a redirect", came.shown()),
            &["nginx:    return 308 https://<the name>$request_uri;   instead of $host, or a default_server that refuses"],
        ),
        Ok(came) => begun.ok(format!("{}, and not by Doorward", came.status)),
        Err(error) => begun.ok(error),
    }
}

/// Whether forward-auth answers strangers: who can say what a request is about can say that it is
/// about something harmless.
pub async fn forward_auth(target: &Target) -> Finding {
    const PATH: &str = "/api/v1/auth/forward";
    let begun = sent("forward-auth", format!("GET {PATH} with X-Forwarded-Method, -Proto, -Host, -Uri"));
    let ask = Ask::get(PATH)
        .with("x-forwarded-method", "GET")
        .with("x-forwarded-proto", "https")
        .with("x-forwarded-host", NOWHERE)
        .with("x-forwarded-uri", "/");
    match target.ask(ask).await {
        Ok(came) if came.status == 400 && came.body.contains("trusted_proxies") => begun.ok("400: this address is not trusted"),
        Ok(came) if matches!(came.status, 403..=405 | 421) && came.header("x-request-id").is_none() && !came.body.contains("\"code\"") => {
            begun.ok(format!("{} by the front proxy", came.status))
        }
        Ok(came) => begun.bad(
            format!("{}: what a stranger says about a request is believed", came.shown()),
            &[
                "nginx:    location = /api/v1/auth/forward { return 404; }   at the dashboard's name: proxies ask by an address inside",
                "Caddy:    respond /api/v1/auth/forward 404             HAProxy: http-request return status 404 if { path /api/v1/auth/forward }",
                "doorward.yaml:  trusted_proxies: [<the front proxy alone>]   If this machine is among them, look from another one",
            ],
        ),
        Err(error) => begun.bad(error, &[]),
    }
}

/// Whether Doorward learns from the front proxy who asks.
pub async fn client(target: &Target) -> Finding {
    const TRUST: &str = "doorward.yaml:  trusted_proxies: [<address of the front proxy>]";
    let begun = sent("client address", "GET /livez/front");
    let came = match target.ask(Ask::get("/livez/front")).await {
        Ok(came) => came,
        Err(error) => return begun.bad(error, &[]),
    };
    if came.field("isForwarded").is_null() {
        return begun.skipped(format!("{}: this Doorward does not tell", came.shown()));
    }
    match (came.says("isForwarded"), came.says("isTrusted")) {
        (true, true) => begun.ok("the front proxy says who asks, and is believed"),
        (true, false) => begun.warn("the front proxy is not believed: everybody counts as one address, in limits and in the audit log", &[TRUST]),
        (false, _) if target.is_encrypted => begun.warn(
            "the front proxy does not say who asks: everybody counts as one address, in limits and in the audit log",
            &["nginx:    proxy_set_header X-Forwarded-For $remote_addr;   (Caddy and Traefik say it by themselves; HAProxy: option forwardfor)", TRUST],
        ),
        (false, true) => begun.warn(
            "this machine is among trusted_proxies: who can speak from it can say to be anybody",
            &["doorward.yaml:  trusted_proxies without this address, unless it is the front proxy's"],
        ),
        (false, false) => begun.ok("nothing stands in front, or it says nothing"),
    }
}

/// Whether a WebSocket gets through.
pub async fn websocket(target: &Target) -> Finding {
    let begun = sent("websocket", "GET /livez/upgrade with Connection: Upgrade, Upgrade: websocket");
    let ask = Ask::get("/livez/upgrade")
        .with("connection", "Upgrade")
        .with("upgrade", "websocket")
        .with("sec-websocket-version", "13")
        .with("sec-websocket-key", KEY);
    match target.ask(ask).await {
        Ok(came) if came.status == 101 && came.header("sec-websocket-accept") == Some(ACCEPT) => begun.ok("101"),
        Ok(came) => begun.bad(
            format!("{} instead of 101: the upgrade is lost on the way", came.shown()),
            &[
                "nginx:    proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;",
                "          with, outside of server:  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }",
                "Caddy, Traefik and HAProxy pass it on by themselves: no rule that takes Connection or Upgrade away",
            ],
        ),
        Err(error) => begun.bad(error, &[]),
    }
}

/// Whether a stream of events arrives as it is sent.
pub async fn events(target: &Target) -> Finding {
    let begun = sent("events", "GET /livez/events");
    match target.ask(Ask::get("/livez/events").with("accept", "text/event-stream")).await {
        Ok(came) if came.status != 200 || !came.body.contains("data: tick") => begun.bad(format!("{}, and no events", came.shown()), &[]),
        Ok(came) if came.spread < SPREAD => begun.bad(
            "all events at once: something holds the stream back",
            &["nginx:    proxy_buffering off;", "Caddy:    flush_interval -1   Traefik: flushInterval -1, no buffering middleware   HAProxy: no option http-buffer-request, no compression"],
        ),
        Ok(came) => begun.ok(format!("one after the other, in {} ms", came.spread.as_millis())),
        Err(error) => begun.bad(error, &["nginx:    proxy_buffering off;"]),
    }
}
