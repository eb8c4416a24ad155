//! The door of guarded apps: which app a request is for, who it acts as, whether it is let through;
//! then it goes on to the upstream, with what was judged and nothing else.

mod assertion;
mod body;
pub(crate) mod caller;
pub(crate) mod cookies;
mod frames;
pub(crate) mod front;
pub(crate) mod handover;
pub(crate) mod headers;
pub(crate) mod identity;
pub(crate) mod pages;
mod pass;
pub(crate) mod secrets;
pub(crate) mod seen;
pub(crate) mod store;
mod upgrade;
mod upstream;
mod watch;

pub(crate) use assertion::Signer;
pub use seen::OwnPort;
pub(crate) use upstream::Upstreams;
pub(crate) use watch::as_now;

use crate::{apps::traffic::Seen as Count, http::Reply, metrics::Row, trace};
use axum::body::Body;
use http::{HeaderMap, HeaderValue, Method, header, request::Parts};
use pages::{Way, refusal, wants_page};
use seen::Seen;
use std::pin::pin;
use wire::{Code, Failure};

/// Answers a request to an app.
async fn serve(seen: Seen, mut parts: Parts, body: Body) -> Reply {
    let mut response = if parts.uri.path().starts_with(handover::OURS) {
        Box::pin(handover::answer(&seen, &parts)).await
    } else {
        let span = trace::begin(&seen.gate, &parts.headers, seen.arrival.is_trusted, seen.now);
        let passed = {
            let passing = pin!(pass::pass(&seen, &mut parts, body));
            match &span {
                Some(span) => span.around(passing).await,
                None => passing.await,
            }
        };
        let (response, count) = match passed {
            Ok(response) => {
                let status = response.status().as_u16();
                (response, Count::Answered(status))
            }
            Err(refused) => {
                let count = refused.count();
                (refused.reply(&seen), count)
            }
        };
        seen.gate.traffic().count(&seen.live, count, seen.now);
        if let Some(span) = span {
            span.answered(&seen.gate, &seen.told(parts.method.as_str(), parts.uri.path(), Some(response.status().as_u16())));
        }
        response
    };
    finish(&seen, &mut response, &parts.method, parts.uri.path(), "request");
    response
}

/// Names the request in its answer, and writes it down.
pub(crate) fn finish(seen: &Seen, response: &mut Reply, method: &Method, path: &str, what: &str) {
    if let Ok(id) = HeaderValue::from_str(&seen.request_id) {
        response.headers_mut().entry("x-request-id").or_insert(id);
    }
    let (status, took) = (response.status().as_u16(), seen.begun.elapsed());
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let metrics = seen.gate.metrics();
    metrics.requests.count(Row::APPS, status, took);
    metrics.apps.count(&seen.live.app.slug, status, took);
    let (request_id, app) = (seen.request_id.as_str(), &seen.live.app.slug);
    tracing::info!(target: "doorward::access", request_id, %app, %method, path = crate::audit::clip(path), status, millis, "{what}");
}

/// A request that does not reach its upstream, and how to say so.
pub(crate) struct Refused {
    failure: Box<Failure>,
    is_page: bool,
    /// Whether nothing more may be read from this connection.
    is_last: bool,
    /// What is answered instead: the way to where one signs in.
    away: Option<Box<Reply>>,
}

impl Refused {
    pub(crate) fn new(sent: &HeaderMap, failure: Failure) -> Self {
        Self { failure: Box::new(failure), is_page: wants_page(sent), is_last: false, away: None }
    }

    /// The same; nobody can be certain where the next request on this connection would begin.
    pub(crate) const fn last(mut self) -> Self {
        self.is_last = true;
        self
    }

    /// Leads to where one signs in.
    pub(crate) fn away(sent: &HeaderMap, reply: Reply) -> Self {
        Self { away: Some(Box::new(reply)), ..Self::new(sent, Code::Unauthenticated.into()) }
    }

    /// As what it is counted.
    pub(crate) fn count(&self) -> Count {
        match self.failure.code {
            Code::UpstreamDown | Code::UpstreamSlow => Count::Failed,
            _ => match self.failure.status {
                401 => Count::SignIn,
                403 => Count::Denied,
                status => Count::Answered(status),
            },
        }
    }

    /// The answer.
    pub(crate) fn reply(mut self, seen: &Seen) -> Reply {
        if let Some(reply) = self.away {
            return *reply;
        }
        self.failure.request_id.clone_from(&seen.request_id);
        let mut response = refusal(self.is_page, &self.failure, &self.ways(seen));
        if self.is_last {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// Where to go from here.
    fn ways(&self, seen: &Seen) -> Vec<Way> {
        let at = |label, path: &str| seen.dashboard().map(|place| Way { label, place: format!("{place}{}", seen.gate.at(path)) });
        let here = |label, place: &str| Some(Way { label, place: place.to_owned() });
        let home = || at("Go to the dashboard", "/");
        let ways = match self.failure.code {
            Code::Unauthenticated if seen.mount.is_empty() => [here("Sign in", &format!("{}start", handover::OURS)), None],
            Code::Unauthenticated => [here("Sign in", &seen.gate.at("/login")), None],
            Code::UpstreamDown | Code::UpstreamSlow => [here("Try again", &format!("{}/", seen.mount)), home()],
            Code::PasswordChangeRequired => [at("Change your password", "/change-password"), None],
            _ => [home(), None],
        };
        ways.into_iter().flatten().collect()
    }
}
