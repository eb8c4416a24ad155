//! Workspaces, environments and grants over REST. A workspace's version is its `ETag`.

use super::{
    create, create_environment, delete_environment, delete_grants, delete_version, get, get_grants, list, list_environments, list_members,
    put_grants, update_version,
};
use crate::{
    ctx::Ctx,
    http::{
        Body, Id, Query, Reply, Within, expected, no_content, reply, reply_versioned,
        routes::{Doc, Routes},
    },
};
use axum::http::HeaderMap;
use wire::{
    UserId, policy,
    workspaces::{
        Environment, GrantDeletion, Grants, Member, MemberQuery, NewEnvironment, NewWorkspace, Slug, Workspace, WorkspacePatch,
        WorkspaceQuery,
    },
};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::LIST_WORKSPACES, list_workspaces, Doc::new().query::<WorkspaceQuery>().page::<Workspace>())
        .on(&policy::CREATE_WORKSPACE, create_workspace, Doc::new().body::<NewWorkspace>().returns::<Workspace>(201))
        .on(&policy::GET_WORKSPACE, get_workspace, Doc::new().returns::<Workspace>(200))
        .on(&policy::UPDATE_WORKSPACE, update_workspace, Doc::new().body::<WorkspacePatch>().returns::<Workspace>(200))
        .on(&policy::DELETE_WORKSPACE, delete_workspace, Doc::new().empty(204))
        .on(&policy::LIST_ENVIRONMENTS, all_environments, Doc::new().page::<Environment>())
        .on(&policy::CREATE_ENVIRONMENT, add_environment, Doc::new().body::<NewEnvironment>().returns::<Environment>(201))
        .on(&policy::DELETE_ENVIRONMENT, remove_environment, Doc::new().empty(204))
        .on(&policy::LIST_MEMBERS, members, Doc::new().query::<MemberQuery>().page::<Member>())
        .on(&policy::GET_GRANTS, show_grants, Doc::new().returns::<Grants>(200))
        .on(&policy::PUT_GRANTS, replace_grants, Doc::new().body::<Grants>().returns::<Grants>(200))
        .on(&policy::DELETE_GRANTS, remove_grants, Doc::new().query::<GrantDeletion>().empty(204))
}

async fn list_workspaces(ctx: Ctx, Query(query): Query<WorkspaceQuery>) -> Reply {
    reply(&ctx, 200, list(&ctx, query).await)
}

async fn create_workspace(ctx: Ctx, Body(new): Body<NewWorkspace>) -> Reply {
    reply_versioned(&ctx, 201, create(&ctx, new).await)
}

async fn get_workspace(ctx: Ctx, Id(slug): Id<Slug>) -> Reply {
    reply_versioned(&ctx, 200, get(&ctx, &slug).await)
}

async fn update_workspace(ctx: Ctx, Id(slug): Id<Slug>, headers: HeaderMap, Body(patch): Body<WorkspacePatch>) -> Reply {
    reply_versioned(&ctx, 200, update_version(&ctx, &slug, patch, &expected(&headers)).await)
}

async fn delete_workspace(ctx: Ctx, Id(slug): Id<Slug>, headers: HeaderMap) -> Reply {
    no_content(&ctx, delete_version(&ctx, &slug, &expected(&headers)).await)
}

async fn all_environments(ctx: Ctx, Id(slug): Id<Slug>) -> Reply {
    reply(&ctx, 200, list_environments(&ctx, &slug).await)
}

async fn add_environment(ctx: Ctx, Id(slug): Id<Slug>, Body(new): Body<NewEnvironment>) -> Reply {
    reply(&ctx, 201, create_environment(&ctx, &slug, new).await)
}

async fn remove_environment(ctx: Ctx, Within(workspace, environment): Within<Slug, Slug>) -> Reply {
    no_content(&ctx, delete_environment(&ctx, &workspace, &environment).await)
}

async fn members(ctx: Ctx, Id(slug): Id<Slug>, Query(query): Query<MemberQuery>) -> Reply {
    reply(&ctx, 200, list_members(&ctx, &slug, query).await)
}

async fn show_grants(ctx: Ctx, Id(id): Id<UserId>) -> Reply {
    reply(&ctx, 200, get_grants(&ctx, id).await)
}

async fn replace_grants(ctx: Ctx, Id(id): Id<UserId>, Body(grants): Body<Grants>) -> Reply {
    reply(&ctx, 200, put_grants(&ctx, id, grants).await)
}

async fn remove_grants(ctx: Ctx, Id(id): Id<UserId>, Query(deletion): Query<GrantDeletion>) -> Reply {
    no_content(&ctx, delete_grants(&ctx, id, deletion).await)
}
