//! Who has a grant in a workspace: those who have been there longest first.

use crate::{
    calls::workspaces::list_members,
    pages::{rights::place, role::RoleMark},
    prefix::at,
    state::{attempt::Attempt, session::Session},
    ui::{Avatar, Button, List, Note, Size, counted},
};
use leptos::prelude::*;
use wire::{
    Page,
    policy::GET_USER,
    workspaces::{Member, MemberQuery, Slug},
};

/// How many come at once.
const ROWS: u32 = 20;

/// The page that follows this cursor; the first without one.
pub fn from(cursor: Option<String>) -> MemberQuery {
    MemberQuery { limit: Some(ROWS), cursor }
}

/// The members, as far as they are wanted.
#[component]
pub fn Members(slug: Slug, first: Page<Member>) -> impl IntoView {
    view! {
        <section class="stack" data-gap="2" aria-labelledby="members-title">
            <h3 class="label" id="members-title">
                "Members"
            </h3>
            {listed(slug, first)}
        </section>
    }
    .into_any()
}

fn listed(slug: Slug, first: Page<Member>) -> AnyView {
    if first.items.is_empty() {
        return view! {
            <Note title="Nobody has a grant here".to_owned()>
                "Everybody is judged by their own role. Grants are given on a user’s page, under Settings, Users."
            </Note>
        }
        .into_any();
    }
    let slug = StoredValue::new(slug);
    let next = RwSignal::new(first.next_cursor);
    let members = RwSignal::new(first.items);
    let attempt = Attempt::new();
    let more = move |()| {
        let cursor = next.get_untracked();
        attempt.run(
            move || list_members(slug.get_value(), from(cursor.clone())),
            move |part| {
                next.set(part.next_cursor);
                members.update(|members| members.extend(part.items));
            },
        );
    };
    let rows = move || members.get().into_iter().map(|member| row(slug, member)).collect::<Vec<_>>();
    view! {
        <List label="Members" framed=true wrap=true>
            {rows}
        </List>
        {move || {
            attempt
                .failure
                .get()
                .map(|failure| view! { <p class="error">{failure.detail}</p> })
        }}
        <div class="row" data-between=true>
            <span class="small muted" role="status">
                {move || counted(members.read().len() as u64, "grant", "grants")}
                {move || next.read().is_some().then_some(", and more")}
            </span>
            {move || {
                next.read()
                    .is_some()
                    .then(|| {
                        view! {
                            <Button size=Size::Small busy=attempt.is_busy on_press=more>
                                "Show more"
                            </Button>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}

fn row(slug: StoredValue<Slug>, member: Member) -> AnyView {
    let may_see = expect_context::<Session>().me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may(&GET_USER)));
    let name = member.display_name.clone().unwrap_or_else(|| member.username.clone());
    let href = may_see.then(|| ["/settings/users/", &member.user_id.to_string()].concat());
    let shown = match href {
        Some(href) => view! { <a href=at(&href)>{name.clone()}</a> }.into_any(),
        None => name.clone().into_any(),
    };
    let place = match &member.environment {
        Some(environment) => slug.with_value(|slug| place(slug, Some(environment))),
        None => "All of it".into(),
    };
    view! {
        <li>
            <Avatar name=name key=member.user_id.to_string() />
            <div class="grow">
                <b>{shown}</b>
                <small>{place}</small>
            </div>
            <RoleMark role=member.role />
        </li>
    }
    .into_any()
}
