//! The search and the filters above the list; the address says what they are set to.

use super::{
    desk::{Desk, manages},
    query,
};
use crate::{
    pages::{
        narrow::{filtered, leads_to, searched},
        words,
    },
    state::{roles::Roles, session::Session},
    ui::{Button, ButtonVariant, Choice, SearchField, Select, Size, Toolbar},
};
use leptos::prelude::*;
use wire::{
    RoleName,
    keys::{ApiKeyQuery, KeyKind},
};

/// The toolbar.
#[component]
pub fn Narrow(desk: Desk, #[prop(into)] count: Signal<String>) -> impl IntoView {
    let session = expect_context::<Session>();
    let wanted = desk.query;
    let go = leads_to(|wanted| [query::LIST, &query::write(&query::from_start(wanted))].concat());
    let text = searched(wanted, |wanted| wanted.query.clone(), |wanted, query| ApiKeyQuery { query, ..wanted }, go);
    let kind = filtered(wanted, kind_name);
    let role = filtered(wanted, role_name);
    let status = filtered(wanted, status_name);
    let pick_kind = move |name: String| go.run(ApiKeyQuery { kind: query::kind(&name), ..wanted.get_untracked() });
    let pick_role = move |name: String| {
        let role = (!name.is_empty()).then_some(RoleName(name));
        go.run(ApiKeyQuery { role, ..wanted.get_untracked() });
    };
    let pick_status = move |name: String| go.run(ApiKeyQuery { status: query::status(&name), ..wanted.get_untracked() });
    let clear = move |()| {
        text.set(String::new());
        go.run(wanted.with_untracked(query::cleared));
    };
    let kinds = vec![Choice::new("", "Any kind"), Choice::new("service", "Service"), Choice::new("personal", "Personal")];
    let roles: Vec<Choice> = [Choice::new("", "Any role")]
        .into_iter()
        .chain(expect_context::<Roles>().all().iter().map(|role| Choice::new(role.name.0.clone(), words::role(&role.name))))
        .collect();
    let states = vec![
        Choice::new("", "Any status"),
        Choice::new("active", "Active"),
        Choice::new("expired", "Expired"),
        Choice::new("revoked", "Revoked"),
    ];
    // One's own keys are all personal.
    let has_kinds = Memo::new(move |_| manages(session) && wanted.with(|wanted| wanted.mine.is_none()));
    view! {
        <Toolbar count=count>
            <SearchField id="key-search" name="query" label="Search API keys" placeholder="Name" value=text />
            {move || {
                has_kinds
                    .get()
                    .then(|| {
                        view! {
                            <Select
                                id="key-kind-filter"
                                name="kind"
                                label="Kind"
                                hide_label=true
                                choices=kinds.clone()
                                value=kind
                                on_change=pick_kind
                            />
                        }
                    })
            }}
            <Select id="key-role-filter" name="role" label="Role" hide_label=true choices=roles value=role on_change=pick_role />
            <Select
                id="key-status-filter"
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

fn kind_name(wanted: &ApiKeyQuery) -> String {
    wanted.kind.map(KeyKind::as_str).unwrap_or_default().to_owned()
}

fn role_name(wanted: &ApiKeyQuery) -> String {
    wanted.role.as_ref().map(|role| role.0.clone()).unwrap_or_default()
}

fn status_name(wanted: &ApiKeyQuery) -> String {
    wanted.status.map(query::status_name).unwrap_or_default().to_owned()
}
