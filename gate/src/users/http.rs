//! Users over REST. A user's version is its `ETag`.

use super::{create, delete_version, get, list, reset_password, update::update_version};
use crate::{
    ctx::Ctx,
    http::{
        Body, Id, Query, Reply, expected, no_content, reply, reply_versioned,
        routes::{Doc, Routes},
    },
};
use axum::http::HeaderMap;
use wire::{
    UserId, policy,
    users::{NewUser, PasswordReset, User, UserPatch, UserQuery},
};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::LIST_USERS, list_users, Doc::new().query::<UserQuery>().page::<User>())
        .on(&policy::CREATE_USER, create_user, Doc::new().body::<NewUser>().returns::<User>(201))
        .on(&policy::GET_USER, get_user, Doc::new().returns::<User>(200))
        .on(&policy::UPDATE_USER, update_user, Doc::new().body::<UserPatch>().returns::<User>(200))
        .on(&policy::PUT_USER, update_user, Doc::new().body::<UserPatch>().returns::<User>(200))
        .on(&policy::DELETE_USER, delete_user, Doc::new().empty(204))
        .on(&policy::RESET_PASSWORD, put_password, Doc::new().body::<PasswordReset>().returns::<User>(200))
}

async fn list_users(ctx: Ctx, Query(query): Query<UserQuery>) -> Reply {
    reply(&ctx, 200, list(&ctx, query).await)
}

async fn create_user(ctx: Ctx, Body(new): Body<NewUser>) -> Reply {
    reply_versioned(&ctx, 201, create(&ctx, new).await)
}

async fn get_user(ctx: Ctx, Id(id): Id<UserId>) -> Reply {
    reply_versioned(&ctx, 200, get(&ctx, id).await)
}

async fn update_user(ctx: Ctx, Id(id): Id<UserId>, headers: HeaderMap, Body(patch): Body<UserPatch>) -> Reply {
    reply_versioned(&ctx, 200, update_version(&ctx, id, patch, &expected(&headers)).await)
}

async fn delete_user(ctx: Ctx, Id(id): Id<UserId>, headers: HeaderMap) -> Reply {
    no_content(&ctx, delete_version(&ctx, id, &expected(&headers)).await)
}

async fn put_password(ctx: Ctx, Id(id): Id<UserId>, Body(reset): Body<PasswordReset>) -> Reply {
    reply_versioned(&ctx, 200, reset_password(&ctx, id, reset).await)
}
