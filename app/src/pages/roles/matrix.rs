//! The permissions down the side, the roles across the top.

use super::LIST;
use crate::{
    pages::{role::RoleMark, words},
    prefix::at,
    state::session::Session,
    ui::{Matrix, MatrixGroup, MatrixHead, MatrixRow},
};
use leptos::prelude::*;
use wire::{Permission, RoleName, roles::Role};

/// Permissions over what is guarded, from the mildest.
const GUARDED: [Permission; 5] = [Permission::Read, Permission::Subscribe, Permission::Run, Permission::Write, Permission::Publish];
/// Permissions over Doorward itself.
const OWN: [Permission; 6] =
    [Permission::Audit, Permission::Users, Permission::Roles, Permission::Keys, Permission::Apps, Permission::Settings];

/// The groups of permissions, with what they are about.
pub(super) const GROUPS: [(&str, &[Permission]); 2] = [("What is guarded", &GUARDED), ("Running Doorward", &OWN)];

/// The table.
#[component]
pub(super) fn Permissions(roles: Vec<Role>) -> impl IntoView {
    let session = expect_context::<Session>();
    let mine = session.me.with_untracked(|me| me.as_ref().and_then(|me| me.user.as_ref()).map(|user| user.role.clone()));
    let columns = roles.len() + 1;
    let rows: Vec<_> = GROUPS
        .into_iter()
        .map(|(title, permissions)| {
            let rows: Vec<_> = permissions.iter().map(|permission| row(*permission, &roles, mine.as_ref())).collect();
            view! { <MatrixGroup title=title columns=columns /> {rows} }
        })
        .collect();
    let heads = move || roles.iter().map(|role| head(role, mine.as_ref() == Some(&role.name))).collect::<Vec<_>>();
    view! {
        <Matrix caption="Permissions by role" corner="Permission" heads=heads>
            {rows}
        </Matrix>
    }
    .into_any()
}

fn row(permission: Permission, roles: &[Role], mine: Option<&RoleName>) -> AnyView {
    let answers = roles.iter().map(|role| (role.permissions.has(permission), mine == Some(&role.name))).collect();
    view! { <MatrixRow title=words::capital(words::permission(permission)) name=permission.as_str() answers=answers /> }.into_any()
}

fn head(role: &Role, is_mine: bool) -> AnyView {
    let name = role.name.clone();
    let mark = view! { <RoleMark role=name.clone() /> };
    let mark = if role.is_built_in {
        mark.into_any()
    } else {
        let href = [LIST, "/", &name.0].concat();
        let label = ["Change the role ", &name.0].concat();
        view! {
            <a href=at(&href) aria-label=label>
                {mark}
            </a>
        }
        .into_any()
    };
    let people = role.users.map(|users| {
        let href = ["/settings/users?role=", &name.0].concat();
        view! { <a href=at(&href)>{people(users)}</a> }
    });
    let keys = role.keys.filter(|count| *count > 0).map(|count| [", ", &programs(count)].concat());
    view! {
        <MatrixHead mine=is_mine>
            {mark} <small>{people} {keys} {is_mine.then_some(", you")}</small>
        </MatrixHead>
    }
    .into_any()
}

/// How many people have a role; beyond a thousand they are not counted.
pub(super) fn people(users: u64) -> String {
    if users > 1_000 { "over 1,000 people".into() } else { crate::ui::counted(users, "person", "people") }
}

/// How many API keys have a role; beyond a thousand they are not counted.
pub(super) fn programs(keys: u64) -> String {
    if keys > 1_000 { "over 1,000 API keys".into() } else { crate::ui::counted(keys, "API key", "API keys") }
}
