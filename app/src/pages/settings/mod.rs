//! The pages under Settings that are not lists of people.

pub mod authentication;
pub mod general;
mod password_switch;
mod providers;
pub mod sessions;
mod sign_in_switch;
mod trusted;

use super::inside::ways::WAYS;
use crate::{prefix::at, state::session::Session};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, components::Redirect};

/// The way to the first page of Settings that the role opens.
#[component]
pub fn FirstSetting() -> impl IntoView {
    let session = expect_context::<Session>();
    let first = session.me.with_untracked(|me| {
        session.capabilities.with_untracked(|capabilities| {
            WAYS.iter().find(|way| way.is_setting && way.is_open_to(me.as_ref(), capabilities)).map(|way| way.path)
        })
    });
    // The server sends the browser on as it stands; the router here does not resolve it either.
    let options = NavigateOptions { resolve: false, ..NavigateOptions::default() };
    view! { <Redirect path=at(first.unwrap_or("/")) options=options /> }
}
