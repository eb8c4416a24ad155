//! Oneself over REST.

use super::{get, update};
use crate::{
    ctx::Ctx,
    http::{
        Body, Reply, reply,
        routes::{Doc, Routes},
    },
};
use wire::{
    me::{Me, MePatch},
    policy,
    users::User,
};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.on(&policy::GET_ME, get_me, Doc::new().returns::<Me>(200)).on(
        &policy::UPDATE_ME,
        update_me,
        Doc::new().body::<MePatch>().returns::<User>(200),
    )
}

async fn get_me(ctx: Ctx) -> Reply {
    reply(&ctx, 200, get(&ctx).await)
}

async fn update_me(ctx: Ctx, Body(patch): Body<MePatch>) -> Reply {
    reply(&ctx, 200, update(&ctx, patch).await)
}
