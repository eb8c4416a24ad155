//! One request, from its judgement to the upstream's answer.

use super::{
    Refused,
    body::{Activity, Clock, Flow},
    caller::{Caller, cross_site, identify},
    handover,
    headers::{self, Passage, Upstream},
    identity,
    secrets::Secrets,
    seen::{Seen, is_navigation},
    upgrade,
    upstream::{Sent, Silence},
    watch,
};
use crate::{
    apps::judge::{Verdict, judge, refuse},
    connections::Seat,
    ctx::Principal,
    http::Reply,
    trace,
};
use axum::body::{Body, Bytes};
use http::{
    HeaderValue, Method, Request, Response, StatusCode, Uri, Version, header,
    request::Parts,
    uri::{InvalidUri, PathAndQuery},
};
use hyper::{
    body::{Body as _, Incoming},
    upgrade::OnUpgrade,
};
use std::time::Duration;
use wire::{
    Code, Failure,
    path::{CanonicalPath, PathProblem},
    rules::{Allow, Answer},
};

/// How long an answer may stand still, unless it is a stream of events.
const IDLE: Duration = Duration::from_secs(5 * 60);
/// How long a request's body may stand still.
const UPLOAD: Duration = Duration::from_secs(60);
/// Bodies that are longer, or of unknown length, are ended when the caller's right is.
const LONG: u64 = 1024 * 1024;

/// Judges a request, and passes it on.
pub(super) async fn pass(seen: &Seen, parts: &mut Parts, body: Body) -> Result<Reply, Refused> {
    let bad = |parts: &Parts, text: String| Refused::new(&parts.headers, Failure::new(Code::BadRequest, text)).last();
    if matches!(parts.method, Method::CONNECT | Method::TRACE) {
        return Err(Refused::new(&parts.headers, Failure::new(Code::MethodNotAllowed, "Apps are not asked with this method.")).last());
    }
    let path = CanonicalPath::parse(parts.uri.path())
        .and_then(|path| below(&seen.mount, path))
        .map_err(|problem| bad(parts, format!("This address could be read in two ways: {problem}.")))?;
    // Not every server reads a body that it expects none of, and what it leaves is taken for another request.
    if matches!(parts.method, Method::GET | Method::HEAD) && !body.is_end_stream() {
        return Err(bad(parts, "A request that only reads has no body here.".into()));
    }
    let client = parts.extensions.remove::<OnUpgrade>();
    let parts = &*parts;
    let refused = |error: crate::Error| Refused::new(&parts.headers, error.into_failure(&seen.request_id));
    let caller = identify(seen, parts).await.map_err(refused)?;
    let verdict = judge(&caller.ctx, &seen.live, parts.method.as_str(), &path).await.map_err(refused)?;
    if verdict.answer != Answer::Allowed {
        return Err(turn_away(seen, parts, &caller, &path, &verdict));
    }
    let protocol = seen.is_upgrade.then(|| protocols(parts)).flatten();
    let changing = protocol.zip(client);
    let request = request(seen, parts, &caller, &verdict, &path, body, changing.as_ref().map(|(protocol, _)| protocol))?;
    let seat = match changing {
        Some(_) => Some(seat(seen, parts, &caller, &path)?),
        None => None,
    };
    let (mut request, activity) = request;
    let span = trace::go_on(&seen.gate);
    if let Some(span) = &span {
        span.onto(request.headers_mut(), seen.arrival.is_trusted);
    }
    let answer = seen.live.upstreams(&seen.gate).send(request, activity.as_ref()).await;
    if let Some(span) = span {
        let status = answer.as_ref().ok().map(|(answer, _)| answer.status().as_u16());
        span.returned(&seen.gate, &seen.told(parts.method.as_str(), path.as_str(), status));
    }
    let (answer, waited) = answer.map_err(|silence| silent(seen, parts, silence))?;
    match (changing, seat) {
        (Some((protocol, client)), Some(seat)) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
            change_over(seen, parts, answer, &protocol, client, seat)
        }
        _ if answer.status() == StatusCode::SWITCHING_PROTOCOLS => Err(silent(seen, parts, Silence::Down)),
        (_, seat) => finish(seen, parts, &caller, &verdict, &path, Answered { answer, waited, seat }),
    }
}

