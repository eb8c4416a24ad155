//! One-time links over REST.

use super::{check, invite, redeem, reset};
use crate::{
    ctx::Ctx,
    http::{
        Body, Id, Reply, reply,
        routes::{Doc, Routes},
    },
};
use wire::{
    UserId,
    links::{Link, LinkCheck, LinkInfo, LinkUse},
    policy,
    users::NewInvitation,
};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::INVITE_USER, invite_user, Doc::new().body::<NewInvitation>().returns::<Link>(201))
        .on(&policy::CREATE_RESET_LINK, create_reset_link, Doc::new().returns::<Link>(201))
        .on(&policy::CHECK_LINK, check_link, Doc::new().body::<LinkCheck>().returns::<LinkInfo>(200))
        .on(&policy::USE_LINK, use_link, Doc::new().body::<LinkUse>().returns::<LinkInfo>(200))
}

async fn invite_user(ctx: Ctx, Body(new): Body<NewInvitation>) -> Reply {
    reply(&ctx, 201, invite(&ctx, new).await)
}

async fn create_reset_link(ctx: Ctx, Id(id): Id<UserId>) -> Reply {
    reply(&ctx, 201, reset(&ctx, id).await)
}

async fn check_link(ctx: Ctx, Body(request): Body<LinkCheck>) -> Reply {
    reply(&ctx, 200, check(&ctx, request).await)
}

async fn use_link(ctx: Ctx, Body(request): Body<LinkUse>) -> Reply {
    reply(&ctx, 200, redeem(&ctx, request).await)
}
