//! The numbers of Home over REST.

use super::overview;
use crate::{
    ctx::Ctx,
    http::{
        Reply, reply,
        routes::{Doc, Routes},
    },
};
use wire::{policy, stats::Overview};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.on(&policy::GET_OVERVIEW, get_overview, Doc::new().returns::<Overview>(200))
}

async fn get_overview(ctx: Ctx) -> Reply {
    reply(&ctx, 200, overview(&ctx).await)
}
