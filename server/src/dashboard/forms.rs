//! The forms of the pages around signing in, posted by a browser without script. Each calls what the
//! server function of the same meaning calls; what fails is shown on the page it came from.

use super::page::{onward, prefix, see_other, show_again, show_with};
use app::{pages::logout::handed, state::next};
use axum::{
    Extension,
    body::to_bytes,
    extract::{Path, Request},
    response::Response,
};
use gate::{Ctx, Opened, apps, links, sessions, setup};
use http::{HeaderValue, header};
use wire::{
    Code, Failure,
    apps::{AppProbe, NewApp},
    links::LinkUse,
    sessions::{PasswordChange, SessionKind, SignIn},
    setup::{NewSetup, SkipSetup},
};

/// No form of ours comes near this.
const LONGEST: usize = 64 * 1024;

/// The fields of a posted form.
struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads the body; the request stays, without it.
    async fn read(request: Request) -> Result<(Self, Request), (Failure, Request)> {
        let (parts, body) = request.into_parts();
        let rest = Request::from_parts(parts, axum::body::Body::empty());
        match to_bytes(body, LONGEST).await {
            Ok(bytes) => Ok((Self(form_urlencoded::parse(&bytes).into_owned().collect()), rest)),
            Err(_) => Err((Failure::new(Code::TooLarge, "The form is larger than is taken here."), rest)),
        }
    }

    /// What was typed into a field; nothing where it is not there.
    fn get(&self, name: &str) -> String {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// The same; an empty field counts as absent.
    fn given(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.trim().is_empty()).map(|value| value.trim().to_owned())
    }

    /// What may be shown again: everything but passwords.
    fn shown(self) -> Vec<(String, String)> {
        self.0.into_iter().filter(|(name, _)| !name.to_lowercase().contains("password")).collect()
    }
}

/// Reads the fields, or shows the page again because they are too many.
macro_rules! read {
    ($ctx:expr, $request:expr, $page:expr) => {
        match Fields::read($request).await {
            Ok(read) => read,
            Err((failure, request)) => return show_again(&$ctx, request, $page, failure.into(), Vec::new()).await,
        }
    };
}

/// Goes on to an address of this host with the session's cookies, or shows the page again.
async fn finish(ctx: &Ctx, request: Request, page: &str, fields: Fields, outcome: gate::Result<Opened>, place: &str) -> Response {
    match outcome {
        Ok(opened) => see_other(place, &opened.cookies),
        Err(error) => show_again(ctx, request, page, error, fields.shown()).await,
    }
}

pub(super) async fn sign_in(Extension(ctx): Extension<Ctx>, request: Request) -> Response {
    let (fields, request) = read!(ctx, request, "/login");
    let who = SignIn {
        username: Some(fields.get("username").trim().to_owned()),
        email: None,
        password: fields.get("password"),
        remember_me: !fields.get("rememberMe").is_empty(),
    };
    let place = next::or_home(prefix(&ctx), fields.given("next").as_deref());
    let outcome = sessions::sign_in(&ctx, who, SessionKind::Browser).await;
    finish(&ctx, request, "/login", fields, outcome, &place).await
}

pub(super) async fn set_up(Extension(ctx): Extension<Ctx>, request: Request) -> Response {
    let (fields, request) = read!(ctx, request, "/setup/admin");
    let new = NewSetup {
        username: fields.get("username").trim().to_owned(),
        email: fields.given("email"),
        password: fields.get("password"),
        setup_code: fields.given("setupCode"),
    };
    let outcome = setup::claim(&ctx, new, SessionKind::Browser).await;
    finish(&ctx, request, "/setup/admin", fields, outcome, &ctx.gate().at("/setup/app")).await
}

/// The wizard's app: its upstream is looked at, or it is added.
pub(super) async fn add_first_app(Extension(ctx): Extension<Ctx>, request: Request) -> Response {
    const PAGE: &str = "/setup/app";
    let (fields, request) = read!(ctx, request, PAGE);
    let upstream = fields.get("upstream").trim().to_owned();
    if fields.get("do") == "check" {
        return match apps::probe(&ctx, AppProbe { upstream, ..AppProbe::default() }).await {
            Ok(report) => {
                let found = serde_json::to_string(&report).unwrap_or_default();
                let typed = fields.shown().into_iter().filter(|(name, _)| name != "report");
                show_with(&ctx, request, PAGE, typed.chain([("report".to_owned(), found)]).collect()).await
            }
            Err(error) => show_again(&ctx, request, PAGE, error, fields.shown()).await,
        };
    }
    let new = NewApp::first(&upstream, &fields.get("name"), fields.given("preset").as_deref());
    match apps::create(&ctx, new).await {
        Ok(_) => onward(&ctx, "/setup/done"),
        Err(error) => show_again(&ctx, request, PAGE, error, fields.shown()).await,
    }
}

pub(super) async fn skip_setup(Extension(ctx): Extension<Ctx>, request: Request) -> Response {
    let (fields, request) = read!(ctx, request, "/setup");
    match setup::skip(&ctx, SkipSetup { setup_code: fields.given("setupCode") }).await {
        Ok(()) => onward(&ctx, "/"),
        Err(error) => show_again(&ctx, request, "/setup", error, fields.shown()).await,
    }
}

pub(super) async fn sign_out(Extension(ctx): Extension<Ctx>, request: Request) -> Response {
    match sessions::sign_out(&ctx).await {
        Ok(closed) => {
            let mut response = match closed.provider {
                Some(left) => show_with(&ctx, request, "/logout", handed(left)).await,
                None => onward(&ctx, "/login"),
            };
            for cookie in closed.cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
            response
        }
        // Over already is as good.
        Err(error) if error.code() == Code::Unauthenticated => onward(&ctx, "/login"),
        Err(error) => show_again(&ctx, request, "/logout", error, Vec::new()).await,
    }
}

pub(super) async fn use_link(Extension(ctx): Extension<Ctx>, Path(token): Path<String>, request: Request) -> Response {
    let page = request.uri().path().to_owned();
    let (fields, request) = read!(ctx, request, &page);
    match links::redeem(&ctx, LinkUse { token, new_password: fields.get("newPassword") }).await {
        Ok(_) => onward(&ctx, "/login"),
        Err(error) => show_again(&ctx, request, &page, error, fields.shown()).await,
    }
}

pub(super) async fn change_password(Extension(ctx): Extension<Ctx>, request: Request) -> Response {
    let (fields, request) = read!(ctx, request, "/change-password");
    let change = PasswordChange {
        current_password: fields.get("currentPassword"),
        new_password: fields.get("newPassword"),
        revoke_keys: !fields.get("revokeKeys").is_empty(),
    };
    let place = next::or_home(prefix(&ctx), fields.given("next").as_deref());
    let outcome = sessions::change_password(&ctx, change).await;
    finish(&ctx, request, "/change-password", fields, outcome, &place).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown_again() {
        let pairs = [("username", "mara"), ("password", "x"), ("newPassword", "y"), ("currentPassword", "z"), ("next", "/a")];
        let fields = Fields(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        assert_eq!(fields.given("email"), None);
        let names: Vec<String> = fields.shown().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["username", "next"]);
    }
}
