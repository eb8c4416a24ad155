//! The door inside another program: its layers, its extractors, who may do what at the program's own
//! addresses.

use axum::{Router, body::Body, extract::ConnectInfo, routing::any};
use doorward_gate::{
    Gate, Principal, Secret, StaticUser, Store,
    config::Config,
    testing::{Answer, Caller, Door, PASSWORD},
    wire::{Permission, workspaces::Scope},
};
use http::{Request, Response, StatusCode};
use serde_json::json;
use std::{convert::Infallible, net::SocketAddr};
use tower::{Layer, ServiceExt, service_fn};

const HEADER: &str = "x-doorward-environment";

async fn name(principal: Principal) -> String {
    principal.name().to_owned()
}

async fn perhaps(principal: Option<Principal>) -> String {
    principal.map_or("a stranger".into(), |principal| principal.name().to_owned())
}

/// A program with a page for everybody, one for those who signed in, and one for those who may run.
fn program(gate: &Gate) -> Router {
    let open = Router::new().route("/", any(perhaps)).layer(gate.recognise());
    let guarded = Router::new().route("/tasks", any(name)).layer(gate.layer());
    let run = Router::new().route("/run", any(name)).layer(gate.require(Permission::Run));
    open.merge(guarded).merge(run).merge(gate.routes())
}

/// A browser that follows a link, or sends a form of our own page.
fn browser(caller: Caller) -> Caller {
    caller.with("accept", "text/html").with("sec-fetch-site", "same-origin").with("sec-fetch-mode", "navigate")
}

/// Signs in at the page of this address.
async fn sign_in(caller: &Caller, page: &str, next: &str, name: &str, password: &str) -> Answer {
    let form =
        form_urlencoded::Serializer::new(String::new()).extend_pairs([("username", name), ("password", password), ("next", next)]).finish();
    browser(caller.clone()).with("content-type", "application/x-www-form-urlencoded").send("POST", page, Some(form)).await
}

#[tokio::test]
async fn a_page_leads_to_sign_in_and_back_and_a_program_gets_401() {
    let door = Door::claimed().await;
    let stranger = door.nobody().through(program(&door.gate));
    let away = browser(stranger.clone()).get("/tasks?day=1").await;
    assert_eq!((away.status, away.headers["location"].to_str().unwrap()), (303, "/login?next=/tasks%3Fday%3D1"));
    for caller in
        [stranger.clone(), stranger.clone().with("accept", "application/json"), browser(stranger.clone()).with("sec-fetch-mode", "cors")]
    {
        assert_eq!(caller.get("/tasks").await.status, 401);
    }
    assert_eq!(browser(stranger.clone()).send("POST", "/tasks", None).await.status, 401, "a form is not sent on");

    let page = browser(stranger.clone()).get("/login?next=/tasks%3Fday%3D1").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("action=\"/login\"") && page.text.contains("value=\"/tasks?day=1\""), "{}", page.text);
    let signed_in = sign_in(&stranger, "/login", "/tasks?day=1", "ada", PASSWORD).await;
    assert_eq!((signed_in.status, signed_in.headers["location"].to_str().unwrap()), (303, "/tasks?day=1"), "{}", signed_in.text);
    let ada = stranger.with_cookies(&signed_in.cookies());
    let answer = ada.get("/tasks").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "ada"));
    assert_eq!(answer.headers["cache-control"], "private", "nothing for others");
    assert_eq!(browser(ada.clone()).get("/login").await.headers["location"], "/", "who is signed in is sent on");

    let out = browser(ada.clone()).with("content-type", "application/x-www-form-urlencoded").send("POST", "/logout", None).await;
    assert_eq!((out.status, out.headers["location"].to_str().unwrap()), (303, "/login"));
    assert_eq!(ada.get("/tasks").await.status, 401);
}

