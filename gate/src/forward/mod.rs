//! Forward-auth: a proxy that stands already asks whether a request may pass, and is told who sent it.
//! What it says about the request is believed of trusted proxies alone; a body is never read.

mod context;

use crate::{
    Result,
    apps::{
        judge::{Verdict, judge, refuse},
        traffic::Seen as Count,
    },
    ctx::Ctx,
    gate::Gate,
    http::{
        Reply, problem,
        routes::{Doc, Routes},
    },
    proxy::{
        Refused,
        caller::{Caller, cross_site, identify},
        finish, handover,
        headers::tell,
        identity,
        secrets::Secrets,
        seen::{Seen, is_navigation},
    },
};
use axum::{body::Body, extract::Request};
use context::{Dialect, read};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use wire::{Code, Failure, path::CanonicalPath, policy, rules::Answer};

/// The address that a proxy asks.
pub(crate) const PATH: &str = "/api/v1/auth/forward";

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.on(&policy::FORWARD_AUTH, forward_auth, Doc::new())
}

async fn forward_auth(ctx: Ctx, request: Request) -> Reply {
    answer(ctx.gate(), request).await
}

/// Answers a proxy.
pub(crate) async fn answer(gate: &Gate, request: Request) -> Reply {
    let (parts, body) = request.into_parts();
    drop(body);
    let (seen, parts, dialect) = match read(gate, parts) {
        Ok(read) => read,
        Err(failure) => return problem(&failure),
    };
    if parts.uri.path().starts_with(handover::OURS) {
        return handover::answer(&seen, &parts).await;
    }
    let (mut response, count) = match decide(&seen, &parts, dialect).await {
        Ok(response) => {
            // What the upstream makes of it nobody tells.
            let status = response.status();
            (response, if status.is_success() { Count::Answered(status.as_u16()) } else { Count::SignIn })
        }
        Err(refused) => {
            let count = refused.count();
            (refused.reply(&seen), count)
        }
    };
    seen.gate.traffic().count(&seen.live, count, seen.now);
    finish(&seen, &mut response, &parts.method, parts.uri.path(), "question");
    response
}

/// Whether the request may pass.
async fn decide(seen: &Seen, parts: &Parts, dialect: Dialect) -> std::result::Result<Reply, Refused> {
    let refused = |error: crate::Error| Refused::new(&parts.headers, error.into_failure(&seen.request_id));
    let path = CanonicalPath::parse(parts.uri.path()).map_err(|problem| {
        Refused::new(&parts.headers, Failure::new(Code::Forbidden, format!("This address could be read in two ways: {problem}.")))
    })?;
    let (caller, verdict) = look(seen, parts, &path).await.map_err(refused)?;
    match verdict.answer {
        Answer::Allowed => Ok(pass(seen, parts, &caller, &verdict)),
        _ if caller.is_cross_site => Err(Refused::new(&parts.headers, cross_site())),
        Answer::SignIn if is_navigation(parts) => Ok(sign_in(seen, parts, dialect)),
        Answer::SignIn | Answer::Denied => Err(Refused::new(&parts.headers, refuse(&caller.ctx, &seen.live.app, &path, &verdict))),
    }
}

async fn look(seen: &Seen, parts: &Parts, path: &CanonicalPath) -> Result<(Caller, Verdict)> {
    let caller = identify(seen, parts).await?;
    caller.ctx.may(&policy::FORWARD_AUTH)?;
    let verdict = judge(&caller.ctx, &seen.live, parts.method.as_str(), path).await?;
    Ok((caller, verdict))
}

/// Who sent it, and the request's credentials without ours: a proxy puts these in place of its own.
fn pass(seen: &Seen, parts: &Parts, caller: &Caller, verdict: &Verdict) -> Reply {
    let mut response = Reply::new(Body::empty());
    let headers = response.headers_mut();
    tell(headers, &identity::of(seen, caller, &verdict.entry));
    let secrets = Secrets::of(&seen.gate);
    headers.insert(header::COOKIE, secrets.others_cookies(&parts.headers).unwrap_or(HeaderValue::from_static("")));
    for name in [header::AUTHORIZATION, HeaderName::from_static("x-api-key")] {
        headers.insert(name.clone(), theirs(&parts.headers, &name, &secrets));
    }
    if let Some(own) = &seen.live.credentials {
        headers.insert(own.name.clone(), own.value.clone());
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn theirs(headers: &HeaderMap, name: &HeaderName, secrets: &Secrets<'_>) -> HeaderValue {
    let kept = headers.get(name).filter(|value| !secrets.is_ours_in_authorization(value));
    kept.cloned().unwrap_or(HeaderValue::from_static(""))
}

/// Leads to where one signs in. nginx passes on no answer but 401 and 403, and takes the place from it.
fn sign_in(seen: &Seen, parts: &Parts, dialect: Dialect) -> Reply {
    let target = match parts.uri.query().and_then(|query| Secrets::of(&seen.gate).others_query(query)) {
        Some(query) => format!("{}?{query}", parts.uri.path()),
        None => parts.uri.path().to_owned(),
    };
    if dialect == Dialect::Forwarded {
        return handover::begin(seen, &parts.headers, &target, None);
    }
    let mut response = Reply::new(Body::empty());
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let place = handover::start(seen, &target);
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_str(&place).unwrap_or(HeaderValue::from_static("/")));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
