//! Signing in, staying signed in, signing out.

use super::client::{Door, Json};
use leptos::prelude::*;
use wire::{
    Failure, Page, SessionId,
    sessions::{Confirmation, EndedSessions, PasswordChange, Refresh, Session, SessionQuery, Tokens, Validated},
    sso::SignedOut,
};
#[cfg(feature = "ssr")]
use {super::bridge, gate::sessions, wire::sessions::SessionKind};

/// Signs in with a name and a password.
#[server(prefix = "/_call", endpoint = "sign_in", input = Json, output = Json, client = Door)]
pub async fn sign_in(who: wire::sessions::SignIn) -> Result<Tokens, Failure> {
    sessions::sign_in(&bridge::ctx()?, who, SessionKind::Browser).await.map(bridge::opened).map_err(bridge::answer)
}

/// Gets the next access token; the cookie is the proof.
#[server(prefix = "/_call", endpoint = "refresh_session", input = Json, output = Json, client = Door)]
pub async fn refresh_session(refresh: Refresh) -> Result<Tokens, Failure> {
    sessions::refresh(&bridge::ctx()?, refresh).await.map(bridge::opened).map_err(bridge::answer)
}

/// Ends this session; tells where else one can sign out.
#[server(prefix = "/_call", endpoint = "sign_out", input = Json, output = Json, client = Door)]
pub async fn sign_out() -> Result<SignedOut, Failure> {
    sessions::sign_out(&bridge::ctx()?).await.map(bridge::closed).map_err(bridge::answer)
}

/// Ends all sessions of one's own.
#[server(prefix = "/_call", endpoint = "sign_out_everywhere", input = Json, output = Json, client = Door)]
pub async fn sign_out_everywhere() -> Result<(), Failure> {
    sessions::sign_out_everywhere(&bridge::ctx()?).await.map(|closed| drop(bridge::closed(closed))).map_err(bridge::answer)
}

/// Ends all sessions of one's own but this one.
#[server(prefix = "/_call", endpoint = "sign_out_others", input = Json, output = Json, client = Door)]
pub async fn sign_out_others() -> Result<EndedSessions, Failure> {
    sessions::sign_out_others(&bridge::ctx()?).await.map_err(bridge::answer)
}

/// Tells whether the access token is good.
#[server(prefix = "/_call", endpoint = "validate_session", input = Json, output = Json, client = Door)]
pub async fn validate_session() -> Result<Validated, Failure> {
    sessions::validate(&bridge::ctx()?).await.map_err(bridge::answer)
}

/// Proves with the password that one is still there.
#[server(prefix = "/_call", endpoint = "confirm_password", input = Json, output = Json, client = Door)]
pub async fn confirm_password(confirmation: Confirmation) -> Result<(), Failure> {
    sessions::confirm(&bridge::ctx()?, confirmation).await.map_err(bridge::answer)
}

/// Changes one's own password; this session stays, with new tokens.
#[server(prefix = "/_call", endpoint = "change_password", input = Json, output = Json, client = Door)]
pub async fn change_password(change: PasswordChange) -> Result<Tokens, Failure> {
    sessions::change_password(&bridge::ctx()?, change).await.map(bridge::opened).map_err(bridge::answer)
}

/// Lists one's own sessions; with `users`, anybody's.
#[server(prefix = "/_call", endpoint = "list_sessions", input = Json, output = Json, client = Door)]
pub async fn list_sessions(query: SessionQuery) -> Result<Page<Session>, Failure> {
    sessions::list(&bridge::ctx()?, query).await.map_err(bridge::answer)
}

/// Ends a session of one's own; with `users`, anybody's.
#[server(prefix = "/_call", endpoint = "end_session", input = Json, output = Json, client = Door)]
pub async fn end_session(id: SessionId) -> Result<(), Failure> {
    sessions::end(&bridge::ctx()?, id).await.map_err(bridge::answer)
}
