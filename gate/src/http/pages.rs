//! Plain pages around signing in, for a door without the dashboard: rendered here, whole, with no script.
//! What they send goes to the functions that everything else calls.

mod html;

use super::{Reply, principal::is_open};
use crate::{
    Opened, Result,
    ctx::{Ctx, Principal},
    gate::Gate,
    links, sessions, setup,
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, RawQuery},
    routing::get,
};
use html::Entry;
use http::{HeaderValue, StatusCode, header};
use wire::{
    Code,
    links::{LinkCheck, LinkUse},
    next::{escaped, is_local},
    sessions::{PasswordChange, SessionKind, SignIn},
    setup::SetupState,
    sso::SignInProblem,
};

pub(super) fn routes() -> Router {
    Router::new()
        .route("/login", get(show_sign_in).post(sign_in))
        .route("/logout", get(show_sign_out).post(sign_out))
        .route("/change-password", get(show_change).post(change_password))
        .route("/reset/{token}", get(show_link).post(use_link))
}

/// The fields of a query or a form; the first of a name counts.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn of(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// Where to go in the end: a path of this host that is not about signing in.
    fn next(&self, gate: &Gate) -> String {
        let next = self.get("next");
        let path = next.split(['?', '#']).next().unwrap_or_default();
        let is_entry = ["/login", "/logout", "/change-password"].iter().any(|own| gate.at(own) == path);
        if is_local(next) && !is_entry { next.to_owned() } else { "/".to_owned() }
    }
}

/// Sends the browser on, with GET.
fn see_other(place: &str, cookies: &[String]) -> Reply {
    let mut response = Reply::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/")));
    for cookie in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// The page of a form that can not be used without a session, and whoever has none goes to sign in.
fn to_sign_in(ctx: &Ctx, page: &str) -> Reply {
    see_other(&ctx.gate().at(&format!("/login?next={}", escaped(&ctx.gate().at(page)))), &[])
}

async fn show_sign_in(ctx: Ctx, RawQuery(query): RawQuery) -> Reply {
    let fields = Fields::of(query.unwrap_or_default().as_bytes());
    let (gate, next) = (ctx.gate(), fields.next(ctx.gate()));
    match ctx.principal() {
        _ if is_open(gate) => see_other(&next, &[]),
        Principal::Person(person) if person.user.must_change_password => see_other(&gate.at("/change-password"), &[]),
        Principal::Person(_) => see_other(&next, &[]),
        _ => match SignInProblem::parse(fields.get("problem")) {
            Some(problem) => entry(&ctx, 200, "", &next, Some(came_back(problem))).await,
            None => entry(&ctx, 200, "", &next, None).await,
        },
    }
}

/// What is said to somebody whom a provider sent back.
const fn came_back(problem: SignInProblem) -> &'static str {
    match problem {
        SignInProblem::NotAllowed => "You were not let in. Ask somebody who runs this.",
        SignInProblem::Cancelled => "You were not signed in: it was broken off at the provider.",
        SignInProblem::Expired => "This sign-in is no longer good. Begin again.",
        SignInProblem::ProviderDown => "The provider can’t be used at the moment. Try again in a few minutes.",
        SignInProblem::Failed | SignInProblem::IdentityTaken | SignInProblem::ConfirmFirst => {
            "You could not be signed in by the provider. Try again; if that is no good, tell an admin."
        }
    }
}

/// The sign-in page.
async fn entry(ctx: &Ctx, status: u16, username: &str, next: &str, problem: Option<&str>) -> Reply {
    let gate = ctx.gate();
    let capabilities = match setup::capabilities(ctx).await {
        Ok(capabilities) => capabilities,
        Err(error) => return super::problem(&error.into_failure(ctx.request_id())),
    };
    let name = if gate.state().name.is_empty() { "Doorward".to_owned() } else { gate.state().name.clone() };
    html::sign_in(&Entry {
        status,
        name: &name,
        is_set_up: gate.state().setup != SetupState::Unclaimed,
        has_password: capabilities.password_sign_in,
        is_secure: capabilities.secure_transport,
        ways: &capabilities.providers,
        action: &gate.at("/login"),
        provider: &|id| gate.at(&format!("/auth/oidc/{id}/login?next={}", escaped(next))),
        username,
        next,
        problem,
    })
}

