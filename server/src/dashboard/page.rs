//! A page: who may see it is decided before it is rendered, by the table of pages.

use super::came_back;
use crate::assets;
use app::{
    frame::{Behind, Frame, PageStatus, Places, Posted, Verdict, decide},
    prefix::Prefix,
    state::next,
};
use axum::{
    Extension,
    body::{Body, to_bytes},
    extract::Request,
    response::{IntoResponse, Response},
};
use gate::{Ctx, Error, live, me, problem, roles, setup, workspaces};
use http::{HeaderValue, Method, StatusCode, Uri, header};
use leptos::{nonce::use_nonce, prelude::provide_context};
use std::sync::{Arc, OnceLock};
use wire::{
    Code, Failure,
    policy::{Needs, page_at},
    workspaces::{Slug, WorkspaceQuery},
};

/// No page comes near this.
const LONGEST: usize = 16 * 1024 * 1024;

/// Answers a request for a page.
pub(super) async fn show(Extension(ctx): Extension<Ctx>, request: Request) -> Response {
    let frame = match frame(&ctx).await {
        Ok(frame) => frame,
        Err(error) => return problem(&error.into_failure(ctx.request_id())),
    };
    match decide(request.uri().path(), frame.me.as_ref(), &frame.capabilities) {
        Verdict::Show(status) => {
            let (decision, ask) = match (status, page_at(request.uri().path())) {
                (PageStatus::Forbidden { needs: Some(missing) }, Some(page)) => {
                    (ctx.turned_away(page, missing), ctx.whom_to_ask().to_vec())
                }
                _ => (None, Vec::new()),
            };
            let behind = Behind { status, decision, ask, roles: roles::custom(&ctx), after: live::position(&ctx).ok() };
            if let Some(place) = came_back::not_let_in(request.uri()) {
                return onward(&ctx, &place);
            }
            let told = came_back::told(request.uri(), &frame.capabilities);
            render(&ctx, request, frame, behind, told).await
        }
        Verdict::SignIn => onward(&ctx, &next::login(prefix(&ctx), &address(&ctx, request.uri()))),
        Verdict::Setup => onward(&ctx, "/setup"),
        Verdict::Home => onward(&ctx, "/"),
        Verdict::ChangePassword => onward(&ctx, "/change-password"),
    }
}

/// Whether this caller may see the page at `path`.
pub(super) async fn is_open(ctx: &Ctx, path: &str) -> bool {
    let frame = frame(ctx).await;
    frame.is_ok_and(|frame| decide(path, frame.me.as_ref(), &frame.capabilities) == Verdict::Show(PageStatus::Ok))
}

/// Shows a page again, with why its form failed; `path` is the page's address.
pub(super) async fn show_again(ctx: &Ctx, request: Request, path: &str, error: Error, values: Vec<(String, String)>) -> Response {
    let failure = error.into_failure(ctx.request_id());
    show_posted(ctx, request, path, Posted { failure: Some(failure), values }).await
}

/// Shows a page again, with what was typed and what was found about it.
pub(super) async fn show_with(ctx: &Ctx, request: Request, path: &str, values: Vec<(String, String)>) -> Response {
    show_posted(ctx, request, path, Posted { failure: None, values }).await
}

async fn show_posted(ctx: &Ctx, request: Request, path: &str, posted: Posted) -> Response {
    let frame = match frame(ctx).await {
        Ok(frame) => frame,
        Err(error) => return problem(&posted.failure.unwrap_or_else(|| error.into_failure(ctx.request_id()))),
    };
    let mut request = request;
    *request.method_mut() = Method::GET;
    *request.uri_mut() = path.parse().unwrap_or_else(|_| Uri::from_static("/"));
    let behind = Behind { roles: roles::custom(ctx), ..Behind::default() };
    render(ctx, request, frame, behind, Some(posted)).await
}

/// The page's surroundings, as this caller may know them.
async fn frame(ctx: &Ctx) -> gate::Result<Frame> {
    let capabilities = setup::capabilities(ctx).await?;
    Ok(Frame { me: me::of(ctx), capabilities })
}

/// Where this caller can act.
async fn places(ctx: &Ctx) -> gate::Result<Places> {
    let first = workspaces::get(ctx, &Slug::default()).await?;
    let has_choice = Places::is_choice(std::slice::from_ref(&first)) || {
        let two = WorkspaceQuery { limit: Some(2), ..WorkspaceQuery::default() };
        Places::is_choice(&workspaces::list(ctx, two).await?.items)
    };
    Ok(Places { header: ctx.gate().config().http.scope_header.to_string(), first, has_choice })
}

