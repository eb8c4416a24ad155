//! API keys over REST. A key's version is its `ETag`.

use super::{create, get, list, revoke_version, rotate, update_version};
use crate::{
    ctx::Ctx,
    http::{
        Body, Id, Query, Reply, expected, no_content, reply, reply_versioned,
        routes::{Doc, Routes},
    },
};
use axum::http::HeaderMap;
use wire::{
    KeyId, Page,
    keys::{ApiKey, ApiKeyPatch, ApiKeyQuery, CreatedKey, NewApiKey, Rotate},
    policy,
};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::LIST_API_KEYS, list_api_keys, Doc::new().query::<ApiKeyQuery>().returns::<Page<ApiKey>>(200))
        .on(&policy::CREATE_API_KEY, create_api_key, Doc::new().body::<NewApiKey>().returns::<CreatedKey>(201))
        .on(&policy::GET_API_KEY, get_api_key, Doc::new().returns::<ApiKey>(200))
        .on(&policy::UPDATE_API_KEY, update_api_key, Doc::new().body::<ApiKeyPatch>().returns::<ApiKey>(200))
        .on(&policy::DELETE_API_KEY, delete_api_key, Doc::new().empty(204))
        .on(&policy::ROTATE_API_KEY, rotate_api_key, Doc::new().body::<Rotate>().returns::<CreatedKey>(200))
}

async fn list_api_keys(ctx: Ctx, Query(query): Query<ApiKeyQuery>) -> Reply {
    reply(&ctx, 200, list(&ctx, query).await)
}

async fn create_api_key(ctx: Ctx, Body(new): Body<NewApiKey>) -> Reply {
    reply(&ctx, 201, create(&ctx, new).await)
}

async fn get_api_key(ctx: Ctx, Id(id): Id<KeyId>) -> Reply {
    reply_versioned(&ctx, 200, get(&ctx, id).await)
}

async fn update_api_key(ctx: Ctx, Id(id): Id<KeyId>, headers: HeaderMap, Body(patch): Body<ApiKeyPatch>) -> Reply {
    reply_versioned(&ctx, 200, update_version(&ctx, id, patch, &expected(&headers)).await)
}

async fn delete_api_key(ctx: Ctx, Id(id): Id<KeyId>, headers: HeaderMap) -> Reply {
    no_content(&ctx, revoke_version(&ctx, id, &expected(&headers)).await)
}

async fn rotate_api_key(ctx: Ctx, Id(id): Id<KeyId>, Body(rotate_by): Body<Rotate>) -> Reply {
    reply(&ctx, 200, rotate(&ctx, id, rotate_by).await)
}
