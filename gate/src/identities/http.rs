//! Identities over REST.

use super::{list_of, list_own, unlink};
use crate::{
    ctx::Ctx,
    http::{
        Id, Reply, no_content, reply,
        routes::{Doc, Routes},
    },
};
use wire::{IdentityId, UserId, policy, sso::Identity};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::LIST_IDENTITIES, list_identities, Doc::new().page::<Identity>())
        .on(&policy::UNLINK_IDENTITY, unlink_identity, Doc::new().empty(204))
        .on(&policy::LIST_USER_IDENTITIES, list_user_identities, Doc::new().page::<Identity>())
}

async fn list_identities(ctx: Ctx) -> Reply {
    reply(&ctx, 200, list_own(&ctx).await)
}

async fn unlink_identity(ctx: Ctx, Id(id): Id<IdentityId>) -> Reply {
    no_content(&ctx, unlink(&ctx, id).await)
}

async fn list_user_identities(ctx: Ctx, Id(id): Id<UserId>) -> Reply {
    reply(&ctx, 200, list_of(&ctx, id).await)
}
