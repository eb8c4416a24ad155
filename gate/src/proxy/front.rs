//! What stands before everything else: a request to an app's host goes to the app, a proxy that asks gets
//! its answer, and all else goes on to the dashboard and the interface.

use super::{
    OwnPort,
    pages::{refusal, wants_page},
    seen::Seen,
    serve,
};
use crate::{
    apps::live::LiveApp,
    forward,
    gate::Gate,
    http::{
        Reply,
        arrival::{Arrival, is_dashboard, misdirected},
        problem,
    },
    net,
};
use axum::extract::Request;
use http::request::Parts;
use std::{
    convert::Infallible,
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tower::{Layer, Service, ServiceExt};
use wire::{Code, Failure};

/// Puts [`Front`] before a service.
#[derive(Clone)]
pub(crate) struct FrontLayer(pub(crate) Gate);

impl<S> Layer<S> for FrontLayer {
    type Service = Front<S>;

    fn layer(&self, inner: S) -> Front<S> {
        Front { gate: self.0.clone(), inner }
    }
}

/// Tells the requests to apps from all others. A panic in one request is that request's alone.
#[derive(Clone)]
pub(crate) struct Front<S> {
    gate: Gate,
    inner: S,
}

impl<S> Service<Request> for Front<S>
where
    S: Service<Request, Response = Reply, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    type Response = Reply;
    type Error = Infallible;
    type Future = Caught;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Whoever is inside is asked anew for each request that is theirs.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Caught {
        Caught(catch_unwind(AssertUnwindSafe(|| self.begin(request))).ok())
    }
}

impl<S> Front<S>
where
    S: Service<Request, Response = Reply, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    /// Each kind of answer is a future of its own: the largest of them is no burden to the others.
    fn begin(&self, request: Request) -> Work {
        let gate = &self.gate;
        if request.uri().path() == forward::PATH {
            let gate = gate.clone();
            return Box::pin(async move { forward::answer(&gate, request).await });
        }
        let (parts, body) = request.into_parts();
        match find(gate, &parts) {
            Found::App(live, arrival) => Box::pin(serve(Seen::new(gate, live, arrival, &parts), parts, body)),
            Found::Mounted(live, arrival) => Box::pin(serve(Seen::new(gate, live, arrival, &parts).mounted(&parts), parts, body)),
            Found::Nothing(failure) => {
                let answer = refusal(wants_page(&parts.headers), &failure, &[]);
                Box::pin(std::future::ready(answer))
            }
            Found::Dashboard => {
                let answer = self.inner.clone().oneshot(Request::from_parts(parts, body));
                Box::pin(async move {
                    match answer.await {
                        Ok(response) => response,
                        Err(never) => match never {},
                    }
                })
            }
        }
    }
}

type Work = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// An answer on its way; that something broke, once it panicked.
pub(crate) struct Caught(Option<Work>);

impl Future for Caught {
    type Output = Result<Reply, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let poll = self.0.as_mut().and_then(|work| catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))).ok());
        poll.unwrap_or_else(|| Poll::Ready(problem(&Failure::from(Code::Internal)))).map(Ok)
    }
}

/// What a request is for.
enum Found {
    App(Arc<LiveApp>, Arrival),
    /// An app below the dashboard's own origin.
    Mounted(Arc<LiveApp>, Arrival),
    Dashboard,
    Nothing(Failure),
}

fn find(gate: &Gate, parts: &Parts) -> Found {
    let own_port = parts.extensions.get::<OwnPort>();
    let arrival = match Arrival::read(gate, parts) {
        Ok(arrival) => arrival,
        Err(failure) if own_port.is_some() => return Found::Nothing(failure),
        // The guard says so, in its own way.
        Err(_) => return Found::Dashboard,
    };
    let name = arrival.name();
    let Some(OwnPort(slug)) = own_port else {
        if is_dashboard(gate, name) {
            return gate.apps().by_path(parts.uri.path()).map_or(Found::Dashboard, |live| Found::Mounted(live, arrival));
        }
        return gate.apps().by_host(name).map_or(Found::Dashboard, |live| Found::App(live, arrival));
    };
    let Some(live) = gate.apps().by_slug(slug) else { return Found::Nothing(misdirected()) };
    let is_its = net::is_loopback_name(name)
        || name.parse::<IpAddr>().is_ok()
        || live.hosts.iter().any(|host| host.eq_ignore_ascii_case(name))
        || is_dashboard(gate, name);
    if is_its { Found::App(live, arrival) } else { Found::Nothing(misdirected()) }
}