/// Where the door stands on its host.
pub(super) fn prefix(ctx: &Ctx) -> &str {
    &ctx.gate().config().http.prefix
}

/// The address that a browser has asked for, without its host.
fn address(ctx: &Ctx, uri: &Uri) -> String {
    ctx.gate().at(uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str))
}

/// Sends the browser on to a page of ours, with GET.
pub(super) fn onward(ctx: &Ctx, path: &str) -> Response {
    see_other(&ctx.gate().at(path), &[])
}

/// Sends the browser on to an address of this host, with GET.
pub(super) fn see_other(place: &str, cookies: &[String]) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/")));
    for cookie in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// Renders a page whole, so that it works without script and its status can still be chosen.
async fn render(ctx: &Ctx, mut request: Request, frame: Frame, behind: Behind, posted: Option<Posted>) -> Response {
    let status = match (behind.status, posted.as_ref().and_then(|posted| posted.failure.as_ref())) {
        (_, Some(failure)) => StatusCode::from_u16(failure.status).unwrap_or(StatusCode::BAD_REQUEST),
        (PageStatus::Ok, None) => StatusCode::OK,
        (PageStatus::Forbidden { .. }, None) => StatusCode::FORBIDDEN,
        (PageStatus::NotFound, None) => StatusCode::NOT_FOUND,
    };
    let retry_after = posted.as_ref().and_then(|posted| posted.failure.as_ref()?.retry_after);
    let needs = page_at(request.uri().path()).map(|page| page.needs);
    let is_before_the_door = matches!(needs, Some(Needs::Nothing | Needs::SetupOpen));
    let places = match frame.me {
        // Who has to change the password first acts nowhere yet.
        Some(_) if !is_before_the_door => places(ctx).await.ok(),
        _ => None,
    };
    // The router is told the same address as in the browser, where nobody takes the prefix away.
    if let Ok(uri) = address(ctx, request.uri()).parse() {
        *request.uri_mut() = uri;
    }
    let prefix = Prefix::from(prefix(ctx));
    let bundle = assets::bundle().under(prefix.as_str());
    let nonce = Arc::new(OnceLock::new());
    let provide = {
        let nonce = nonce.clone();
        move || {
            provide_context(prefix.clone());
            provide_context(frame.clone());
            provide_context(behind.clone());
            if let Some(posted) = &posted {
                provide_context(posted.clone());
            }
            if let Some(places) = &places {
                provide_context(places.clone());
            }
            _ = nonce.set(use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default());
        }
    };
    let shell = move || app::shell(bundle.clone(), is_before_the_door);
    let renderer = leptos_axum::render_app_async_with_context(provide, shell);
    let (mut parts, body) = renderer(request).await.into_parts();
    let nonce = nonce.get().map(String::as_str).unwrap_or_default();
    let Ok(html) = to_bytes(body, LONGEST).await else {
        return problem(&Failure::from(Code::Internal));
    };
    // A page that only leads to another says so itself, and so does one about what is not there.
    let is_absent = parts.status == StatusCode::NOT_FOUND && status == StatusCode::OK;
    if !parts.status.is_redirection() && !is_absent {
        parts.status = status;
    }
    parts.headers.insert(header::CONTENT_SECURITY_POLICY, policy(nonce));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = retry_after {
        parts.headers.insert(header::RETRY_AFTER, seconds.into());
    }
    Response::from_parts(parts, Body::from(with_nonces(&String::from_utf8_lossy(&html), nonce)))
}

/// What a page may load: what the server sent with this very answer, and what that loads in turn.
pub(super) fn policy(nonce: &str) -> HeaderValue {
    let text = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}

/// Leptos puts the nonce of what it preloads for a lazy page into `crossorigin`, where it allows
/// nothing; this puts it where it belongs.
fn with_nonces(html: &str, nonce: &str) -> String {
    if nonce.is_empty() {
        return html.to_owned();
    }
    html.replace(&format!("crossorigin=\"{nonce}\""), &format!("crossorigin=\"anonymous\" nonce=\"{nonce}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_carries_the_nonce_twice() {
        let policy = policy("abc");
        let text = policy.to_str().unwrap();
        assert_eq!(text.matches("'nonce-abc'").count(), 2);
        assert!(!text.contains("unsafe-inline") && !text.contains("'unsafe-eval'"));
    }

    #[test]
    fn a_misplaced_nonce_moves() {
        assert_eq!(with_nonces(r#"<link crossorigin="abc">"#, "abc"), r#"<link crossorigin="anonymous" nonce="abc">"#);
        assert_eq!(with_nonces(r#"<link crossorigin="">"#, ""), r#"<link crossorigin="">"#);
    }
}
