//! The table of rights, walked by way of the dashboard: every server function and every page as every
//! actor. The answers come from the table; here is only what a call has to carry to be understood.

use crate::Doorward;
use axum::{Router, body::Body};
use gate::{
    Gate, Peer,
    config::Config,
    testing::{
        PASSWORD,
        matrix::{Actor, Standing, actors, is_verdict, verdict},
    },
};
use http::{Method, Request, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use wire::policy::{Needs, PAGES, operation};

const OWN: &str = "http://localhost:8080";
const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

/// A body that the call understands, and that changes nothing even for those who may.
fn body(call: &str) -> Value {
    let id = json!({ "id": NOBODY });
    let with = |name: &str, value: Value| json!({ "id": NOBODY, name: value });
    match call {
        "sign_in" => json!({ "who": { "password": "" } }),
        "refresh_session" => json!({ "refresh": {} }),
        "set_up" => json!({ "new": { "username": "", "password": "" } }),
        "skip_setup" => json!({ "skip": {} }),
        "update_me" | "update_settings" | "update_auth_settings" => json!({ "patch": {} }),
        "change_password" => json!({ "change": { "currentPassword": "", "newPassword": "" } }),
        "confirm_password" => json!({ "confirmation": { "password": "" } }),
        "check_link" => json!({ "link": { "token": "" } }),
        "use_link" => json!({ "link": { "token": "", "newPassword": "" } }),
        "list_users" | "list_sessions" | "list_api_keys" | "list_events" | "list_workspaces" | "list_apps" => json!({ "query": {} }),
        "create_user" => json!({ "new": { "username": "", "password": "" } }),
        "invite_user" => json!({ "new": { "username": "" } }),
        "create_role" => json!({ "new": { "name": "", "permissions": [] } }),
        "create_api_key" => json!({ "new": { "name": "", "role": "viewer" } }),
        "create_workspace" => json!({ "new": { "slug": "" } }),
        "update_user" | "update_api_key" => with("patch", json!({})),
        "reset_password" => with("reset", json!({ "newPassword": "" })),
        "rotate_api_key" => with("rotate", json!({})),
        "update_role" => json!({ "name": "nowhere", "patch": {} }),
        "delete_role" => json!({ "name": "nowhere", "deletion": {} }),
        "get_user" | "delete_user" | "create_reset_link" | "end_session" | "get_api_key" | "delete_api_key" | "get_event" => id,
        "get_grants" => id,
        "put_grants" => with("grants", json!({ "grants": [] })),
        "get_workspace" | "delete_workspace" | "list_environments" => json!({ "slug": "nowhere" }),
        "update_workspace" => json!({ "slug": "nowhere", "patch": {} }),
        "create_environment" => json!({ "workspace": "nowhere", "new": { "slug": "" } }),
        "delete_environment" => json!({ "workspace": "nowhere", "environment": "nowhere" }),
        "list_members" => json!({ "workspace": "nowhere", "query": {} }),
        "create_app" => json!({ "new": { "slug": "", "upstream": "" } }),
        "probe_upstream" => json!({ "asked": { "upstream": "" } }),
        "get_app" | "delete_app" | "get_app_traffic" => json!({ "slug": "nowhere" }),
        "update_app" => json!({ "slug": "nowhere", "patch": {} }),
        "create_provider" => json!({ "new": { "id": "", "issuer": "", "clientId": "", "clientSecret": "" } }),
        "get_provider" | "delete_provider" | "check_provider" => json!({ "id": "nowhere" }),
        "update_provider" => json!({ "id": "nowhere", "patch": {} }),
        "try_mapping" => json!({ "trial": {} }),
        "unlink_identity" | "list_user_identities" => id,
        "get_channel" => json!({ "channel": "door:changes" }),
        "publish_message" => json!({ "channel": "status:x", "new": { "type": "" } }),
        "check_app" => json!({ "slug": "nowhere", "asked": { "method": "GET", "path": "/" } }),
        _ => json!({}),
    }
}

async fn send(service: &Router, mut request: Request<Body>) -> (u16, String) {
    request.extensions_mut().insert(Peer("127.0.0.1:4711".parse().unwrap()));
    request.headers_mut().insert(header::HOST, "localhost:8080".parse().unwrap());
    let response = service.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

async fn call(service: &Router, gate: &Gate, actor: &Actor, path: &str) -> (u16, String) {
    let name = path.rsplit('/').next().unwrap();
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json").header(header::ORIGIN, OWN);
    if let Some((header, value)) = actor.header(gate).await {
        request = request.header(header, value);
    }
    send(service, request.body(Body::from(body(name).to_string())).unwrap()).await
}

async fn claimed() -> (Doorward, Router) {
    let door = Doorward::builder().config(Config::for_testing()).build().await.unwrap();
    let service = door.routes();
    let set_up = Request::post("/api/v1/setup").header(header::CONTENT_TYPE, "application/json");
    let first = json!({ "username": "root", "password": PASSWORD }).to_string();
    let (status, text) = send(&service, set_up.body(Body::from(first)).unwrap()).await;
    assert_eq!(status, 201, "{text}");
    (door, service)
}

/// ROL-090
#[tokio::test]
async fn every_server_function_answers_every_actor_as_the_table_says() {
    let (door, service) = claimed().await;
    let actors = actors(door.gate()).await;
    let mut walked = 0;
    for (path, method) in server_fn::axum::server_fn_paths() {
        assert_eq!(method, Method::POST, "{path}");
        let row = operation(path.trim_start_matches("/_call/")).expect("the start ends where a call is not in the table");
        for actor in &actors {
            let (status, text) = call(&service, door.gate(), actor, path).await;
            let code = serde_json::from_str::<Value>(&text).unwrap_or_default()["code"].as_str().unwrap_or_default().to_owned();
            match verdict(row, actor.standing) {
                Some((wanted, word)) => assert_eq!((status, code.as_str()), (wanted, word), "{} as {}: {text}", row.id, actor.name),
                None => assert!(!is_verdict(&code) && status < 500, "{} as {}: {status} {text}", row.id, actor.name),
            }
            let is_unread = code == "invalid" && text.contains("does not have the fields that are expected");
            assert!(!is_unread, "{} takes another body than the walk sends: {text}", row.id);
            walked += 1;
        }
    }
    assert!(walked > 500, "{walked} answers are not the whole walk");
}

/// ROL-090, ROL-102
#[tokio::test]
async fn every_page_opens_to_those_whom_the_table_names() {
    let (door, service) = claimed().await;
    let actors = actors(door.gate()).await;
    for page in PAGES {
        let path = ["{id}", "{name}", "{token}"].iter().fold(page.path.to_owned(), |path, hole| path.replace(hole, NOBODY));
        for actor in &actors {
            let mut request = Request::get(&path).header(header::ACCEPT, "text/html");
            if let Some((header, value)) = actor.header(door.gate()).await {
                request = request.header(header, value);
            }
            let (status, text) = send(&service, request.body(Body::empty()).unwrap()).await;
            // On pages keys count for nothing.
            let permissions = match actor.standing {
                Standing::Person(permissions) => Some(permissions),
                Standing::Stranger | Standing::DeadKey | Standing::Key(_) => None,
            };
            let wanted: &[u16] = match (page.needs, permissions) {
                (Needs::SetupOpen, _) => &[303],
                // A link that is no good says so on its page.
                (Needs::Nothing, _) => &[200, 303, 410],
                (_, None) => &[303],
                (Needs::Permission(permission), Some(own)) if !own.has(permission) => &[403],
                // The first setting that the role opens, or the thing that is not there.
                _ => &[200, 302, 303, 307, 404],
            };
            assert!(wanted.contains(&status), "{path} as {}: {status} {text}", actor.name);
        }
    }
}
