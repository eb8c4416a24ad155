//! An app through the door: against the barest proxy, against nginx that asks before each request, and
//! what a proxy that stands already waits for a decision.

use crate::{
    Effort, Result, Row, bare,
    client::{self, CONNECTIONS, Client, Make, Turns, get, in_turns, load},
    median,
    nginx::Nginx,
    rates::{Running, viewer_key},
};
use http::{HeaderName, HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::json;
use std::{net::SocketAddr, sync::Arc};

/// Paths of the upstream, and how much is there.
const BODIES: [(&str, &str); 2] = [("/small", "1 KB"), ("/large", "1 MB")];

pub async fn measure(effort: Effort) -> Result<Vec<Row>> {
    let upstream = bare::upstream().await?;
    let running = Running::start().await?;
    add_app(running.address, &running.token, upstream).await?;
    let host: HeaderValue = format!("tasks.localhost:{}", running.address.port()).parse()?;
    let key = viewer_key(running.address, &running.token).await?;
    let cookie = app_cookie(&running, &host).await?;
    let callers = [("session cookie", header::COOKIE, cookie), ("API key", HeaderName::from_static("x-api-key"), key.clone())];
    let mut rows = against_bare(effort, running.address, &host, &callers, upstream).await?;
    rows.extend(against_nginx(effort, running.address, &host, &callers, upstream).await?);
    rows.push(decisions(effort, running.address, &host, &key).await?);
    running.door.close().await;
    Ok(rows)
}

/// Makes an app called `tasks`, at which viewers may look.
pub async fn add_app(address: SocketAddr, token: &str, upstream: SocketAddr) -> Result<()> {
    let new = json!({ "slug": "tasks", "name": "Tasks", "upstream": format!("http://{upstream}") });
    Client::connect(address).await?.json(client::request("POST", "/api/v1/apps", Some(token), Some(&new))).await?;
    Ok(())
}

type Caller = (&'static str, HeaderName, HeaderValue);

/// The same request from all callers, with what says who asks.
fn asks(path: &'static str, host: &HeaderValue, caller: &Caller) -> Make {
    let (host, (_, name, value)) = (host.clone(), caller.clone());
    Arc::new(move |_| {
        let mut request = get(path, None);
        request.headers_mut().insert(header::HOST, host.clone());
        request.headers_mut().insert(name.clone(), value.clone());
        request
    })
}

async fn against_bare(effort: Effort, door: SocketAddr, host: &HeaderValue, callers: &[Caller], upstream: SocketAddr) -> Result<Vec<Row>> {
    let bare = bare::proxy(upstream).await?;
    let mut rows = Vec::new();
    for (path, size) in BODIES {
        for caller in callers {
            let make = asks(path, host, caller);
            let turns = in_turns(effort, (door, &make), (bare, &make)).await?;
            rows.push(row(&format!("an app, {}, {size} ÷ a bare proxy", caller.0), &turns, "≥ 0.85, p99 ≤ 1.3×"));
        }
    }
    Ok(rows)
}

async fn against_nginx(effort: Effort, door: SocketAddr, host: &HeaderValue, callers: &[Caller], upstream: SocketAddr) -> Result<Vec<Row>> {
    const WHAT: &str = "nginx with `auth_request` to a no-op";
    let Some(nginx) = Nginx::start(upstream).await? else {
        return Ok(vec![Row::new(format!("an app ÷ {WHAT}"), "nginx is not on this machine", "> 1")]);
    };
    let mut rows = Vec::new();
    for (path, size) in BODIES {
        for caller in callers {
            let make = asks(path, host, caller);
            let turns = in_turns(effort, (door, &make), (nginx.address, &make)).await?;
            rows.push(row(&format!("an app, {}, {size} ÷ {WHAT}", caller.0), &turns, "> 1"));
        }
    }
    Ok(rows)
}

fn row(what: &str, turns: &Turns, bar: &'static str) -> Row {
    let Turns { ratio, tail, rate } = turns;
    Row::new(what, format!("{ratio:.2} (p99 {tail:.2}×, {rate:.0}/s)"), bar)
}

/// Decisions for a proxy that stands already, as many as can be had.
async fn decisions(effort: Effort, door: SocketAddr, host: &HeaderValue, key: &HeaderValue) -> Result<Row> {
    let (host, key) = (host.clone(), key.clone());
    let make: Make = Arc::new(move |_| {
        let mut request = get("/api/v1/auth/forward", None);
        let headers = request.headers_mut();
        headers.insert("x-forwarded-method", HeaderValue::from_static("GET"));
        headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
        headers.insert("x-forwarded-host", host.clone());
        headers.insert("x-forwarded-uri", HeaderValue::from_static("/small?page=2"));
        headers.insert("x-forwarded-for", HeaderValue::from_static("203.0.113.7"));
        headers.insert("x-api-key", key.clone());
        request
    });
    let (mut tails, mut rates) = (Vec::new(), Vec::new());
    _ = load(door, CONNECTIONS, effort.half, &make).await?;
    for _ in 0..effort.rounds {
        let load = load(door, CONNECTIONS, effort.half, &make).await?;
        tails.push(load.p99);
        rates.push(load.rate);
    }
    let measured = format!("{:.2} ms ({:.0}/s)", median(tails), median(rates));
    Ok(Row::new(format!("forward-auth, p99 of a decision, {CONNECTIONS} connections as fast as they can"), measured, "≤ 2 ms"))
}

/// Walks a browser's way from the app over the dashboard and back; gives the app's cookie.
async fn app_cookie(running: &Running, host: &HeaderValue) -> Result<HeaderValue> {
    let mut client = Client::connect(running.address).await?;
    let dashboard = HeaderValue::from_str(&format!("localhost:{}", running.address.port()))?;
    let (session, _) = running.browser().await?;
    let begun = client.send(page("/", host, None)?).await?;
    let left = client.send(page(&place(&begun)?, &dashboard, Some(session))?).await?;
    let entered = client.send(page(&place(&left)?, host, Some(cookies(&begun).parse()?))?).await?;
    let all = cookies(&entered);
    let own = all.split("; ").find(|pair| pair.starts_with("doorward-app-tasks=")).ok_or("the door gave no cookie for the app")?;
    Ok(own.parse()?)
}

/// A page, as a browser asks for it; the address may be whole.
fn page(address: &str, host: &HeaderValue, cookies: Option<HeaderValue>) -> Result<Request<Full<Bytes>>> {
    let uri: http::Uri = address.parse()?;
    let mut request = get(uri.path_and_query().map_or("/", |path| path.as_str()), None);
    let headers = request.headers_mut();
    headers.insert(header::HOST, host.clone());
    headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    if let Some(cookies) = cookies {
        headers.insert(header::COOKIE, cookies);
    }
    Ok(request)
}

/// Where an answer leads.
fn place(answer: &Response<Bytes>) -> Result<String> {
    let location = answer.headers().get(header::LOCATION).ok_or_else(|| format!("{} leads nowhere", answer.status()))?;
    Ok(location.to_str()?.to_owned())
}

/// The cookies that an answer sets, as a request has them.
fn cookies(answer: &Response<Bytes>) -> String {
    let lines = answer.headers().get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    let kept: Vec<&str> = lines.filter(|line| !line.contains("Max-Age=0")).filter_map(|line| line.split(';').next()).collect();
    kept.join("; ")
}