#[tokio::test]
async fn a_route_for_everybody_knows_who_comes() {
    let door = Door::claimed().await;
    let program = program(&door.gate);
    assert_eq!(door.nobody().through(program.clone()).get("/").await.text, "a stranger");
    assert_eq!(door.admin().await.through(program).get("/").await.text, "ada");
}

#[tokio::test]
async fn a_token_and_a_key_are_as_good_as_a_session_and_others_keys_are_nobodys() {
    let door = Door::claimed().await;
    let program = program(&door.gate);
    assert_eq!(door.admin().await.through(program.clone()).get("/tasks").await.text, "ada");
    let key = door.key("viewer").await.through(program.clone());
    assert_eq!((key.get("/tasks").await.text.as_str(), key.get("/run").await.status), ("viewer key", 403));
    let foreign = door.nobody().through(program).with("x-api-key", "another program’s".replace('’', "'").as_str());
    assert_eq!((foreign.get("/").await.text.as_str(), foreign.get("/tasks").await.status), ("a stranger", 401));
    assert_eq!(foreign.with("x-api-key", "dw_notakey").get("/").await.status, 401, "a key of ours that is not good is refused");
}

/// BRW-185, PRX-155, WSS-177
#[tokio::test]
async fn a_cookie_counts_for_our_own_site_alone() {
    let door = Door::claimed().await;
    let stranger = door.nobody().through(program(&door.gate));
    let cookies = sign_in(&stranger, "/login", "/", "ada", PASSWORD).await.cookies();
    let ada = stranger.with_cookies(&cookies);
    assert_eq!(ada.clone().with("origin", "http://localhost:8080").send("POST", "/tasks", None).await.status, 200);
    for (header, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "same-site"), ("sec-fetch-site", "cross-site")] {
        let answer = ada.clone().with(header, value).send("POST", "/tasks", None).await;
        assert_eq!((answer.status, answer.code()), (403, "cross_site"), "{header}: {value}");
    }
    assert_eq!(ada.send("POST", "/tasks", None).await.status, 401, "no browser of today");
    let upgrade =
        ada.clone().with("connection", "upgrade").with("upgrade", "websocket").with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!(upgrade.clone().with("origin", "http://localhost:8080").get("/tasks").await.status, 200);
    assert_eq!(upgrade.clone().with("origin", "https://evil.example").get("/tasks").await.code(), "cross_site");
    assert_eq!(upgrade.get("/tasks").await.status, 403, "a browser says where an upgrade comes from");
    assert_eq!(ada.with("host", "evil.example").get("/tasks").await.status, 421);
}

#[tokio::test]
async fn a_route_needs_its_permission_where_the_request_acts() {
    let door = Door::claimed().await;
    let program = program(&door.gate);
    crate::workspaces::make(&door.admin().await, "billing", false).await;
    crate::workspaces::make(&door.admin().await, "secret", true).await;
    let mara = door.named("mara", "viewer").await;
    let grants = json!({ "grants": [{ "workspace": "billing", "environment": "staging", "role": "operator" }] });
    assert_eq!(door.admin().await.put(&format!("/api/v1/users/{}/grants", mara.id), grants).await.status, 200);
    let mara = door.nobody().signed_in("mara").await.through(program.clone());
    let refused = mara.get("/run").await;
    assert_eq!((refused.status, refused.code()), (403, "forbidden"), "{}", refused.text);
    assert!(refused.text.contains("“run” in default/default") && refused.text.contains("Ask ada"), "{}", refused.text);
    assert_eq!(mara.clone().with(HEADER, "billing/staging").get("/run").await.text, "mara");
    assert_eq!(mara.clone().with(HEADER, "billing/production").get("/run").await.status, 403);
    assert_eq!(mara.clone().with(HEADER, "billing/nowhere").get("/run").await.code(), "environment_not_found");
    let leo = door.named("leo", "operator").await.through(program);
    assert_eq!(leo.get("/run").await.text, "leo");
    assert_eq!(leo.with(HEADER, "secret/production").get("/run").await.status, 403, "for members alone");
    let events = door.events().await;
    assert!(events.contains(&"access.denied denied by mara".to_owned()), "{events:?}");
}

