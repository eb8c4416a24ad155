//! A role as a badge, with the rank that its permissions give it.

use crate::{pages::words, state::roles::Roles, ui::RoleBadge};
use leptos::prelude::*;
use wire::RoleName;

/// The badge of a role.
#[component]
pub fn RoleMark(role: RoleName) -> impl IntoView {
    let roles = expect_context::<Roles>();
    let name = words::role(&role);
    view! { <RoleBadge rank=roles.rank(&role) name=name /> }
}
