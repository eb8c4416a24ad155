//! The workspaces of a page, what stands there instead of them, and the way to the next ones.

use super::{
    desk::{Desk, Doomed},
    query,
};
use crate::{
    pages::{failed::failed, rights::role_in, role::RoleMark, trail::Trail},
    state::session::Session,
    ui::{Badge, Button, Card, Empty, EnvironmentMark, Icon, LinkButton, List, MenuButton, MenuItem, Size, Tone, WorkspaceIcon, counted},
};
use leptos::prelude::*;
use wire::{
    Failure, Page,
    workspaces::{Scope, Slug, Workspace, WorkspaceQuery},
};

/// The cards, or why there are none.
pub fn shown(desk: Desk, part: Result<Page<Workspace>, Failure>) -> AnyView {
    match part {
        Ok(part) if part.items.is_empty() => nothing(desk),
        Ok(part) => part.items.into_iter().map(|workspace| card(desk, workspace)).collect::<Vec<_>>().into_any(),
        Err(failure) => {
            let state = failed("Couldn’t load the workspaces", &failure);
            view! {
                <Card id="workspaces-failed" label="Workspaces" flush=true>
                    {state}
                </Card>
            }
            .into_any()
        }
    }
}

fn card(desk: Desk, workspace: Workspace) -> AnyView {
    let session = expect_context::<Session>();
    let slug = StoredValue::new(workspace.slug.clone());
    let is_here = Memo::new(move |_| desk.acting.scope.with(|scope| slug.with_value(|slug| scope.workspace == *slug)));
    let name = workspace.name.clone();
    let is_private = workspace.is_private;
    let beside = move || {
        view! {
            {is_private.then(|| view! { <Badge icon=Icon::Lock>"Private"</Badge> })}
            {move || is_here.get().then(|| view! { <Badge tone=Tone::Accent>"Current"</Badge> })}
        }
    };
    // What counts in it besides environments with a grant of their own.
    let whole = Scope { workspace: workspace.slug.clone(), environment: Slug(String::new()) };
    let role = session.me.with_untracked(|me| role_in(me.as_ref(), &whole));
    let actions = move || role.map(|role| view! { <span class="small muted">"you are"</span> <RoleMark role=role /> });
    let text = workspace.slug.0.clone();
    let environments = counted(workspace.environments.len() as u64, "environment", "environments");
    let lead =
        [Some(text.clone()), Some(environments), workspace.members.map(members)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let label = ["Environments of ", &workspace.name].concat();
    let rows: Vec<_> = workspace.environments.iter().map(|environment| row(desk, &workspace, environment)).collect();
    let (edit, edit_label) =
        (query::address_of(&workspace.slug, &desk.query.get_untracked()), ["Members and settings of ", &workspace.name].concat());
    let workspace = StoredValue::new(workspace);
    let foot = move || {
        view! {
            <Button size=Size::Small icon=Icon::Plus on_press=move |()| desk.to_extend.set(Some(workspace.get_value()))>
                "Add an environment"
            </Button>
            <span class="push"></span>
            <LinkButton href=edit size=Size::Small attr:aria-label=edit_label>
                "Members and settings"
            </LinkButton>
        }
    };
    view! {
        <Card
            id=["workspace-", &text].concat()
            title=name.clone()
            before=move || view! { <WorkspaceIcon name=name /> }
            beside=beside
            actions=actions
            lead=lead
            flush=true
            foot=foot
        >
            <List label=label wrap=true>
                {rows}
            </List>
        </Card>
    }
    .into_any()
}

/// How many people have a grant; beyond a thousand they are not counted.
fn members(people: u64) -> String {
    if people > 1_000 { "over 1,000 members".into() } else { counted(people, "member", "members") }
}

/// One environment: its name, how a header names it, and what can be done.
fn row(desk: Desk, workspace: &Workspace, environment: &Slug) -> AnyView {
    let scope = Scope { workspace: workspace.slug.clone(), environment: environment.clone() };
    let stays = scope == Scope::default();
    let named = ["env_", &scope.workspace.0, "_", &scope.environment.0].concat();
    let (id, label) = (["environment-", &named].concat(), ["Actions for ", &scope.to_string()].concat());
    let doomed = Doomed { workspace: workspace.clone(), environment: Some(environment.clone()) };
    let doomed = StoredValue::new(doomed);
    let name = environment.0.clone();
    let scope = StoredValue::new(scope);
    let is_here = Memo::new(move |_| desk.acting.scope.with(|now| scope.with_value(|scope| now == scope)));
    let delete = (!stays).then(|| {
        view! {
            <hr />
            <MenuItem icon=Icon::Trash label="Delete" tone=Tone::Danger run=move |()| desk.to_delete.set(Some(doomed.get_value())) />
        }
    });
    view! {
        <li>
            <EnvironmentMark slug=name.clone()>{name}</EnvironmentMark>
            <span class="mono grow break" data-size="sm">
                {named}
            </span>
            {move || is_here.get().then(|| view! { <Badge tone=Tone::Accent>"You act here"</Badge> })}
            <MenuButton id=id label=label>
                <MenuItem
                    icon=Icon::ArrowRight
                    label="Act here"
                    current=is_here
                    run=move |()| {
                        desk.acting.choose(scope.get_value());
                        desk.reports.say(["You act in ", &scope.with_value(Scope::to_string), " now"].concat());
                    }
                />
                {delete}
            </MenuButton>
        </li>
    }
    .into_any()
}

/// None begins like this, or this page of the list is empty.
fn nothing(desk: Desk) -> AnyView {
    let wanted = desk.query.get_untracked();
    let title = match &wanted.query {
        Some(text) => ["No workspace begins with “", text, "”"].concat(),
        None => "No workspaces here".into(),
    };
    view! {
        <Card id="workspaces-nothing" label="Workspaces" flush=true>
            <Empty title=title text="They are found by the beginning of their slug. Try another one, or look at all.".to_owned()>
                <LinkButton href=query::LIST>"See all workspaces"</LinkButton>
            </Empty>
        </Card>
    }
    .into_any()
}

/// What is shown, and the way to the rest.
pub fn pager(desk: Desk, trail: Trail, part: &Page<Workspace>) -> AnyView {
    let wanted = desk.query.get_untracked();
    let address = |cursor: Option<String>| [query::LIST, &query::write(&WorkspaceQuery { cursor, ..wanted.clone() })].concat();
    trail.pager(part, wanted.cursor.as_deref(), ("workspace", "workspaces"), address)
}