#[tokio::test]
async fn a_principal_is_asked_in_code() {
    let door = Door::claimed().await;
    crate::workspaces::make(&door.admin().await, "secret", true).await;
    let rights = |principal: Principal| async move {
        let mut told = Vec::new();
        for place in ["default/default", "secret/production", "secret/nowhere", "nowhere/default"] {
            let scope: Scope = place.parse().unwrap();
            told.push((principal.can(Permission::Read, &scope).await.unwrap(), principal.can(Permission::Run, &scope).await.unwrap()));
        }
        format!("{told:?}")
    };
    let program = Router::new().route("/", any(rights)).layer(door.gate.recognise());
    let told = async |caller: Caller| caller.through(program.clone()).get("/").await.text;
    let (no, reads, runs) = ((false, false), (true, false), (true, true));
    assert_eq!(told(door.admin().await).await, format!("{:?}", [runs, runs, no, no]));
    assert_eq!(told(door.named("leo", "operator").await).await, format!("{:?}", [runs, no, no, no]));
    assert_eq!(told(door.key("viewer").await).await, format!("{:?}", [reads, no, no, no]));
}

#[tokio::test]
async fn who_has_to_change_the_password_does_nothing_else_first() {
    let door = Door::claimed().await;
    let new = json!({ "username": "leo", "role": "admin", "password": PASSWORD, "mustChangePassword": true });
    assert_eq!(door.admin().await.post("/api/v1/users", new).await.status, 201);
    let stranger = door.nobody().through(program(&door.gate));
    let leo = stranger.clone().with_cookies(&sign_in(&stranger, "/login", "/", "leo", PASSWORD).await.cookies());
    let refused = leo.get("/tasks").await;
    assert_eq!((refused.status, refused.code()), (403, "password_change_required"));
    assert_eq!(browser(leo.clone()).get("/tasks").await.headers["location"], "/change-password");
    let page = browser(leo.clone()).get("/change-password").await;
    assert!(page.text.contains("Change your password first"), "{}", page.text);
    let change = |new: &str| {
        let fields = [("currentPassword", PASSWORD), ("newPassword", new)];
        form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    };
    let form = browser(leo.clone()).with("content-type", "application/x-www-form-urlencoded");
    let weak = form.send("POST", "/change-password", Some(change("short"))).await;
    assert!(weak.status == 422 && weak.text.contains("role=\"alert\"") && !weak.text.contains("short\""), "{}", weak.text);
    let done = form.send("POST", "/change-password", Some(change("nine copper kettles sing"))).await;
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(leo.get("/tasks").await.text, "leo", "the session stays");
}

#[tokio::test]
async fn what_another_door_says_does_not_count() {
    let (outer, inner) = (Door::claimed().await, Door::claimed().await);
    let program = Router::new().route("/", any(name)).layer(inner.gate.layer()).layer(outer.gate.recognise());
    assert_eq!(outer.admin().await.through(program.clone()).get("/").await.status, 401);
    assert_eq!(inner.admin().await.through(program).get("/").await.status, 200);
}

#[tokio::test]
async fn a_layer_around_the_door_itself_is_told_and_no_circle() {
    let door = Door::claimed().await;
    let wrong = Router::new().merge(door.gate.routes()).layer(door.gate.layer());
    assert_eq!(browser(door.nobody().through(wrong)).get("/login").await.status, 500);
    let bare = Router::new().route("/", any(name));
    assert_eq!(door.admin().await.through(bare).get("/").await.status, 500, "no layer, no principal");
}

