//! Sessions over REST.

use super::{change_password, confirm, end, list, refresh, sign_in, sign_out, sign_out_everywhere, sign_out_others, ticket, validate};
use crate::{
    ctx::Ctx,
    http::{
        Body, Id, Query, Reply, closed, no_content, opened, reply,
        routes::{Doc, Routes},
    },
};
use wire::{
    SessionId, policy,
    sessions::{
        Confirmation, EndedSessions, PasswordChange, Refresh, Session, SessionKind, SessionQuery, SignIn, Ticket, Tokens, Validated,
    },
};

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .on(&policy::SIGN_IN, post_sign_in, Doc::new().body::<SignIn>().returns::<Tokens>(200))
        .on(&policy::REFRESH_SESSION, refresh_session, Doc::new().body::<Refresh>().returns::<Tokens>(200))
        .on(&policy::SIGN_OUT, post_sign_out, Doc::new().empty(204))
        .on(&policy::SIGN_OUT_EVERYWHERE, post_sign_out_everywhere, Doc::new().empty(204))
        .on(&policy::SIGN_OUT_OTHERS, post_sign_out_others, Doc::new().returns::<EndedSessions>(200))
        .on(&policy::VALIDATE_SESSION, validate_session, Doc::new().returns::<Validated>(200))
        .on(&policy::CHANGE_PASSWORD, post_change_password, Doc::new().body::<PasswordChange>().returns::<Tokens>(200))
        .on(&policy::CONFIRM_PASSWORD, confirm_password, Doc::new().body::<Confirmation>().empty(204))
        .on(&policy::CREATE_TICKET, create_ticket, Doc::new().returns::<Ticket>(201))
        .on(&policy::LIST_SESSIONS, list_sessions, Doc::new().query::<SessionQuery>().page::<Session>())
        .on(&policy::END_SESSION, end_session, Doc::new().empty(204))
}

async fn post_sign_in(ctx: Ctx, Body(request): Body<SignIn>) -> Reply {
    opened(&ctx, 200, sign_in(&ctx, request, SessionKind::Token).await)
}

async fn refresh_session(ctx: Ctx, Body(request): Body<Refresh>) -> Reply {
    opened(&ctx, 200, refresh(&ctx, request).await)
}

async fn post_sign_out(ctx: Ctx) -> Reply {
    closed(&ctx, sign_out(&ctx).await)
}

async fn post_sign_out_everywhere(ctx: Ctx) -> Reply {
    closed(&ctx, sign_out_everywhere(&ctx).await)
}

async fn post_sign_out_others(ctx: Ctx) -> Reply {
    reply(&ctx, 200, sign_out_others(&ctx).await)
}

async fn validate_session(ctx: Ctx) -> Reply {
    reply(&ctx, 200, validate(&ctx).await)
}

async fn post_change_password(ctx: Ctx, Body(request): Body<PasswordChange>) -> Reply {
    opened(&ctx, 200, change_password(&ctx, request).await)
}

async fn confirm_password(ctx: Ctx, Body(request): Body<Confirmation>) -> Reply {
    no_content(&ctx, confirm(&ctx, request).await)
}

async fn create_ticket(ctx: Ctx) -> Reply {
    reply(&ctx, 201, ticket(&ctx).await)
}

async fn list_sessions(ctx: Ctx, Query(query): Query<SessionQuery>) -> Reply {
    reply(&ctx, 200, list(&ctx, query).await)
}

async fn end_session(ctx: Ctx, Id(id): Id<SessionId>) -> Reply {
    no_content(&ctx, end(&ctx, id).await)
}
