//! The way from the dashboard's host to an app's, for a browser that has a session there and nothing
//! here. It begins at the app, which keeps a secret in the browser; the dashboard gives a code for that
//! secret's hash; the app takes the code, once, from the browser that has the secret. Whoever is sent
//! somebody else's link ends at an error, not in somebody else's session.

use super::{
    cookies::Cookies,
    pages::{Way, refusal, wants_page},
    seen::{Seen, is_navigation},
    store::{self, NewHandover},
};
use crate::{
    Result,
    apps::live::LiveApp,
    clock::SKEW,
    ctx::{Ctx, Principal},
    hash::sha256_hex,
    http::Reply,
    net, random,
};
use axum::{
    body::Body,
    extract::{RawQuery, Request},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use wire::{
    Code, Failure, SessionId,
    next::{escaped, is_local},
    workspaces::Slug,
};

/// What lies below this path of an app's host is ours.
pub(crate) const OURS: &str = "/.doorward/";
/// Where the dashboard hands a session over.
pub(crate) const LEAVE: &str = "/auth/app";
/// How long a code is good, in milliseconds.
const LIFE: i64 = 30_000;

/// The fields of a query; the first of a name counts.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn of(query: Option<&str>) -> Self {
        Self(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// Where to go in the end: a path of the app's host, and not one of ours there.
    fn next(&self) -> &str {
        Some(self.get("next")).filter(|next| is_local(next) && !next.starts_with(OURS)).unwrap_or("/")
    }
}

/// Sends the browser on, with GET.
fn see_other(place: &str, cookies: &[String]) -> Reply {
    let mut response = Reply::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    for cookie in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// Sends a browser without a session to the dashboard, to come back to `next`.
pub(crate) fn begin(seen: &Seen, headers: &HeaderMap, next: &str, dashboard: Option<String>) -> Reply {
    if !seen.mount.is_empty() {
        return see_other(&seen.gate.at(&format!("/login?next={}", escaped(&format!("{}{next}", seen.mount)))), &[]);
    }
    let Some(dashboard) = dashboard.or_else(|| seen.dashboard()) else {
        let mut failure = Failure::new(
            Code::Unauthenticated,
            "Sign in first. This app does not know where: whoever runs it has to set http.public_url to the dashboard’s address.",
        );
        failure.request_id.clone_from(&seen.request_id);
        return refusal(wants_page(headers), &failure, &[]);
    };
    let cookies = Cookies::new(seen.jar, &seen.live.app.slug);
    // Another tab may be on its way with the same secret.
    let secret = cookies.begun(headers).map_or_else(|| random::secret(seen.gate.random()), str::to_owned);
    let next = if is_local(next) { next } else { "/" };
    let place = format!(
        "{dashboard}{}?app={}&host={}&state={}&next={}",
        seen.gate.at(LEAVE),
        seen.live.app.slug,
        escaped(&seen.arrival.authority),
        sha256_hex(secret.as_bytes()),
        escaped(next),
    );
    see_other(&place, &[cookies.begin(&secret)])
}

/// Where a browser begins at the app's own host, to come back to `next`.
pub(crate) fn start(seen: &Seen, next: &str) -> String {
    format!("{}{OURS}start?next={}", seen.origin.base_url, escaped(if is_local(next) { next } else { "/" }))
}

/// Answers what is below [`OURS`] at the host of an app.
pub(crate) async fn answer(seen: &Seen, parts: &Parts) -> Reply {
    let fields = Fields::of(parts.uri.query());
    let mut failure = match (parts.uri.path(), &parts.method) {
        ("/.doorward/start", &Method::GET) => return begin(seen, &parts.headers, fields.next(), dashboard_of(seen, fields.get("from"))),
        ("/.doorward/enter", &Method::GET) => match enter(seen, parts, &fields).await {
            Ok(reply) => return reply,
            Err(error) => error.into_failure(&seen.request_id),
        },
        ("/.doorward/start" | "/.doorward/enter", _) => Failure::new(Code::MethodNotAllowed, "This address is for browsers on their way."),
        _ => Failure::new(Code::NotFound, "There is nothing at this address."),
    };
    failure.request_id.clone_from(&seen.request_id);
    refusal(wants_page(&parts.headers), &failure, &[Way { label: "Open the app again", place: "/".into() }])
}

/// The dashboard that somebody came from: another name of this machine, where the app is on it too.
fn dashboard_of(seen: &Seen, from: &str) -> Option<String> {
    let (name, port) = net::split_host(from)?;
    let own = if seen.has_own_port { seen.gate.port() } else { seen.arrival.port() };
    let is_here = net::is_loopback_name(seen.arrival.name()) && net::is_loopback_name(name) && port == own;
    (is_here && crate::http::arrival::is_dashboard(&seen.gate, name)).then(|| format!("http://{}", from.to_ascii_lowercase()))
}

/// Takes a code for the cookie of this host.
async fn enter(seen: &Seen, parts: &Parts, fields: &Fields) -> Result<Reply> {
    let app = &seen.live.app.slug;
    let cookies = Cookies::new(seen.jar, app);
    let over = || Failure::new(Code::LinkExpired, "This way in was used, is too old, or began in another browser. Open the app again.");
    let secret = cookies.begun(&parts.headers).ok_or_else(over)?;
    let (hash, browser) = (sha256_hex(fields.get("code").as_bytes()), sha256_hex(secret.as_bytes()));
    let mut write = seen.gate.db().write().await?;
    let session = store::spend(write.db(), &hash, &app.0, &browser, seen.now, seen.now.plus(LIFE + SKEW)).await?.ok_or_else(over)?;
    write.commit().await?;
    let live = seen.gate.presence().session(seen.gate.db(), session).await?;
    live.filter(|live| live.expires_at > seen.now).ok_or_else(over)?;
    let kept = [cookies.keep(seen.gate.keys(), session), cookies.drop_begun()];
    Ok(see_other(&format!("{}{}", seen.origin.base_url, fields.next()), &kept))
}

/// `GET /auth/app` at the dashboard: hands the session of the browser over to an app, or begins to.
pub(crate) async fn leave(ctx: Ctx, RawQuery(query): RawQuery, request: Request) -> Reply {
    let (parts, _) = request.into_parts();
    match hand_over(&ctx, &Fields::of(query.as_deref()), &parts).await {
        Ok(reply) => reply,
        Err(error) => {
            let failure = error.into_failure(ctx.request_id());
            refusal(wants_page(&parts.headers), &failure, &[Way { label: "Go to the dashboard", place: ctx.gate().at("/") }])
        }
    }
}

async fn hand_over(ctx: &Ctx, fields: &Fields, parts: &Parts) -> Result<Reply> {
    let gone = || Failure::new(Code::NotFound, "There is no such app, or it is not at this address.");
    if parts.method != Method::GET || !is_navigation(parts) {
        return Err(Failure::new(Code::BadRequest, "This address is for browsers that open an app.").into());
    }
    let live = ctx.gate().apps().by_slug(&Slug(fields.get("app").to_owned())).ok_or_else(gone)?;
    let own = match fields.get("host") {
        "" => usual(ctx, &live),
        host => at(ctx, &live, host),
    };
    let own = own.ok_or_else(gone)?;
    let session = match ctx.principal() {
        // Nobody has to sign in, so there is nothing to hand over.
        Principal::Open => return Ok(see_other(&format!("{own}{}", fields.next()), &[])),
        Principal::Person(person) => person.session,
        _ => {
            let here = parts.uri.path_and_query().map_or(LEAVE, http::uri::PathAndQuery::as_str);
            return Ok(see_other(&ctx.gate().at(&format!("/login?next={}", escaped(&ctx.gate().at(here)))), &[]));
        }
    };
    let state = fields.get("state");
    if state.is_empty() {
        let from = ctx.origin().base_url.split_once("://").map_or("", |(_, host)| host);
        return Ok(see_other(&format!("{own}{OURS}start?from={}&next={}", escaped(from), escaped(fields.next())), &[]));
    }
    let code = code(ctx, session, &live, state).await?;
    Ok(see_other(&format!("{own}{OURS}enter?code={code}&next={}", escaped(fields.next())), &[]))
}

/// Makes a code for the browser that keeps what `state` is the hash of.
async fn code(ctx: &Ctx, session: SessionId, live: &LiveApp, state: &str) -> Result<String> {
    if state.len() != 64 || !state.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Failure::new(Code::BadRequest, "This link is not whole. Open the app again.").into());
    }
    let code = ctx.new_secret();
    let new =
        NewHandover { hash: sha256_hex(code.as_bytes()), session, app: &live.app.slug.0, browser: state, expires_at: ctx.now().plus(LIFE) };
    let mut write = ctx.gate().db().write().await?;
    store::insert(write.db(), &new).await?;
    write.commit().await?;
    Ok(code)
}