#[tokio::test]
async fn any_service_of_tower_s_can_be_guarded() {
    let door = Door::claimed().await;
    let service = door.gate.layer().layer(service_fn(async |request: Request<http_body_util::Empty<hyper::body::Bytes>>| {
        let name = request.extensions().get::<Principal>().map(|principal| principal.name().to_owned());
        Ok::<_, Infallible>(Response::new(name.unwrap_or_default()))
    }));
    let ask = async |token: Option<&str>, peer: bool| {
        let mut request = Request::get("/").header("host", "localhost").body(http_body_util::Empty::new()).unwrap();
        if let Some(token) = token {
            request.headers_mut().insert("authorization", token.parse().unwrap());
        }
        if peer {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
        }
        let answer = service.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body: Body = answer.into_body();
        (status, String::from_utf8(axum::body::to_bytes(body, 10_000).await.unwrap().into()).unwrap())
    };
    let ada = door.admin().await;
    let token = ada.headers["authorization"].to_str().unwrap();
    for peer in [true, false] {
        assert_eq!(ask(Some(token), peer).await, (StatusCode::OK, "ada".to_owned()));
        assert_eq!(ask(None, peer).await.0, StatusCode::UNAUTHORIZED);
    }
}

/// A door in memory, by code.
async fn by_code(users: &[(&str, &str, &str)]) -> Gate {
    let users = users.iter().map(|(name, password, role)| StaticUser::new(*name, *password).role(*role));
    Gate::builder().config(Config::for_testing()).users(users).build().await.unwrap()
}

#[tokio::test]
async fn people_of_a_list_sign_in_with_their_roles() {
    let door = Door::new().await;
    let gate = by_code(&[("admin", "secret", "admin"), ("bo", "two foxes", "viewer")]).await;
    let stranger = door.nobody().through(program(&gate));
    let wrong = sign_in(&stranger, "/login", "//evil.example", "admin", "<b>wrong").await;
    assert!(wrong.status == 401 && wrong.text.contains("role=\"alert\"") && !wrong.text.contains("<b>"), "{}", wrong.text);
    let admin = sign_in(&stranger, "/login", "//evil.example", "admin", "secret").await;
    assert_eq!((admin.status, admin.headers["location"].to_str().unwrap()), (303, "/"), "{}", admin.text);
    let admin = stranger.clone().with_cookies(&admin.cookies());
    assert_eq!((admin.get("/tasks").await.text.as_str(), admin.get("/run").await.text.as_str()), ("admin", "admin"));
    let bo = stranger.clone().with_cookies(&sign_in(&stranger, "/login", "/", "bo", "two foxes").await.cookies());
    assert_eq!((bo.get("/tasks").await.text.as_str(), bo.get("/run").await.status), ("bo", 403));
    gate.close().await;
    let unknown = Gate::builder().users([StaticUser::new("ada", "x").role("emperor")]).config(Config::for_testing()).build().await.unwrap();
    let stranger = door.nobody().through(program(&unknown));
    assert_eq!(sign_in(&stranger, "/login", "/", "ada", "x").await.status, 401, "a role that there is not lets nobody in");
    unknown.close().await;
}

#[tokio::test]
async fn without_authentication_is_said_and_never_by_accident() {
    let door = Door::new().await;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::Sqlite(folder.path().join("door.db"));
    let builder = || Gate::builder().store(store.clone()).config(Config::for_testing()).secret(Secret::file(folder.path().join("secret")));
    let fresh = builder().build().await.unwrap();
    assert_eq!(door.nobody().through(program(&fresh)).get("/tasks").await.status, 401, "nothing said is not open");
    fresh.close().await;
    let open = builder().without_authentication().build().await.unwrap();
    let stranger = door.nobody().through(program(&open));
    assert_eq!((stranger.get("/tasks").await.text.as_str(), stranger.get("/run").await.status), ("anyone", 200));
    assert_eq!(browser(stranger).get("/login?next=/tasks").await.headers["location"], "/tasks");
    open.close().await;
    let closed = builder().users([StaticUser::new("ada", "x").role("admin")]).build().await.unwrap();
    assert_eq!(door.nobody().through(program(&closed)).get("/tasks").await.status, 401, "who is named has to sign in");
    closed.close().await;
    let refused = builder().without_authentication().build().await.unwrap_err().to_string();
    assert!(refused.contains("one has to sign in"), "{refused}");
}

