//! The dashboard on the router: its files, its pages, the forms that work without script, and the
//! calls of those that have it.

mod api_docs;
mod calls;
mod came_back;
mod export;
mod forms;
#[cfg(test)]
mod matrix;
mod page;
#[cfg(test)]
mod tests;

pub(crate) use calls::check;

use crate::assets;
use axum::{
    Extension, Router,
    extract::Request,
    response::Response,
    routing::{any, get, post},
};
use gate::{Ctx, problem};
use http::{HeaderValue, Method, header};
use tower_http::compression::CompressionLayer;
use wire::{Code, Failure};

/// Everything that is neither REST nor a watchdog's. At the root what is no route is a fallback, so that the
/// program around may have routes of its own; below a prefix all is ours, and a router that is nested in
/// a nested one loses its fallback.
pub(crate) fn routes(is_below_a_prefix: bool) -> Router {
    // Rendering spawns; the first to come sets up how.
    _ = any_spawner::Executor::init_tokio();
    let forms = Router::new()
        .route("/login", get(page::show).post(forms::sign_in))
        .route("/logout", get(page::show).post(forms::sign_out))
        .route("/setup/admin", get(page::show).post(forms::set_up))
        .route("/setup/app", get(page::show).post(forms::add_first_app))
        .route("/setup/skip", post(forms::skip_setup))
        .route("/reset/{token}", get(page::show).post(forms::use_link))
        .route("/change-password", get(page::show).post(forms::change_password));
    let docs = Router::new().route(api_docs::PATH, get(api_docs::show)).method_not_allowed_fallback(|| async { refuse_method("GET") });
    let export = Router::new()
        .route("/settings/audit/export", get(export::export_events))
        .method_not_allowed_fallback(|| async { refuse_method("GET") });
    let known = Router::new().merge(forms).merge(docs).method_not_allowed_fallback(|| async { refuse_method("GET, POST") });
    let all = match is_below_a_prefix {
        true => known.route("/", any(anything_else)).route("/{*path}", any(anything_else)),
        false => known.fallback(anything_else),
    };
    all.layer(CompressionLayer::new().gzip(true))
        // Unpacked: packing a long file for one reader costs more than it saves.
        .merge(export)
        .merge(calls::routes())
}

/// A file of the site, else a page.
async fn anything_else(Extension(ctx): Extension<Ctx>, request: Request) -> Response {
    if let Some(file) = assets::answer(request.method(), request.uri().path(), request.headers()) {
        return file;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return refuse_method("GET");
    }
    if looks_like_a_file(request.uri().path()) {
        return problem(&Failure::new(Code::NotFound, "There is no such file here."));
    }
    page::show(Extension(ctx), request).await
}

/// Whether the last segment has a dot. No page's has one; nobody is asked to sign in for a file
/// that is not there.
fn looks_like_a_file(path: &str) -> bool {
    path.split('/').any(|segment| segment.starts_with('.')) || path.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

fn refuse_method(allowed: &'static str) -> Response {
    let mut response = problem(&Failure::new(Code::MethodNotAllowed, "This address takes other methods; see the Allow header."));
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}
