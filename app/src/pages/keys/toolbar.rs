//! The search and the filters above the list; the address says what they are set to.

use super::{
    desk::{Desk, manages},
    query,
};
use crate::{
    pages::words,
    state::{browser, roles::Roles, session::Session},
    ui::{Button, ButtonVariant, Choice, SearchField, Select, Size, Toolbar},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wire::{
    RoleName,
    keys::{ApiKeyQuery, KeyKind},
};

/// How long typing has to rest before the list is narrowed, in milliseconds.
const REST: u32 = 250;

/// The toolbar.
#[component]
pub fn Narrow(desk: Desk, #[prop(into)] count: Signal<String>) -> impl IntoView {
    let session = expect_context::<Session>();
    let wanted = desk.query;
    let navigate = use_navigate();
    let go = Callback::new(move |wanted: ApiKeyQuery| {
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&[query::LIST, &query::write(&query::from_start(&wanted))].concat(), options);
    });
    let sent = StoredValue::new(wanted.with_untracked(|wanted| wanted.query.clone()));
    let text = RwSignal::new(wanted.with_untracked(|wanted| wanted.query.clone().unwrap_or_default()));
    let kind = RwSignal::new(wanted.with_untracked(kind_name));
    let role = RwSignal::new(wanted.with_untracked(role_name));
    let status = RwSignal::new(wanted.with_untracked(status_name));
    // The address may change from elsewhere: Back, or the button that clears.
    Effect::new(move || {
        wanted.with(|wanted| {
            kind.set(kind_name(wanted));
            role.set(role_name(wanted));
            status.set(status_name(wanted));
            // What was typed here comes back through the address, perhaps while somebody types on.
            if sent.with_value(|sent| *sent != wanted.query) {
                text.set(wanted.query.clone().unwrap_or_default());
                sent.set_value(wanted.query.clone());
            }
        });
    });
    Effect::new(move |is_typed: Option<()>| {
        let typed = text.get();
        if is_typed.is_none() {
            return;
        }
        spawn_local(async move {
            browser::pause(REST).await;
            let is_last = text.try_with_untracked(|now| *now == typed) == Some(true);
            let Some(now) = wanted.try_get_untracked().filter(|_| is_last) else { return };
            if now.query != words::given(&typed) {
                sent.set_value(words::given(&typed));
                go.run(ApiKeyQuery { query: words::given(&typed), ..now });
            }
        });
    });
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
