//! Apps over REST. An app's version is its `ETag`.

use super::{
    change::{delete_version, update_version},
    check, create, get, list, presets, probe, traffic,
};
use crate::{
    ctx::Ctx,
    http::{
        Body, Id, Query, Reply, expected, no_content, reply, reply_versioned,
        routes::{Doc, Routes},
    },
};
use axum::http::HeaderMap;
use wire::{
    apps::{AppCheck, AppDecision, AppPatch, AppProbe, AppQuery, AppTraffic, AppView, NewApp, PresetInfo, ProbeReport},
    policy,
    workspaces::Slug,
};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::LIST_APPS, list_apps, Doc::new().query::<AppQuery>().page::<AppView>())
        .on(&policy::CREATE_APP, create_app, Doc::new().body::<NewApp>().returns::<AppView>(201))
        .on(&policy::LIST_PRESETS, list_presets, Doc::new().page::<PresetInfo>())
        .on(&policy::PROBE_UPSTREAM, probe_upstream, Doc::new().body::<AppProbe>().returns::<ProbeReport>(200))
        .on(&policy::GET_APP, get_app, Doc::new().returns::<AppView>(200))
        .on(&policy::UPDATE_APP, update_app, Doc::new().body::<AppPatch>().returns::<AppView>(200))
        .on(&policy::DELETE_APP, delete_app, Doc::new().empty(204))
        .on(&policy::CHECK_APP, check_app, Doc::new().body::<AppCheck>().returns::<AppDecision>(200))
        .on(&policy::GET_APP_TRAFFIC, get_app_traffic, Doc::new().returns::<AppTraffic>(200))
}

async fn list_apps(ctx: Ctx, Query(query): Query<AppQuery>) -> Reply {
    reply(&ctx, 200, list(&ctx, query).await)
}

async fn create_app(ctx: Ctx, Body(new): Body<NewApp>) -> Reply {
    reply_versioned(&ctx, 201, create(&ctx, new).await)
}

async fn list_presets(ctx: Ctx) -> Reply {
    reply(&ctx, 200, presets(&ctx))
}

async fn probe_upstream(ctx: Ctx, Body(asked): Body<AppProbe>) -> Reply {
    reply(&ctx, 200, probe(&ctx, asked).await)
}

async fn get_app(ctx: Ctx, Id(slug): Id<Slug>) -> Reply {
    reply_versioned(&ctx, 200, get(&ctx, &slug).await)
}

async fn update_app(ctx: Ctx, Id(slug): Id<Slug>, headers: HeaderMap, Body(patch): Body<AppPatch>) -> Reply {
    reply_versioned(&ctx, 200, update_version(&ctx, &slug, patch, &expected(&headers)).await)
}

async fn delete_app(ctx: Ctx, Id(slug): Id<Slug>, headers: HeaderMap) -> Reply {
    no_content(&ctx, delete_version(&ctx, &slug, &expected(&headers)).await)
}

async fn check_app(ctx: Ctx, Id(slug): Id<Slug>, Body(asked): Body<AppCheck>) -> Reply {
    reply(&ctx, 200, check(&ctx, &slug, asked).await)
}

async fn get_app_traffic(ctx: Ctx, Id(slug): Id<Slug>) -> Reply {
    reply(&ctx, 200, traffic(&ctx, &slug).await)
}