/// A door whose routes are nested at `/tasks/auth`.
async fn nested(door: &Door) -> (Gate, Caller) {
    let users = [StaticUser::new("admin", "secret").role("admin")];
    let gate = Gate::builder().config(Config::for_testing()).users(users).prefix("/tasks/auth").build().await.unwrap();
    let tasks = Router::new().route("/list", any(name)).layer(gate.layer());
    let program = Router::new().nest("/tasks", tasks.nest("/auth", gate.routes())).route("/", any(async || "home"));
    let stranger = door.nobody().through(program);
    (gate, stranger)
}

#[tokio::test]
async fn nested_everything_moves_along() {
    let door = Door::new().await;
    let (gate, stranger) = nested(&door).await;
    assert_eq!(stranger.get("/").await.text, "home");
    let away = browser(stranger.clone()).get("/tasks/list?a=b").await;
    assert_eq!(away.headers["location"], "/tasks/auth/login?next=/tasks/list%3Fa%3Db");
    let page = browser(stranger.clone()).get("/tasks/auth/login?next=/tasks/list").await;
    assert!(page.text.contains("action=\"/tasks/auth/login\"") && page.text.contains("value=\"/tasks/list\""), "{}", page.text);
    let circle = browser(stranger.clone()).get("/tasks/auth/login?next=/tasks/auth/login").await;
    assert!(circle.text.contains("name=\"next\" value=\"/\""), "{}", circle.text);
    let signed_in = sign_in(&stranger, "/tasks/auth/login", "/tasks/list", "admin", "secret").await;
    assert_eq!((signed_in.status, signed_in.headers["location"].to_str().unwrap()), (303, "/tasks/list"), "{}", signed_in.text);
    let admin = stranger.clone().with_cookies(&signed_in.cookies());
    assert_eq!(admin.get("/tasks/list").await.text, "admin");

    let tokens = stranger.post("/tasks/auth/api/v1/auth/login", json!({ "username": "admin", "password": "secret" })).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    let api = stranger.with_tokens(&tokens);
    let link = api.post("/tasks/auth/api/v1/users/invitations", json!({ "username": "leo", "role": "viewer" })).await;
    let url = link.body["url"].as_str().unwrap_or_else(|| panic!("{}", link.text));
    let path = url.strip_prefix("http://localhost:8080").unwrap();
    assert!(path.starts_with("/tasks/auth/reset/"), "{url}");
    let stranger = browser(api.clone());
    assert!(stranger.get(path).await.text.contains("Your username is leo"));
    let form = stranger.with("content-type", "application/x-www-form-urlencoded");
    let set = form.send("POST", path, Some("newPassword=nine+copper+kettles+sing".into())).await;
    assert_eq!((set.status, set.headers["location"].to_str().unwrap()), (303, "/tasks/auth/login"), "{}", set.text);
    assert_eq!(form.get(path).await.status, 410, "once");

    let out =
        browser(admin.clone()).with("content-type", "application/x-www-form-urlencoded").send("POST", "/tasks/auth/logout", None).await;
    assert_eq!(out.headers["location"], "/tasks/auth/login");
    assert_eq!(
        browser(admin).get("/tasks/auth/change-password").await.headers["location"],
        "/tasks/auth/login?next=/tasks/auth/change-password"
    );
    assert!(api.get("/tasks/auth/metrics").await.text.contains("/users/invitations"), "routes are counted by their own names");
    gate.close().await;
}

#[tokio::test]
async fn a_prefix_is_a_plain_path() {
    for prefix in ["auth", "/auth/", "/", "//a", "/a/../b", "/ä", "/a b", "/a?b"] {
        let refused = Gate::builder().config(Config::for_testing()).prefix(prefix).build().await;
        assert!(refused.is_err_and(|error| error.to_string().contains("prefix")), "{prefix}");
    }
}