/// The app's origin at this host, if it is the app's and reached as the dashboard is.
fn at(ctx: &Ctx, live: &LiveApp, host: &str) -> Option<String> {
    let (scheme, own) = ctx.origin().base_url.split_once("://")?;
    let (own_name, own_port) = net::split_host(own)?;
    let host = host.to_ascii_lowercase();
    let (name, port) = net::split_host(&host)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if !host.chars().all(is_plain) {
        return None;
    }
    let is_its_host = ctx.gate().apps().by_host(&host).is_some_and(|other| other.app.slug == live.app.slug);
    let is_its_port = port.is_some() && port == own_listener(live) && name.eq_ignore_ascii_case(own_name);
    ((is_its_host && (port.is_none() || port == own_port)) || is_its_port || is_its_host && port == own_listener(live))
        .then(|| format!("{scheme}://{host}"))
}

/// The port of the app's own, where it has one.
fn own_listener(live: &LiveApp) -> Option<u16> {
    live.app.listen.as_deref()?.parse::<std::net::SocketAddr>().ok().map(|address| address.port())
}

/// The app's address for somebody who sees the dashboard at this one.
fn usual(ctx: &Ctx, live: &LiveApp) -> Option<String> {
    let own = ctx.origin().base_url.split_once("://")?.1;
    let (name, port) = net::split_host(own)?;
    let with_port = |host: &str| port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let is_here = net::is_loopback_name(name);
    let is_fit = |host: &&String| net::is_loopback_name(host) == is_here;
    // Its own names come last in the list, and are the ones that somebody chose.
    let host = live.hosts.iter().rev().find(is_fit).map(|host| with_port(host));
    match host {
        Some(host) => at(ctx, live, &host),
        None => {
            at(ctx, live, &format!("{}:{}", if name.contains(':') { format!("[{name}]") } else { name.to_owned() }, own_listener(live)?))
        }
    }
}