async fn sign_in(ctx: Ctx, body: Bytes) -> Reply {
    let fields = Fields::of(&body);
    let next = fields.next(ctx.gate());
    let who = SignIn {
        username: Some(fields.get("username").trim().to_owned()),
        email: None,
        password: fields.get("password").to_owned(),
        remember_me: !fields.get("rememberMe").is_empty(),
    };
    match sessions::sign_in(&ctx, who, SessionKind::Browser).await {
        Ok(opened) => see_other(&next, &opened.cookies),
        Err(error) => {
            let failure = error.into_failure(ctx.request_id());
            let mut page = entry(&ctx, failure.status, fields.get("username"), &next, Some(&failure.detail)).await;
            wait(&mut page, failure.retry_after);
            page
        }
    }
}

/// Says when another try makes sense.
fn wait(page: &mut Reply, seconds: Option<u64>) {
    if let Some(seconds) = seconds {
        page.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
}

async fn show_sign_out(ctx: Ctx) -> Reply {
    match ctx.person() {
        Some(person) => html::sign_out(&ctx.gate().at("/logout"), &person.user.username),
        None => see_other(&ctx.gate().at("/login"), &[]),
    }
}

async fn sign_out(ctx: Ctx) -> Reply {
    let login = ctx.gate().at("/login");
    match sessions::sign_out(&ctx).await {
        Ok(closed) => {
            let mut response = match closed.provider {
                Some(provider) => html::signed_out(&login, &provider),
                None => see_other(&login, &[]),
            };
            for cookie in closed.cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
            response
        }
        // Over already is as good.
        Err(error) if error.code() == Code::Unauthenticated => see_other(&login, &[]),
        Err(error) => super::problem(&error.into_failure(ctx.request_id())),
    }
}

async fn show_change(ctx: Ctx) -> Reply {
    match ctx.person() {
        Some(person) => html::change_password(200, &ctx.gate().at("/change-password"), person.user.must_change_password, None),
        None => to_sign_in(&ctx, "/change-password"),
    }
}

async fn change_password(ctx: Ctx, body: Bytes) -> Reply {
    const PAGE: &str = "/change-password";
    let fields = Fields::of(&body);
    let change = PasswordChange {
        current_password: fields.get("currentPassword").to_owned(),
        new_password: fields.get("newPassword").to_owned(),
        revoke_keys: !fields.get("revokeKeys").is_empty(),
    };
    let outcome: Result<Opened> = sessions::change_password(&ctx, change).await;
    match outcome {
        Ok(opened) => see_other("/", &opened.cookies),
        Err(error) if error.code() == Code::Unauthenticated => to_sign_in(&ctx, PAGE),
        Err(error) => {
            let failure = error.into_failure(ctx.request_id());
            let is_pending = ctx.person().is_some_and(|person| person.user.must_change_password);
            let mut page = html::change_password(failure.status, &ctx.gate().at(PAGE), is_pending, Some(&said(&failure)));
            wait(&mut page, failure.retry_after);
            page
        }
    }
}

/// What is wrong, field by field where it is about fields.
fn said(failure: &wire::Failure) -> String {
    match failure.errors.as_slice() {
        [] => failure.detail.clone(),
        errors => errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join(" "),
    }
}

/// The address of a link's page.
fn link(ctx: &Ctx, token: &str) -> String {
    ctx.gate().at(&format!("/reset/{}", escaped(token)))
}

async fn show_link(ctx: Ctx, Path(token): Path<String>) -> Reply {
    match links::check(&ctx, LinkCheck { token: token.clone() }).await {
        Ok(info) => html::set_password(200, &link(&ctx, &token), Some(&info.username), None),
        Err(error) => html::over(&ctx.gate().at("/login"), &error.into_failure(ctx.request_id())),
    }
}

async fn use_link(ctx: Ctx, Path(token): Path<String>, body: Bytes) -> Reply {
    let new_password = Fields::of(&body).get("newPassword").to_owned();
    match links::redeem(&ctx, LinkUse { token: token.clone(), new_password }).await {
        Ok(_) => see_other(&ctx.gate().at("/login"), &[]),
        Err(error) if error.code() == Code::LinkExpired => html::over(&ctx.gate().at("/login"), &error.into_failure(ctx.request_id())),
        Err(error) => {
            let failure = error.into_failure(ctx.request_id());
            html::set_password(failure.status, &link(&ctx, &token), None, Some(&said(&failure)))
        }
    }
}