/// The path below an app's mount, which is what the app knows.
fn below(mount: &str, path: CanonicalPath) -> Result<CanonicalPath, PathProblem> {
    match path.as_str().strip_prefix(mount) {
        _ if mount.is_empty() => Ok(path),
        Some(rest) if rest.starts_with('/') => CanonicalPath::parse(rest),
        _ => CanonicalPath::parse("/"),
    }
}

/// The protocols that may be changed to. HTTP in another dress is none: requests would pass in it that
/// nobody judged.
fn protocols(parts: &Parts) -> Option<HeaderValue> {
    let lines = parts.headers.get_all(header::UPGRADE).iter().filter_map(|value| value.to_str().ok());
    let is_http = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("h2") || name.starts_with("http") || name.starts_with("tls")
    };
    let kept: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).filter(|name| !name.is_empty() && !is_http(name)).collect();
    (!kept.is_empty()).then(|| HeaderValue::from_str(&kept.join(", ")).ok()).flatten()
}

/// Says what is missing, or leads to where one signs in.
fn turn_away(seen: &Seen, parts: &Parts, caller: &Caller, path: &CanonicalPath, verdict: &Verdict) -> Refused {
    if caller.is_cross_site {
        return Refused::new(&parts.headers, cross_site());
    }
    if verdict.answer == Answer::SignIn && is_navigation(parts) {
        let secrets = Secrets::of(&seen.gate);
        let query = parts.uri.query().and_then(|query| secrets.others_query(query));
        let reply = handover::begin(seen, &parts.headers, &target(path, query.as_deref()), None);
        return Refused::away(&parts.headers, reply);
    }
    Refused::new(&parts.headers, refuse(&caller.ctx, &seen.live.app, path, verdict))
}

/// The path as it was judged, with the query but for what is ours in it.
fn target(path: &CanonicalPath, query: Option<&str>) -> String {
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_string(),
    }
}

/// The same, as a request has it: most come as they go on.
fn place(parts: &Parts, path: &CanonicalPath, query: Option<&str>) -> Result<PathAndQuery, InvalidUri> {
    let sent = parts.uri.path_and_query().filter(|sent| sent.path() == path.as_str() && sent.query() == query);
    sent.map_or_else(|| PathAndQuery::from_maybe_shared(Bytes::from(target(path, query))), |sent| Ok(sent.clone()))
}

/// The request as the upstream gets it, and what tells whether its body moves.
fn request(
    seen: &Seen,
    parts: &Parts,
    caller: &Caller,
    verdict: &Verdict,
    path: &CanonicalPath,
    body: Body,
    protocol: Option<&HeaderValue>,
) -> Result<(Request<Sent>, Option<Activity>), Refused> {
    let live = &seen.live;
    let credentials = live.credentials.as_ref().map(|own| (&own.name, &own.value));
    let passage = Passage {
        client: seen.arrival.address,
        peer: seen.arrival.peer,
        is_trusted: seen.arrival.is_trusted,
        scheme: seen.scheme(),
        host: &seen.arrival.authority,
        prefix: &seen.mount,
        request_id: &seen.request_id,
    };
    let upstream = Upstream { host: &live.inside, origin: &live.app.upstream, credentials };
    let said = identity::of(seen, caller, &verdict.entry);
    let secrets = Secrets::of(&seen.gate);
    let refuse = |text: &str| Refused::new(&parts.headers, Failure::new(Code::BadRequest, text)).last();
    let mut headers = headers::outgoing(&parts.headers, &passage, &upstream, &said, &secrets).map_err(|problem| refuse(problem.words()))?;
    if let Some(protocol) = protocol {
        headers::upgrade(&mut headers, protocol);
    }
    let query = parts.uri.query().and_then(|query| secrets.others_query(query));
    let place = place(parts, path, query.as_deref()).map_err(|_| refuse("This address has characters that no address has."))?;
    let mut uri = live.upstream.clone().into_parts();
    uri.path_and_query = Some(place);
    let uri = Uri::from_parts(uri).map_err(|_| refuse("This address can not be passed on."))?;
    let is_long = is_long(&body);
    let mut flow = Flow::new(body);
    if is_long {
        flow = flow.seated(seat(seen, parts, caller, path)?, false);
    }
    let activity = (!flow.is_end_stream()).then(Activity::new);
    if let Some(activity) = &activity {
        flow = flow.patient(UPLOAD).telling(activity.clone());
    }
    let mut request = Request::new(flow);
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_11;
    *request.headers_mut() = headers;
    Ok((request, activity))
}

