//! The guard of what is not Doorward's own: a layer for any tower service, axum's, tonic's, hyper's.

use super::{Reply, arrival, problem};
use crate::{
    ctx::Ctx,
    gate::Gate,
    proxy::{
        caller::{Caller, Visit, cross_site, recognise},
        pages::{Way, refusal, wants_page},
        seen::{is_navigation, is_stream, is_upgrade},
    },
    random,
};
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::OriginalUri,
};
use http::{HeaderValue, Request, Response, StatusCode, header, request::Parts};
use std::{
    error::Error,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tower::{Layer, Service};
use wire::{Code, Failure, Permission, next::escaped};

/// A layer that decides who a request acts as, and whether it is let in. What is inside finds the
/// [`Principal`](crate::Principal) in the request's extensions; in axum it is an extractor.
#[derive(Debug, Clone)]
pub struct Guard {
    gate: Gate,
    duty: Duty,
}

/// What is asked of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Duty {
    /// Nothing: it is only told who it is.
    Recognise,
    /// That somebody has signed in.
    SignIn,
    /// That they may do this where the request acts.
    Permission(Permission),
}

impl Gate {
    /// Guards a router, or any tower service: who is not signed in is sent to the sign-in page, where a
    /// browser opens a page, and else answered with 401.
    ///
    /// The routes of [`Gate::routes`] guard themselves: merge or nest them after this layer.
    #[must_use]
    pub fn layer(&self) -> Guard {
        Guard { gate: self.clone(), duty: Duty::SignIn }
    }

    /// The same, for routes that need a permission in the environment that the request names
    /// (`default/default` when it names none); who lacks it is answered with 403.
    #[must_use]
    pub fn require(&self, permission: Permission) -> Guard {
        Guard { gate: self.clone(), duty: Duty::Permission(permission) }
    }

    /// Tells who a request acts as, and lets everybody in: for `Option<Principal>`.
    #[must_use]
    pub fn recognise(&self) -> Guard {
        Guard { gate: self.clone(), duty: Duty::Recognise }
    }
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { guard: self.clone(), inner }
    }
}

/// A service behind a [`Guard`].
#[derive(Debug, Clone)]
pub struct Guarded<S> {
    guard: Guard,
    inner: S,
}

impl<S, B, A> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>, Response = Response<A>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    A: HttpBody<Data = Bytes> + Send + 'static,
    A::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Reply;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Reply, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that is ready is called; its clone has to become ready anew.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let guard = self.guard.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let is_personal = match guard.admit(&mut parts).await {
                Ok(is_personal) => is_personal,
                Err(reply) => return Ok(*reply),
            };
            let mut response = inner.call(Request::from_parts(parts, body)).await?.map(Body::new);
            if is_personal {
                // What one person may see is nothing for a cache that others use.
                response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private"));
            }
            Ok(response)
        })
    }
}

impl Guard {
    /// Lets a request in, with who it acts as; tells whether it acts as anybody.
    async fn admit(&self, parts: &mut Parts) -> Result<bool, Box<Reply>> {
        // Another layer of the same door may have looked already; what another door says does not count.
        let known = parts.extensions.get::<Ctx>().filter(|ctx| Arc::ptr_eq(&ctx.gate().0, &self.gate.0)).cloned();
        let (ctx, is_cross_site) = match known {
            Some(ctx) => (ctx, false),
            None => {
                let Caller { ctx, is_cross_site, .. } = self.look(parts).await?;
                parts.extensions.insert(ctx.principal().clone());
                parts.extensions.insert(ctx.clone());
                (ctx, is_cross_site)
            }
        };
        let is_nobody = ctx.principal().is_nobody();
        match self.duty {
            Duty::Recognise => return Ok(!is_nobody),
            _ if is_cross_site => return Err(refuse(&ctx, parts, cross_site())),
            _ if is_nobody => return Err(Box::new(turn_away(&ctx, parts))),
            Duty::SignIn | Duty::Permission(_) => {}
        }
        let owner = ctx.user().or_else(|| ctx.key()?.owner.as_ref());
        if owner.is_some_and(|user| user.must_change_password) {
            return Err(Box::new(pending(&ctx, parts)));
        }
        if let Duty::Permission(permission) = self.duty {
            ctx.may_there(permission, path(parts)).map_err(|failure| refuse(&ctx, parts, failure))?;
        }
        Ok(true)
    }

    /// Decides who a request acts as.
    async fn look(&self, parts: &Parts) -> Result<Caller, Box<Reply>> {
        let now = self.gate.now();
        let request_id = random::id(self.gate.random(), now).to_string();
        let refused = |mut failure: Failure| {
            request_id.clone_into(&mut failure.request_id);
            Box::new(refusal(wants_page(&parts.headers), &failure, &[]))
        };
        let origin = arrival::origin(&self.gate, parts).map_err(refused)?;
        let visit = Visit {
            gate: &self.gate,
            now,
            request_id: &request_id,
            origin: &origin,
            is_upgrade: is_upgrade(parts),
            is_stream: is_stream(parts),
            has_cookie: origin.carried.session.is_some(),
            cookie: &|| Some(crate::http::principal::Claim::Cookie),
        };
        recognise(&visit, parts).await.map_err(|error| refused(error.into_failure(&request_id)))
    }
}

/// The path that was asked for, however deep the router is nested that sees it.
fn path(parts: &Parts) -> &str {
    parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.path(), |original| original.0.path())
}

fn refuse(ctx: &Ctx, parts: &Parts, mut failure: Failure) -> Box<Reply> {
    ctx.request_id().clone_into(&mut failure.request_id);
    let way = match failure.code {
        Code::Unauthenticated => vec![Way { label: "Sign in", place: ctx.gate().at("/login") }],
        _ => Vec::new(),
    };
    Box::new(refusal(wants_page(&parts.headers), &failure, &way))
}

/// Leads to where one signs in, and back; whoever opens no page is told to sign in first.
pub(super) fn turn_away(ctx: &Ctx, parts: &Parts) -> Reply {
    let login = ctx.gate().at("/login");
    if path(parts) == login {
        tracing::error!("Gate::layer stands around the routes of the door itself, so nobody can sign in: merge them after the layer");
        return problem(&Failure::from(Code::Internal));
    }
    if !is_navigation(parts) {
        return *refuse(ctx, parts, Failure::new(Code::Unauthenticated, "Sign in first, or send a valid token."));
    }
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    let back = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    see_other(&format!("{login}?next={}", escaped(back)))
}

/// Leads to where one changes the password that has to be changed first.
fn pending(ctx: &Ctx, parts: &Parts) -> Reply {
    if is_navigation(parts) {
        return see_other(&ctx.gate().at("/change-password"));
    }
    *refuse(ctx, parts, Failure::new(Code::PasswordChangeRequired, "Change your password first; until then nothing else works."))
}

/// Sends the browser on, with GET.
fn see_other(place: &str) -> Reply {
    let mut response = Reply::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
