//! Providers over REST, and the addresses where browsers, and providers, pass on their way.

use super::{
    Way,
    begin::{Asked, begin},
    callback::{Brought, finish},
    change::{delete_version, update_version},
    check, create, get, list,
    logout::back_channel,
    pending::Aim,
    presets, try_mapping,
};
use crate::{
    Result,
    audit::clip,
    ctx::Ctx,
    http::{
        Body, Id, Reply, expected,
        guard::Site,
        no_content, reply, reply_versioned,
        routes::{Doc, Routes},
    },
    proxy::pages,
};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, RawQuery},
    routing::{get as on_get, post as on_post},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use wire::{
    Code, Failure, policy,
    sso::{MappingTrial, NewProvider, PresetInfo, Provider, ProviderPatch, TrialResult},
    workspaces::Slug,
};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::LIST_PROVIDERS, list_providers, Doc::new().page::<Provider>())
        .on(&policy::CREATE_PROVIDER, create_provider, Doc::new().body::<NewProvider>().returns::<Provider>(201))
        .on(&policy::LIST_PROVIDER_PRESETS, list_provider_presets, Doc::new().page::<PresetInfo>())
        .on(&policy::GET_PROVIDER, get_provider, Doc::new().returns::<Provider>(200))
        .on(&policy::UPDATE_PROVIDER, update_provider, Doc::new().body::<ProviderPatch>().returns::<Provider>(200))
        .on(&policy::DELETE_PROVIDER, delete_provider, Doc::new().empty(204))
        .on(&policy::CHECK_PROVIDER, check_provider, Doc::new().returns::<Provider>(200))
        .on(&policy::TRY_MAPPING, post_try_mapping, Doc::new().body::<MappingTrial>().returns::<TrialResult>(200))
}

async fn list_providers(ctx: Ctx) -> Reply {
    reply(&ctx, 200, list(&ctx).await)
}

async fn create_provider(ctx: Ctx, Body(new): Body<NewProvider>) -> Reply {
    reply_versioned(&ctx, 201, create(&ctx, new).await)
}

async fn list_provider_presets(ctx: Ctx) -> Reply {
    reply(&ctx, 200, presets(&ctx).await)
}

async fn get_provider(ctx: Ctx, Id(id): Id<Slug>) -> Reply {
    reply_versioned(&ctx, 200, get(&ctx, &id).await)
}

async fn update_provider(ctx: Ctx, Id(id): Id<Slug>, headers: HeaderMap, Body(patch): Body<ProviderPatch>) -> Reply {
    reply_versioned(&ctx, 200, update_version(&ctx, &id, patch, &expected(&headers)).await)
}

async fn delete_provider(ctx: Ctx, Id(id): Id<Slug>, headers: HeaderMap) -> Reply {
    no_content(&ctx, delete_version(&ctx, &id, &expected(&headers)).await)
}

async fn check_provider(ctx: Ctx, Id(id): Id<Slug>) -> Reply {
    reply(&ctx, 200, check(&ctx, &id).await)
}

async fn post_try_mapping(ctx: Ctx, Body(trial): Body<MappingTrial>) -> Reply {
    reply(&ctx, 200, try_mapping(&ctx, trial).await)
}

/// The addresses outside the interface.
pub(crate) fn passages() -> Router {
    Router::new()
        .route("/auth/oidc/{id}/login", on_get(login))
        .route("/auth/oidc/{id}/link", on_get(link))
        .route("/auth/oidc/{id}/test", on_get(test))
        .route("/auth/oidc/{id}/backchannel-logout", on_post(logout))
        .route("/oidc-callback", on_get(callback))
}

/// The fields of a query or a form. What is there twice could be read in two ways, so it is not read.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn of(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    fn get(&self, name: &str) -> Option<String> {
        let mut all = self.0.iter().filter(|(own, _)| own == name).map(|(_, value)| value.clone());
        let first = all.next()?;
        all.next().is_none().then_some(first)
    }
}

/// Sends the browser on, with GET; what is in the address is nobody's to keep.
fn sent(ctx: &Ctx, headers: &HeaderMap, way: Result<Way>) -> Reply {
    let way = match way {
        Ok(way) => way,
        Err(error) => return refused(ctx, headers, error),
    };
    let mut response = Reply::default();
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_str(&way.place).unwrap_or(HeaderValue::from_static("/")));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in way.cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// A browser without a session is sent to sign in; what else is refused is said on a page.
fn refused(ctx: &Ctx, headers: &HeaderMap, error: crate::Error) -> Reply {
    match error.code() {
        Code::Unauthenticated => sent(ctx, headers, Ok(Way::to(&ctx.gate().at("/login")))),
        _ => {
            let home = pages::Way { label: "Go to the dashboard", place: ctx.gate().at("/") };
            pages::refusal(pages::wants_page(headers), &error.into_failure(ctx.request_id()), &[home])
        }
    }
}

async fn start(ctx: &Ctx, id: &str, aim: Aim, query: Option<String>, headers: &HeaderMap) -> Reply {
    let fields = Fields::of(query.unwrap_or_default().as_bytes());
    let Ok(id) = id.parse::<Slug>() else {
        return refused(ctx, headers, Failure::new(Code::NotFound, "There is no such provider.").into());
    };
    let next = fields.get("next").unwrap_or_default();
    let site = Site::of(headers, &ctx.origin().base_url);
    // Browsers say where a request comes from to encrypted addresses and to this machine alone.
    let is_silent = site == Site::Unknown && ctx.gate().config().http.insecure_http && !ctx.origin().is_encrypted;
    let asked = Asked {
        aim,
        next: &next,
        is_remembered: fields.get("remember").is_some_and(|value| value == "1"),
        was_moved: fields.get("moved").is_some(),
        is_own_site: site == Site::Own || is_silent,
    };
    sent(ctx, headers, begin(ctx, &id, &asked, headers).await)
}

async fn login(ctx: Ctx, Path(id): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    start(&ctx, &id, Aim::SignIn, query, &headers).await
}

async fn link(ctx: Ctx, Path(id): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    start(&ctx, &id, Aim::Link, query, &headers).await
}

async fn test(ctx: Ctx, Path(id): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    start(&ctx, &id, Aim::Test, query, &headers).await
}

async fn callback(ctx: Ctx, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    let fields = Fields::of(query.unwrap_or_default().as_bytes());
    let brought = Brought {
        state: fields.get("state").unwrap_or_default(),
        code: fields.get("code"),
        iss: fields.get("iss"),
        error: fields.get("error"),
        error_description: fields.get("error_description"),
    };
    sent(&ctx, &headers, finish(&ctx, &brought, &headers).await)
}

/// Answers as the standard says: 200 when it was done, 400 when the token is not good.
async fn logout(ctx: Ctx, Path(id): Path<String>, body: Bytes) -> Reply {
    let token = Fields::of(&body).get("logout_token").unwrap_or_default();
    let done = match id.parse::<Slug>() {
        Ok(id) => back_channel(&ctx, &id, &token).await,
        Err(_) => Ok(Err("there is no such provider".into())),
    };
    match done {
        Ok(Ok(ended)) => {
            tracing::info!(provider = %clip(&id), ended, "a provider ended sessions");
            let mut response = Reply::default();
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Ok(Err(cause)) => {
            tracing::warn!(provider = %clip(&id), cause, request_id = ctx.request_id(), "a logout token is not good");
            reply::<()>(&ctx, 400, Err(Failure::new(Code::BadRequest, "This logout token is not good.").into()))
        }
        Err(error) => reply::<()>(&ctx, 500, Err(error)),
    }
}
