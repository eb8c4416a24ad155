//! Server functions: only those that are in the table of rights, with the status that the failure
//! in the body names.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::Response,
    routing::any,
};
use gate::problem;
use http::{HeaderValue, Method, StatusCode, header};
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

async fn nothing_here() -> Response {
    problem(&Failure::new(Code::NotFound, "There is no call of this name."))
}

async fn answer(mut request: Request) -> Response {
    if request.method() != Method::POST {
        let mut response = problem(&Failure::new(Code::MethodNotAllowed, "Calls take POST."));
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let path = request.uri().path();
    if !server_fn::axum::server_fn_paths().any(|(known, _)| known == path) {
        return nothing_here().await;
    }
    // Without these two Leptos never redirects: what is refused stays a refusal.
    request.headers_mut().remove(header::REFERER);
    request.headers_mut().remove(header::ACCEPT);
    let response = leptos_axum::handle_server_fns(request).await;
    with_status_of_failure(axum::response::IntoResponse::into_response(response)).await
}

/// Leptos answers arguments that can not be read, and whatever else fails before our function runs,
/// with 500; the body names the right status.
async fn with_status_of_failure(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if parts.status.is_success() {
        return Response::from_parts(parts, body);
    }
    let Ok(bytes) = to_bytes(body, LONGEST_FAILURE).await else {
        return problem(&Failure::from(Code::Internal));
    };
    let Ok(failure) = serde_json::from_slice::<Failure>(&bytes) else {
        tracing::error!(status = parts.status.as_u16(), "a call failed without a failure of ours");
        return problem(&Failure::from(Code::Internal));
    };
    if let Ok(status) = StatusCode::from_u16(failure.status) {
        parts.status = status;
    }
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes))
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
        let failed = |status: u16, body: String| Response::builder().status(status).body(Body::from(body)).unwrap();
        let invalid = serde_json::to_string(&Failure::from(Code::Invalid)).unwrap();
        assert_eq!(with_status_of_failure(failed(500, invalid)).await.status(), 422);
        assert_eq!(with_status_of_failure(failed(500, "oh: /root/x.rs".into())).await.status(), 500);
        assert_eq!(with_status_of_failure(failed(200, "7".into())).await.status(), 200);
    }
}
