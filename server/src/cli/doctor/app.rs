//! One app's origin from outside: whoever is not signed in is sent to sign in, whatever else is said.

use super::{
    answers,
    finding::{Finding, sent},
    paths,
    spoof::{self, NOWHERE},
    target::{Ask, Target},
};

const ROUND: [&str; 2] = [
    "If the app has no rule that lets everybody in: the front proxy sends this name to the app itself. Send it to Doorward,",
    "or let it ask first (deploy/ has whole files for nginx, Caddy, Traefik and HAProxy)",
];

const PASS_HOST: [&str; 2] = ["nginx:    proxy_set_header Host $http_host;", "HAProxy, Caddy, Traefik: no rule that sets Host"];

/// Looks at the app at this host.
pub async fn look(target: &Target) -> Vec<Finding> {
    let (page, is_app) = page(target).await;
    let mut all = page;
    if !is_app {
        return all;
    }
    all.push(program(target).await);
    all.push(other_site(target).await);
    all.extend(spoof::identity(target, "app: identity", "/").await);
    all.extend(spoof::forwarding(target, "app: forwarding", "/").await);
    all.extend(paths::app(target).await);
    all
}

/// A person who opens a page; and the cookie that the way to sign in begins with.
async fn page(target: &Target) -> (Vec<Finding>, bool) {
    let begun = sent("app: page", format!("GET {}/", target.url()));
    let cookie = sent("app: cookie", format!("GET {}/", target.url()));
    let ask = Ask::get("/").with("accept", "text/html").with("sec-fetch-mode", "navigate");
    let came = match target.ask(ask).await {
        Ok(came) => came,
        Err(error) => {
            return (vec![begun.bad(error, &["Let the front proxy take this name to Doorward, with a certificate for it"])], false);
        }
    };
    let place = came.header("location").unwrap_or_default();
    let begins = ["/auth/app?", "/.doorward/start"].iter().any(|part| place.contains(part));
    let finding = match came.status {
        300..=399 if begins => begun.ok(format!("{}, to sign in", came.status)),
        421 => {
            let change =
                ["doorward.yaml:  apps: <slug>: hosts: [<this name>]   or in the app's settings; and the front proxy has to pass Host on"];
            return (vec![begun.bad("421: no app is at this name", &change)], false);
        }
        300..=399 if place.starts_with("/login") || place.starts_with("/setup") => {
            return (
                vec![begun.bad(format!("{}: the dashboard answers, for the app's name is lost on the way", came.shown()), &PASS_HOST)],
                false,
            );
        }
        401 if came.header("location").is_none() => {
            begun.warn("401: there is no way to sign in", &["doorward.yaml:  public_url: <the dashboard's address>"])
        }
        401 => begun.ok("401, with the way to sign in"),
        200..=299 => begun.warn(format!("{}: everybody may see it", came.status), &ROUND),
        _ => begun.warn(format!("{} instead of the way to sign in", came.shown()), &ROUND),
    };
    let mut all = vec![finding];
    if came.headers.contains_key("set-cookie") && begins {
        all.push(answers::judge(cookie, &came, target.is_encrypted));
    }
    (all, true)
}

/// A program, which can't be sent to sign in.
async fn program(target: &Target) -> Finding {
    let begun = sent("app: program", "GET / with Accept: application/json");
    match target.ask(Ask::get("/").with("accept", "application/json")).await {
        Ok(came) if came.status == 401 && came.header("content-type").is_some_and(|kind| kind.contains("json")) => begun.ok("401, as JSON"),
        Ok(came) if came.status == 401 => {
            begun.warn("401, but not as JSON", &["Let the front proxy pass the answers of Doorward on, body and all"])
        }
        Ok(came) if (200..300).contains(&came.status) => begun.warn(format!("{}: everybody may ask it", came.status), &ROUND),
        Ok(came) => begun.bad(format!("{} instead of 401", came.shown()), &ROUND),
        Err(error) => begun.bad(error, &[]),
    }
}

/// A WebSocket that a page of another site opens.
async fn other_site(target: &Target) -> Finding {
    let origin = format!("https://{NOWHERE}");
    let begun = sent("app: other site", format!("a WebSocket with Origin: {origin}"));
    let ask = Ask::get("/")
        .with("connection", "Upgrade")
        .with("upgrade", "websocket")
        .with("sec-websocket-version", "13")
        .with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .with("origin", origin);
    match target.ask(ask).await {
        Ok(came) if matches!(came.status, 400..=403) => begun.ok(came.shown()),
        Ok(came) => begun.bad(
            format!("{} instead of 403: another site's page may open one, or the upgrade is lost on the way", came.shown()),
            &["Let the front proxy pass Origin, Connection and Upgrade on (nginx: proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;)"],
        ),
        Err(error) => begun.bad(error, &[]),
    }
}
