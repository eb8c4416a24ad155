//! Roles over REST.

use super::{create, delete, get, list, permissions, update};
use crate::{
    ctx::Ctx,
    http::{
        Body, Id, Query, Reply, no_content, reply,
        routes::{Doc, Routes},
    },
};
use wire::{
    RoleName, policy,
    roles::{NewRole, PermissionInfo, Role, RoleDeletion, RolePatch},
};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::LIST_ROLES, list_roles, Doc::new().page::<Role>())
        .on(&policy::CREATE_ROLE, create_role, Doc::new().body::<NewRole>().returns::<Role>(201))
        .on(&policy::GET_ROLE, get_role, Doc::new().returns::<Role>(200))
        .on(&policy::UPDATE_ROLE, update_role, Doc::new().body::<RolePatch>().returns::<Role>(200))
        .on(&policy::DELETE_ROLE, delete_role, Doc::new().query::<RoleDeletion>().empty(204))
        .on(&policy::LIST_PERMISSIONS, list_permissions, Doc::new().page::<PermissionInfo>())
}

async fn list_roles(ctx: Ctx) -> Reply {
    reply(&ctx, 200, list(&ctx).await)
}

async fn create_role(ctx: Ctx, Body(new): Body<NewRole>) -> Reply {
    reply(&ctx, 201, create(&ctx, new).await)
}

async fn get_role(ctx: Ctx, Id(name): Id<RoleName>) -> Reply {
    reply(&ctx, 200, get(&ctx, &name).await)
}

async fn update_role(ctx: Ctx, Id(name): Id<RoleName>, Body(patch): Body<RolePatch>) -> Reply {
    reply(&ctx, 200, update(&ctx, &name, patch).await)
}

async fn delete_role(ctx: Ctx, Id(name): Id<RoleName>, Query(deletion): Query<RoleDeletion>) -> Reply {
    no_content(&ctx, delete(&ctx, &name, deletion).await)
}

async fn list_permissions(ctx: Ctx) -> Reply {
    reply(&ctx, 200, permissions(&ctx))
}
