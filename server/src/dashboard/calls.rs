//! Server functions: only those that are in the table of rights, with the status that the failure
//! in the body names.

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::Request,
    response::{IntoResponse, Response},
    routing::any,
};
use gate::{Ctx, problem};
use http::{HeaderValue, Method, header};
use wire::{Code, Failure, policy};

/// The folder of all calls.
const FOLDER: &str = "/_call/";
/// A failure is shorter than this.
const LONGEST_FAILURE: usize = 256 * 1024;

/// Whether every server function is in the table of rights.
///
/// # Errors
/// The sentence with which the start ends.
pub(crate) fn check() -> Result<(), String> {
    server_fn::axum::server_fn_paths().try_for_each(|(path, method)| judge(path, &method))
}

fn judge(path: &str, method: &Method) -> Result<(), String> {
    let is_known = path.strip_prefix(FOLDER).is_some_and(|name| policy::operation(name).is_some());
    if !is_known {
        return Err(format!(
            "The server function at {path} is not in the table of rights, so nothing is served. Add its row to wire/src/policy.rs."
        ));
    }
    if *method != Method::POST {
        return Err(format!("The server function at {path} takes {method}; only POST is guarded against other sites."));
    }
    Ok(())
}

/// The calls' addresses.
pub(crate) fn routes() -> Router {
    Router::new().route("/_call/{*name}", any(answer))
}

async fn answer(Extension(ctx): Extension<Ctx>, request: Request) -> Response {
    let refuse = |code: Code, text: &str| {
        let mut failure = Failure::new(code, text);
        ctx.request_id().clone_into(&mut failure.request_id);
        problem(&failure)
    };
    if request.method() != Method::POST {
        let mut response = refuse(Code::MethodNotAllowed, "Calls take POST.");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let path = request.uri().path();
    if !server_fn::axum::server_fn_paths().any(|(known, _)| known == path) {
        return refuse(Code::NotFound, "There is no call of this name.");
    }
    let (mut parts, body) = request.into_parts();
    // Without these two Leptos never redirects: what is refused stays a refusal.
    parts.headers.remove(header::REFERER);
    parts.headers.remove(header::ACCEPT);
    // Leptos reads whatever comes, however long; so it gets no more than this.
    let Ok(body) = to_bytes(body, ctx.gate().config().http.body_limit).await else {
        return refuse(Code::TooLarge, "The body is larger than is taken here, or did not arrive whole.");
    };
    let response = leptos_axum::handle_server_fns(Request::from_parts(parts, Body::from(body))).await;
    corrected(response.into_response(), ctx.request_id()).await
}

/// Leptos answers whatever fails before our function runs with 500; the body names the right status.
async fn corrected(response: Response, request_id: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if parts.status.is_success() {
        return Response::from_parts(parts, body);
    }
    let bytes = to_bytes(body, LONGEST_FAILURE).await.unwrap_or_default();
    let mut failure = serde_json::from_slice::<Failure>(&bytes).unwrap_or_else(|_| {
        tracing::error!(request_id, status = parts.status.as_u16(), "a call failed without a failure of ours");
        Failure::from(Code::Internal)
    });
    // What our functions answer has the request's id. To read what was sent failed without one.
    if failure.request_id.is_empty() {
        if failure.code == Code::Unavailable {
            failure = Failure::new(Code::Invalid, "The request does not have the fields that are expected.");
        }
        request_id.clone_into(&mut failure.request_id);
    }
    let mut response = problem(&failure);
    // Cookies, and what else the function set.
    for (name, value) in parts.headers.iter().filter(|(name, _)| !matches!(**name, header::CONTENT_TYPE | header::CONTENT_LENGTH)) {
        if *name == header::SET_COOKIE {
            response.headers_mut().append(name.clone(), value.clone());
        } else {
            response.headers_mut().insert(name.clone(), value.clone());
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_server_function_is_in_the_table() {
        assert_eq!(check(), Ok(()));
        assert!(server_fn::axum::server_fn_paths().count() > 10, "the app's functions are linked in");
    }

    #[test]
    fn what_is_not_in_the_table_ends_the_start() {
        assert!(judge("/_call/drop_everything", &Method::POST).unwrap_err().contains("not in the table of rights"));
        assert!(judge("/api/list_users", &Method::POST).is_err());
        assert!(judge("/_call/list_users", &Method::GET).is_err());
        assert_eq!(judge("/_call/list_users", &Method::POST), Ok(()));
    }

    #[tokio::test]
    async fn the_status_is_the_failures() {
        let failed =
            async |status: u16, body: String| corrected(Response::builder().status(status).body(Body::from(body)).unwrap(), "42").await;
        let text = |failure: Failure| serde_json::to_string(&failure).unwrap();
        let known = Failure { request_id: "7".into(), ..Failure::from(Code::Unavailable) };
        assert_eq!(failed(500, text(Failure::from(Code::Invalid))).await.status(), 422);
        assert_eq!(failed(500, text(Failure::from(Code::Unavailable))).await.status(), 422, "arguments that could not be read");
        assert_eq!(failed(503, text(known)).await.status(), 503);
        assert_eq!(failed(200, "7".into()).await.status(), 200);
        let broken = failed(500, "oh: /root/x.rs".into()).await;
        assert_eq!(broken.status(), 500);
        let body = to_bytes(broken.into_body(), LONGEST_FAILURE).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("/root"));
    }
}