/// Whether a body takes its time.
fn is_long(body: &impl hyper::body::Body) -> bool {
    !body.is_end_stream() && body.size_hint().exact().is_none_or(|length| length > LONG)
}

/// A place in the book of what stays open.
fn seat(seen: &Seen, parts: &Parts, caller: &Caller, path: &CanonicalPath) -> Result<Seat, Refused> {
    seen.gate.connections().enter(watch::opening(seen, caller, &parts.method, path)).ok_or_else(|| {
        let failure = Failure::new(Code::TooManyAttempts, "Too many connections are open. Close some, then try again.");
        Refused::new(&parts.headers, failure.retry_after(10))
    })
}

/// Says that no answer came, and nothing of where it should have come from.
fn silent(seen: &Seen, parts: &Parts, silence: Silence) -> Refused {
    let name = &seen.live.app.name;
    let failure = match silence {
        Silence::Down => {
            Failure::new(Code::UpstreamDown, format!("{name} does not answer. It may be starting or stopped; try again in a moment."))
        }
        Silence::Slow => Failure::new(Code::UpstreamSlow, format!("{name} takes too long to answer. Try again in a moment.")),
        Silence::Client => Failure::new(Code::BadRequest, "The request broke off, or nothing of it came for a minute."),
    };
    let refused = Refused::new(&parts.headers, failure);
    // What is left of the body would be taken for the next request.
    if silence == Silence::Client { refused.last() } else { refused }
}

/// Lets both sides speak the other protocol.
fn change_over(
    seen: &Seen,
    parts: &Parts,
    mut answer: Response<Incoming>,
    protocol: &HeaderValue,
    client: OnUpgrade,
    seat: Seat,
) -> Result<Reply, Refused> {
    let agreed = answer.headers().get(header::UPGRADE).cloned();
    let is_asked = |agreed: &HeaderValue| {
        let asked = String::from_utf8_lossy(protocol.as_bytes()).to_lowercase();
        let agreed = String::from_utf8_lossy(agreed.as_bytes()).to_lowercase();
        asked.split(',').any(|item| item.trim() == agreed.trim())
    };
    let Some(agreed) = agreed.filter(is_asked) else { return Err(silent(seen, parts, Silence::Down)) };
    let is_websocket = agreed.as_bytes().eq_ignore_ascii_case(b"websocket");
    let upstream = hyper::upgrade::on(&mut answer);
    let mut kept = std::mem::take(answer.headers_mut());
    headers::of_answer(&mut kept, &seen.origin.base_url, &seen.mount, &seen.live.app.upstream, false);
    kept.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    kept.insert(header::UPGRADE, agreed);
    kept.remove(header::CACHE_CONTROL);
    tokio::spawn(upgrade::run(client, upstream, seat, is_websocket));
    let mut response = Reply::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    *response.headers_mut() = kept;
    Ok(response)
}

/// What came of a request.
struct Answered {
    answer: Response<Incoming>,
    /// The clock by which it was waited for.
    waited: Clock,
    /// The place in the book of what stays open, where there is one already.
    seat: Option<Seat>,
}

/// The upstream's answer, as the client gets it.
fn finish(
    seen: &Seen,
    parts: &Parts,
    caller: &Caller,
    verdict: &Verdict,
    path: &CanonicalPath,
    answered: Answered,
) -> Result<Reply, Refused> {
    let Answered { answer, waited, seat: kept } = answered;
    let (head, body) = answer.into_parts();
    let mut headers = head.headers;
    let is_events = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let is_long = is_long(&body);
    let mut flow = Flow::new(body);
    if !is_events {
        flow = flow.patient(IDLE).by(waited);
    }
    if is_long {
        // A last event in plain text would be nonsense in a packed stream.
        let is_plain = is_events && !headers.contains_key(header::CONTENT_ENCODING);
        flow = flow.seated(kept.map_or_else(|| seat(seen, parts, caller, path), Ok)?, is_plain);
    }
    let is_public = verdict.allow == Allow::Public && matches!(caller.ctx.principal(), Principal::Nobody);
    headers::of_answer(&mut headers, &seen.origin.base_url, &seen.mount, &seen.live.app.upstream, is_public);
    let mut response = Reply::new(Body::new(flow));
    *response.status_mut() = head.status;
    *response.headers_mut() = headers;
    Ok(response)
}
