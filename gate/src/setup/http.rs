//! The first run over REST.

use super::{capabilities, check_upstream, claim, skip, status};
use crate::{
    ctx::Ctx,
    http::{
        Body, Reply, no_content, opened, reply,
        routes::{Doc, Routes},
    },
};
use wire::{
    apps::{ProbeReport, SetupProbe},
    policy,
    sessions::{SessionKind, Tokens},
    setup::{Capabilities, NewSetup, SetupStatus, SkipSetup},
};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::GET_CAPABILITIES, get_capabilities, Doc::new().returns::<Capabilities>(200))
        .on(&policy::GET_SETUP, get_setup, Doc::new().returns::<SetupStatus>(200))
        .on(&policy::SET_UP, set_up, Doc::new().body::<NewSetup>().returns::<Tokens>(201))
        .on(&policy::CHECK_UPSTREAM, check_first_upstream, Doc::new().body::<SetupProbe>().returns::<ProbeReport>(200))
        .on(&policy::SKIP_SETUP, skip_setup, Doc::new().body::<SkipSetup>().empty(204))
}

async fn get_capabilities(ctx: Ctx) -> Reply {
    reply(&ctx, 200, capabilities(&ctx).await)
}

async fn get_setup(ctx: Ctx) -> Reply {
    reply(&ctx, 200, status(&ctx).await)
}

async fn set_up(ctx: Ctx, Body(new): Body<NewSetup>) -> Reply {
    opened(&ctx, 201, claim(&ctx, new, SessionKind::Token).await)
}

async fn check_first_upstream(ctx: Ctx, Body(asked): Body<SetupProbe>) -> Reply {
    reply(&ctx, 200, check_upstream(&ctx, asked).await)
}

async fn skip_setup(ctx: Ctx, Body(request): Body<SkipSetup>) -> Reply {
    no_content(&ctx, skip(&ctx, request).await)
}
