//! The search and the filters above the list; the address says what they are set to.

use super::{people::People, query};
use crate::{
    pages::{
        narrow::{filtered, leads_to, searched},
        words,
    },
    state::roles::Roles,
    ui::{Button, ButtonVariant, Choice, SearchField, Select, Size, Toolbar},
};
use leptos::prelude::*;
use wire::{RoleName, users::UserQuery};

/// The toolbar.
#[component]
pub fn Narrow(people: People, #[prop(into)] count: Signal<String>) -> impl IntoView {
    let wanted = people.query;
    let go = leads_to(|wanted| [query::LIST, &query::write(&query::from_start(wanted))].concat());
    let text = searched(wanted, |wanted| wanted.query.clone(), |wanted, query| UserQuery { query, ..wanted }, go);
    let role = filtered(wanted, role_name);
    let status = filtered(wanted, status_name);
    let pick_role = move |name: String| {
        let role = (!name.is_empty()).then_some(RoleName(name));
        go.run(UserQuery { role, ..wanted.get_untracked() });
    };
    let pick_status = move |name: String| go.run(UserQuery { status: query::status(&name), ..wanted.get_untracked() });
    let clear = move |_| {
        let all = UserQuery { query: None, role: None, status: None, ..wanted.get_untracked() };
        text.set(String::new());
        go.run(all);
    };
    let roles: Vec<Choice> = [Choice::new("", "Any role")]
        .into_iter()
        .chain(expect_context::<Roles>().all().iter().map(|role| Choice::new(role.name.0.clone(), words::role(&role.name))))
        .collect();
    let states = vec![Choice::new("", "Any status"), Choice::new("active", "Active"), Choice::new("disabled", "Disabled")];
    view! {
        <Toolbar count=count>
            <SearchField
                id="user-search"
                name="query"
                label="Search users"
                placeholder="Name, username or email"
                value=text
            />
            <Select id="user-role-filter" name="role" label="Role" hide_label=true choices=roles value=role on_change=pick_role />
            <Select
                id="user-status-filter"
                name="status"
                label="Status"
                hide_label=true
                choices=states
                value=status
                on_change=pick_status
            />
            {move || {
                wanted
                    .with(query::is_narrowed)
                    .then(|| {
                        view! {
                            <Button variant=ButtonVariant::Ghost size=Size::Small on_press=clear>
                                "Clear"
                            </Button>
                        }
                    })
            }}
        </Toolbar>
    }
    .into_any()
}

fn role_name(wanted: &UserQuery) -> String {
    wanted.role.as_ref().map(|role| role.0.clone()).unwrap_or_default()
}

fn status_name(wanted: &UserQuery) -> String {
    wanted.status.map(query::status_name).unwrap_or_default().to_owned()
}
