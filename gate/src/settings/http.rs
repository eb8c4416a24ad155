//! Settings over REST.

use super::{auth, general, update_auth, update_general};
use crate::{
    ctx::Ctx,
    http::{
        Body, Reply, reply, reply_with,
        routes::{Doc, Routes},
    },
};
use wire::{
    policy,
    settings::{AuthSettings, AuthSettingsPatch, Settings, SettingsPatch},
};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::GET_AUTH_SETTINGS, get_auth_settings, Doc::new().returns::<AuthSettings>(200))
        .on(&policy::UPDATE_AUTH_SETTINGS, update_auth_settings, Doc::new().body::<AuthSettingsPatch>().returns::<AuthSettings>(200))
        .on(&policy::GET_SETTINGS, get_settings, Doc::new().returns::<Settings>(200))
        .on(&policy::UPDATE_SETTINGS, update_settings, Doc::new().body::<SettingsPatch>().returns::<Settings>(200))
}

async fn get_auth_settings(ctx: Ctx) -> Reply {
    reply(&ctx, 200, auth(&ctx).await)
}

async fn update_auth_settings(ctx: Ctx, Body(patch): Body<AuthSettingsPatch>) -> Reply {
    match update_auth(&ctx, patch).await {
        Ok((settings, opened)) => reply_with(&ctx, 200, Ok(settings), opened.map(|o| o.cookies).unwrap_or_default()),
        Err(error) => reply::<AuthSettings>(&ctx, 200, Err(error)),
    }
}

async fn get_settings(ctx: Ctx) -> Reply {
    reply(&ctx, 200, general(&ctx).await)
}

async fn update_settings(ctx: Ctx, Body(patch): Body<SettingsPatch>) -> Reply {
    reply(&ctx, 200, update_general(&ctx, patch).await)
}
